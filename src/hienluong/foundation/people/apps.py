from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "hienluong.foundation.people"
    label = "people"
    verbose_name = "Người dân, doanh nghiệp"

    def ready(self) -> None:
        from . import own

        own.hand_over()
