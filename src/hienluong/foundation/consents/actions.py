"""Agreeing to a purpose, taking it back, objecting: only for oneself, each written down with the words that were read.

What follows from a decision hears of it by its event; whoever serves a purpose asks ``queries.may`` before each time, so a
withdrawal holds from that moment (Nghị định 356/2025/NĐ-CP, khoản 2 Điều 5 gives fifteen days).
"""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, DomainError, InvalidInput, NotAllowed, action
from hienluong.foundation.identity.models import Account

from . import catalogue
from .catalogue import Basis, Purpose
from .models import Decision, Wording

Kind, Ended = Decision.Kind, Decision.Ended


@action("consents.give")
def give(act: Act, *, account: Account, purpose: str, version: int) -> Decision:
    """Agree that one's data are used for a purpose; `version` is the one that was read.

    An earlier consent to older words ends. Raises InvalidInput (``consents.changed``) when the words changed meanwhile.
    """
    wanted = _read(act, account, purpose, version, Basis.CONSENT)
    if not wanted.is_offered:
        raise DomainError(_("Hiện chưa dùng dữ liệu cho mục đích này."), code="consents.not_offered")
    before = _in_force(account, wanted)
    if before is not None and before.version == wanted.version:
        raise DomainError(_("Bạn đã đồng ý với nội dung này."), code="consents.given_already")
    given = _decide(account, wanted, Kind.GIVEN, before)
    act.record(given, after={"purpose": purpose, "version": version, "wording": given.wording_id})
    act.emit("consent.given", given, {"purpose": purpose, "account": account.pk})
    return given


@action("consents.withdraw")
def withdraw(act: Act, *, account: Account, purpose: str) -> Decision:
    """Take a consent back, from now on (Luật 91/2025/QH15, Điều 10: what was done before stays lawful)."""
    _own(act, account)
    wanted = _of_kind(catalogue.find(purpose), Basis.CONSENT)
    ended = _end(account, wanted, _("Bạn không có đồng ý nào để rút cho mục đích này."))
    act.record(ended, before={"purpose": purpose, "version": ended.version}, after={"withdrawn": True})
    act.emit("consent.withdrawn", ended, {"purpose": purpose, "account": account.pk})
    return ended


@action("consents.object")
def object_to(act: Act, *, account: Account, purpose: str, version: int) -> Decision:
    """Object to a use that rests on the law (Luật 91/2025/QH15, điểm d khoản 1 Điều 4): it stops from now on."""
    wanted = _read(act, account, purpose, version, Basis.LAW)
    if _in_force(account, wanted) is not None:
        raise DomainError(_("Bạn đã phản đối mục đích này."), code="consents.objected_already")
    made = _decide(account, wanted, Kind.OBJECTED, None)
    act.record(made, after={"purpose": purpose, "version": version, "wording": made.wording_id})
    act.emit("consent.objected", made, {"purpose": purpose, "account": account.pk})
    return made


@action("consents.end_objection")
def end_objection(act: Act, *, account: Account, purpose: str) -> Decision:
    """Let a use that rests on the law go on."""
    _own(act, account)
    wanted = _of_kind(catalogue.find(purpose), Basis.LAW)
    ended = _end(account, wanted, _("Bạn không phản đối mục đích này."))
    act.record(ended, before={"purpose": purpose}, after={"withdrawn": True})
    act.emit("consent.objection_ended", ended, {"purpose": purpose, "account": account.pk})
    return ended


@action("consents.end_all")
def end_all(act: Act, *, account: Account) -> int:
    """Everything an account agreed to ends with it; for the process that closes accounts. Returns how many ended."""
    if act.actor.kind != "system":
        raise NotAllowed(_("Chỉ tiến trình đóng tài khoản làm được việc này."))
    standing = Decision.objects.filter(account=account, ended_at=None)
    count = standing.update(ended_at=timezone.now(), ended_how=Ended.CLOSED)
    act.record(account, after={"consents_ended": count})
    return count


def _read(act: Act, account: Account, code: str, version: int, basis: Basis) -> Purpose:
    """The purpose whose words the owner of the account has just read."""
    _own(act, account)
    wanted = _of_kind(catalogue.find(code), basis)
    if version != wanted.version:
        raise InvalidInput(
            _("Nội dung vừa thay đổi. Hãy đọc lại rồi quyết định."), code="consents.changed", field="version"
        )
    return wanted


def _of_kind(purpose: Purpose, basis: Basis) -> Purpose:
    if purpose.basis != basis:
        raise InvalidInput(_("Mục đích này không quyết định theo cách đó."), code="consents.other_basis")
    return purpose


def _decide(account: Account, purpose: Purpose, kind: str, before: Decision | None) -> Decision:
    now, language = timezone.now(), get_language() or "vi"
    if before is not None:
        before.ended_at, before.ended_how = now, Ended.RENEWED
        before.save(update_fields=["ended_at", "ended_how"])
    words = purpose.words
    wording, _made = Wording.objects.get_or_create(
        digest=catalogue.digest(purpose, words, language),
        defaults={"purpose": purpose.code, "version": purpose.version, "language": language, "content": words},
    )
    return Decision.objects.create(
        account=account, purpose=purpose.code, kind=kind, version=purpose.version, wording=wording, at=now
    )


def _end(account: Account, purpose: Purpose, missing: str) -> Decision:
    held = _in_force(account, purpose)
    if held is None:
        raise DomainError(missing, code="consents.nothing_to_withdraw")
    held.ended_at, held.ended_how = timezone.now(), Ended.WITHDRAWN
    held.save(update_fields=["ended_at", "ended_how"])
    return held


def _in_force(account: Account, purpose: Purpose) -> Decision | None:
    """What the account decided and has not taken back; two decisions at once wait for one another."""
    Account.objects.select_for_update(no_key=True).get(pk=account.pk)
    return Decision.objects.filter(account=account, purpose=purpose.code, ended_at=None).first()


def _own(act: Act, account: Account) -> None:
    if act.actor.account_id is None or act.actor.account_id != account.pk:
        raise NotAllowed(_("Chỉ chủ tài khoản quyết định được việc dùng dữ liệu của mình."))
