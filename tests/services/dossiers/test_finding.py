"""Officials find dossiers by what people say and clerks type, one slip a word forgiven."""

from __future__ import annotations

import pytest

from hienluong.foundation.search import vocabulary
from hienluong.foundation.search.models import Word
from hienluong.services.dossiers.models import Dossier
from hienluong.services.dossiers.queries import WORDS, Filters, find_visible
from tests.services.dossiers.province import Province

pytestmark = pytest.mark.django_db


def _found(province: Province, text: str) -> list[str]:
    return [dossier.code for dossier in find_visible(province.clerk, Filters(text=text))]


@pytest.fixture
def dossier(province: Province) -> Dossier:
    filed = province.file()
    Dossier.objects.filter(pk=filed.pk).update(search_text=f"{filed.code.lower()} nguyen thi huong khai sinh")
    vocabulary.remember(WORDS, ["nguyen thi huong khai sinh", "tran van sanh"])
    return filed


@pytest.mark.parametrize(
    "text",
    ["Hường", "huog", "huogn", "huongg", "xuong khai", "NGUYỄN thị hương", "nguen", "nguyenn huong", "kahi sihn"],
)
def test_one_slip_a_word_is_forgiven(province: Province, dossier: Dossier, text: str) -> None:
    assert _found(province, text) == [dossier.code]


@pytest.mark.parametrize("text", ["hxxng", "thx", "nguyen xxxxx", "tr"])
def test_two_slips_are_not(province: Province, dossier: Dossier, text: str) -> None:
    assert _found(province, text) == []


def test_a_name_typed_rightly_does_not_bring_those_that_sound_like_it(province: Province, dossier: Dossier) -> None:
    other = province.file()
    Dossier.objects.filter(pk=other.pk).update(search_text="tran van sanh")
    assert _found(province, "sinh") == [dossier.code]
    assert _found(province, "sanh") == [other.code]


def test_a_code_is_never_guessed(province: Province, dossier: Dossier) -> None:
    wrong = f"{dossier.code[:-1]}{(int(dossier.code[-1]) + 1) % 10}"
    assert _found(province, dossier.code) == [dossier.code]
    assert _found(province, wrong) == []


def test_filing_teaches_the_words_once(province: Province) -> None:
    province.file()
    before = set(Word.objects.filter(scope=WORDS).values_list("word", flat=True))
    assert {"kiem", "nguyen"} & before
    province.file()
    assert set(Word.objects.filter(scope=WORDS).values_list("word", flat=True)) == before


@pytest.mark.parametrize("text", ["'; DROP TABLE x; --", "%%%%", "____", "😀😀😀😀", "a" * 5000, "\\\\\\\\"])
def test_strange_words_find_nothing_and_do_no_harm(province: Province, dossier: Dossier, text: str) -> None:
    assert _found(province, text) == []
