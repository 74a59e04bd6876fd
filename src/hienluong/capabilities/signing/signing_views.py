"""`/lam-viec/ky-so`: what waits for one's signature, one confirmation for many, how far it is. Made for a telephone."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from hienluong.foundation.actions import Actor, InvalidInput, NotAllowed
from hienluong.foundation.actions.forms import attempt
from hienluong.foundation.files import access, previews
from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.identity.frame import actor_of_request, page_of
from hienluong.foundation.signin import steps
from hienluong.ui.widgets import TextField

from . import enrolling, requests
from .models import SignatureMark, SignatureRequest, SigningBatch, SigningKey

#: Pages that a document shows at once; the file has the rest.
PAGES = 20
#: Confirmations that the page of progress shows.
LATELY = 20


class RefuseForm(forms.Form):
    """Why somebody does not sign."""

    reason = TextField(label=gettext_lazy("Lý do từ chối ký"), max_length=500)


def signs(actor: Actor) -> bool:
    """Whether this actor may ever be asked to sign."""
    return actor.official_id is not None


@never_cache
@login_required
@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    """What waits for the signature of whoever looks, the oldest first."""
    actor = _signer(request)
    page = page_of(request, requests.waiting_for(actor))
    context = {
        "page": page,
        "key": _own_key(actor),
        "demo_keys": settings.SIGNING_DEMO_KEYS,
        "working": SigningBatch.objects.filter(account_id=actor.account_id, state__in=("working", "asked")).exists(),
        "breadcrumbs": _crumbs(),
    }
    return render(request, "signing/waiting.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def document(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """One document: its pages, who signed and who is to, signing and refusing."""
    actor = _signer(request)
    asked = _asked(actor, request_id)
    mark = requests.waiting_for(actor).filter(request=asked).first()
    form = RefuseForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and mark is not None and form.is_valid():
        reason = form.cleaned_data["reason"]
        if attempt(form, lambda: requests.refuse(actor, request_id=asked.pk, reason=reason)):
            messages.success(request, _("Đã từ chối ký. Nơi trình văn bản được báo lý do."))
            return HttpResponseRedirect(reverse("signing:waiting"))
    file, pages, readable = _file(asked), 0, requests.may_read(actor, asked)
    if readable:
        access.was_opened(actor, file)
        pages = previews.count_pages(file)
    context = {
        "asked": asked,
        "mark": mark,
        "marks": list(asked.marks.select_related("official", "organization")),
        "file": file,
        "readable": readable,
        "pages": range(1, min(pages, PAGES) + 1),
        "more": pages > PAGES,
        "form": form,
        "breadcrumbs": [*_crumbs(link=True), (asked.title, "")],
    }
    return render(request, "signing/document.html", context, status=422 if form.errors else 200)


@login_required
@require_safe
def document_page(request: HttpRequest, request_id: UUID, number: int) -> HttpResponse:
    """A picture of one page."""
    actor = _signer(request)
    file = _readable_file(actor, _asked(actor, request_id))
    access.was_opened(actor, file)
    answer = HttpResponse(previews.draw(file, number), content_type="image/png")
    answer["Cache-Control"] = "private, max-age=300"
    return answer


@login_required
@require_safe
def document_file(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """The file as it is now, with the signatures made so far."""
    actor = _signer(request)
    asked = _asked(actor, request_id)
    file = _readable_file(actor, asked)
    access.was_opened(actor, file)
    with file.open() as stream:
        answer = HttpResponse(stream.read(), content_type=file.media_type)
    shown = "inline" if file.media_type == "application/pdf" else "attachment"
    answer["Content-Disposition"] = f'{shown}; filename="van-ban-{asked.pk}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """What will be signed, once more, and with which key; whoever signs proves first who they are."""
    actor = _signer(request)
    chosen = _chosen(request)
    back = f"{reverse('signing:confirm')}?{urlencode({'chon': [str(each) for each in chosen]}, doseq=True)}"
    marks = list(requests.waiting_for(actor).filter(request__in=chosen, state=SignatureMark.State.TURN))
    if not marks:
        messages.error(request, _("Hãy chọn văn bản cần ký."))
        return HttpResponseRedirect(reverse("signing:waiting"))
    if not steps.confirmed(request):
        return HttpResponseRedirect(f"{reverse('signin:confirm')}?{urlencode({'next': back})}")
    error, status = "", 200
    if request.method == "POST":
        try:
            outcome = requests.sign(actor, request_ids=[mark.request_id for mark in marks])
        except InvalidInput as refused:
            error, status = str(refused.message), 422
        else:
            for _request, why in outcome.left_out:
                messages.warning(request, why)
            return HttpResponseRedirect(reverse("signing:progress"))
    files = StoredFile.objects.select_related("blob").in_bulk([mark.request.file_id for mark in marks])
    context = {
        "rows": [(mark, files.get(mark.request.file_id)) for mark in marks],
        "keys": [(holder, enrolling.key_of(holder)) for holder in dict.fromkeys(mark.holder for mark in marks)],
        "demo_keys": settings.SIGNING_DEMO_KEYS,
        "chosen": [mark.request_id for mark in marks],
        "error": error,
        "breadcrumbs": [*_crumbs(link=True), (_("Xác nhận ký"), "")],
    }
    return render(request, "signing/confirm.html", context, status=status)


@never_cache
@login_required
@require_safe
def progress(request: HttpRequest) -> HttpResponse:
    """How far the last confirmations of whoever looks are; the part that changes looks again by itself."""
    actor = _signer(request)
    found = SigningBatch.objects.filter(account_id=actor.account_id).select_related("key")
    as_on_telephone = SignatureMark.objects.select_related("request").order_by("request__opened_at", "pk")
    batches = list(found.prefetch_related(Prefetch("marks", as_on_telephone)).order_by("-made_at")[:LATELY])
    context = {
        "batches": batches,
        "moving": any(batch.state in ("working", "asked") for batch in batches),
        "simulator": _simulator(batches),
        "breadcrumbs": [*_crumbs(link=True), (_("Tiến độ ký"), "")],
    }
    part = request.headers.get("HX-Request") == "true"
    return render(request, "signing/_progress.html" if part else "signing/progress.html", context)


def _simulator(batches: list[SigningBatch]) -> str:
    """Where the telephone of the demo is, when one of these waits for it."""
    asked = any(b.state == SigningBatch.State.ASKED and b.key.source == "mo-phong" for b in batches)
    return settings.CSC_SIMULATOR_URL if asked else ""


def _signer(request: HttpRequest) -> Actor:
    actor = actor_of_request(request)
    if not signs(actor):
        raise NotAllowed(_("Trang này dành cho cán bộ ký văn bản."))
    return actor


def _asked(actor: Actor, request_id: UUID) -> SignatureRequest:
    found = SignatureRequest.objects.filter(pk=request_id).first()
    if found is None or not requests.may_look(actor, found):
        raise Http404
    return found


def _file(asked: SignatureRequest) -> StoredFile:
    return StoredFile.objects.select_related("blob").get(pk=asked.file_id)


def _readable_file(actor: Actor, asked: SignatureRequest) -> StoredFile:
    if not requests.may_read(actor, asked):
        raise NotAllowed(requests.NO_LONGER_READ)
    return _file(asked)


def _own_key(actor: Actor) -> SigningKey | None:
    return SigningKey.objects.filter(official=actor.official_id, state=SigningKey.State.ACTIVE).first()


def _chosen(request: HttpRequest) -> list[UUID]:
    """The documents that were ticked; what is no number of one is left out."""
    told = (request.POST if request.method == "POST" else request.GET).getlist("chon")
    found = []
    for each in told[: requests.MOST]:
        try:
            found.append(UUID(each))
        except ValueError:
            continue
    return list(dict.fromkeys(found))


def _crumbs(*, link: bool = False) -> list[tuple[Any, str]]:
    return [(_("Trang chủ"), "/"), (_("Ký số"), reverse("signing:waiting") if link else "")]
