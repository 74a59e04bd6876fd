"""The verbs of the counter: opening an account, giving a way back, naming who represents an enterprise.

The official checks a paper and never learns or chooses a password: what is printed is a one-time code with which the
citizen sets the way in.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, InvalidInput, action
from hienluong.foundation.identity.models import Account
from hienluong.foundation.mandates import actions as mandates
from hienluong.foundation.people import actions as people
from hienluong.foundation.people.models import Party, Representation
from hienluong.foundation.people.protected import encrypt
from hienluong.foundation.recovery import actions as recoveries
from hienluong.foundation.recovery import codes, waiting
from hienluong.foundation.recovery.models import EntryCode

from . import checks
from .models import IdentityCheck


@dataclass(frozen=True)
class Issued:
    """A one-time code to be printed, once."""

    account: Account
    code: str
    opens_at: datetime
    expires_at: datetime
    first: bool

    @property
    def address(self) -> str:
        """What the QR code on the paper holds."""
        return f"{settings.BASE_URL}{reverse('recovery:enter')}?ma={self.code}"


@action("counter.register_citizen")
def register_citizen(
    act: Act,
    *,
    seen: checks.Seen,
    sex: str = "",
    phone: str = "",
    email: str = "",
    address: str = "",
    send: bool = False,
) -> Issued:
    """Open an account for a citizen whose paper was checked; the person is made, or found by the personal number.

    Somebody who has an account gets no second one (``counter.has_account``). While the first code was not used, the
    same again prints another.
    """
    place = checks.place_of(act.actor)
    act.require(checks.IDENTIFY, place.path)
    seen = checks.sound(seen)
    _require_email(email, send=send)
    known = checks.known(seen)
    held = Account.objects.filter(party=known).first() if known else None
    if held is not None and not _unentered(held):
        raise InvalidInput(
            _(
                "Người này đã có tài khoản (mở ngày %(day)s), không mở thêm. Không vào được thì dùng “Khôi phục tài khoản tại quầy”."
            )
            % {"day": timezone.localtime(held.created_at).strftime("%d/%m/%Y")},
            code="counter.has_account",
            field="identifier",
        )
    party = people.find_or_register(
        act, name=seen.name, identifier=seen.identifier, phone=phone, address=address, email=email
    )
    _fill(party, date_of_birth=seen.date_of_birth, sex=sex if sex in Party.Sex.values else "")
    checks.keep(act, seen=seen, party=party, purpose=IdentityCheck.Purpose.REGISTER)
    account = held or Account.objects.create_user(
        f"moi-{secrets.token_hex(8)}", None, display_name=party.name, email=email, party=party
    )
    if held is not None and email and email != held.email:
        held.email = email
        held.save(update_fields=["email"])
    now = timezone.now()
    issued = Issued(
        account=account,
        code=codes.issue(account, opens_at=now, expires_at=now + waiting.FIRST_HOLDS),
        opens_at=now,
        expires_at=now + waiting.FIRST_HOLDS,
        first=True,
    )
    act.record(account, after={"party": party.pk, "again": held is not None}, organization_id=place.pk)
    if held is None:
        act.emit("account.created", account)
    _send(issued, send=send)
    return issued


@action("counter.recover")
def recover(act: Act, *, seen: checks.Seen, reason: str, send: bool = False) -> Issued:
    """Give a citizen whose paper was checked a way back into the account. Its owner is told on every channel known."""
    place = checks.place_of(act.actor)
    act.require(checks.IDENTIFY, place.path)
    seen = checks.sound(seen)
    party = checks.known(seen)
    account = Account.objects.select_related("party").filter(party=party).first() if party else None
    if party is None or account is None:
        raise InvalidInput(
            _("Người này chưa có tài khoản. Hãy mở tài khoản cho họ."), code="counter.no_account", field="identifier"
        )
    check = checks.keep(act, seen=seen, party=party, purpose=IdentityCheck.Purpose.RECOVER)
    if _unentered(account):
        raise InvalidInput(
            _("Tài khoản này chưa được vào lần nào. Hãy dùng “Mở tài khoản” để in lại mã."),
            code="counter.not_entered",
            field="identifier",
        )
    if send and not account.email:
        raise InvalidInput(_("Tài khoản không có thư điện tử."), code="counter.no_email", field="send")
    recovery, code = recoveries.begin_at_counter(
        act, account=account, organization=place, wait=checks.wait_of(check), reason=reason.strip()[:500]
    )
    assert recovery.opens_at is not None
    issued = Issued(account, code, recovery.opens_at, recovery.lapses_at, first=False)
    act.record(account, after={"check": check.pk, "level": check.level}, organization_id=place.pk)
    _send(issued, send=send)
    return issued


@action("counter.name_representative")
def name_representative(
    act: Act,
    *,
    seen: checks.Seen,
    tax_code: str,
    enterprise: str,
    role: str,
    evidence: str,
    valid_to: date | None = None,
) -> Representation:
    """Write down the legal representative of an enterprise, who came with an identity paper and a paper of the
    enterprise (`evidence`: which, its number and day); `valid_to` is the first day without it.

    (Bộ luật Dân sự 91/2015/QH13, Điều 137; Luật Doanh nghiệp 59/2020/QH14, Điều 12.)
    """
    place = checks.place_of(act.actor)
    act.require(checks.IDENTIFY, place.path)
    seen = checks.sound(seen)
    if not " ".join(evidence.split()):
        raise InvalidInput(_("Ghi giấy tờ chứng minh: loại, số, ngày."), code="counter.no_evidence", field="evidence")
    known = checks.known(seen)
    person = known or people.find_or_register(act, name=seen.name, identifier=seen.identifier)
    check = checks.keep(act, seen=seen, party=person, purpose=IdentityCheck.Purpose.REPRESENT)
    try:
        represented = people.find_or_register(act, name=enterprise, identifier=tax_code, kind=Party.Kind.ENTERPRISE)
    except InvalidInput as error:
        raise InvalidInput(error.message, code=error.code, field="tax_code") from None
    made = mandates.record_legal(
        act,
        representative=person,
        represented=represented,
        role=role,
        source=f"counter:{check.pk}",
        evidence=" ".join(evidence.split())[:300],
        valid_to=valid_to,
    )
    act.record(made, after={"check": check.pk, "evidence": evidence[:300]}, organization_id=place.pk)
    return made


def _unentered(account: Account) -> bool:
    """Whether an account opened at a counter was never entered: its first code still waits, or ran out."""
    first = EntryCode.objects.filter(account=account, recovery=None)
    return first.exists() and not first.filter(used_at__isnull=False).exists() and not account.has_usable_password()


def _fill(party: Party, **values: object) -> None:
    filled = [name for name, value in values.items() if value and not getattr(party, name)]
    for name in filled:
        setattr(party, name, values[name])
    if filled:
        party.save(update_fields=filled)


def _require_email(email: str, *, send: bool) -> None:
    if send and not email:
        raise InvalidInput(_("Nhập thư điện tử để gửi mã."), code="counter.email_missing", field="email")
    if email:
        try:
            validate_email(email)
        except ValidationError:
            raise InvalidInput(_("Thư điện tử không đúng."), code="counter.bad_email", field="email") from None


def _send(issued: Issued, *, send: bool) -> None:
    if not send:
        return
    from hienluong.foundation.recovery.tasks import send_entry_code

    entry = codes.live(issued.account).get()
    address = f"{settings.BASE_URL}{reverse('recovery:enter')}"
    send_entry_code.defer(entry_id=entry.pk, sealed=encrypt(issued.code), address=address)
