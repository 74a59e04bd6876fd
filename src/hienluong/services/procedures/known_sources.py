"""What a procedure takes from registers and earlier results: whether what it names is there, in its pack or a shipped one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from pydantic import ValidationError

from hienluong.capabilities.forms.prefill import register_sources
from hienluong.capabilities.registers.definition import RegisterSpec
from hienluong.foundation.schemas.positions import read
from hienluong.foundation.schemas.properties import properties

from .spec import ProcedureSpec

Problem = tuple[tuple[str | int, ...], str]


def sectors() -> Path:
    """The folder of the packs that come with the product."""
    from django.apps import apps

    return Path(apps.get_app_config("procedures").path).parent.parent / "sectors"


def register_problems(spec: ProcedureSpec, own: Sequence[RegisterSpec], needs_others: bool) -> Iterator[Problem]:
    """Fields and papers that name a register which is not there, is about nobody, or does not show the person the field.

    `own`: the registers of the pack. A pack that `needs_others` may name registers of those, which are looked at when
    they are read.
    """
    if spec.form:
        for name, source in register_sources(spec.form).items():
            where = ("form", "schema", "properties", name, "x-prefill")
            yield from ((where, message) for message in _faults(source.register, source.field, own, needs_others))
        for name, prop in properties(spec.form.data_schema).items():
            if code := str(prop.get("x-register", "")):
                where = ("form", "schema", "properties", name, "x-register")
                yield from ((where, message) for message in _lookup_faults(code, own, needs_others))
    for index, paper in enumerate(spec.papers):
        kind, code, _result = paper.fetched_from
        if kind == "register":
            yield from ((("papers", index, "from"), message) for message in _faults(code, "", own, needs_others))


def _faults(code: str, field: str, own: Sequence[RegisterSpec], needs_others: bool) -> Iterator[str]:
    register = newest(own, code) or newest(_shipped(), code)
    if register is None:
        if not needs_others:
            yield f"không có cơ sở dữ liệu “{code}” trong gói này hay các gói đi kèm"
        return
    if not register.subject:
        yield f"cơ sở dữ liệu “{code}” không nói bản ghi là của ai (subject), không lấy theo người được"
        return
    readable = register.readable(register.access.subject) | register.readable(register.access.public)
    if field and field not in register.fields:
        yield f"cơ sở dữ liệu “{code}” không có trường “{field}”"
    elif field and field not in readable:
        yield f"“{code}” không cho chính người đó xem trường “{field}” (access.subject)"


def _lookup_faults(code: str, own: Sequence[RegisterSpec], needs_others: bool) -> Iterator[str]:
    """A question about a record finds what is public: its key and its name must be."""
    register = newest(own, code) or newest(_shipped(), code)
    if register is None:
        if not needs_others:
            yield f"không có cơ sở dữ liệu “{code}” trong gói này hay các gói đi kèm"
    elif {register.name, register.key.field} - {""} - register.readable(register.access.public):
        yield f"“{code}” không công khai khóa và tên (access.public), người dân không tìm được"


def newest(specs: Iterable[RegisterSpec], code: str) -> RegisterSpec | None:
    """The newest version of a register among these."""
    found = [spec for spec in specs if spec.code == code]
    return max(found, key=lambda spec: spec.version) if found else None


@lru_cache(maxsize=1)
def _shipped() -> tuple[RegisterSpec, ...]:
    """The registers of the packs that come with the product; one that cannot be read is told where its pack is checked."""
    found = []
    for path in sorted(sectors().glob("*/*/registers/*.yaml")):
        try:
            found.append(RegisterSpec.model_validate(read(path, path.name).value))
        except ValidationError:
            continue
    return tuple(found)


def result_problems(spec: ProcedureSpec, own: Sequence[ProcedureSpec], needs_others: bool) -> Iterator[Problem]:
    """Papers that name an earlier result which no procedure of the pack, nor of a shipped one, gives."""
    for index, paper in enumerate(spec.papers):
        kind, code, result = paper.fetched_from
        if kind != "result":
            continue
        given = {one.code for other in own if other.code == code for one in other.results} or _shipped_results(code)
        where = ("papers", index, "from")
        if not given and not needs_others:
            yield where, f"không có thủ tục “{code}” trong gói này hay các gói đi kèm"
        elif given and result and result not in given:
            yield where, f"thủ tục “{code}” không có kết quả “{result}” (có: {', '.join(sorted(given))})"


@lru_cache(maxsize=64)
def _shipped_results(code: str) -> frozenset[str]:
    found: set[str] = set()
    for path in sectors().glob(f"*/*/procedures/{code}*.yaml"):
        value = read(path, path.name).value
        if isinstance(value, dict) and value.get("code") == code:
            found |= {str(one.get("code")) for one in value.get("results", ()) if isinstance(one, dict)}
    return frozenset(found)
