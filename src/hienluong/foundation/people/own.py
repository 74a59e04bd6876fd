"""What is held of a person as a party: the registration itself, and for whom they may act."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import Act

from . import closing, holdings
from .holdings import Holding, Person
from .models import Party, Representation

_PARTY = {
    "kind": _("Loại"),
    "name": _("Họ tên"),
    "identifier": _("Số định danh"),
    "date_of_birth": _("Ngày sinh"),
    "sex": _("Giới tính"),
    "phone": _("Điện thoại"),
    "email": _("Thư điện tử"),
    "address": _("Địa chỉ"),
    "commune_code": _("Mã xã, phường"),
    "created_at": _("Ghi lần đầu"),
}
_REPRESENTS = {
    "representative__name": _("Người đại diện"),
    "represented__name": _("Đại diện cho"),
    "role": _("Tư cách"),
    "valid": _("Thời gian"),
}


def hand_over() -> None:
    """Say what is held."""
    holdings.hand_over(
        Holding(
            "people.party",
            _("Thông tin định danh"),
            ("people.Party",),
            _PARTY,
            lambda person: holdings.attributes(
                holdings.belonging(Party.objects.all(), "pk", to=person.party_id), list(_PARTY)
            ),
        ),
        Holding(
            "people.representation",
            _("Quan hệ đại diện"),
            ("people.Representation",),
            _REPRESENTS,
            lambda person: holdings.values(_represents(person), list(_REPRESENTS)),
        ),
    )
    closing.keep(
        closing.Kept(
            "people.representation",
            _("Việc bạn đại diện cho doanh nghiệp, người khác"),
            _("Còn cần cho hồ sơ của người, doanh nghiệp được đại diện (Luật 91/2025/QH15, điểm c khoản 1 Điều 19)."),
            lambda person: _represents(person).count(),
            names_party=True,
        )
    )
    closing.erase(
        closing.Erased(
            "people.contacts",
            _("Điện thoại, thư điện tử, địa chỉ liên hệ; cả họ tên và số định danh khi không hồ sơ nào còn cần"),
            _erase,
            order=200,
        )
    )


def _represents(person: Person) -> QuerySet[Representation]:
    both = ("representative_id", "represented_id")
    return holdings.belonging(Representation.objects.order_by("pk"), *both, to=person.party_id)


def _erase(act: Act, person: Person) -> int:
    """Contacts go; the name and the number, too, when nothing that the law keeps names the person."""
    party = Party.objects.select_for_update().filter(pk=person.party_id or 0, kind=Party.Kind.CITIZEN).first()
    if party is None:
        return 0
    gone = [name for name in ("phone", "email", "address") if getattr(party, name)]
    if not any(thing.names_party for thing, _count in closing.kept_of(person)):
        gone += ["name", "identifier", "date_of_birth", "sex", "commune_code"]
        party.name, party.date_of_birth = str(_("Đã xóa theo yêu cầu")), None
        party.identifier = party.sex = party.commune_code = ""
    party.phone = party.email = party.address = ""
    party.save()
    act.record(party, verb="people.erased", after={"fields": gone})
    return len(gone)
