"""The verbs of electronic identities: signing in by one, linking and unlinking, refusing, and whether a provider answers."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, DomainError, NotAllowed, NotFound, action
from hienluong.foundation.identity import actions as accounts
from hienluong.foundation.identity import ending, entering
from hienluong.foundation.identity.models import Account
from hienluong.foundation.notifications.actions import notify
from hienluong.foundation.people.models import Party
from hienluong.foundation.people.protected import blind_index
from hienluong.foundation.people.vouched import vouched
from hienluong.foundation.search.text import fold
from hienluong.foundation.signin import factors

from .claims import Person
from .configured import Provider
from .models import Condition, Link
from .refusals import Refused

MANAGE = "eid.manage"
PAGE = "/tai-khoan/bao-mat"


@dataclass(frozen=True)
class Entered:
    """Whose account it is; whether it was opened, or linked, by this very sign-in."""

    account: Account
    opened: bool
    linked: bool


@action("eid.enter")
def enter(act: Act, *, provider: Provider, person: Person) -> Entered:
    """The account of somebody whom a provider vouches for: linked before, known by the personal number, or opened now.

    Never found by e-mail or telephone. What was here before under the number is handed over to an identity of level 2
    only (Decree 69/2024/NĐ-CP), and below the provider's `least` no account is opened either: a lower level enters only
    where it was linked before, and changes nothing of what is known of the person. An account with powers of an official is not linked by signing in, and is entered only
    with its own second factor (the caller asks for it). Raises :class:`Refused`.
    """
    if act.actor.kind != "system":
        raise NotAllowed(_("Bạn không có quyền thực hiện việc này."))
    _one_at_a_time(person)
    link = _link_of(provider, person)
    if link is None:
        account, opened = _account_of(act, provider, person)
        link = _make_link(provider, person, account)
        if not opened:
            _tell(act, account, f"linked:{link.pk}", _("Tài khoản đã liên kết với %(name)s") % {"name": provider.name})
        linked = True
    else:
        opened = linked = False
        if link.person_hash != blind_index(person.personal_id):
            raise Refused("person_changed")
    account = entering.lead(link.account)
    if not account.is_active:
        raise Refused("inactive")
    if factors.guarded(account) and not factors.factors_of(account).any:
        raise Refused("own_factor_needed")
    if not opened and person.level >= 2:
        _refresh(act, account, person)
    link.level, link.last_at = person.level, timezone.now()
    link.save(update_fields=["level", "last_at"])
    act.record(link, after={"provider": provider.key, "level": person.level, "opened": opened, "linked": linked})
    if linked:
        act.emit("account.eid_linked", account, {"provider": provider.key, "opened": opened})
    return Entered(account, opened, linked)


@action("eid.link")
def link(act: Act, *, account: Account, provider: Provider, person: Person) -> Link:
    """Link one's own account to one's identity at a provider; the caller asked for a fresh proof of who is there.

    The identity must be the account's person. An official's account without a person gets the one vouched for, when
    the names agree and nobody else's account is that person's.
    """
    _own(act, account)
    _one_at_a_time(person)
    held = _link_of(provider, person)
    if held is not None and held.account_id != account.pk:
        raise Refused("linked_elsewhere")
    if held is None and Link.objects.filter(account=account, provider=provider.key).exists():
        raise Refused("already_linked")
    _require_same_person(act, account, person)
    made = held or _make_link(provider, person, account)
    act.record(made, after={"provider": provider.key, "level": person.level})
    act.emit("account.eid_linked", account, {"provider": provider.key, "opened": False})
    _tell(act, account, f"linked:{made.pk}", _("Tài khoản đã liên kết với %(name)s") % {"name": provider.name})
    return made


@action("eid.unlink")
def unlink(act: Act, *, account: Account, held: Link, here: str = "") -> None:
    """Take a link away, unless it is the last way into the account; all sessions end but the one with the key `here`."""
    _own(act, account)
    account = Account.objects.select_for_update().get(pk=account.pk)
    mine = Link.objects.filter(account=account, pk=held.pk).first()
    if mine is None:
        raise NotFound(_("Không có liên kết này."))
    others = Link.objects.filter(account=account).exclude(pk=mine.pk).exists()
    if not (others or account.has_usable_password() or factors.factors_of(account).passkeys):
        raise DomainError(
            _("Đây là cách duy nhất để vào tài khoản. Hãy thêm khóa truy cập trước khi bỏ liên kết."),
            code="eid.last_way",
        )
    act.record(mine, before={"provider": mine.provider})
    act.emit("account.eid_unlinked", account, {"provider": mine.provider})
    _tell(act, account, f"unlinked:{mine.pk}", _("Đã bỏ một liên kết định danh điện tử"))
    mine.delete()
    ending.end_sessions(act, account, why="factor", but=here)


@action("eid.refuse")
def refuse(act: Act, *, provider: Provider, reason: str, detail: str = "") -> None:
    """Write down that a sign-in through a provider was refused, and why; who it was is not known or not written."""
    act.record(Condition(provider=provider.key), after={"reason": reason, "detail": detail[:120]})
    act.emit("eid.refused", f"eid.condition:{provider.key}", {"reason": reason})


@action("eid.away")
def note_away(act: Act, *, provider: Provider, fault: str) -> Condition:
    """Write down since when a provider does not answer as it should; said again it changes nothing but the fault."""
    found, _made = Condition.objects.select_for_update().get_or_create(provider=provider.key)
    first = found.away_since is None
    found.away_since, found.fault, found.looked_at = found.away_since or timezone.now(), fault[:120], timezone.now()
    found.save()
    act.record(found, after={"fault": found.fault})
    if first:
        act.emit("eid.away", found, {"fault": found.fault})
    return found


@action("eid.back")
def note_back(act: Act, *, provider: Provider) -> Condition:
    """Write down that a provider answers again."""
    found, _made = Condition.objects.select_for_update().get_or_create(provider=provider.key)
    since, found.away_since, found.fault, found.looked_at = found.away_since, None, "", timezone.now()
    found.save()
    act.record(found, before={"away_since": since.isoformat() if since else None})
    if since:
        act.emit("eid.back", found)
    return found


def subject_hash(provider: Provider, subject: str) -> str:
    """A keyed hash of a name at a provider: some providers use the personal number itself."""
    return blind_index(f"{provider.key}:{subject}".encode().hex())


def _link_of(provider: Provider, person: Person) -> Link | None:
    found = Link.objects.select_for_update(of=("self",)).select_related("account")
    return found.filter(provider=provider.key, subject_hash=subject_hash(provider, person.subject)).first()


def _make_link(provider: Provider, person: Person, account: Account) -> Link:
    return Link.objects.create(
        account=account,
        provider=provider.key,
        subject_hash=subject_hash(provider, person.subject),
        person_hash=blind_index(person.personal_id),
        level=person.level,
        last_at=timezone.now(),
    )


def _account_of(act: Act, provider: Provider, person: Person) -> tuple[Account, bool]:
    """The account under this personal number, opened now when there is none."""
    party = _party_of(person)
    if party is not None and person.level < 2:
        raise Refused("level_two_needed")
    account = Account.objects.filter(party=party).first() if party else None
    if account is not None:
        if factors.guarded(account):
            raise Refused("own_factor_needed")
        if Link.objects.filter(account=account, provider=provider.key).exists():
            raise Refused("already_linked")
        return account, False
    if person.level < provider.least:
        raise Refused("level_too_low")
    party, _new = vouched(act, **_facts(person))
    opened = accounts.create_account(
        act, username=f"cd{secrets.token_hex(6)}", display_name=party.name, email=party.email, party=party
    )
    return opened, True


def _refresh(act: Act, account: Account, person: Person) -> None:
    """What the provider vouches for today; an official goes on under the name of their post."""
    party, _new = vouched(act, **_facts(person))
    if account.official_id is None and account.display_name != party.name:
        account.display_name = party.name
        account.save(update_fields=["display_name"])


def _party_of(person: Person) -> Party | None:
    return Party.objects.filter(kind=Party.Kind.CITIZEN, identifier_hash=blind_index(person.personal_id)).first()


def _require_same_person(act: Act, account: Account, person: Person) -> None:
    """The person of the identity is the account's; an official who is nobody yet becomes it."""
    if account.party is not None:
        if account.party.identifier_hash != blind_index(person.personal_id):
            raise Refused("other_person")
        return
    if account.official is None or fold(account.official.full_name) != fold(person.name):
        raise Refused("other_person")
    party = _party_of(person)
    if person.level < 2:
        raise Refused("level_two_needed")
    if party is not None and Account.objects.filter(party=party).exists():
        raise Refused("has_account")
    if party is None:
        party = Party.objects.create(
            kind=Party.Kind.CITIZEN, name=person.name, identifier=person.personal_id, sex=person.sex
        )
    account.party = party
    account.save(update_fields=["party"])
    act.record(account, verb="eid.person_known", after={"party": party.pk})


def _facts(person: Person) -> dict[str, Any]:
    return {
        "name": person.name,
        "identifier": person.personal_id,
        "date_of_birth": person.date_of_birth,
        "sex": person.sex,
        "phone": person.phone,
        "email": person.email,
        "address": person.address,
    }


def _one_at_a_time(person: Person) -> None:
    """Two first sign-ins of one person at the same moment must not open two accounts."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"eid:{blind_index(person.personal_id)}"])


def _own(act: Act, account: Account) -> None:
    if act.actor.account_id is None or act.actor.account_id != account.pk:
        raise NotAllowed(_("Chỉ chủ tài khoản đổi được cách đăng nhập của mình."))


def _tell(act: Act, account: Account, key: str, title: str) -> None:
    words = _("Nếu không phải bạn làm, hãy báo ngay cho người quản trị.")
    notify(act, account=account, key=f"eid:{key}", kind="signin", title=title, body=words, href=PAGE)
