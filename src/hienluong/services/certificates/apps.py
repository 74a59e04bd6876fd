from django.apps import AppConfig


class CertificatesConfig(AppConfig):
    name = "hienluong.services.certificates"
    label = "certificates"
    verbose_name = "Giấy chứng nhận, giấy phép"

    def ready(self) -> None:
        from hienluong.capabilities.registers.certificates import followers
        from hienluong.foundation.files import access

        from . import opening, papers

        followers.register(papers.follow)
        access.register(papers.FILES, opening.may_open, opened=opening.log_look)
