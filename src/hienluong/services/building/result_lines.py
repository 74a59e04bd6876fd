"""The paper that a procedure gives as lines of text with fields in braces, as a template, and back.

A line is a paragraph: ``Tên chợ: {ten_cho}``. ``# `` before it makes it a centred line, ``? `` leaves it out when none of its
fields was answered, ``**bold**`` is bold. ``{subject.name}`` and the like print what is no field.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from html import escape, unescape

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hienluong.foundation.schemas.properties import Property
from hienluong.services.procedures.result_templates import FRAME

from .schema_operations import fault

MAX_LINES = 200
#: What can be printed beside the fields: name → what it is called, and how a template writes it.
BESIDE: dict[str, tuple[str | Promise, str]] = {
    "subject.name": (gettext_lazy("Tên người được cấp"), "subject.name"),
    "subject.identifier": (gettext_lazy("Số định danh hoặc mã số của người được cấp"), "subject.identifier"),
    "agency.name": (gettext_lazy("Cơ quan cấp"), "agency.name"),
    "result.number": (gettext_lazy("Số của giấy"), 'result.number|default:"…"'),
    "dossier.code": (gettext_lazy("Mã hồ sơ"), "dossier.code"),
    "signed_at": (gettext_lazy("Ngày ký"), 'signed_at|date:"d/m/Y"|default:"…"'),
    "result.valid_until": (gettext_lazy("Có giá trị đến ngày"), 'result.valid_until|date:"d/m/Y"'),
    "result.conclusion": (gettext_lazy("Kết luận của cán bộ"), "result.conclusion|linebreaksbr"),
}
#: Contact details and numbers of persons, and what the first line of a paper says already.
_UNSAID = frozenset(("phone", "email", "personal-id"))
_FIRST_LINE = frozenset(("party.name", "party.identifier"))
_WRITTEN = {written: name for name, (_label, written) in BESIDE.items()}
_HOLE = re.compile(r"\{([a-z][a-z0-9_]*(?:\.[a-z_]+)?)\}")
_BOLD = re.compile(r"\*\*(.+?)\*\*")
_WHOLE = re.compile(
    r'\{% extends "sectors/results/base\.html" %\}\n\{% block heading %\}(?P<heading>.*?)\{% endblock %\}\n'
    r"\{% block body %\}\n(?P<body>.*?)\{% endblock %\}\n",
    re.DOTALL,
)
_LINE = re.compile(r'(?:\{% if (?P<only>[^%]*) %\})?<p(?P<sub> class="sub")?>(?P<text>.*?)</p>(?:\{% endif %\})?')


@dataclass(frozen=True)
class Paper:
    """The paper: what stands at its head, and its lines."""

    heading: str
    lines: tuple[str, ...]


def is_said_at_first(prop: Property) -> bool:
    """Whether a paper says this field unless its author decides otherwise: how to reach somebody is not everybody's matter
    who is shown the paper (Luật 91/2025/QH15), and its first line says whose it is."""
    known = str(prop.get("x-prefill", ""))
    return prop.get("x-kind") not in _UNSAID and known not in _FIRST_LINE and not known.endswith((".phone", ".email"))


def first_draft(heading: str, fields: Iterable[tuple[str, str]], basis: Iterable[str] = ()) -> Paper:
    """A paper that says by which documents it is given, to whom, and every field by its label."""
    lines = [re.sub(r"[{}*]", "", f"Căn cứ {ground};") for ground in basis]
    lines.append("Cấp cho: **{subject.name}**")
    lines.append("? Số định danh hoặc mã số: {subject.identifier}")  # a register need not know it
    lines += [f"? {label}: {{{name}}}" for name, label in fields]
    lines.append("? Có giá trị đến ngày {result.valid_until}.")
    return Paper(heading, tuple(lines))


def written(paper: Paper, fields: Collection[str]) -> str:
    """The template of a paper. Raises :class:`InvalidInput` naming the line and the field that is not there."""
    heading = " ".join(paper.heading.split())
    if not heading:
        raise fault(_("Nhập tên in trên giấy."), "heading")
    if len(paper.lines) > MAX_LINES:
        raise fault(_("Giấy có quá %(most)d dòng.") % {"most": MAX_LINES}, "lines")
    lines = [line.strip() for line in paper.lines if line.strip()]
    body = "".join(f"{_line(number, line, fields)}\n" for number, line in enumerate(lines, 1))
    return (
        f'{{% extends "{FRAME}" %}}\n{{% block heading %}}{_text(0, heading, fields)}{{% endblock %}}\n'
        f"{{% block body %}}\n{body}{{% endblock %}}\n"
    )


def read(template: str, fields: Collection[str]) -> Paper | None:
    """The lines of a template that :func:`written` wrote; None for one that was written by hand."""
    whole = _WHOLE.fullmatch(template)
    if not whole:
        return None
    lines = []
    for piece in whole["body"].splitlines():
        found = _LINE.fullmatch(piece)
        if not found:
            return None
        mark = "? " if found["only"] else "# " if found["sub"] else ""
        lines.append(mark + _unwritten(found["text"]))
    paper = Paper(_unwritten(whole["heading"]), tuple(lines))
    return paper if _same(paper, template, fields) else None


def headed(template: str, heading: str, fields: Collection[str], *, was: str) -> str:
    """A template under another heading, when it still has the one it `was` begun with."""
    paper = read(template, fields)
    return written(Paper(heading, paper.lines), fields) if paper and paper.heading == was else template


def _same(paper: Paper, template: str, fields: Collection[str]) -> bool:
    from hienluong.foundation.actions import InvalidInput

    try:
        return written(paper, fields) == template
    except InvalidInput:
        return False


def renamed(template: str, name: str, to: str) -> str:
    """A template with a field under another name."""
    return re.sub(rf"\b(data|words)\.{re.escape(name)}\b", rf"\1.{to}", template)


def _line(number: int, line: str, fields: Collection[str]) -> str:
    only, sub = line.startswith("? "), line.startswith("# ")
    text = line[2:].strip() if only or sub else line
    said = f'<p class="sub">{_text(number, text, fields)}</p>' if sub else f"<p>{_text(number, text, fields)}</p>"
    if not only:
        return said
    read_by = [_read(name, fields) for name in dict.fromkeys(_HOLE.findall(text))]
    if not read_by:
        raise fault(_("Dòng %(n)d: dòng bắt đầu bằng “?” phải có trường.") % {"n": number}, "lines")
    return f"{{% if {' or '.join(read_by)} %}}{said}{{% endif %}}"


def _read(name: str, fields: Collection[str]) -> str:
    return f"words.{name}" if name in fields else name


def _text(number: int, text: str, fields: Collection[str]) -> str:
    parts, at = [], 0
    for found in _HOLE.finditer(text):
        parts += [_plain(number, text[at : found.start()]), _printed(number, found[1], fields)]
        at = found.end()
    parts.append(_plain(number, text[at:]))
    return _BOLD.sub(r"<strong>\1</strong>", "".join(parts))


def _plain(number: int, text: str) -> str:
    if "{" in text or "}" in text:
        raise fault(_("Dòng %(n)d: trường viết trong ngoặc nhọn, ví dụ {ten_cho}.") % {"n": number}, "lines")
    if "\ue000" in text:
        raise fault(_("Dòng %(n)d có ký tự lạ.") % {"n": number}, "lines")
    return escape(text, quote=False)


def _printed(number: int, name: str, fields: Collection[str]) -> str:
    if name in fields:
        return f"{{{{ words.{name}|linebreaksbr }}}}"
    if name in BESIDE:
        return f"{{{{ {BESIDE[name][1]} }}}}"
    raise fault(_("Dòng %(n)d: không có trường “%(name)s”.") % {"n": number, "name": name}, "lines")


def _unwritten(text: str) -> str:
    def hole(found: re.Match[str]) -> str:
        inside = found[1].strip()
        field = re.fullmatch(r"words\.([a-z][a-z0-9_]*)\|linebreaksbr", inside)
        return f"{{{field[1] if field else _WRITTEN.get(inside, inside)}}}"

    text = re.sub(r"\{\{(.*?)\}\}", hole, text)
    return unescape(text.replace("<strong>", "**").replace("</strong>", "**"))
