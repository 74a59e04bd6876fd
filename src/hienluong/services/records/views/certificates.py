"""One act of a certificate, as a page of its own: what it asks for, and what the register says to it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hienluong.capabilities.registers import history, looks
from hienluong.capabilities.registers.certificates import actions, course
from hienluong.capabilities.registers.queries import place_of
from hienluong.capabilities.registers.temporal import Provenance
from hienluong.foundation.actions import NotFound
from hienluong.foundation.identity import kept, officials
from hienluong.foundation.identity.officials import actor_of

from .. import presentation, reading
from ..certifying import CertificateForm
from .writing import write_or_say


@require_http_methods(["GET", "POST"])
@officials.only()
def perform(request: HttpRequest, code: str, record: int, kind: str) -> HttpResponse:
    """Issue, renew, reissue, suspend, resume, revoke or close the certificate of a record."""
    actor = actor_of(request)
    opened = reading.register_for(actor, code)
    found, allowed = reading.record_for(actor, opened, record)
    section = opened.spec.certificate
    if section is None or kind not in course.ACTS:
        raise NotFound(_("Không có việc này."))
    actor.require("registers.certify", place_of(found).responsible)
    version = history.at(found, timezone.now()) or history.newest(found)
    data = {name: value for name, value in (version.data if version else {}).items() if name in allowed.read}
    held = kept.take(request) if request.method == "GET" else None
    post = request.POST if request.method == "POST" else held.data if held else None
    form = CertificateForm(post, kind=kind, section=section, initial={"expected": history.last_change(found)})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        given = {name: said[name] for name in ("number", "on", "expires", "since", "until", "expected") if name in said}

        def write() -> int:
            provenance = Provenance(reason=said["reason"])
            return int(actions.perform(actor, record=found, kind=kind, provenance=provenance, **given).pk)

        if write_or_say(form, form, write) is not None:
            about = _("Giấy đang được ký số, ít phút nữa có ở trang này.") if kind in course.WITH_PAPER else ""
            messages.success(request, f"{_('Đã ghi: %(act)s.') % {'act': course.ACTS[kind]}} {about}".strip())
            return redirect("records:record", code=code, record=found.pk)
    persons = looks.numbers_in(opened.spec, [version.data] if version else [])
    reading.look(request, opened, persons, {section.standing, opened.spec.name} & allowed.read)
    offered = actions.offered(opened.spec, version.data if version else {}, timezone.localdate())
    shown = {opened.spec.name, section.standing} & allowed.read
    reading.look(request, opened, looks.numbers_in(opened.spec, [version.data] if version else []), shown)
    context = {
        "code": code,
        "title": presentation.title_of(opened.spec),
        "record": found,
        "name": presentation.name_of(opened.spec, data, found.key),
        "act": course.ACTS[kind],
        "section": section,
        "standing": presentation.certificate(opened.spec, data, allowed.read, timezone.localdate()),
        "is_offered": kind in offered,
        "is_hard": kind in ("revoke", "close"),
        "form": form,
    }
    return render(request, "records/certificate_act.html", context)
