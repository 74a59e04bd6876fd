"""What everybody may look up: the public fields of registers, by key or by words, and the status of one record."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from hienluong.capabilities.registers import history, looks, queries
from hienluong.capabilities.registers.actions import all_on, definition_on, spec_of
from hienluong.capabilities.registers.certificates import course
from hienluong.capabilities.registers.definition import RegisterSpec
from hienluong.capabilities.registers.models import Record, Register
from hienluong.capabilities.registers.queries import Wish
from hienluong.foundation.actions import DomainError, InvalidInput, NotFound
from hienluong.foundation.actions.actor import ANONYMOUS
from hienluong.foundation.identity.limits import too_many
from hienluong.foundation.identity.officials import actor_of
from hienluong.ui import asked

from .. import certifying, charting, presentation, reading

#: Records of one answer; whoever wants more asks more narrowly, or takes the open data.
MOST = 20
#: Look-ups of one address in a minute.
TIMES = 60


class TooOften(DomainError):
    """Somebody looks up faster than a person does."""

    code = "registers.too_often"
    status = 429


def _opened(code: str) -> tuple[Register, reading.Opened]:
    """A register of which everybody may read something; any other does not exist."""
    register = Register.objects.select_related("owner").filter(code=code.replace("\x00", "")).first()
    if register is not None:
        opened = _public(register)
        if opened.scopes:
            return register, opened
    raise NotFound(_("Không có cơ sở dữ liệu này."))


def _public(register: Register) -> reading.Opened:
    spec = spec_of(definition_on(register, timezone.localdate()))
    scope = queries.whole(ANONYMOUS, register, spec)
    return reading.Opened(register, spec, {reading.WHOLE: scope} if scope.fields else {})


@require_GET
def registers(request: HttpRequest) -> HttpResponse:
    """The registers that everybody may look something up in."""
    rows = [
        {
            "code": register.code,
            "title": presentation.title_of(spec),
            "description": spec.description,
            "owner": register.owner.name,
        }
        for register, spec in all_on(timezone.localdate())
        if spec.readable(spec.access.public)
    ]
    rows.sort(key=lambda row: row["title"])
    return render(request, "records/public_registers.html", {"registers": rows})


@require_GET
def records(request: HttpRequest, code: str) -> HttpResponse:
    """Look records up by key or by words. Without words nothing is listed: this is no way to take it all."""
    register, opened = _opened(code)
    spec, scope = opened.spec, opened.scopes[reading.WHOLE]
    words = asked.text(request, "q", 200)
    rows: list[dict[str, Any]] = []
    more, fault = False, ""
    if words:
        _not_too_often(request)
        wish = _wish(register, opened, words)
        try:
            page = queries.find(register, spec, scope, wish)
        except InvalidInput as error:
            fault = str(error.message)
        else:
            more = bool(page.after)
            rows = [
                {
                    "record": row.record,
                    "name": presentation.name_of(spec, row.data, row.key),
                    "key": row.key,
                    "status": _status(opened, row.data),
                }
                for row in page.rows
            ]
            reading.look(request, opened, looks.persons(page.rows), scope.fields, _purpose(spec))
    context = {
        "code": code,
        "title": presentation.title_of(spec),
        "description": spec.description,
        "words": words,
        "by_key": not _by_words(opened),
        "rows": rows,
        "more": more,
        "fault": fault,
    }
    return render(request, "records/public_records.html", context)


def _wish(register: Register, opened: reading.Opened, words: str) -> Wish:
    """Records by words where everybody may read all that they are found by; else the one with this whole key."""
    spec = opened.spec
    if _by_words(opened):
        return Wish(text=words, size=MOST)
    if spec.key.field:
        return Wish(filters={spec.key.field: words}, size=MOST)
    number = Record.objects.filter(register=register, key=words).values_list("pk", flat=True).first()
    return Wish(record=number or 0, size=MOST)


def _by_words(opened: reading.Opened) -> bool:
    """Whether everybody may read all that a record's words are found by."""
    spec, fields = opened.spec, opened.scopes[reading.WHOLE].fields
    return not {spec.name, *spec.search, *filter(None, [spec.key.field])} - fields


def _not_too_often(request: HttpRequest) -> None:
    if too_many("registers-public", actor_of(request).ip, limit=TIMES, seconds=60):
        raise TooOften(_("Bạn tra cứu quá nhanh. Hãy thử lại sau một phút."))


@require_GET
def record(request: HttpRequest, code: str, record: int) -> HttpResponse:
    """What everybody may know of one record today, and whether it still holds."""
    register, opened = _opened(code)
    _not_too_often(request)
    spec, scope = opened.spec, opened.scopes[reading.WHOLE]
    found = Record.objects.select_related("merged_into", "register__owner")
    one = found.filter(register=register, pk=min(record, 2**63 - 1)).first()
    one = one.merged_into or one if one else None
    now = timezone.now()
    version = history.newest(one, now) if one else None
    if one is None or version is None:
        raise NotFound(_("Không có bản ghi này."))
    is_over = version.valid.upper is not None and version.valid.upper <= now
    data = {name: value for name, value in version.data.items() if name in scope.fields}
    reading.look(request, opened, looks.numbers_in(spec, [version.data]), scope.fields, _purpose(spec))
    listed = _listed(opened, data, is_over=is_over)
    context = {
        "code": code,
        "title": presentation.title_of(spec),
        "name": presentation.name_of(spec, data, one.key),
        "status": _status(opened, data),
        "certificate": _certificate(opened, data),
        "replaced": certifying.replaced(one, opened.spec, data, scope.fields),
        "is_over": is_over,
        "ended": version.valid.upper,
        "lines": [line for line in presentation.lines(spec, data, scope.fields) if line["field"] in listed],
        "point": presentation.point(data.get(spec.map)) if spec.map else None,
        "drawing": charting.alone(data.get(spec.map), presentation.name_of(spec, data, one.key)) if spec.map else None,
        "owner": register.owner.name,
        "today": timezone.localdate(),
        "address": request.build_absolute_uri(request.path),
    }
    return render(request, "records/public_record.html", context)


def _purpose(spec: RegisterSpec) -> str:
    return _("Tra cứu công khai: %(title)s") % {"title": spec.title[:150]}


def _status(opened: reading.Opened, data: dict[str, Any]) -> presentation.Cell | None:
    """How the certificate stands today, or the status of a record as a tag, when the register has one."""
    spec = opened.spec
    standing = presentation.certificate(spec, data, opened.scopes[reading.WHOLE].fields, timezone.localdate())
    if standing:
        return standing
    if data.get("status") and "status" in spec.fields:
        return presentation.cell(spec, "status", data["status"], {})
    return None


def _listed(opened: reading.Opened, data: dict[str, Any], *, is_over: bool) -> set[str]:
    """The public fields that say something and are not told above the list already."""
    filled = {name for name, value in data.items() if value not in (None, "", [], {})}
    if is_over:
        return filled
    section = opened.spec.certificate
    if section is None or section.decides - opened.scopes[reading.WHOLE].fields:
        return filled - {"status"}
    return filled - {section.standing, section.number, section.expires}


def _certificate(opened: reading.Opened, data: dict[str, Any]) -> dict[str, Any] | None:
    """What everybody may know of the days of a certificate; nothing where its standing is not public."""
    spec, fields = opened.spec, opened.scopes[reading.WHOLE].fields
    section = spec.certificate
    if section is None or section.decides - fields:
        return None
    terms = section.terms(data)
    is_over = course.standing_on(terms, timezone.localdate()) in ("revoked", "ended")
    return {
        "title": section.title,
        "number": data.get(section.number, "") if section.number != spec.name else "",  # a name is the heading already
        "until": None if is_over else terms.expires,
    }
