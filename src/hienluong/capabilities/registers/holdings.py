"""What registers hold of a person: the records about them, with the fields that the person may read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db.models.lookups import Exact
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.people import closing, holdings
from hienluong.foundation.people.holdings import Holding, Person, Row
from hienluong.foundation.people.models import Party
from hienluong.foundation.schemas.properties import label_of

from .actions import all_on
from .models import Version
from .queries import as_of, value_of

_RECORD = {
    "register": _("Cơ sở dữ liệu"),
    "organization": _("Cơ quan quản lý"),
    "key": _("Khóa"),
    "since": _("Ghi từ"),
    "data": _("Dữ liệu"),
}


def hand_over() -> None:
    """Say what is held, and that it stays for as long as each register says."""
    holdings.hand_over(
        Holding("registers.records", _("Bản ghi trong các cơ sở dữ liệu"), ("registers.Version",), _RECORD, _rows)
    )
    holdings.leave_out("decisions of officials in office", "registers.AgreementStep")
    holdings.leave_out("who wrote into a register: told with the audit log of what one did", "registers.Change")
    closing.keep(
        closing.Kept(
            "registers",
            _("Bản ghi về bạn trong các cơ sở dữ liệu chuyên ngành"),
            _(
                "Cơ quan quản lý giữ theo luật của ngành, hết thời hạn lưu thì xóa (Luật 91/2025/QH15, Điều 14, Điều 19)."
            ),
            lambda person: sum(1 for _one in _versions(person)),
            names_party=True,
        )
    )


def _versions(person: Person) -> Iterator[tuple[Version, Row]]:
    """What is known now of the person, register by register, as they may read it."""
    party = Party.objects.filter(pk=person.party_id or 0).first()
    if party is None or not party.identifier:
        return
    for register, spec in all_on(timezone.localdate()):
        if not spec.subject:
            continue
        readable = spec.readable(spec.access.subject) | spec.readable(spec.access.public)
        theirs = as_of(register).filter(Exact(value_of(spec.subject, "text"), party.identifier))
        for version in theirs.select_related("organization").order_by("pk"):
            data = {
                label_of(name, spec.fields[name]): version.data[name]
                for name in spec.fields
                if name in readable and version.data.get(name) not in (None, "", [])
            }
            yield (
                version,
                {
                    "register": spec.title,
                    "organization": version.organization.name,
                    "key": version.key if not spec.key.field or spec.key.field in readable else "",
                    "since": version.known.lower,
                    "data": data,
                },
            )


def _rows(person: Person) -> Iterable[Row]:
    return (row for _version, row in _versions(person))
