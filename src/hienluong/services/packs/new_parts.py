"""What a new part of a pack is, short and in words: who decides and by when, what it costs, what it writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.capabilities.registers.definition import RegisterSpec
from hienluong.capabilities.registers.models import Definition
from hienluong.capabilities.workflow import library
from hienluong.capabilities.workflow.course import course
from hienluong.foundation.schemas.properties import label_of, properties
from hienluong.services.dossiers.competence import deciding
from hienluong.services.procedures.packs import Pack
from hienluong.services.procedures.presentation import CHANNELS, deadline
from hienluong.services.procedures.process_steps import params_of
from hienluong.services.procedures.reliefs import with_reliefs
from hienluong.services.procedures.spec import Effect, ProcedureSpec

_MOST_FIELDS = 8


def facts_of_new(pack: Pack, file: str) -> list[Mapping[str, str]]:
    """The facts of a new procedure or register, as rows of ``ui_summary_list``; none of other parts."""
    registers, procedures = dict(pack.registers), {item.file: item.spec for item in pack.procedures}
    told: Iterable[tuple[str, str]] = ()
    if file in registers:
        told = _of_register(registers[file])
    elif file in procedures:
        told = _of_procedure(procedures[file], pack)
    return [{"key": key, "value": value} for key, value in told if value]


def _of_procedure(spec: ProcedureSpec, pack: Pack) -> Iterable[tuple[str, str]]:
    terms: dict[str, list[str]] = {}
    for way in spec.ways:
        terms.setdefault(deadline(way.deadlines[-1]), []).append(str(CHANNELS[way.channel]))
    yield _("Cơ quan giải quyết"), deciding(spec, on=timezone.localdate())
    yield _("Thời hạn"), "; ".join(f"{term} ({', '.join(ways)})" for term, ways in terms.items())
    fees = "; ".join(with_reliefs(charge, spec) for charge in spec.charges)
    yield _("Phí, lệ phí"), fees or spec.charge_note or _("Không thu")
    yield _("Số câu hỏi"), str(len(properties(spec.form.data_schema))) if spec.form else ""
    yield _("Các bước"), " → ".join(_steps(spec, pack))
    yield _("Ghi vào cơ sở dữ liệu"), "; ".join(_written(effect, pack) for effect in spec.effects)


def _of_register(spec: RegisterSpec) -> Iterable[tuple[str, str]]:
    yield _("Số trường"), str(len(spec.fields))
    yield _("Giấy chứng nhận"), _("Có") if spec.certificate else ""


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
