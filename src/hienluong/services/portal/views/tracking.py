"""Public tracking by code and a second fact: a stranger learns nothing about a person."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from hienluong.foundation.identity.limits import too_many
from hienluong.services.dossiers import enquiring
from hienluong.services.dossiers.models import Dossier
from hienluong.services.dossiers.presentation import next_words, timeline
from hienluong.ui import asked
from hienluong.ui.widgets import PatternField, TextField

#: Tries in ten minutes from one address, in an hour at one code.
TRIES_FROM_ADDRESS = 30
TRIES_AT_CODE = 10


class TrackForm(forms.Form):
    """The code, and something only the person (or who holds the receipt) knows."""

    ma = TextField(label=_("Mã hồ sơ"), help_text=_("Ví dụ H50.37.01-261123-0001"), max_length=60)
    fact = PatternField(
        label=_("4 số cuối của số định danh hoặc số điện thoại người nộp"),
        regex=r"^\d{4}$",
        error_messages={"invalid": _("Hãy nhập đúng 4 chữ số.")},
    )


@require_http_methods(["GET", "POST"])
def track(request: HttpRequest) -> HttpResponse:
    """Where a dossier stands. Wrong code and wrong fact get the same answer, up to the same limits."""
    form = TrackForm(request.POST if request.method == "POST" else None, initial={"ma": asked.text(request, "ma", 60)})
    found = None
    if request.method == "POST" and form.is_valid():
        code = form.cleaned_data["ma"].strip().upper()
        if _asked_too_often(code, request.META.get("REMOTE_ADDR", "")):
            form.add_error(None, _("Đã tra cứu quá nhiều lần. Xin thử lại sau một giờ."))
        else:
            found = _find(code, form.cleaned_data["fact"])
            if found is None:
                form.add_error(None, _("Không có hồ sơ nào khớp cả mã và 4 số này."))
    context = {
        "form": form,
        "dossier": found,
        "moments": timeline(found, named=False) if found else [],
        "post_orders": found.post_orders.order_by("-pk") if found and found.delivery == "post" else (),
        "next_words": next_words(found) if found else "",
        "waits": enquiring.told_to_person(enquiring.looks_of(found), own=False) if found and found.is_open else [],
    }
    return render(request, "portal/track.html", context, status=422 if form.errors else 200)


def _asked_too_often(code: str, address: str) -> bool:
    """Count one try of this code and from this address; codes that do not exist count like those that do.

    Ten tries an hour at one code, from wherever: four digits would take weeks to guess.
    """
    return any(
        [
            too_many("track", address, limit=TRIES_FROM_ADDRESS, seconds=600),
            too_many("track-code", code, limit=TRIES_AT_CODE, seconds=3600),
        ]
    )


def _find(code: str, fact: str) -> Dossier | None:
    """The dossier when the fact is the end of a number of the one who filed it, or of the one it is about."""
    found = (
        Dossier.objects.select_related("filer", "subject", "received_at_org", "procedure_version")
        .filter(code=code)
        .first()
    )
    if found is None:
        return None
    known = {found.filer.phone, found.filer.identifier, found.subject.identifier} - {""}
    return found if any(constant_time_compare(number[-4:], fact) for number in known) else None
