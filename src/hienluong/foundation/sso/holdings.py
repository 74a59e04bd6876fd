"""What is held of the systems a person signed in to; tokens themselves are never told."""

from __future__ import annotations

from allauth.idp.oidc.models import Client, Token
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import Act
from hienluong.foundation.people import closing, holdings
from hienluong.foundation.people.holdings import Holding, Person, belonging, values

from .models import Consent, SpentToken, Subject, Visit

_CONSENT = {
    "client__name": _("Hệ thống"),
    "scopes": _("Được biết"),
    "purpose": _("Để làm gì"),
    "given_at": _("Từ lúc"),
    "withdrawn_at": _("Rút lúc"),
}
_VISIT = {"client__name": _("Hệ thống"), "at": _("Lúc")}
_TOKEN = {"client__name": _("Hệ thống"), "type": _("Loại"), "created_at": _("Cấp lúc"), "expires_at": _("Hết hạn")}
_SUBJECT = {"name": _("Tên mà các hệ thống khác biết bạn")}


def hand_over() -> None:
    """Say what is held, and what is erased with the account."""
    holdings.hand_over(
        Holding(
            "sso.consents",
            _("Hệ thống đã đồng ý"),
            ("sso.Consent",),
            _CONSENT,
            lambda person: values(
                belonging(Consent.objects.order_by("pk"), "account_id", to=person.account_id), list(_CONSENT)
            ),
        ),
        Holding(
            "sso.visits",
            _("Hệ thống đang đăng nhập"),
            ("sso.Visit",),
            _VISIT,
            lambda person: values(
                belonging(Visit.objects.order_by("pk"), "account_id", to=person.account_id), list(_VISIT)
            ),
        ),
        Holding(
            "sso.tokens",
            _("Giấy thông hành đã cấp cho hệ thống"),
            ("allauth_idp_oidc.Token",),
            _TOKEN,
            lambda person: values(
                belonging(Token.objects.order_by("pk"), "user_id", to=person.account_id), list(_TOKEN)
            ),
        ),
        Holding(
            "sso.subject",
            _("Tên riêng với các hệ thống"),
            ("sso.Subject",),
            _SUBJECT,
            lambda person: values(belonging(Subject.objects.all(), "account_id", to=person.account_id), list(_SUBJECT)),
        ),
    )
    holdings.leave_out(
        "fingerprints of tokens that were exchanged, kept ninety days against thieves", SpentToken._meta.label
    )
    holdings.leave_out("who looks after a connected system, in office", "sso.Engineer")
    holdings.leave_out("a counter that asks to be signed in: gone within minutes", "sso.DeviceRequest")
    holdings.leave_out("systems belong to organisations; the column of the library stays empty", Client._meta.label)
    closing.erase(closing.Erased("sso", _("Đăng nhập ở các hệ thống khác và quyền đã cấp cho chúng"), _erase, order=20))


def _erase(act: Act, person: Person) -> int:
    """All tokens end; consents end but stay as proof of what systems were allowed to know."""
    gone, _by = belonging(Token.objects.all(), "user_id", to=person.account_id).delete()
    ended = belonging(Consent.objects.filter(withdrawn_at=None), "account_id", to=person.account_id)
    belonging(SpentToken.objects.all(), "account_id", to=person.account_id).delete()
    belonging(Visit.objects.all(), "account_id", to=person.account_id).delete()
    return gone + ended.update(withdrawn_at=timezone.now())
