"""The verbs of merging: offer, merge, undo. One transaction each; what moved is written down row by row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, DomainError, InvalidInput, NotAllowed, NotFound, action
from hienluong.foundation.counter import checks
from hienluong.foundation.counter.models import IdentityCheck
from hienluong.foundation.identity import passwords
from hienluong.foundation.identity.models import Account
from hienluong.foundation.notifications.actions import notify
from hienluong.foundation.people.models import Party
from hienluong.foundation.people.protected import blind_index
from hienluong.foundation.search.text import fold
from hienluong.foundation.signin.sessions import account_closed, session_ended

from . import belongings
from .models import Merge, Moved, Offer

OFFER_HOLDS = timedelta(minutes=30)
UNDO_HOLDS = timedelta(days=30)
PAGE = "/tai-khoan/gop"


@dataclass(frozen=True)
class Parties:
    """Whose things move to whom, and which person each account is of afterwards."""

    source: Party | None
    target: Party | None
    kept: Party | None
    gone: Party | None


@action("merging.offer")
def offer(act: Act, *, account: Account) -> str:
    """A code for the account that will be kept; its owner types it while signed in to the other one."""
    if act.actor.account_id != account.pk:
        raise NotAllowed(_("Chỉ chủ tài khoản làm được việc này."))
    code = passwords.one_time()
    Offer.objects.filter(account=account, used_at__isnull=True).delete()
    made = Offer.objects.create(account=account, hash=blind_index(code), expires_at=timezone.now() + OFFER_HOLDS)
    act.record(made, after={"account": account.pk})
    return code


def offered(code: str) -> Offer | None:
    """The offer with this code, while it is good."""
    good = Offer.objects.filter(hash=blind_index(code), used_at__isnull=True, expires_at__gt=timezone.now())
    return good.select_related("account__party", "account__official").first()


@action("merging.merge_own")
def merge_own(act: Act, *, offer: Offer) -> Merge:
    """Merge the account one is signed in to into the one whose code one was shown there."""
    held = Offer.objects.select_for_update().filter(pk=offer.pk, used_at__isnull=True).first()
    if held is None or held.expires_at <= timezone.now():
        raise NotFound(_("Mã này đã dùng hoặc đã hết hạn."))
    if act.actor.account_id is None:
        raise NotAllowed(_("Hãy đăng nhập trước."))
    held.used_at = timezone.now()
    held.save(update_fields=["used_at"])
    return _merge(act, held.account_id, act.actor.account_id, None)


@action("merging.merge_at_counter")
def merge_at_counter(act: Act, *, seen: checks.Seen, kept: str, gone: str) -> Merge:
    """Merge two accounts, named by their sign-in names, of a person whose paper was checked at a counter."""
    place = checks.place_of(act.actor)
    act.require(checks.IDENTIFY, place.path)
    seen = checks.sound(seen)
    party = checks.known(seen)
    found = {field: _named(name, field) for field, name in (("kept", kept), ("gone", gone))}
    if party is None or party.pk not in {each.party_id for each in found.values()}:
        raise InvalidInput(
            _("Giấy tờ không phải của chủ một trong hai tài khoản này."),
            code="merging.other_person",
            field="identifier",
        )
    check = checks.keep(act, seen=seen, party=party, purpose=IdentityCheck.Purpose.MERGE)
    if act.actor.account_id in {each.pk for each in found.values()}:
        raise NotAllowed(_("Không ai tự gộp tài khoản của mình ở quầy."))
    return _merge(act, found["kept"].pk, found["gone"].pk, check)


def _named(username: str, field: str) -> Account:
    found = Account.objects.filter(username=username.strip().lower()).first()
    if found is None:
        raise InvalidInput(_("Không có tài khoản với tên đăng nhập này."), code="merging.no_account", field=field)
    return found


@action("merging.undo")
def undo(act: Act, *, merge: Merge, seen: checks.Seen | None = None) -> Merge:
    """Make the two accounts two again, within 30 days: each row that moved and was not changed since goes back.

    Whoever owns the account that was kept, or an official at a counter who has seen the paper of its owner (`seen`).
    """
    held = Merge.objects.select_for_update().get(pk=merge.pk)
    if act.actor.account_id != held.kept_id:
        _require_seen(act, held, seen)
    if held.undone_at is not None or held.undo_until <= timezone.now():
        raise DomainError(_("Việc gộp này không hoàn tác được nữa."), code="merging.too_late")
    if Merge.objects.filter(gone_id=held.kept_id, undone_at__isnull=True).exists():
        raise DomainError(_("Hãy hoàn tác việc gộp sau trước."), code="merging.newer_first")
    kept, gone = _locked(held.kept_id, held.gone_id)
    for moved in held.moved.all():
        if belonging := belongings.named(moved.what):
            rows = belonging.held_by(moved.target).filter(pk__in=moved.keys)
            rows.update(**{belonging.name: moved.source})
    _set_parties(kept, gone, held.kept_party, held.gone_party)
    held.undone_at = timezone.now()
    held.save(update_fields=["undone_at"])
    act.record(held, after={"undone": True})
    act.emit("account.merge_undone", kept, {"gone": gone.pk})
    for account in (kept, gone):
        _tell(act, account, f"undone:{held.pk}", _("Đã tách lại hai tài khoản"), gone.username)
    return held


def _require_seen(act: Act, held: Merge, seen: checks.Seen | None) -> None:
    """That the owner of the two accounts stands at the counter, with a paper."""
    act.require(checks.IDENTIFY, checks.place_of(act.actor).path)
    party = checks.known(checks.sound(seen)) if seen is not None else None
    if party is None or party.pk not in {held.kept_party_id, held.gone_party_id}:
        raise NotAllowed(_("Chỉ tách lại tài khoản của người đang ở quầy, đã kiểm tra giấy tờ."))
    assert seen is not None
    checks.keep(act, seen=checks.sound(seen), party=party, purpose=IdentityCheck.Purpose.MERGE)


def preview(kept: Account, gone: Account) -> list[tuple[str, int]]:
    """What would move, and how much of it. Raises DomainError when the two cannot be merged."""
    parties = _require_mergeable(kept, gone)
    counted: dict[str, int] = {}
    for belonging, source, target in _moves(kept, gone, parties):
        label = str(belonging.label)
        counted[label] = counted.get(label, 0) + belonging.moving(source, target).count()
    return [(label, count) for label, count in sorted(counted.items()) if count]


def _merge(act: Act, kept_id: int, gone_id: int, check: IdentityCheck | None) -> Merge:
    kept, gone = _locked(kept_id, gone_id)
    parties = _require_mergeable(kept, gone)
    assert act.actor.account_id is not None
    merge = Merge.objects.create(
        kept=kept,
        gone=gone,
        kept_party=kept.party,
        gone_party=gone.party,
        led_party=parties.source,
        by_id=act.actor.account_id,
        check_made=check,
        undo_until=timezone.now() + UNDO_HOLDS,
    )
    counted: dict[str, int] = {}
    for belonging, source, target in _moves(kept, gone, parties):
        keys = [str(key) for key in belonging.moving(source, target).values_list("pk", flat=True)]
        if not keys:
            continue
        belonging.held_by(source).filter(pk__in=keys).update(**{belonging.name: target})
        Moved.objects.create(merge=merge, what=belonging.code, source=source, target=target, keys=keys)
        counted[belonging.code] = len(keys)
    _set_parties(kept, gone, parties.kept, parties.gone)
    for session in UserSession.objects.filter(user=gone):
        session.end()
        session_ended.send(sender=UserSession, session_key=session.session_key)
    account_closed.send(sender=Account, account=gone)
    after = {"kept": kept.username, "gone": gone.username, "moved": counted, "check": check.pk if check else None}
    act.record(merge, after=after)
    act.emit("account.merged", kept, {"gone": gone.pk})
    words = _("Đăng nhập cách nào cũng vào “%(kept)s”. Hoàn tác được đến %(day)s.") % {
        "kept": kept.username,
        "day": timezone.localtime(merge.undo_until).strftime("%d/%m/%Y"),
    }
    title = _("Đã gộp tài khoản “%(gone)s” vào “%(kept)s”") % {"gone": gone.username, "kept": kept.username}
    _tell(act, kept, f"merged:{merge.pk}", title, words)
    if gone.email and gone.email != kept.email:
        _tell(act, gone, f"merged:{merge.pk}", title, words)
    return merge


def _require_mergeable(kept: Account, gone: Account) -> Parties:
    """Two open accounts of one person, the one that goes without any power in office."""
    if kept.pk == gone.pk:
        raise DomainError(_("Đây là cùng một tài khoản. Hãy đăng nhập vào tài khoản kia."), code="merging.same")
    if not kept.is_active or not gone.is_active:
        raise DomainError(_("Một trong hai tài khoản đã bị khóa."), code="identity.already_inactive")
    if Merge.objects.filter(gone__in=(kept, gone), undone_at__isnull=True).exists():
        raise DomainError(_("Một trong hai tài khoản đã được gộp rồi."), code="merging.already")
    if gone.official_id is not None or gone.role_grants.exists():
        raise DomainError(
            _(
                "Tài khoản cán bộ phải là tài khoản được giữ; chức vụ và vai trò không chuyển đi. Hãy làm theo chiều ngược lại."
            ),
            code="merging.official",
        )
    one, other = kept.party, gone.party
    if one and other and one.identifier and other.identifier:
        raise DomainError(
            _("Hai tài khoản có hai số định danh khác nhau, không phải của một người."), code="merging.two_people"
        )
    if {each.kind for each in (one, other) if each} - {Party.Kind.CITIZEN}:
        raise DomainError(_("Chỉ gộp được tài khoản của cá nhân."), code="merging.not_people")
    if fold(_name(kept)) != fold(_name(gone)) or (
        one and other and one.date_of_birth and other.date_of_birth and one.date_of_birth != other.date_of_birth
    ):
        raise DomainError(
            _("Họ tên hoặc ngày sinh của hai tài khoản khác nhau. Nếu là của bạn, hãy đính chính trước."),
            code="merging.names_differ",
        )
    if one is None or other is None:
        return Parties(None, None, one or other, None)
    if other.identifier:
        return Parties(one, other, kept=other, gone=one)
    return Parties(other, one, kept=one, gone=other)


def _moves(kept: Account, gone: Account, parties: Parties) -> list[tuple[belongings.Belonging, int, int]]:
    moves = [(each, gone.pk, kept.pk) for each in belongings.all_of("account")]
    if parties.source and parties.target:
        moves += [(each, parties.source.pk, parties.target.pk) for each in belongings.all_of("party")]
    return moves


def _set_parties(kept: Account, gone: Account, of_kept: Party | None, of_gone: Party | None) -> None:
    """Whose account each is; by way of none, since a person has one account at a time."""
    if kept.party == of_kept and gone.party == of_gone:
        return
    Account.objects.filter(pk__in=(kept.pk, gone.pk)).update(party=None)
    for account, party in ((kept, of_kept), (gone, of_gone)):
        account.party = party
        account.save(update_fields=["party"])


def _locked(kept_id: int, gone_id: int) -> tuple[Account, Account]:
    rows = Account.objects.select_for_update(of=("self",)).select_related("party", "official").order_by("pk")
    found = {each.pk: each for each in rows.filter(pk__in=(kept_id, gone_id))}
    return found[kept_id], found[gone_id]


def _name(account: Account) -> str:
    if account.party is not None:
        return account.party.name
    return account.official.full_name if account.official else account.display_name


def _tell(act: Act, account: Account, key: str, title: str, body: str) -> None:
    notify(act, account=account, key=f"merging:{key}", kind="merging", title=title, body=body, href=PAGE)
