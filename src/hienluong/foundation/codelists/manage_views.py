"""Changing a code list by hand: for whoever manages them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hienluong.foundation.actions import Actor, NotFound
from hienluong.foundation.actions.forms import attempt
from hienluong.foundation.schemas.positions import Fault
from hienluong.ui import asked

from . import actions, bringing, queries
from .forms import AddForm, BringForm, CloseForm, CorrectForm
from .models import Code, CodeList, Edition


@login_required
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, code: str) -> HttpResponse:
    """Add a code to an edition; ``?an-ban=`` says to which, ``?cha=`` below what."""
    actor = manager_of(request)
    name = queries.get(code).code
    wanted = asked.text(request, "an-ban", 40)
    edition = queries.edition(name, wanted) if wanted else queries.edition_on(name)
    if edition is None:
        raise NotFound(_("Không có ấn bản này."))
    form = AddForm(
        request.POST or None, codes=_suggestions(edition), initial={"parent": asked.text(request, "cha", 40)}
    )
    if request.method == "POST" and form.is_valid():
        made = attempt(form, lambda: actions.add(actor, edition=edition, **form.cleaned_data))
        if made:
            messages.success(request, _("Đã thêm mã %(value)s.") % {"value": made.value})
            return _to(made)
    lead = _("Mã mới dùng được từ ngày ghi ở dưới. Ấn bản mới của cả danh mục thì nạp bằng tệp, không thêm từng mã.")
    return _page(
        request, form, edition.codelist, _("Thêm mã vào “%(edition)s”") % {"edition": edition}, _("Thêm mã"), lead
    )


@login_required
@require_http_methods(["GET", "POST"])
def bring(request: HttpRequest, code: str) -> HttpResponse:
    """Bring in a whole edition from tables."""
    actor = manager_of(request)
    owner = queries.get(code)
    form = BringForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        made = attempt(form, lambda: _brought(actor, owner, form))
        if made:
            messages.success(
                request, _("Đã nạp “%(edition)s”: %(count)d mã.") % {"edition": made.title, "count": made.codes.count()}
            )
            return _to_edition(made)
    lead = _("Nạp trọn ấn bản, hoặc không nạp gì nếu có lỗi. Nạp lại cùng mã ấn bản thì bổ sung, sửa theo bảng mới.")
    title = _("Nạp ấn bản mới của “%(list)s”") % {"list": owner.label}
    return _page(request, form, owner, title, _("Nạp ấn bản"), lead)


@login_required
@require_http_methods(["GET", "POST"])
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """End a code on a day."""
    actor, code = manager_of(request), _code(pk)
    form = CloseForm(request.POST or None, initial={"on": timezone.localdate()})
    lead = _("Từ ngày đó không ghi được mã này nữa. Bản ghi cũ vẫn đọc được.")
    title = _("Đóng mã %(code)s") % {"code": f"{code.value} {code.label}"}
    return _change(request, form, code, title, _("Đóng mã"), lead, lambda: _closed(actor, code, form))


@login_required
@require_http_methods(["GET", "POST"])
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct the name of a code."""
    actor, code = manager_of(request), _code(pk)
    form = CorrectForm(request.POST or None, initial={"name": code.name, "name_en": code.name_en})
    lead = _(
        "Chỉ để sửa lỗi chính tả: tên đổi ở mọi nơi, kể cả những ngày trước. Tên mới theo văn bản thì thêm mã mới."
    )
    title = _("Sửa tên mã %(code)s") % {"code": f"{code.value} {code.label}"}
    return _change(request, form, code, title, _("Sửa tên"), lead, lambda: _corrected(actor, code, form))


def _suggestions(edition: Edition) -> str:
    """The address where the browser looks up codes of an edition."""
    within = timezone.localdate() in edition.valid
    asked_for = {"size": 20} if within or not edition.valid.lower else {"on": edition.valid.lower, "size": 20}
    return f"/api/v1/codelists/{edition.codelist.code}/codes?{urlencode(asked_for)}"


#: Most faults of a table that a page tells; mending these often mends the rest.
_MOST_FAULTS = 20


def _brought(actor: Actor, owner: CodeList, form: BringForm) -> Edition | None:
    """The edition; None when its tables have faults, which the form then tells by line."""
    said = form.cleaned_data
    brought = bringing.Brought(
        said["edition"],
        said["title"],
        said["valid_from"],
        said["legal_basis"],
        said["source"],
        said["table"],
        said["became"],
    )
    if brought.became and bringing.edition_before(owner, brought.valid_from, brought.code) is None:
        form.add_error("became", _("Trước ngày này không có ấn bản nào để chuyển đổi."))
        return None
    loaded = bringing.read(owner, brought)
    if loaded.faults:
        _tell(form, loaded.faults)
        return None
    actions.install(actor, loaded=loaded, pack=owner.pack)
    return queries.edition(owner.code, brought.code)


def _tell(form: BringForm, faults: list[Fault]) -> None:
    """Each fault with its table and line, and beside each table how many it has."""
    names = {bringing.CODES: "table", bringing.BECAME: "became"}
    for file, count in Counter(fault.file for fault in faults).items():
        if file in names:
            form.add_error(names[file], _("Tệp có %(count)d lỗi, xem ở đầu trang.") % {"count": count})
    for fault in sorted(faults, key=lambda each: (each.file, each.line))[:_MOST_FAULTS]:
        said = {"line": fault.line, "fault": fault.message}
        if fault.file in names:
            said["table"] = form.fields[names[fault.file]].label
            form.add_error(None, _("%(table)s, dòng %(line)d: %(fault)s") % said)
        else:
            form.add_error(None, fault.message)
    if len(faults) > _MOST_FAULTS:
        form.add_error(None, _("Và còn %(count)d lỗi nữa.") % {"count": len(faults) - _MOST_FAULTS})


def _closed(actor: Actor, code: Code, form: forms.Form) -> Code:
    return actions.close(actor, code=code, **form.cleaned_data)


def _corrected(actor: Actor, code: Code, form: forms.Form) -> Code:
    return actions.correct(actor, code=code, **form.cleaned_data)


def _change(
    request: HttpRequest,
    form: forms.Form,
    code: Code,
    title: str,
    submit: str,
    lead: str,
    change: Callable[[], Code],
) -> HttpResponse:
    """The frame of a page that changes one code."""
    if request.method == "POST" and form.is_valid():
        done = attempt(form, change)
        if done:
            messages.success(request, _("Đã lưu mã %(value)s.") % {"value": done.value})
            return _to(done)
    return _page(request, form, code.edition.codelist, title, submit, lead)


def manager_of(request: HttpRequest) -> Actor:
    """Whoever manages the lists. Raises NotAllowed for others."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require(actions.MANAGE, actions.province_path())
    return actor


def _code(pk: int) -> Code:
    return get_object_or_404(Code.objects.select_related("edition__codelist"), pk=pk)


def _to(code: Code) -> HttpResponseRedirect:
    query = urlencode({"an-ban": code.edition.code, "ma": code.value})
    return HttpResponseRedirect(f"{reverse('codelists:show', args=[code.edition.codelist.code])}?{query}")


def _to_edition(edition: Edition) -> HttpResponseRedirect:
    query = urlencode({"an-ban": edition.code})
    return HttpResponseRedirect(f"{reverse('codelists:show', args=[edition.codelist.code])}?{query}")


def _page(request: HttpRequest, form: forms.Form, owner: CodeList, title: str, submit: str, lead: str) -> HttpResponse:
    here = reverse("codelists:show", args=[owner.code])
    crumbs = [(_("Danh mục dùng chung"), reverse("codelists:overview")), (owner.label, here), (title, "")]
    context = {"form": form, "title": title, "submit": submit, "lead": lead, "back": here, "breadcrumbs": crumbs}
    return render(request, "ui/form_page.html", context, status=422 if form.errors else 200)
