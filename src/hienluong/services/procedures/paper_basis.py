"""Whether the papers that a pack gives say by which law they are given.

A paper whose form a document of law fixes prints what that form has and no more; its template names the document:
``{# Mẫu theo 04/2020/TT-BTP #}``. A result without a template prints the documents of its procedure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from hienluong.capabilities.registers.certificates.course import WITH_PAPER
from hienluong.capabilities.registers.definition import RegisterSpec

from .checks import Problem
from .spec import ProcedureSpec

_SAYS = re.compile(r"\bcăn cứ\b", re.IGNORECASE)
_FIXED = re.compile(r"\{#\s*Mẫu theo (?P<numbers>[^#\n]+?)\s*#\}")
_COMMENT = re.compile(r"\{#.*?#\}|\{% comment .*?endcomment %\}", re.DOTALL)
_PARENT = re.compile(r'\{%\s*extends\s+"(?P<name>[^"]+)"\s*%\}')
#: Templates that stand on one another, at most.
_DEPTH = 5


def notes(spec: ProcedureSpec, text_of: Callable[[str], str]) -> Iterator[Problem]:
    """The results of a procedure that say no legal basis. `text_of`: the text of a template by its name, empty when it is
    not there."""
    for index, result in enumerate(spec.results):
        text = _whole(result.template, text_of)
        if not text or _SAYS.search(_COMMENT.sub("", text)) or "spec.legal_basis" in text:
            continue
        fixed = [one.strip() for found in _FIXED.finditer(text) for one in found["numbers"].split(",")]
        if not {basis.number for basis in spec.legal_basis} & set(fixed):
            yield ("results", index, "template"), f"giấy “{result.name}” không in dòng “Căn cứ …” nào"


def certificate_notes(
    spec: RegisterSpec, issuing: Iterable[ProcedureSpec], text_of: Callable[[str], str]
) -> Iterator[Problem]:
    """Whether the certificate that records of a register carry says its legal basis. `issuing`: the procedures of the pack;
    of those that issue it, the results are its paper."""
    section = spec.certificate
    if not section or section.template or section.legal_basis:
        return
    ours = [one for one in issuing if any(e.into == spec.code and e.kind in WITH_PAPER for e in one.effects)]
    if ours and not any(True for one in ours for _note in notes(one, text_of)):
        return
    said = "không in dòng “Căn cứ …” nào; ghi ở ô “Căn cứ pháp lý in trên giấy”"
    yield ("certificate",), f"giấy “{section.title}” {said}"


def _whole(name: str, text_of: Callable[[str], str]) -> str:
    """A template with those that it stands on."""
    found = []
    for _step in range(_DEPTH):
        text = text_of(name) if name else ""
        found.append(text)
        parent = _PARENT.search(text)
        name = parent["name"] if parent else ""
    return "\n".join(filter(None, found))
