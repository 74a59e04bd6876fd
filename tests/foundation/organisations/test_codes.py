import pytest
from hypothesis import given
from hypothesis import strategies as st

from hienluong.foundation.actions import InvalidInput
from hienluong.foundation.organisations import codes

_two = st.integers(1, 99).map(lambda n: f"{n:02d}")
_first = st.builds(lambda letter, n: f"{letter}{n:02d}", st.sampled_from("ABCDEFGHIJK"), st.integers(0, 99))


@st.composite
def convertible(draw: st.DrawFn) -> str:
    groups = [draw(_first)]
    depth = draw(st.integers(0, 3))
    groups += [draw(_two) for _ in range(min(depth, 2))]
    if depth == 3:
        groups.append(f"{draw(st.integers(1, 999)):03d}")
    return ".".join(groups)


@given(convertible())
def test_a_code_survives_the_way_there_and_back(code: str) -> None:
    assert codes.is_valid(code)
    legacy = codes.to_legacy(code)
    assert codes.LEGACY.fullmatch(legacy)
    assert codes.from_legacy(legacy) == code


@given(st.from_regex(codes.LEGACY, fullmatch=True))
def test_every_legacy_code_has_a_valid_current_form(legacy: str) -> None:
    current = codes.from_legacy(legacy)
    assert codes.is_valid(current)
    assert codes.to_legacy(current) == legacy


@given(st.text(max_size=40))
def test_checking_never_breaks(text: str) -> None:
    try:
        tidy = codes.check(text)
    except InvalidInput:
        assert not codes.is_valid(text)
    else:
        assert codes.is_valid(tidy)


@pytest.mark.parametrize(
    ("current", "legacy"),
    [("H50", "000.00.00.H50"), ("H50.19", "000.00.19.H50"), ("H50.08.12", "000.12.08.H50")],
)
def test_the_examples_of_the_law(current: str, legacy: str) -> None:
    assert codes.to_legacy(current) == legacy
    assert codes.from_legacy(legacy) == current


@pytest.mark.parametrize("code", ["H50.151", "H50.00", "H50.08.12.01", "H57.132.01", "L50", "50.01"])
def test_codes_without_a_legacy_form_are_refused(code: str) -> None:
    assert not codes.has_legacy(code)
    with pytest.raises(InvalidInput):
        codes.to_legacy(code)


@pytest.mark.parametrize("code", ["h50 .01", "L01", "H50.1", "H50.1234", "H5", "H50.01.", "H50.01.01.01.01.01", "Ｈ50"])
def test_wrong_codes_are_refused(code: str) -> None:
    with pytest.raises(InvalidInput):
        codes.check(code)
