from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    name = "hienluong.foundation.organisations"
    label = "organisations"
    verbose_name = "Cơ quan, đơn vị"
