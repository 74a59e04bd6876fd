"""What a new part of a pack is, short and in words: who decides and by when, what it costs, what it writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.capabilities.registers.definition import RegisterSpec
from hienluong.capabilities.registers.models import Definition
from hienluong.capabilities.workflow import library
from hienluong.capabilities.workflow.course import course
from hienluong.foundation.codelists.reading import Loaded
from hienluong.foundation.schemas.properties import label_of, properties
from hienluong.services.dossiers.competence import deciding
from hienluong.services.procedures import wording
from hienluong.services.procedures.packs import Pack
from hienluong.services.procedures.presentation import CHANNELS, deadline
from hienluong.services.procedures.process_steps import params_of
from hienluong.services.procedures.reliefs import with_reliefs
from hienluong.services.procedures.spec import Effect, Form, ProcedureSpec, ResultKind

_MOST_FIELDS = 8
_MOST_RULES = 3


def facts_of_new(pack: Pack, file: str) -> list[Mapping[str, str]]:
    """The facts of a new procedure, register or code list, as rows of ``ui_summary_list``; none of other parts."""
    lists = {loaded.file: loaded for loaded in pack.codelists}
    registers, procedures = dict(pack.registers), {item.file: item.spec for item in pack.procedures}
    told: Iterable[tuple[str, str]] = ()
    if file in registers:
        told = _of_register(registers[file])
    elif file in procedures:
        told = _of_procedure(procedures[file], pack)
    elif file in lists:
        told = _of_list(lists[file])
    return [{"key": key, "value": value} for key, value in told if value]


def _of_procedure(spec: ProcedureSpec, pack: Pack) -> Iterable[tuple[str, str]]:
    terms: dict[str, list[str]] = {}
    for way in spec.ways:
        terms.setdefault(deadline(way.deadlines[-1]), []).append(str(CHANNELS[way.channel]))
    yield _("Cơ quan giải quyết"), deciding(spec, on=timezone.localdate())
    yield _("Thời hạn"), "; ".join(f"{term} ({', '.join(ways)})" for term, ways in terms.items())
    fees = "; ".join(with_reliefs(charge, spec) for charge in spec.charges)
    yield _("Phí, lệ phí"), fees or spec.charge_note or _("Không thu")
    yield _("Số câu hỏi"), _questions(spec.form) if spec.form else ""
    yield _("Quy tắc kiểm tra"), _rules(spec.form.rules) if spec.form else ""
    yield _("Các bước"), " → ".join(_steps(spec, pack))
    yield _("Kết quả"), "; ".join(map(_given, spec.results))
    yield _("Ghi vào cơ sở dữ liệu"), "; ".join(_written(effect, pack) for effect in spec.effects)


def _of_register(spec: RegisterSpec) -> Iterable[tuple[str, str]]:
    yield _("Số trường"), str(len(spec.fields))
    yield _("Quy tắc kiểm tra"), _rules(spec.rules)
    yield _("Số của bản ghi"), _numbers(spec.key.series)
    if spec.certificate:
        yield _("Giấy chứng nhận"), spec.certificate.title
        yield _("Số của giấy"), _numbers(spec.certificate.series) or _("người cấp ghi số")
        period = spec.certificate.validity
        lasting = wording.lasts(period.model_dump()) if period else ""
        until = _("theo ngày hết hạn ghi khi cấp") if spec.certificate.expires else _("không thời hạn")
        yield _("Thời hạn của giấy"), lasting or until


def _of_list(loaded: Loaded) -> Iterable[tuple[str, str]]:
    """How many codes a list has, edition by edition, and from which day each is used."""
    for edition in loaded.spec.editions if loaded.spec else ():
        words = {
            "count": len(loaded.rows.get(edition.code, ())),
            "day": f"{edition.valid_from:%d/%m/%Y}" if edition.valid_from else "",
        }
        yield edition.title, (_("%(count)d mã, dùng từ %(day)s") if edition.valid_from else _("%(count)d mã")) % words


def _questions(form: Form) -> str:
    """How many questions there are, and how many of them only some are asked."""
    asked = properties(form.data_schema)
    sometimes = {name for name, prop in asked.items() if prop.get("x-when")}
    sometimes |= {name for page in form.pages if page.when for name in page.fields}
    if not sometimes:
        return str(len(asked))
    words = {"count": len(asked), "sometimes": len(sometimes)}
    return _("%(count)d, trong đó %(sometimes)d chỉ hỏi khi có điều kiện") % words


def _rules(rules: Sequence[Mapping[str, str]]) -> str:
    """How many cross-checks there are, and what the first of them say."""
    if not rules:
        return ""
    said = " · ".join(rule.get("message", "") for rule in rules[:_MOST_RULES])
    words = {"count": len(rules), "said": said + (" …" if len(rules) > _MOST_RULES else "")}
    return _("%(count)d quy tắc: %(said)s") % words


def _numbers(series: str) -> str:
    """How a series writes its numbers: the first one of this year."""
    if not series:
        return ""
    return _("lần lượt, ví dụ %(number)s") % {"number": series.format(year=timezone.localdate().year, n=1)}


def _given(result: ResultKind) -> str:
    """What the person gets: how it is numbered and how long it is good."""
    suffix = result.number_suffix.replace("{year}", str(timezone.localdate().year))
    found = [_("số dạng %(number)s") % {"number": f"1/{suffix}"} if suffix else ""]
    found.append(
        _("có giá trị %(time)s") % {"time": wording.lasts({"months": result.valid_months})}
        if result.valid_months
        else ""
    )
    told = ", ".join(filter(None, found))
    return f"{result.name} ({told})" if told else result.name


def _steps(spec: ProcedureSpec, pack: Pack) -> list[str]:
    """The steps that officials do, by name."""
    model = spec.process.model
    nodes = course(pack.processes.get(model) or library.shipped_xml(model), params_of(spec.process.params)).nodes
    return [node.name for key, node in nodes.items() if node.kind == "userTask" and not key.startswith("await_")]


def _written(effect: Effect, pack: Pack) -> str:
    """Into which register, and which fields."""
    own = next((spec for _file, spec in pack.registers if spec.code == effect.into), None)
    there = Definition.objects.filter(register__code=effect.into).order_by("-version").first() if own is None else None
    title = own.title if own else str(there.spec.get("title", "")) if there else ""
    labels = [label_of(name, own.fields.get(name, {}) if own else {}) for name in effect.values]
    told = ", ".join(labels[:_MOST_FIELDS]) + ("…" if len(labels) > _MOST_FIELDS else "")
    return f"{title or effect.into} ({told})" if told and own else title or effect.into
