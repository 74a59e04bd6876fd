"""Asking for a copy of one's data, making it, taking it, and its end (Luật 91/2025/QH15, Điều 15)."""

from __future__ import annotations

import tempfile
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, DomainError, NotAllowed, NotFound, action
from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.files.storing import keep_made
from hienluong.foundation.identity.models import Account
from hienluong.foundation.notifications.actions import notify

from . import archive
from .models import Export

#: What the files of copies are kept for; nobody opens them by the address of files.
PURPOSE = "privacy.export"
#: Most copies of one person a day: each reads everything.
MOST_A_DAY = 3
State = Export.State


@action("privacy.ask_export")
def ask_export(act: Act, *, account: Account) -> Export:
    """Ask for a copy of everything that is held of oneself; it is made in the background and told when it is there."""
    _own(act, account)
    since = timezone.now() - timedelta(days=1)
    Account.objects.select_for_update(no_key=True).get(pk=account.pk)
    if Export.objects.filter(account=account, asked_at__gte=since).exclude(state=State.FAILED).count() >= MOST_A_DAY:
        raise DomainError(
            _("Mỗi ngày lấy được %(count)d bản. Xin thử lại vào ngày mai.") % {"count": MOST_A_DAY},
            code="privacy.too_many_exports",
        )
    try:
        with transaction.atomic():
            asked = Export.objects.create(account=account)
    except IntegrityError:
        raise DomainError(_("Bản sao trước đang được làm."), code="privacy.export_waiting") from None
    act.record(asked)
    act.emit("privacy.export_asked", asked)
    from .tasks import make_export

    make_export.defer(export_id=asked.pk)
    return asked


@action("privacy.make_export")
def make(act: Act, *, export: Export) -> Export:
    """Make the copy that was asked for; for the background process. Doing it again changes nothing."""
    if act.actor.kind != "system":
        raise NotAllowed(_("Chỉ tiến trình làm bản sao làm được việc này."))
    held = Export.objects.select_for_update(of=("self",)).select_related("account").get(pk=export.pk)
    act.record(held, after={"state": held.state})
    if held.state != State.WAITING:
        return held
    account = held.account
    with translation.override(account.language), tempfile.TemporaryFile(prefix="hienluong-ban-sao-") as out:
        archive.write(out, account)
        held.size = out.tell()
        out.seek(0)
        name = f"du-lieu-cua-toi-{timezone.localdate():%Y%m%d}.zip"
        held.file = keep_made(out, name=name, owner=account.pk, purpose=PURPOSE, media_type="application/zip")
    held.state, held.ready_at = State.READY, timezone.now()
    held.until = held.ready_at + timedelta(days=settings.EXPORT_DAYS)
    held.save()
    act.emit("privacy.export_ready", held)
    with translation.override(account.language):
        notify(
            act,
            account=account,
            key=f"export:{held.pk}",
            kind="privacy.export_ready",
            title=_("Bản sao dữ liệu của bạn đã xong"),
            body=_("Tải về trước %(when)s. Nếu không phải bạn yêu cầu, hãy đổi mật khẩu ngay.")
            % {"when": f"{timezone.localtime(held.until):%H:%M %d/%m/%Y}"},
            href=reverse("privacy:own"),
        )
    return held


@action("privacy.fail_export")
def fail(act: Act, *, export: Export) -> Export:
    """Say that a copy could not be made, so that its owner may ask again."""
    if act.actor.kind != "system":
        raise NotAllowed(_("Chỉ tiến trình làm bản sao làm được việc này."))
    held = Export.objects.select_for_update().get(pk=export.pk)
    if held.state == State.WAITING:
        held.state = State.FAILED
        held.save(update_fields=["state"])
    act.record(held, after={"state": held.state})
    return held


@action("privacy.take_export")
def take(act: Act, *, account: Account, export: Export) -> StoredFile:
    """Take one's copy: written down each time. Raises NotFound for another's, and for one that is over."""
    _own(act, account)
    held = Export.objects.select_for_update(of=("self",)).select_related("file__blob").filter(pk=export.pk).first()
    if held is None or held.account_id != account.pk or held.file is None or not _is_there(held):
        raise NotFound(_("Bản sao này không còn. Hãy yêu cầu bản mới."))
    held.taken += 1
    held.save(update_fields=["taken"])
    act.record(held, after={"taken": held.taken})
    return held.file


@action("privacy.expire_export")
def expire(act: Act, *, export: Export) -> None:
    """Delete a copy whose days are over, or whose account is closed; for the background process."""
    if act.actor.kind != "system":
        raise NotAllowed(_("Chỉ tiến trình dọn bản sao làm được việc này."))
    held = Export.objects.select_for_update(of=("self",)).get(pk=export.pk)
    file, held.file, held.state = held.file, None, State.EXPIRED
    held.save(update_fields=["file", "state"])
    if file is not None:
        file.delete()  # its content goes with the daily cleaning of files
    act.record(held, after={"state": held.state})


def _is_there(held: Export) -> bool:
    return held.state == State.READY and held.until is not None and held.until > timezone.now()


def _own(act: Act, account: Account) -> None:
    if act.actor.account_id is None or act.actor.account_id != account.pk:
        raise NotAllowed(_("Chỉ chủ tài khoản lấy được dữ liệu của mình."))
