"""What a procedure asks of national systems (``enquiries``), held against what these can be asked.

Which systems there are is told by whoever knows them (:func:`register`): procedures know none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from hienluong.foundation.schemas import expressions

from .spec import Enquiry, ProcedureSpec

#: What an expression of an enquiry reads beside the answers of the form: the subject, and the commune that decides.
NAMES = ("party_name", "party_number", "commune_code")

Problem = tuple[tuple[str | int, ...], str]


@dataclass(frozen=True)
class Asked:
    """What one operation of a system takes, must have, and answers."""

    takes: frozenset[str]
    needs: frozenset[str]
    answers: frozenset[str]


_known: dict[str, Asked] = {}


def register(name: str, asked: Asked) -> None:
    """Say what can be asked as ``system.operation`` (called from ``ready()``)."""
    _known[name] = asked


def problems(spec: ProcedureSpec, fields: Iterable[str]) -> Iterator[Problem]:
    """What is wrong with the enquiries of a procedure whose form has these fields."""
    form, seen = tuple(fields), set[str]()
    for index, enquiry in enumerate(spec.enquiries):
        where = ("enquiries", index)
        if enquiry.code in seen:
            yield (*where, "code"), f"mã “{enquiry.code}” bị lặp"
        seen.add(enquiry.code)
        yield from (((*where, *place), said) for place, said in _of_one(enquiry, form))


def _of_one(enquiry: Enquiry, form: tuple[str, ...]) -> Iterator[Problem]:
    for place, text, names in _expressions(enquiry, form):
        if text and (fault := expressions.check(text, names)):
            yield place, f"công thức: {fault}"
    for index, pair in enumerate(enquiry.compare):
        if pair.field not in form:
            yield ("compare", index, "field"), f"biểu mẫu không có trường “{pair.field}”"
    if not enquiry.compare and not enquiry.agrees:
        yield ("agrees",), "phải nói thế nào là khớp: compare hoặc agrees"
    asked = _known.get(enquiry.name)
    if asked is None:
        yield ("operation",), f"không có hệ thống và câu hỏi “{enquiry.name}” (có: {', '.join(sorted(_known))})"
        return
    for name in sorted(set(enquiry.question) - asked.takes):
        yield ("question", name), f"“{enquiry.name}” không nhận trường này (nhận: {', '.join(sorted(asked.takes))})"
    for name in sorted(asked.needs - set(enquiry.question)):
        yield ("question",), f"“{enquiry.name}” cần trường “{name}”"
    told = [*(pair.told for pair in enquiry.compare), *enquiry.show.values()]
    for name in sorted(set(told) - asked.answers):
        yield ("compare",), f"“{enquiry.name}” không trả lời trường “{name}” (có: {', '.join(sorted(asked.answers))})"


def _expressions(enquiry: Enquiry, form: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str, tuple[Any, ...]]]:
    known = (*form, *NAMES)
    yield ("when",), enquiry.when, known
    yield ("agrees",), enquiry.agrees, (*known, "answer")
    for name, text in enquiry.question.items():
        yield ("question", name), text, known
