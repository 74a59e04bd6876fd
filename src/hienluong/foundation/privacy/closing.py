"""Closing one's account: asked for, a time to take it back, then done (Luật 91/2025/QH15, Điều 14).

The time to wait is a setting and stays below the twenty days of Nghị định 356/2025/NĐ-CP, khoản 4 Điều 5. What the law
keeps stays and is said beforehand; the account itself keeps its number, for the audit log, and nothing that names a person.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, DomainError, NotAllowed, NotFound, action
from hienluong.foundation.consents import actions as consents
from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.identity.models import Account
from hienluong.foundation.notifications.actions import notify
from hienluong.foundation.people import closing as closings

from . import archive, exporting
from .models import Closure, Export


class Hindered(DomainError):
    """Something open holds the account back; the sentences say what."""

    code = "privacy.hindered"


@action("privacy.ask_closure")
def ask_closure(act: Act, *, account: Account) -> Closure:
    """Ask that one's own account be closed. Raises Hindered while dossiers or an office hold it back."""
    _own(act, account)
    return _begin(act, account, Closure.Why.ASKED)


@action("privacy.close_unused")
def close_unused(act: Act, *, account: Account) -> Closure | None:
    """Begin to close an account that nobody has used for long; signing in takes it back. For the nightly process."""
    _process(act)
    if closings.hindrances(archive.person_of(account)) or not account.is_active:
        act.record(account, after={"unused": True, "hindered": True})
        return None
    return _begin(act, account, Closure.Why.UNUSED)


@action("privacy.take_back")
def take_back(act: Act, *, account: Account) -> Closure:
    """Keep one's account after all."""
    _own(act, account)
    held = Closure.objects.select_for_update().filter(account=account, taken_back_at=None, done_at=None).first()
    if held is None:
        raise NotFound(_("Tài khoản này không chờ đóng."))
    held.taken_back_at = timezone.now()
    held.save(update_fields=["taken_back_at"])
    act.record(held, after={"taken_back": True})
    act.emit("account.closure_taken_back", held)
    _tell(act, held, "back", _("Tài khoản của bạn không đóng nữa"), _("Mọi thứ giữ như cũ."))
    return held


@action("privacy.keep_used")
def keep_used(act: Act, *, closure: Closure) -> Closure:
    """An account that began to close because nobody used it is used again: it stays. For the hourly process."""
    _process(act)
    closure.taken_back_at = timezone.now()
    closure.save(update_fields=["taken_back_at"])
    act.record(closure, after={"used_again": True})
    return closure


@action("privacy.close")
def close(act: Act, *, closure: Closure) -> Closure:
    """Close an account whose time to wait is over: erase, end, make unreadable. For the nightly process.

    When something open holds it back meanwhile (a dossier filed since), it waits and its owner is told once.
    """
    _process(act)
    held = Closure.objects.select_for_update(of=("self",)).select_related("account").get(pk=closure.pk)
    act.record(held, after={"due": held.due_at.isoformat()})
    if not held.is_waiting or held.due_at > timezone.now():
        return held
    account = Account.objects.select_for_update(of=("self",)).get(pk=held.account_id)
    person = archive.person_of(account)
    if sentences := closings.hindrances(person):
        return _hold_back(act, held, sentences)
    act.emit("account.closed", account)
    for export in Export.objects.filter(account=account).exclude(state__in=(Export.State.EXPIRED, Export.State.FAILED)):
        exporting.expire(act, export=export)
    consents.end_all(act, account=account)
    held.erased = {thing.code: thing.erase(act, person) for thing in closings.all_erased()}
    held.party_id, held.done_at = account.party_id, timezone.now()
    held.save(update_fields=["erased", "party_id", "done_at"])
    _make_unreadable(account)
    act.record(account, verb="privacy.account_closed", after={"erased": held.erased})
    return held


def _begin(act: Act, account: Account, why: str) -> Closure:
    if sentences := closings.hindrances(archive.person_of(account)):
        raise Hindered(" ".join(sentences), sentences=sentences)
    now = timezone.now()
    try:
        with transaction.atomic():
            begun = Closure.objects.create(
                account=account,
                party_id=account.party_id,
                why=why,
                asked_at=now,
                due_at=now + timedelta(days=settings.CLOSING_DAYS),
            )
    except IntegrityError:
        raise DomainError(_("Tài khoản này đang chờ đóng."), code="privacy.closing_already") from None
    act.record(begun, after={"why": why, "due": begun.due_at.isoformat()})
    act.emit("account.closing", begun)
    when = f"{timezone.localtime(begun.due_at):%H:%M %d/%m/%Y}"
    with translation.override(account.language):
        said = {
            Closure.Why.ASKED: _(
                "Bạn đã yêu cầu đóng tài khoản. Tài khoản đóng lúc %(when)s; trước đó bạn lấy lại được."
            ),
            Closure.Why.UNUSED: _(
                "Tài khoản lâu không dùng, sẽ đóng lúc %(when)s. Chỉ cần đăng nhập trước lúc đó là tài khoản được giữ."
            ),
        }[Closure.Why(why)]
        _tell(act, begun, "begun", _("Tài khoản của bạn sẽ đóng"), said % {"when": when})
    return begun


def _hold_back(act: Act, held: Closure, sentences: list[str]) -> Closure:
    if held.hindered_at is None:
        held.hindered_at = timezone.now()
        held.save(update_fields=["hindered_at"])
        _tell(act, held, "hindered", _("Tài khoản của bạn chưa đóng được"), "\n".join(sentences))
    return held


def _make_unreadable(account: Account) -> None:
    """What is left of the account is its number: whoever it was may open another."""
    account.username, account.display_name, account.email = f"da-dong-{account.pk}", _("Tài khoản đã đóng"), ""
    account.party, account.is_active, account.one_time_until, account.last_login = None, False, None, None
    account.set_unusable_password()
    account.save()
    StoredFile.objects.filter(owner_id=account.pk, purpose=exporting.PURPOSE).delete()


def _tell(act: Act, held: Closure, what: str, title: str, body: str) -> None:
    with translation.override(held.account.language):
        notify(
            act,
            account=held.account,
            key=f"closure:{held.pk}:{what}",
            kind="privacy.closure",
            title=title,
            body=body,
            href=reverse("privacy:close"),
        )


def _process(act: Act) -> None:
    if act.actor.kind != "system":
        raise NotAllowed(_("Chỉ tiến trình đóng tài khoản làm được việc này."))


def _own(act: Act, account: Account) -> None:
    if act.actor.account_id is None or act.actor.account_id != account.pk:
        raise NotAllowed(_("Chỉ chủ tài khoản đóng được tài khoản của mình."))


def days_to_wait() -> int:
    """How many days one may take it back."""
    return int(settings.CLOSING_DAYS)
