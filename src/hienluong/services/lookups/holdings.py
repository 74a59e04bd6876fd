"""What is held of the questions a person asked about looks at their data."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.merging import leading
from hienluong.foundation.people import closing, holdings
from hienluong.foundation.people.holdings import Holding, Person

from .models import Question

_QUESTION = {
    "organization__name": _("Cơ quan"),
    "text": _("Câu hỏi"),
    "asked_at": _("Hỏi lúc"),
    "answer": _("Trả lời"),
    "answered_at": _("Trả lời lúc"),
}


def hand_over() -> None:
    """Say what is held, and that it stays."""
    holdings.hand_over(
        Holding(
            "lookups.questions",
            _("Câu hỏi về những lần xem dữ liệu"),
            ("lookups.Question",),
            _QUESTION,
            lambda person: holdings.values(_questions(person), list(_QUESTION)),
        )
    )
    closing.keep(
        closing.Kept(
            "lookups",
            _("Câu hỏi của bạn về những lần xem dữ liệu"),
            _(
                "Cơ quan phải tiếp nhận và trả lời phản ánh, giữ làm bằng chứng (Luật 91/2025/QH15, điểm d khoản 2 Điều 19)."
            ),
            lambda person: _questions(person).count(),
            names_party=True,
        )
    )


def _questions(person: Person) -> QuerySet[Question]:
    return Question.objects.filter(party__in=leading.records_of(person.party_id)).order_by("pk")
