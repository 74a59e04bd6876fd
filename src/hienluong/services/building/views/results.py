"""What the person gets: its name and number, the lines of the paper, and the paper as it will be printed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import SimpleNamespace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from hienluong.capabilities.signing.papers import render_pdf
from hienluong.foundation.actions import InvalidInput
from hienluong.foundation.actions.forms import attempt
from hienluong.foundation.identity import officials
from hienluong.foundation.organisations import letterhead
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.schemas.kinds import FILES
from hienluong.foundation.schemas.properties import label_of
from hienluong.services.dossiers import competence
from hienluong.services.procedures import grounds, result_templates
from hienluong.services.procedures.spec import ProcedureSpec

from .. import certified_results, result_lines, workspace
from .. import procedure_operations as operations
from ..certified_results import Certified
from ..procedure_bench import Opened, registers_of
from ..procedure_forms import ResultForm
from .procedures import on_procedure


def _basis(found: Opened) -> list[str]:
    """The documents that the procedure rests on, as a paper names them."""
    listed = found.definition.get("legal_basis")
    documents = [each for each in listed if isinstance(each, Mapping)] if isinstance(listed, list) else []
    return [
        grounds.ground(str(each.get("number", "")), str(each.get("title", "")), _day(each.get("issued_on")))
        for each in documents
    ]


def _day(said: Any) -> date | None:
    try:
        return said if isinstance(said, date) else date.fromisoformat(str(said)) if said else None
    except ValueError:  # a draft may say anything
        return None


@require_http_methods(["GET", "POST"])
@officials.only()
@on_procedure
def result(request: HttpRequest, found: Opened) -> HttpResponse:
    """What the person gets: its name and number, and the lines of the paper."""
    results = found.definition.get("results")
    known = results[0] if isinstance(results, list) and results and isinstance(results[0], Mapping) else {}
    text = found.bench.files.get(found.template, "")
    fields = printable(found)
    certified = certified_results.issued_by(found.definition, registers_of(found))
    title = str(known.get("name") or found.title) if certified else found.title
    paper = (
        result_lines.read(text, fields) if text else result_lines.first_draft(title, _begun_with(found), _basis(found))
    )
    initial = {word: known.get(word) for word in ("name", "number_suffix", "valid_months")}
    if paper:
        initial |= {"heading": paper.heading, "lines": "\n".join(paper.lines)}
    form = ResultForm(request.POST or None, initial=initial)
    if paper is None:  # written by hand: only the general data here
        del form.fields["heading"], form.fields["lines"]
    _as_certificate(form, certified)
    if request.method == "POST" and form.is_valid():
        if request.POST.get("viec") == "dien":
            filled = result_lines.first_draft(found.title, _begun_with(found), _basis(found))
            said = {**form.cleaned_data, "heading": _heading(form, known, found)}
            form = ResultForm(initial={**said, "lines": "\n".join(filled.lines)})
            _as_certificate(form, certified)
        elif attempt(
            form,
            lambda: _keep_result(
                found,
                form.cleaned_data,
                _heading(form, known, found),
                fields,
                workspace.expected_of(request),
                certified,
            ),
        ):
            messages.success(request, _("Đã lưu."))
            return redirect(found.url("result"))
    return found.page(
        request,
        "building/result.html",
        title=_("Kết quả và giấy chứng nhận"),
        form=form,
        is_by_hand=paper is None,
        certified=certified,
        unwritten=_unwritten(found) if certified is None else [],
        offered=[*_on_paper(found)],
        beside=[(name, label) for name, (label, _written) in result_lines.BESIDE.items()],
        template_faults=found.bench.faults(found.template) if found.template else [],
    )


def _unwritten(found: Opened) -> list[str]:
    """The papers that registers of this pack carry, while the procedure writes into none."""
    if found.definition.get("effects"):
        return []
    own = {str(spec.code) for _file, spec in found.bench.checked.pack.registers}
    return [spec.certificate.title for code, spec in registers_of(found).items() if code in own and spec.certificate]


def _heading(form: ResultForm, known: Mapping[str, Any], found: Opened) -> str:
    """What stands at the head of the paper: it goes along with the name of the result until it is given words of its own."""
    given = form.cleaned_data
    heading = str(given.get("heading", ""))
    is_as_begun = "heading" not in form.changed_data and heading in (str(known.get("name", "")), found.title)
    return str(given["name"]) if is_as_begun and "name" in form.changed_data else heading


def _as_certificate(form: ResultForm, certified: Certified | None) -> None:
    """The boxes of a result that is the paper of a register's certificate say what is taken from there."""
    if certified:
        section = certified.section
        form.as_certificate(
            title=section.title, series=section.series, period=certified.period, has_end=bool(section.expires)
        )


def _keep_result(
    found: Opened,
    given: Mapping[str, Any],
    heading: str,
    fields: list[str],
    expected: int,
    certified: Certified | None = None,
) -> Any:
    path = found.template or f"results/{operations.template_name(str(found.definition.get('code', found.stem)))}.html"
    texts = {}
    if "lines" in given:
        texts[path] = result_lines.written(result_lines.Paper(heading, tuple(given["lines"].splitlines())), fields)

    def change(definition: Mapping[str, Any]) -> Mapping[str, Any]:
        about: dict[str, Any] = {word: given.get(word) for word in ("name", "number_suffix", "valid_months")}
        about |= {} if found.template else {"template": path}
        if certified:
            return certified_results.put(definition, certified, **about)
        return operations.put_result(definition, **about)

    return found.save(change, _("Sửa kết quả và giấy chứng nhận"), expected, **texts)


def printable(found: Opened) -> list[str]:
    officer = []
    for each in found.definition.get("results") or ():
        schema = each.get("schema") if isinstance(each, Mapping) else None
        officer += list((schema or {}).get("properties", {})) if isinstance(schema, Mapping) else []
    return [*found.fields, *officer]


def labels(found: Opened) -> list[tuple[str, str]]:
    """The fields that say something: not the ticks of consent."""
    return [(name, label_of(name, prop)) for name, prop in found.fields.items() if "const" not in prop]


def _on_paper(found: Opened) -> list[tuple[str, str]]:
    """The fields that can be put on a paper: of a picture or a file it would only say what the file is called."""
    return [(name, label) for name, label in labels(found) if found.fields[name].get("x-kind") not in FILES]


def _begun_with(found: Opened) -> list[tuple[str, str]]:
    """The fields that a paper is begun with."""
    unsaid = certified_results.unsaid(found.definition, registers_of(found), found.fields)
    return [
        (name, label)
        for name, label in _on_paper(found)
        if name not in unsaid and result_lines.is_said_at_first(found.fields[name])
    ]


@require_safe
@officials.only()
@on_procedure
def paper(request: HttpRequest, found: Opened) -> HttpResponse:
    """The paper as it will be printed, marked as a draft, with the labels of the fields as answers."""
    spec = found.spec
    kind = spec.results[0] if spec else None
    if spec is None or kind is None or not kind.template:
        raise InvalidInput(_("Thủ tục còn lỗi; hãy sửa trước khi xem giấy."))
    fields = kind.printable(spec.form)
    text = found.bench.files.get(found.template, "")
    if not kind.body or result_templates.faults(text, fields):
        raise InvalidInput(_("Mẫu giấy còn lỗi, hoặc là mẫu đi kèm hệ thống; hãy xem các lỗi của tệp mẫu."))
    day = timezone.localdate()
    names = {name: f"[{label_of(name, prop)}]" for name, prop in fields.items()}
    until = kind.last_day(day)
    department = competence.department_named(spec.agency.key, on=timezone.localdate()) if spec.agency.key else None
    context = {
        "data": names,
        "words": names,
        "subject": SimpleNamespace(name=_("[Tên người được cấp]"), identifier="000000000000"),
        "agency": SimpleNamespace(name=_agency_on_paper(found, spec, department)),
        "above": letterhead.above(department) if department else "",
        "place": _place(found, spec, department),
        "result": SimpleNamespace(number="", name=kind.name, conclusion="", valid_until=until),
        "dossier": SimpleNamespace(code="H50-000000-0000"),
        "spec": SimpleNamespace(name=spec.name),
        "signer": SimpleNamespace(full_name=""),
        "signer_title": "",
        "signed_at": None,
        "is_draft": True,
        "verify_url": "",
    }
    pdf = render_pdf(result_templates.ready(kind.body, fields), context, title=kind.name, pdfa=False)
    answer = HttpResponse(pdf, content_type="application/pdf")
    answer["Content-Disposition"] = 'inline; filename="xem-thu.pdf"'
    return answer


def _agency_on_paper(found: Opened, spec: ProcedureSpec, department: Organization | None) -> str:
    """Who gives the paper, as far as it is known before anybody files: of communes, one of them."""
    if spec.agency.level == "commune":
        return _("[UBND xã, phường]")
    return spec.agency.name or (department.name if department else found.bench.draft.owner.name)


def _place(found: Opened, spec: ProcedureSpec, department: Organization | None) -> str:
    """Where the paper is dated from, as far as it is known before anybody files."""
    if spec.agency.level == "commune":
        return _("[Tên xã, phường]")
    return letterhead.place(department or found.bench.draft.owner)
