"""Before a certificate ends: its holder and the agency that keeps it are told, once; suspensions that ran out are lifted."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from hienluong.capabilities.registers import queries
from hienluong.capabilities.registers.actions import definition_on, spec_of
from hienluong.capabilities.registers.certificates import actions, finding
from hienluong.capabilities.registers.definition import RegisterSpec, order_of
from hienluong.capabilities.registers.models import CertificateNotice, Register, Version
from hienluong.capabilities.registers.temporal import Provenance
from hienluong.foundation.actions import Act, DomainError, NotAllowed, action, system
from hienluong.foundation.identity.models import Account
from hienluong.foundation.notifications.actions import notify
from hienluong.foundation.organisations.models import Organization, Position
from hienluong.foundation.people.models import Party
from hienluong.foundation.people.protected import blind_index

#: How many days before its last day the end of a certificate is announced.
AHEAD = 30
#: Certificates of one transaction.
PART = 200
logger = logging.getLogger(__name__)
WHO = system("Nhắc hạn giấy chứng nhận")


def _registers() -> Iterator[tuple[Register, RegisterSpec]]:
    for register in Register.objects.select_related("owner").order_by("pk"):
        if not register.definitions.exists():
            continue
        spec = spec_of(definition_on(register, timezone.localdate()))
        if spec.certificate:
            yield register, spec


def announce_ends() -> int:
    """Announce the certificates that end within :data:`AHEAD` days and were not announced yet; returns how many."""
    told, today = 0, timezone.localdate()
    for register, spec in _registers():
        section = spec.certificate
        if section is None or not section.expires:
            continue
        last = queries.value_of(section.expires, order_of(spec.fields[section.expires]))
        noticed = CertificateNotice.objects.filter(record=OuterRef("record_id"), expires__gte=today)
        due = (
            queries.as_of(register)
            .filter(finding.standing(section, "expiring", today), ~Q(Exists(noticed)))
            .annotate(last=last)
            .filter(last__lte=(today + timedelta(days=AHEAD)).isoformat())
            .order_by("record_id")
        )
        after = 0
        while part := list(due.filter(record_id__gt=after).select_related("record", "organization")[:PART]):
            told += announce(WHO, register=register, spec=spec, versions=part)
            after = part[-1].record_id
    return told


@action("registers.announce_ends_of_certificates")
def announce(act: Act, *, register: Register, spec: RegisterSpec, versions: Sequence[Version]) -> int:
    """Tell the holders of these certificates and the agencies that keep them; one that was told is not told again."""
    if act.actor.kind != "system":
        raise NotAllowed(_("Chỉ tiến trình nhắc hạn được báo giấy sắp hết hạn."))
    assert spec.certificate is not None
    ends = {version.record_id: date.fromisoformat(version.data[spec.certificate.expires]) for version in versions}
    made = CertificateNotice.objects.bulk_create(
        [CertificateNotice(record_id=record, expires=expires) for record, expires in ends.items()],
        ignore_conflicts=True,
    )
    holders = _accounts_of_holders(spec, versions)
    for version in versions:
        expires = ends[version.record_id]
        about = {"key": version.key, "expires": expires.isoformat()}
        act.emit(f"register.{register.code}.certificate_expiring", version.record, about)
        account = holders.get(blind_index(str(version.data[spec.subject]))) if version.data.get(spec.subject) else None
        if account:
            _tell_holder(act, register, spec, version, account, expires)
    places = {version.organization_id: version.organization for version in versions}
    for place in places.values():
        count = sum(version.organization_id == place.pk for version in versions)
        _tell_agency(act, register, spec, place, count)
    act.record(register, after={"announced": len(made)})
    return len(made)


def _accounts_of_holders(spec: RegisterSpec, versions: Sequence[Version]) -> dict[str, Account]:
    if not spec.subject:
        return {}
    numbers = {blind_index(str(one.data[spec.subject])) for one in versions if one.data.get(spec.subject)}
    parties = dict(Party.objects.filter(identifier_hash__in=numbers).values_list("pk", "identifier_hash"))
    accounts = Account.objects.filter(party_id__in=parties).order_by("pk")
    return {parties[account.party_id]: account for account in accounts if account.party_id}


def _tell_holder(
    act: Act, register: Register, spec: RegisterSpec, version: Version, account: Account, expires: date
) -> None:
    assert spec.certificate is not None
    is_public = bool(spec.readable(spec.access.public))
    with translation.override(account.language):
        notify(
            act,
            account=account,
            key=f"certificate-ends:{version.record_id}:{expires.isoformat()}",
            kind="certificate.expiring",
            title=_("Giấy sắp hết hạn: %(title)s") % {"title": spec.certificate.title},
            body=_("Giấy số %(number)s có giá trị đến hết ngày %(day)s. Hãy làm thủ tục gia hạn trước ngày đó.")
            % {"number": version.data.get(spec.certificate.number) or "—", "day": f"{expires:%d/%m/%Y}"},
            href=f"/co-so-du-lieu/{register.code}/{version.record_id}" if is_public else "",
        )


def _tell_agency(act: Act, register: Register, spec: RegisterSpec, place: Organization, count: int) -> None:
    today = timezone.localdate()
    for account in _keepers(place):
        with translation.override(account.language):
            notify(
                act,
                account=account,
                key=f"certificates-end:{register.pk}:{place.pk}:{today.isoformat()}",
                kind="certificate.expiring",
                title=_("Giấy sắp hết hạn: %(title)s") % {"title": spec.title},
                body=_("%(count)d giấy do %(place)s quản lý hết hạn trong %(days)d ngày tới.")
                % {"count": count, "place": place.name, "days": AHEAD},
                href=f"/lam-viec/co-so-du-lieu/{register.code}?giay=expiring",
            )


def _keepers(place: Organization) -> list[Account]:
    """Officers and heads of an organisation, else of the nearest above it that has some."""
    today = timezone.localdate()
    for number in reversed([int(part) for part in place.path.strip("/").split("/") if part]):
        held = Position.objects.filter(organization_id=number, role__in=("officer", "head"), valid__contains=today)
        found = list(Account.objects.filter(official__positions__in=held).distinct().order_by("pk"))
        if found:
            return found
    return []


def lift_what_ran_out() -> int:
    """Write valid again where the last day of a suspension is over, so that the record says what is so; returns how many."""
    lifted, today = 0, timezone.localdate()
    for register, spec in _registers():
        section = spec.certificate
        if section is None or not section.suspended:
            continue
        over = queries.as_of(register).filter(
            finding.standing(section, "valid", today),
            finding.is_written(section, "suspended"),
            finding.ran_out(section, today),
        )
        for version in list(over.select_related("record__register__owner").order_by("record_id")[:5000]):
            lifted += _lift(version)
    return lifted


def _lift(version: Version) -> bool:
    """Lift one. A record that takes no act now (it ends on a day that is known, or changes on one) stays as it is, whose
    suspension is over by its days anyway; it does not keep the others, and the announcements, from their turn."""
    reason = Provenance(source="system", reason=_("Hết thời gian đình chỉ, tạm ngừng."))
    try:
        actions.perform(WHO, record=version.record, kind="resume", provenance=reason)
    except DomainError as refused:
        logger.warning("suspension of record %s is not lifted: %s", version.record_id, refused.code)
        return False
    return True
