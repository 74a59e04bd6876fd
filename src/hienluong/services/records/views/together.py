"""Records ticked in a list, one field of them changed: choose the field, its value, look at it, write it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hienluong.capabilities.forms import fields
from hienluong.capabilities.registers import history
from hienluong.capabilities.registers.models import Record
from hienluong.foundation.actions import DomainError, NotAllowed
from hienluong.foundation.identity import kept, officials
from hienluong.foundation.identity.officials import actor_of
from hienluong.foundation.schemas.properties import label_of

from .. import entry, presentation, reading, together
from ..forms import TogetherForm
from ..together import MOST, Wanted

PAGES: kept.Pages = {"records:change_many": ("records:records", ("code",))}
MOST_FAULTS = 20


@require_POST
@officials.only(PAGES)
def change_many(request: HttpRequest, code: str) -> HttpResponse:
    """The page of a change of many records; with `xac-nhan` and what was looked at unchanged, it is done."""
    actor = actor_of(request)
    opened = reading.register_for(actor, code)
    spec, post = opened.spec, request.POST
    may = reading.fields_to_write(actor, opened)
    names = [name for name in spec.asked if name in may and name != spec.key.field]
    if not names:
        raise NotAllowed(_("Bạn không có quyền ghi vào cơ sở dữ liệu này."))
    rows = _rows(request, opened)
    if not rows:
        messages.warning(request, _("Hãy chọn ít nhất một bản ghi (tối đa %(most)d).") % {"most": MOST})
        return redirect("records:records", code=code)
    field = post.get("chon-truong", "")
    field = field if field in names else ""
    context: dict[str, Any] = {
        "code": code,
        "title": presentation.title_of(spec),
        "rows": rows,
        "field": field,
        "choices": [(name, label_of(name, spec.fields[name])) for name in names],
    }

    def page(*shown: str, status: int = 200) -> HttpResponse:
        """The page as the context has it by now, which shows names and these fields."""
        reading.look(request, opened, {row["person"] for row in rows}, {spec.name, *shown})
        return render(request, "records/together.html", context, status=status)

    if not field:
        return page()
    whole = entry.form_of(spec, [field], entry.places(actor), is_new=False)
    definition = replace(whole, data_schema={**whole.data_schema, "required": []})
    sent = "xem-truoc" in post or "xac-nhan" in post
    form = fields.bind(definition.pages[0], definition, {}, post if sent else None)
    about = TogetherForm(post if sent else None, prefix="viec")
    context |= {"form": form, "about": about, "label": label_of(field, spec.fields[field])}
    if not (sent and form.is_valid() & about.is_valid()):
        return page(status=422 if sent else 200)
    wanted = Wanted(field, form.outcome.data.get(field), about.cleaned_data["since"], about.cleaned_data["reason"])
    digest = _digest(wanted)
    seen = {row["record"]: row["seen"] for row in rows}
    try:
        if "xac-nhan" in post and post.get("da-xem") == digest:
            refused = together.change_many(actor, register=opened.register, seen=seen, wanted=wanted)
            _tell(request, rows, refused)
            return redirect("records:records", code=code)
        refused = together.preview(actor, opened.register, seen, wanted)
    except DomainError as error:
        about.add_error(None, str(error.message))
        return page(status=422)
    new = presentation.words(spec, field, wanted.value, presentation.named_places(spec, [{field: wanted.value}]))
    places = presentation.named_places(spec, [row["data"] for row in rows])
    for row in rows:
        row["before"] = presentation.words(spec, field, row["data"].get(field), places)
        row["refused"] = refused.get(row["record"], "")
    context |= {"looked": digest, "new": new, "sound": len(rows) - len(refused), "refused": len(refused)}
    return page(field)


def _rows(request: HttpRequest, opened: reading.Opened) -> list[dict[str, Any]]:
    """The records that were ticked and may be read, each with the change that was seen last; no more than MOST."""
    post = request.POST
    numbers = [int(text) for text in post.getlist("chon-ban-ghi")[: MOST + 1] if text.isascii() and text.isdigit()]
    found = Record.objects.filter(register=opened.register, pk__in=[n for n in numbers if n < 2**63])
    rows = []
    for record in found.order_by("pk")[:MOST]:
        try:
            record, allowed = reading.record_for(actor_of(request), opened, record.pk)
        except DomainError:
            continue
        version = history.at(record, timezone.now()) or history.newest(record)
        data = {name: value for name, value in (version.data if version else {}).items() if name in allowed.read}
        given = post.get(f"seen-{record.pk}", "")
        seen = int(given) if given.isascii() and given.isdigit() else history.last_change(record)
        name = presentation.name_of(opened.spec, data, record.key)
        person = str(version.data.get(opened.spec.subject) or "") if version and opened.spec.subject else ""
        rows.append({"record": record.pk, "seen": seen, "name": name, "data": data, "person": person})
    return rows if len(set(numbers)) <= MOST else []


def _digest(wanted: Wanted) -> str:
    said = [wanted.field, wanted.value, str(wanted.since), wanted.reason]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


def _tell(request: HttpRequest, rows: list[dict[str, Any]], refused: dict[int, str]) -> None:
    faults = [f"{row['name']}: {refused[row['record']]}" for row in rows if row["record"] in refused]
    for fault in faults[:MOST_FAULTS]:
        messages.warning(request, fault)
    if len(faults) > MOST_FAULTS:
        messages.warning(request, _("Và %(count)s bản ghi khác chưa ghi được.") % {"count": len(faults) - MOST_FAULTS})
    if done := len(rows) - len(faults):
        messages.success(request, _("Đã ghi thay đổi ở %(count)s bản ghi.") % {"count": done})
