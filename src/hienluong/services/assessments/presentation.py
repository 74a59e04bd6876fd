"""An assessment as pages and papers show it: the tree from top to bottom, each item with its answers and what it is worth."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from hienluong.capabilities.scoring import queries
from hienluong.capabilities.scoring.definition import NO, NOT_APPLICABLE, YES, Node, ScoringSpec
from hienluong.capabilities.scoring.engine import NodeVerdict, Verdict
from hienluong.capabilities.scoring.installing import spec_of
from hienluong.capabilities.scoring.models import Assessment, AssessmentAnswer, AssessmentPhoto


@dataclass
class Said:
    """One answer in words, with its photos (None for one that is still on its way)."""

    answer: AssessmentAnswer
    words: str
    photos: list[AssessmentPhoto | None]


@dataclass
class Row:
    """A group or an item on its place in the tree."""

    node: Node
    number: str  # 2.1.3
    depth: int
    verdict: NodeVerdict | None
    current: Said | None = None
    rivals: list[Said] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    @property
    def level(self) -> int:
        """The level of its heading on a page: groups only, not below h5."""
        return min(self.depth + 2, 5)

    @property
    def both(self) -> list[Said]:
        """All answers that stand, for choosing between them."""
        return [*([self.current] if self.current else []), *self.rivals]

    @property
    def options(self) -> list[tuple[str, str]]:
        """What can be chosen: value and label."""
        return choices(self.node)


def choices(node: Node) -> list[tuple[str, str]]:
    """What can be chosen for an item, in the reader's language where the words are ours."""
    ours = {YES: _("Đạt"), NO: _("Không đạt")}
    found = [(one.value, ours[one.value] if node.ask == "yes_no" else one.label) for one in node.options]
    return [*found, (NOT_APPLICABLE, _("Không áp dụng"))] if node.not_applicable else found


def words(node: Node, value: str) -> str:
    """An answer as people read it."""
    label = dict(choices(node)).get(value)
    if label is not None:
        return label
    return f"{value.replace('.', ',')} {node.unit}".strip() if value else _("Chưa trả lời")


def rows(assessment: Assessment) -> list[Row]:
    """The whole tree with answers and verdict; three queries."""
    spec = spec_of(assessment.definition)
    verdict = queries.verdict_of(assessment)
    photos = queries.photos_of(assessment)
    by_item: dict[str, list[AssessmentAnswer]] = {}
    for answer in queries.standing_answers(assessment):
        by_item.setdefault(answer.item, []).append(answer)
    found: list[Row] = []
    _add(found, spec, spec.tree, "", 0, verdict, by_item, photos)
    return found


def _add(
    found: list[Row],
    spec: ScoringSpec,
    node: Node,
    number: str,
    depth: int,
    verdict: Verdict,
    by_item: dict[str, list[AssessmentAnswer]],
    photos: dict[str, AssessmentPhoto],
) -> None:
    row = Row(node, number, depth, verdict["nodes"].get(node.code))
    row.missing = [what for item, what in verdict["missing"] if item == node.code]
    for answer in by_item.get(node.code, ()):
        said = Said(answer, words(node, answer.value), [_whole(photos.get(photo)) for photo in answer.photos])
        if answer.standing == AssessmentAnswer.Standing.CURRENT:
            row.current = said
        else:
            row.rivals.append(said)
    found.append(row)
    for position, item in enumerate(node.items, start=1):
        inner = f"{number}.{position}" if number else str(position)
        _add(found, spec, item, inner, depth + 1, verdict, by_item, photos)


def _whole(photo: AssessmentPhoto | None) -> AssessmentPhoto | None:
    return photo if photo is not None and photo.file_id else None


def missing_words() -> dict[str, Any]:
    """What can be missing from an answer, in words."""
    return {"answer": _("câu trả lời"), "photo": _("ảnh"), "note": _("ghi chú"), "place": _("vị trí")}
