from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import AppConfig

if TYPE_CHECKING:
    from django.http import HttpRequest


class SigningConfig(AppConfig):
    name = "hienluong.capabilities.signing"
    label = "signing"
    verbose_name = "Ký số"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from hienluong.foundation.actions import purposes
        from hienluong.foundation.actions.permissions import Permission, register
        from hienluong.ui import navigation

        register(
            Permission("signing.revoke", "Thu hồi kết quả đã ký", "Revoke a signed result"),
            Permission(
                "signing.keys", "Quản lý khóa ký số của cán bộ, cơ quan", "Look after keys of officials and agencies"
            ),
            Permission("signing.seal", "Đóng dấu bằng chữ ký số của cơ quan", "Put the agency's digital seal"),
        )
        from hienluong.foundation.people import holdings

        tables = ("SigningKey", "SignatureRequest", "SigningBatch", "SignatureMark", "SignaturePicture")
        holdings.leave_out("what officials sign in office, and with what", *(f"signing.{name}" for name in tables))
        purposes.register("signing.verifying", _("Xác minh kết quả"), "signing")
        register(Permission("signing.trust", "Quản lý chứng thư gốc tin cậy", "Manage trusted authorities"))
        navigation.register(
            "staff",
            _("Ký số"),
            url_name="signing:waiting",
            order=58,
            group=_("Văn bản"),
            visible=_is_official_in_office,
        )
        navigation.register(
            "staff",
            _("Khóa ký số"),
            url_name="signing:all_keys",
            order=815,
            group=navigation.EXCHANGE,
            permission="signing.keys",
        )
        navigation.register(
            "staff",
            _("Chứng thư gốc tin cậy"),
            url_name="signing:anchors",
            order=820,
            group=navigation.EXCHANGE,
            permission="signing.trust",
        )


def _is_official_in_office(request: HttpRequest) -> bool:
    actor = getattr(request, "actor", None)
    return bool(actor and actor.grants and actor.official_id is not None)
