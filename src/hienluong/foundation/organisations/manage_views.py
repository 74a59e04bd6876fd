"""Changing the government: for whoever manages organisations, each page for the very organisation it changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hienluong.foundation.actions import Actor
from hienluong.foundation.actions.forms import attempt

from . import actions, codes, preview, queries
from .manage_forms import ContactsForm, MoveForm, NewOrganizationForm, RenameForm, SuccessionForm
from .models import Organization

_MOST_DIVISIONS = 999
_BUTTONS = {"csrfmiddlewaretoken", "xac-nhan", "sua"}


@login_required
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Set up an organisation; ``?cha=H50`` says below which."""
    _may_manage_some(request)
    form = NewOrganizationForm(request.POST or None, initial=_proposed(request))
    if request.method == "POST" and form.is_valid():
        made = attempt(form, lambda: actions.create(_actor(request), **form.cleaned_data))
        if made:
            messages.success(request, _("Đã lập %(org)s.") % {"org": made})
            return _to(made)
    return _page(request, form, _("Lập cơ quan, đơn vị"), _("Lập cơ quan"))


@login_required
@require_http_methods(["GET", "POST"])
def rename(request: HttpRequest, code: str) -> HttpResponse:
    """Give it another name from a day on."""
    org = _managed(request, code)
    now = queries.version_on(org, timezone.localdate())
    initial = {"short_name": now.short_name if now else "", "on": timezone.localdate()}
    form = RenameForm(request.POST or None, initial=initial)
    lead = _("Tên cũ vẫn đọc được với những ngày trước đó. Danh sách và giấy tờ mang tên mới từ đúng ngày áp dụng.")
    return _change(request, org, form, actions.rename, _("Đổi tên %(org)s"), _("Đổi tên"), lead)


@login_required
@require_http_methods(["GET", "POST"])
def move(request: HttpRequest, code: str) -> HttpResponse:
    """Put it under another parent from a day on."""
    org = _managed(request, code)
    form = MoveForm(request.POST or None, initial={"on": timezone.localdate()})
    lead = _("Mọi đơn vị trực thuộc đi cùng. Quyền của người quản trị nơi mới có từ đúng ngày áp dụng.")
    return _change(request, org, form, actions.move, _("Chuyển %(org)s"), _("Chuyển"), lead)


@login_required
@require_http_methods(["GET", "POST"])
def contacts(request: HttpRequest, code: str) -> HttpResponse:
    """Change address, contacts and opening hours from a day on."""
    org = _managed(request, code)
    today = timezone.localdate()
    initial = {"on": today, **ContactsForm.initial_of(queries.version_on(org, today))}
    form = ContactsForm(request.POST or None, initial=initial)

    def change(actor: Actor, **_typed: Any) -> Organization:
        typed = {key: form.cleaned_data[key] for key in ("on", "address", "phone", "email")}
        return actions.change_contacts(actor, org=org, opening_hours=form.opening_hours(), **typed)

    return _change(request, org, form, change, _("Địa chỉ, liên hệ, giờ tiếp nhận: %(org)s"), _("Lưu thay đổi"))


@login_required
@require_http_methods(["GET", "POST"])
def succeed(request: HttpRequest) -> HttpResponse:
    """Merge, split or abolish: first what will move is shown, then it is decided. ``?cu=H50.08`` says who ends."""
    _may_manage_some(request)
    initial = {"kind": "merge", "predecessors": request.GET.get("cu", "")[:35], "on": timezone.localdate()}
    form = SuccessionForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid() and "sua" not in request.POST:
        decided = "xac-nhan" in request.POST
        steps = attempt(form, lambda: _succeed(request, form, really=decided))
        if steps is not None and decided:
            messages.success(request, _("Đã ghi %(count)d việc bàn giao.") % {"count": steps})
            return _to(form.cleaned_data["predecessors"][0])
        if steps is not None:
            return _preview(request, form)
    return _page(
        request,
        form,
        _("Sáp nhập, chia tách, giải thể"),
        _("Xem trước những gì sẽ chuyển"),
        lead=_("Chưa có gì thay đổi ở bước này: trang sau cho xem những gì sẽ kết thúc và sẽ chuyển."),
    )


def _succeed(request: HttpRequest, form: SuccessionForm, *, really: bool) -> int:
    """How many hand-overs are made; unless `really`, all of it is undone again, so only the faults remain."""
    with transaction.atomic():
        made = actions.succeed(_actor(request), **form.cleaned_data)
        transaction.set_rollback(not really)
    return len(made)


def _preview(request: HttpRequest, form: SuccessionForm) -> HttpResponse:
    asked = form.cleaned_data
    endings = preview.endings(asked["predecessors"], asked["successors"], asked["on"])
    hidden = [(name, request.POST[name]) for name in request.POST if name not in _BUTTONS]
    title = _("Xem lại trước khi quyết định")
    context = {
        "endings": endings,
        "successors": asked["successors"],
        "going_on": [org for org in asked["predecessors"] if org in asked["successors"]],
        "on": asked["on"],
        "later": asked["on"] > timezone.localdate(),
        "kind": dict(form.fields["kind"].choices)[asked["kind"]],  # type: ignore[attr-defined]
        "legal_basis": asked["legal_basis"],
        "hidden": hidden,
        "title": title,
        "breadcrumbs": [*_crumbs(), (title, "")],
    }
    return render(request, "organisations/succession_preview.html", context)


def _change(
    request: HttpRequest,
    org: Organization,
    form: forms.Form,
    verb: Callable[..., Organization],
    title: str,
    submit: str,
    lead: str = "",
) -> HttpResponse:
    """The frame of a page that changes one organisation by one verb."""
    if request.method == "POST" and form.is_valid():
        done = attempt(form, lambda: verb(_actor(request), org=org, **form.cleaned_data))
        if done:
            later = form.cleaned_data["on"] > timezone.localdate()
            day = f"{form.cleaned_data['on']:%d/%m/%Y}"
            said = _("Đã ghi; có hiệu lực từ ngày %(day)s.") % {"day": day} if later else _("Đã ghi thay đổi.")
            messages.success(request, said)
            return _to(org)
    return _page(request, form, title % {"org": org.name}, submit, lead=lead, org=org)


def _page(
    request: HttpRequest, form: forms.Form, title: str, submit: str, *, lead: str = "", org: Organization | None = None
) -> HttpResponse:
    back = reverse("organisations:show", args=[org.code]) if org else reverse("organisations:tree")
    crumbs = [*_crumbs(), *([(org.name, back)] if org else []), (title, "")]
    context = {"form": form, "title": title, "submit": submit, "lead": lead, "back": back, "breadcrumbs": crumbs}
    return render(request, "ui/form_page.html", context, status=422 if form.errors else 200)


def _crumbs() -> list[tuple[str, str]]:
    return [(_("Trang chủ"), "/"), (_("Cơ quan, đơn vị"), reverse("organisations:tree"))]


def _to(org: Organization) -> HttpResponse:
    return HttpResponseRedirect(reverse("organisations:show", args=[org.code]))


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _managed(request: HttpRequest, code: str) -> Organization:
    """The organisation of this page, if this person manages it."""
    org = queries.current(code)
    _actor(request).require(actions.MANAGE, org.path)
    return org


def _may_manage_some(request: HttpRequest) -> None:
    """Pages open to whoever manages some organisation; the action asks again for the very ones."""
    actor = _actor(request)
    actor.require_somewhere(actions.MANAGE, _("Bạn không có quyền quản lý cơ quan, đơn vị."))


def _proposed(request: HttpRequest) -> dict[str, Any]:
    """What a new organisation below ``cha`` begins with: its parent and the next code that is free."""
    given: dict[str, Any] = {"valid_from": timezone.localdate(), "kind": Organization.Kind.DIVISION}
    text = codes.current_form(request.GET.get("cha", "")[:40])
    parent = Organization.objects.filter(code=text).first() if text else None
    if parent is None:
        return given
    taken = set(Organization.objects.filter(code__startswith=f"{parent.code}.").values_list("code", flat=True))
    numbers = (f"{parent.code}.{number:02d}" for number in range(1, _MOST_DIVISIONS))
    return given | {"parent": parent.code, "code": next((each for each in numbers if each not in taken), "")}
