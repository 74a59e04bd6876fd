"""Officials find dossiers by what people say and clerks type, one slip a word forgiven."""

from __future__ import annotations

import random
import uuid
from datetime import timedelta
from itertools import product

import pytest
from pytest_django import DjangoAssertNumQueries

from hienluong.capabilities.workflow.models import Instance
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.search import vocabulary
from hienluong.foundation.search.models import Word
from hienluong.services.dossiers import newest
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


@pytest.fixture
def many(province: Province) -> list[Dossier]:
    """Sixty dossiers at two agencies, a minute to a month old, with a common and a rare word."""
    pattern, elsewhere = province.file(), province.other_clerk.paths_with("dossiers.view")[0]
    other = Organization.objects.get(path=elsewhere)
    dice, made = random.Random(7), []
    for n in range(60):
        instance = Instance.objects.get(pk=pattern.process_id)
        instance.pk = None
        instance.save()
        dossier = Dossier.objects.get(pk=pattern.pk)
        dossier.pk, dossier.process, dossier.uid = None, instance, uuid.uuid4()
        dossier.code = f"{pattern.code[:-4]}{5000 + n}"
        dossier.submitted_at = pattern.submitted_at - timedelta(minutes=dice.choice((1, 5, 5, 900, 43_200)) * n)
        dossier.received_at = None
        dossier.handling = other if n % 7 == 0 else pattern.handling
        dossier.received_at_org = other if n % 5 == 0 else pattern.received_at_org
        dossier.search_text = " ".join(["nguyen van"] * (n % 3 > 0) + ["rare%_word"] * (n % 29 == 0))
        made.append(dossier)
    return Dossier.objects.bulk_create(made)


def test_the_newest_are_the_same_however_far_one_reads_back(
    province: Province, many: list[Dossier], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(newest, "FEWEST", 1)
    actors = (province.clerk, province.other_clerk, province.leader)
    for actor, text in product(actors, ("nguyễn", "van nguyen", "rare%_", "r_re", "xxxx")):
        whole = list(find_visible(actor, Filters(text=text)))
        for read_back, first in product((16, 40, 4000), (1, 7, 26, 60)):
            monkeypatch.setattr(newest, "READ_BACK", read_back)
            assert list(find_visible(actor, Filters(text=text), first=first)[:first]) == whole[:first]


def test_common_words_are_found_among_the_newest(
    province: Province, many: list[Dossier], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    province.clerk.paths_with("dossiers.view")
    with django_assert_num_queries(4):  # the places, the newest, whether they are enough, the rows
        found = list(find_visible(province.clerk, Filters(text="nguyễn"), first=5)[:5])
    assert len(found) == 5
