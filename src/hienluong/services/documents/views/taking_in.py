"""Taking in a paper: scanned or photographed, read, and confirmed by the records office; or typed without a file."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hienluong.foundation.actions import Actor, DomainError, InvalidInput, NotAllowed
from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.identity import kept, officials
from hienluong.foundation.identity.officials import actor_of
from hienluong.foundation.organisations.models import Organization

from .. import access, secrecy, stamps, suggesting, uploads
from ..actions import arrivals
from ..incoming_forms import DescribeForm, SecrecyField, UploadForm
from ..models import Document, DocumentFile, Source
from . import papers


class ConfirmForm(DescribeForm):
    """What was read, to be confirmed; without a file the stamp is asked for here."""

    def __init__(self, *args: Any, with_stamp: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if with_stamp:
            self.fields = {"secrecy": SecrecyField(), **self.fields}


def _agency(actor: Actor) -> Organization:
    """The agency whose records the actor keeps; of several the one of their own post."""
    held = access.agencies_with(actor, "documents.clerk")
    if not held:
        raise NotAllowed(_("Chỉ văn thư cơ quan tiếp nhận văn bản đến."), permission="documents.clerk")
    return Organization.objects.filter(pk__in=held).order_by("path")[0]


@require_http_methods(["GET", "POST"])
@officials.only()
def take_in(request: HttpRequest) -> HttpResponse:
    """First the paper, then what stands on it side by side with its picture."""
    actor = actor_of(request)
    agency = _agency(actor)
    if request.method == "GET":
        restored = kept.take(request)
        if restored and "subject" in restored.data:
            return _confirm(request, agency, ConfirmForm(restored.data, agency=agency, with_stamp=True), [], [])
        if request.GET.get("tay"):
            return _confirm(request, agency, ConfirmForm(agency=agency, with_stamp=True), [], [])
        return render(request, "documents/incoming/upload.html", {"form": UploadForm(), "agency": agency})
    return _confirmed(request, agency) if "subject" in request.POST else _uploaded(request, agency)


def _uploaded(request: HttpRequest, agency: Organization) -> HttpResponse:
    """Refuse what is secret, read the rest, keep it, and show what was read."""
    form = UploadForm(request.POST, request.FILES)
    actor = actor_of(request)
    if form.is_valid():
        try:
            secrecy.refuse(form.cleaned_data["secrecy"])  # before anything is kept
            pages = uploads.pages_of(form.cleaned_data["pages_of"])
            read = suggesting.of_scan(pages.content)
            secrecy.refuse(read.secret)
            if read.doubtful and not form.cleaned_data["not_secret"]:
                form.ask_secrecy()
                raise InvalidInput(
                    _("Máy thấy dòng “%(quote)s” giống dấu độ mật. Hãy xem lại; nếu không mật, đánh dấu xác nhận.")
                    % {"quote": read.doubtful[:60]},
                    field="not_secret",
                )
            for part in form.cleaned_data["annexes"] or ():
                stamps.refuse_in_upload(part)
            main = [uploads.keep_pages(actor, pages)]
            annexes = [uploads.keep_one(actor, part) for part in form.cleaned_data["annexes"] or ()]
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else "pages_of", str(error.message))
        else:
            confirm = ConfirmForm(agency=agency, with_stamp=False, initial=read.values)
            return _confirm(request, agency, confirm, main, annexes, read)
    context = {"form": form, "agency": agency}
    return render(request, "documents/incoming/upload.html", context, status=422)


def _confirmed(request: HttpRequest, agency: Organization) -> HttpResponse:
    actor = actor_of(request)
    main_ids, annex_ids = request.POST.getlist("tep")[:1], request.POST.getlist("kem")[: uploads.MOST_FILES]
    form = ConfirmForm(request.POST, agency=agency, with_stamp=not main_ids)
    main: list[StoredFile] = []
    annexes: list[StoredFile] = []
    same = None
    try:
        main, annexes = uploads.own_and_new(actor, main_ids), uploads.own_and_new(actor, annex_ids)
        if form.is_valid():
            document = _arrive(actor, agency, form, main, annexes)
            messages.success(request, _("Đã tiếp nhận, số đến %(number)s.") % {"number": document.arrival.number})
            return redirect("documents:incoming", uid=document.uid)
    except arrivals.SameAgain as error:
        form.ask_same()
        form.add_error("despite_same", str(error.message))
        same = Document.objects.filter(pk=error.other).first()
    except InvalidInput as error:
        form.add_error(error.field if error.field in form.fields else None, str(error.message))
    except secrecy.StateSecret as error:
        form.add_error("secrecy" if "secrecy" in form.fields else None, str(error.message))
    return _confirm(request, agency, form, main, annexes, same=same, status=422)


def _arrive(
    actor: Actor, agency: Organization, form: ConfirmForm, main: list[StoredFile], annexes: list[StoredFile]
) -> Document:
    described = form.described()
    data = form.cleaned_data
    files = [arrivals.FileIn(file, DocumentFile.Role.SCAN) for file in main]
    files += [arrivals.FileIn(file, DocumentFile.Role.ANNEX) for file in annexes]
    return arrivals.take_in(
        actor,
        agency=agency,
        source=Source.SCAN if main else Source.HAND,
        described=described,
        files=files,
        secrecy_level=data.get("secrecy", ""),
        note=data["note"],
        despite_same=data["despite_same"],
    )


def _confirm(
    request: HttpRequest,
    agency: Organization,
    form: ConfirmForm,
    main: list[StoredFile],
    annexes: list[StoredFile],
    read: suggesting.Suggested | None = None,
    same: Document | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "form": form,
        "agency": agency,
        "main": main,
        "annexes": annexes,
        "viewer": papers.pane_of(main[0], main[0].name) if main else None,
        "warnings": read.warnings if read else (),
        "sure": [{"key": form[name].label, "value": f"{sure}%"} for name, sure in (read.sure if read else {}).items()],
        "same": same,
    }
    return render(request, "documents/incoming/confirm.html", context, status=status)
