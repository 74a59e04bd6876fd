"""A rule of a register or of a form: what must hold, always or only in some cases, and what is said otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.schemas.properties import Property
from hienluong.services.procedures import implications
from hienluong.services.procedures.conditions import Clause, Condition
from hienluong.services.procedures.implications import Implication
from hienluong.ui.widgets import TextField

from .condition_form import ROWS, Clauses, ConditionForm

#: The row of menus that says in which cases the rule is looked at.
WHERE = ROWS
_WHERE_LABELS = {
    "f": _("Chỉ xét khi trường"),
    "c": _("So sánh (chỉ xét khi)"),
    "v": _("Giá trị (chỉ xét khi)"),
    "o": _("Hoặc trường khác (chỉ xét khi)"),
}


class RuleForm(ConditionForm):
    """A rule between fields of a register: what must hold, and what is said otherwise."""

    may_be_empty = False
    rows_in_all = ROWS + 1
    at: Any = _("Nếu không đúng, báo ở trường")

    def __init__(self, *args: Any, rule: Mapping[str, Any], known: Mapping[str, Property], **kwargs: Any) -> None:
        super().__init__(*args, known=known, when=str(rule.get("when", "")), **kwargs)
        choices = [("", _("Chọn trường…")), *((name, str(prop.get("title", name))) for name, prop in known.items())]
        mine: dict[str, forms.Field] = {
            "message": TextField(
                label=_("Lời báo khi điều đó không đúng"), max_length=300, initial=rule.get("message", "")
            ),
            "field": forms.ChoiceField(label=self.at, choices=choices, initial=rule.get("field", "")),
        }
        for box, label in _WHERE_LABELS.items():
            if f"{box}{WHERE}" in self.fields:
                self.fields[f"{box}{WHERE}"].label = label
        self.fields = {**self.fields, **mine}

    @property
    def where(self) -> list[Any]:
        """The boxes that say in which cases the rule is looked at."""
        return self.boxes_of(WHERE)

    def _understood(self, when: str) -> Clauses | None:
        rule = implications.read(when, self.known)
        if rule is None or len(rule.then.clauses) > ROWS:
            return None
        where = {WHERE: rule.where} if rule.where else {}
        return Clauses({**dict(enumerate(rule.then.clauses)), **where}, rule.then.join)

    def _from_menus(self) -> str:
        where, then = self._clause(WHERE), self._clauses()
        if self.errors:
            return ""
        return implications.written(Implication(Condition(then, self._join), where), self.known)


class QuestionRuleForm(RuleForm):
    """A rule between questions of a form. It is looked at once all that it reads is answered, so it cannot ask for an answer."""

    at = _("Báo ở câu hỏi")

    def _clause(self, row: int) -> Clause | None:
        clause = super()._clause(row)
        if clause and row != WHERE and clause.comparison in ("given", "empty"):
            said = gettext(
                "Quy tắc giữa các câu hỏi chỉ được xét khi mọi câu hỏi trong đó đã có câu trả lời. Muốn một câu phải được trả lời "
                "trong trường hợp nào thì mở câu ấy, đánh dấu “Bắt buộc trả lời” và ghi “Chỉ hỏi khi”."
            )
            self.add_error(f"c{row}", said)
        return clause
