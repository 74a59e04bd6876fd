"""What is taken from a configuration and from claims, and what is not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hienluong.foundation.eid import configured
from hienluong.foundation.eid.claims import Person, person_of
from hienluong.foundation.eid.refusals import Refused
from hienluong.house.simulators.identity_book import entry
from tests.thorough import examples

TOLD: dict[str, Any] = entry("vneid", "https://vneid.example", "bí mật")
TOKEN = {"sub": "x", "acr": "muc-do-2"}
texts = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"algorithms": ["none"]}, "algorithms"),
        ({"algorithms": ["RS256", "HS256"]}, "algorithms"),
        ({"issuer": "http://vneid.example"}, "https"),
        ({"token_endpoint": "http://10.0.0.1/token"}, "https"),
        ({"jwks_uri": "https://ai:do@vneid.example/keys"}, "https"),
        ({"scopes": ["profile"]}, "openid"),
        ({"proof": "none"}, "proof"),
        ({"levels": {"cao": 3}}, "levels"),
        ({"claims": {"ten": "name"}}, "claims"),
        ({"key": "VNe-ID"}, "key"),
        ({"client_id": ""}, "client_id"),
        ({"secret": "x"}, "secret"),
    ],
)
def test_a_configuration_that_would_not_be_safe_is_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        configured.provider({**TOLD, **change})


def test_a_secret_may_stand_in_a_file_of_its_own_and_is_not_shown(tmp_path: Any) -> None:
    file = tmp_path / "secret"
    file.write_text("bí-mật-ở-đây\n")
    made = configured.provider({**TOLD, "client_secret": {"file": str(file)}})
    assert made.client_secret == "bí-mật-ở-đây"
    assert "bí-mật" not in repr(made)
    with pytest.raises(ValueError, match="một lần"):
        configured.providers([TOLD, TOLD])


def test_names_of_claims_are_those_configured() -> None:
    provider = configured.provider(TOLD)
    said = {
        "so_dinh_danh": "045190 001 234",
        "ho_ten": "NGUYỄN  THỊ LÀNH",
        "ngay_sinh": "12/05/1990",
        "gioi_tinh": "Nữ",
    }
    found = person_of(provider, TOKEN, {"sub": "x", "cong_dan": said, "personal_id": "999999999999"})
    assert (found.personal_id, found.name, found.sex, found.level) == ("045190001234", "Nguyễn Thị Lành", "female", 2)
    assert found.date_of_birth
    assert found.date_of_birth.isoformat() == "1990-05-12"
    assert person_of(provider, {"sub": "x", "acr": "khac"}, {"cong_dan": said}).level == 1
    with pytest.raises(Refused, match="số định danh"):
        person_of(provider, TOKEN, {"personal_id": "045190001234", "name": "Nguyễn Thị Lành"})


@settings(max_examples=examples(50, 500))
@given(st.dictionaries(st.sampled_from(list(configured.CLAIMS.values())), texts))
def test_whatever_claims_say_there_is_a_person_or_a_refusal(said: dict[str, Any]) -> None:
    provider = configured.provider({**TOLD, "claims": dict(configured.CLAIMS)})
    found: Person | None
    try:
        found = person_of(provider, TOKEN, said)
    except Refused as refusal:
        found, reason = None, refusal.reason
    if found is None:
        assert reason in ("no_personal_id", "no_name")
        return
    assert len(found.personal_id) == 12
    assert 0 < len(found.name) <= 150
    assert len(found.address) <= 300
