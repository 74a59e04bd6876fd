"""One slip of the finger is forgiven, in every word of four letters and more, wherever one searches."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hienluong.foundation.organisations import queries
from hienluong.foundation.search.slips import SHORTEST, has_word, meanings, one_slip_apart
from hienluong.foundation.search.text import fold

LETTERS = "abcdefghijklmnopqrstuvwxyz"
WORDS = st.text(st.sampled_from(LETTERS), min_size=SHORTEST, max_size=12)
#: Titles as the catalogue and the government have them.
TITLES = (
    "Đăng ký khai sinh có yếu tố nước ngoài",
    "Cấp giấy phép xây dựng nhà ở riêng lẻ",
    "Chứng thực bản sao từ bản chính",
    "Sở Nông nghiệp và Môi trường",
    "UBND phường Đông Hà",
    "Trung tâm Phục vụ hành chính công xã Hiếu Giang",
)
KNOWN = frozenset(word for title in TITLES for word in fold(title).split())


@st.composite
def slips(draw: st.DrawFn, word: str) -> str:
    """`word` after one slip: a letter added, left out, changed, or swapped with its neighbour."""
    kind = draw(st.sampled_from(("add", "drop", "change", "swap")))
    place = draw(st.integers(0, len(word) - 1))
    letter = draw(st.sampled_from(LETTERS))
    if kind == "add":
        return word[:place] + letter + word[place:]
    if kind == "drop":
        return word[:place] + word[place + 1 :]
    if kind == "change":
        return word[:place] + letter + word[place + 1 :]
    place = min(place, len(word) - 2)
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


@given(st.data(), st.sampled_from(TITLES))
def test_any_slip_in_any_word_of_a_title_still_finds_it(data: st.DataObject, title: str) -> None:
    words = [word for word in fold(title).split() if len(word) >= SHORTEST]
    typed = data.draw(slips(data.draw(st.sampled_from(words))))
    assert has_word(fold(title), meanings(typed, KNOWN))


@given(st.data(), st.sampled_from(TITLES[3:]))
def test_any_slip_still_finds_the_organisation(data: st.DataObject, title: str) -> None:
    roots = [queries.Node(n, f"H50.{n:02d}", "department", name, "", None) for n, name in enumerate(TITLES, start=1)]
    words = fold(title).split()
    places = [n for n, word in enumerate(words) if len(word) >= SHORTEST]
    place = data.draw(st.sampled_from(places))
    words[place] = data.draw(slips(words[place]))
    assert title in [found.node.name for found in queries.find(roots, " ".join(words))]


@given(st.data(), WORDS)
def test_a_slip_is_one_slip_apart_both_ways(data: st.DataObject, word: str) -> None:
    typed = data.draw(slips(word))
    assert typed == word or (one_slip_apart(typed, word) and one_slip_apart(word, typed))


@given(WORDS, WORDS)
def test_what_was_typed_comes_first_and_nothing_further_than_one_slip_follows(typed: str, other: str) -> None:
    first, *guessed = meanings(typed, {other})
    assert first == typed
    assert all(one_slip_apart(typed, word) for word in guessed)


def test_short_words_are_taken_as_they_stand() -> None:
    assert meanings("xa", {"xac", "xaa", "ga"}) == ("xa",)
    assert meanings("nha", {"nhan", "nho", "cha"}) == ("nha", "nhan")


def test_one_digit_off_is_another_thing() -> None:
    assert meanings("1.000002", {"1.000001", "1.000003", "1.00002"}) == ("1.000002",)
    assert meanings("2025", {"2022", "2026"}) == ("2025",)
    assert meanings("kh4i", {"khai", "kh5i"}) == ("kh4i", "khai")


def test_a_slip_that_is_part_of_a_known_word_is_guessed_too() -> None:
    assert meanings("binh", {"binh", "sinh", "thai binh"}) == ("binh", "sinh")


def test_words_as_typed_come_before_guesses() -> None:
    names = ("Sở Y tế", "UBND xã Cam Lộ", "UBND xã Cao Lộ", "UBND xã Can Lộc")
    roots = [queries.Node(n, f"H50.{n}", "commune", name, "", None) for n, name in enumerate(names, start=1)]
    assert [found.node.name for found in queries.find(roots, "cam lo")] == ["UBND xã Cam Lộ"]
    long = [queries.Node(n, f"H50.{n}", "commune", name, "", None) for n, name in enumerate(("Sinh Long", "Binh Long"))]
    assert [found.node.name for found in queries.find(long, "binh")] == ["Binh Long", "Sinh Long"]
