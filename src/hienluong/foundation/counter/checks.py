"""A check of an identity paper as it was typed, held against what the card itself says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, Actor, InvalidInput, NotAllowed
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.people.identifiers import normal
from hienluong.foundation.people.models import Party
from hienluong.foundation.recovery import waiting
from hienluong.foundation.search.text import fold

from . import card
from .models import LEVELS, IdentityCheck

IDENTIFY = "counter.identify"
#: Refusals that say whether somebody is known here, or has an account.
TELL = (
    *("people.name_mismatch", "counter.has_account", "counter.no_account", "counter.not_entered", "counter.no_email"),
    *("recovery.official", "identity.already_inactive", "merging.no_account", "merging.other_person"),
)


@dataclass(frozen=True)
class Seen:
    """The paper an official saw, and what it says. `qr`: what the scanner read, when it did."""

    paper: str
    number: str
    how: str
    name: str
    identifier: str
    date_of_birth: date | None = None
    qr: str = ""


def place_of(actor: Actor) -> Organization:
    """The organisation for which the official checks papers. NotAllowed for everybody else."""
    held = next((grant for grant in actor.grants if IDENTIFY in grant.permissions), None)
    if held is None or actor.account_id is None:
        actor.require(IDENTIFY)
        raise NotAllowed(_("Chỉ cán bộ một cửa kiểm tra giấy tờ."))
    return Organization.objects.get(pk=held.organization_id)


def sound(seen: Seen) -> Seen:
    """The same with tidy values. InvalidInput at the field where the paper and what was typed do not agree."""
    if seen.paper not in IdentityCheck.Paper.values:
        raise InvalidInput(_("Chọn loại giấy tờ."), field="paper")
    if seen.how not in IdentityCheck.How.values:
        raise InvalidInput(_("Chọn cách kiểm tra."), field="how")
    name, number = " ".join(seen.name.split()), "".join(seen.number.split()).upper()
    identifier = normal(Party.Kind.CITIZEN, seen.identifier)
    if not name:
        raise InvalidInput(_("Nhập họ và tên như trên giấy tờ."), field="name")
    if seen.paper != IdentityCheck.Paper.PASSPORT:
        number = number or identifier
        if number != identifier:
            raise InvalidInput(
                _("Số trên thẻ là số định danh: hai số phải giống nhau."), code="counter.number_differs", field="number"
            )
    if not number or len(number) > 30:
        raise InvalidInput(_("Nhập số của giấy tờ."), field="number")
    tidy = Seen(seen.paper, number, seen.how, name, identifier, seen.date_of_birth, seen.qr)
    if seen.how == IdentityCheck.How.QR:
        _agree(tidy)
    return tidy


def _agree(seen: Seen) -> None:
    """That the QR code is that of this person's card."""
    if seen.paper != IdentityCheck.Paper.CARD:
        raise InvalidInput(_("Chỉ thẻ căn cước có mã QR. Hãy chọn cách kiểm tra khác."), field="how")
    read = card.read(seen.qr)
    if read is None:
        raise InvalidInput(
            _("Chưa đọc được mã QR của thẻ. Đặt con trỏ vào ô này rồi quét lại."), code="counter.no_card", field="qr"
        )
    if read.number != seen.identifier:
        raise InvalidInput(
            _("Mã QR là của thẻ khác: số định danh không khớp."), code="counter.other_card", field="identifier"
        )
    if fold(read.name) != fold(seen.name):
        raise InvalidInput(_("Họ tên khác với mã QR trên thẻ."), code="counter.other_card", field="name")
    if seen.date_of_birth is not None and seen.date_of_birth != read.date_of_birth:
        raise InvalidInput(_("Ngày sinh khác với mã QR trên thẻ."), code="counter.other_card", field="date_of_birth")


def known(seen: Seen) -> Party | None:
    """The person whose paper this is, if known. InvalidInput when the number is known under another name, which is not
    read out: whoever has the card has the name."""
    from hienluong.foundation.people.protected import blind_index

    found = (
        Party.objects.select_for_update()
        .filter(kind=Party.Kind.CITIZEN, identifier_hash=blind_index(seen.identifier))
        .first()
    )
    if found is not None and fold(found.name) != fold(seen.name):
        raise InvalidInput(
            _("Số định danh này đã được ghi với họ tên khác. Hãy xem lại thẻ; nếu thẻ đúng thì đính chính trước."),
            code="people.name_mismatch",
            field="identifier",
        )
    return found


def keep(act: Act, *, seen: Seen, party: Party, purpose: str) -> IdentityCheck:
    """Write the check down: who looked, where, at which paper, how sure it makes us."""
    place = place_of(act.actor)
    account = act.actor.account_id
    if account is None or party.pk == act.actor.party_id:
        raise NotAllowed(_("Không ai tự kiểm tra giấy tờ của mình."))
    kept = IdentityCheck.objects.create(
        party=party,
        paper=seen.paper,
        number=seen.number,
        how=seen.how,
        level=LEVELS[IdentityCheck.How(seen.how)],
        purpose=purpose,
        by_id=account,
        organization=place,
    )
    act.record(
        kept,
        verb="counter.checked_identity",
        after={"party": party.pk, "paper": kept.paper, "how": kept.how, "level": kept.level, "purpose": purpose},
        organization_id=place.pk,
    )
    return kept


def wait_of(check: IdentityCheck) -> timedelta:
    """How long a recovery waits after this check."""
    return waiting.BY_EYE if check.how == IdentityCheck.How.EYE else waiting.BY_CARD


def level_of(party: Party) -> int:
    """How sure we are who this person is: the surest check so far, 0 without any."""
    from django.db.models import Max

    return int(IdentityCheck.objects.filter(party=party).aggregate(top=Max("level"))["top"] or 0)
