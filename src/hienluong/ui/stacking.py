"""Tables whose rows become cards on a phone: every cell is told which column it stands in."""

from __future__ import annotations

import re
from html import unescape

from django.utils.html import escape, strip_tags

_ROW = re.compile(r"<tr\b[^>]*>(.*?)</tr>", re.DOTALL)
_UNSEEN = re.compile(r'<span class="govuk-visually-hidden">.*?</span>', re.DOTALL)
_HEADING = re.compile(r"<th\b[^>]*>(.*?)</th>", re.DOTALL)
_CELL = re.compile(r"<(td|th)\b([^>]*)>")


def label_cells(content: str) -> str:
    """The rows of a table, each cell that says no ``data-label`` given the words of its column's heading.

    The markup is our own: a heading row in ``<thead>``, then rows in ``<tbody>`` without tables inside them. The heading of
    a row names the card and needs no label, nor does a column whose heading is only for those who do not see it. A row whose
    cells span columns is left as it is.
    """
    head, found, body = content.partition("</thead>")
    if not found:
        return content
    words = [" ".join(unescape(strip_tags(_UNSEEN.sub("", one))).split()) for one in _HEADING.findall(head)]
    return f"{head}{found}{_ROW.sub(lambda row: _labelled(row[0], words), body)}"


def _labelled(row: str, words: list[str]) -> str:
    if "colspan" in row:
        return row
    columns = iter(words)

    def label(cell: re.Match[str]) -> str:
        word = next(columns, "")
        if cell[1] == "th" or not word or "data-label" in cell[2]:
            return cell[0]
        return f'<td{cell[2]} data-label="{escape(word)}">'

    return _CELL.sub(label, row)
