"""What could not be taken in from the mailboxes: shown to the records office and the IT officer, tried again, or settled."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from hienluong.foundation.actions import Actor, DomainError, NotAllowed, NotFound
from hienluong.foundation.actions.forms import attempt
from hienluong.foundation.identity import officials
from hienluong.foundation.identity.frame import form_page
from hienluong.foundation.identity.officials import actor_of

from .. import access, mail
from ..actions import mailboxes
from ..incoming_forms import ReasonForm
from ..models import HeldMail

PAGE_SIZE = 50


def _watcher(request: HttpRequest) -> Actor:
    actor = actor_of(request)
    if not access.agencies_with(actor, "documents.clerk") and not actor.paths_with(mailboxes.WATCH):
        raise NotAllowed(_("Chỉ văn thư và quản trị xem thư lỗi của hộp thư văn bản."), permission=mailboxes.WATCH)
    return actor


def _row(actor: Actor, pk: int) -> HeldMail:
    row = HeldMail.objects.filter(mailboxes.held_for(actor), pk=min(pk, 2**63 - 1)).first()
    if row is None:
        raise NotFound(_("Không có thư này."))
    return row


@require_GET
@officials.only()
def held(request: HttpRequest) -> HttpResponse:
    """The messages that wait to be tried again, and those that somebody must look at, the newest failure first."""
    actor = _watcher(request)
    clerk_of = access.agencies_with(actor, "documents.clerk")
    rows = HeldMail.objects.filter(mailboxes.held_for(actor), state__in=mailboxes.OPEN).select_related("agency")
    page = Paginator(rows.order_by("-last_failed_at", "-pk"), PAGE_SIZE).get_page(request.GET.get("page"))
    for row in page:
        row.may_look = row.agency_id in clerk_of  # type: ignore[attr-defined]
    return render(request, "documents/incoming/mailbox.html", {"page": page})


@require_POST
@officials.only()
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Try one again now."""
    actor = _watcher(request)
    row = _row(actor, pk)
    try:
        mailboxes.retry(actor, row=row)
    except NotFound:
        raise
    except DomainError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("Đang thử lại; tải lại trang sau ít phút để xem kết quả."))
    return redirect("documents:mailbox")


@require_http_methods(["GET", "POST"])
@officials.only()
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """One was dealt with outside, or is given up: why."""
    actor = _watcher(request)
    row = _row(actor, pk)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        done = attempt(form, lambda: mailboxes.settle(actor, row=row, reason=form.cleaned_data["reason"]))
        if done is not None:
            messages.success(request, _("Đã ghi là đã xử lý; thư không được thử lại nữa."))
            return redirect("documents:mailbox")
    back = reverse("documents:mailbox")
    return form_page(
        request,
        form,
        title=_("Không tiếp nhận thư này vào hệ thống"),
        submit=_("Ghi nhận"),
        back=back,
        crumbs=[(_("Thư chưa tiếp nhận được"), back)],
        lead=_("Thư vẫn nằm trong hộp thư. Ghi đã làm gì với thư, hoặc vì sao không cần tiếp nhận."),
        facts=[{"key": _("Nơi gửi"), "value": row.sender or "—"}, {"key": _("Lý do lỗi"), "value": row.why}],
    )


@require_GET
@officials.only()
def raw(request: HttpRequest, pk: int) -> HttpResponse:
    """The message as it lies in its mailbox, for the records office of its agency."""
    actor = _watcher(request)
    row = _row(actor, pk)
    if row.agency_id not in access.agencies_with(actor, "documents.clerk"):
        raise NotAllowed(_("Chỉ văn thư của cơ quan xem được nội dung thư."), permission="documents.clerk")
    try:
        content = mail.raw(row)
        mailboxes.note_look(actor, row=row)
    except DomainError as error:
        messages.error(request, str(error.message))
        return redirect("documents:mailbox")
    return HttpResponse(
        content,
        content_type="application/octet-stream",
        headers={
            "Content-Disposition": f'attachment; filename="thu-{row.pk}.eml"',
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        },
    )
