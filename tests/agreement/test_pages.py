"""Whole pages of every form we ship, posted with what people type: browser and server ask and refuse the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import hienluong.sectors
from hienluong.capabilities.forms import sources
from hienluong.capabilities.forms.definition import Form
from hienluong.foundation.schemas.positions import Loader
from hienluong.services.procedures.spec import ProcedureSpec
from tests.capabilities.forms.sample import FORM, GOOD, HANGING
from tests.thorough import examples

from .browser import BrowserJudge
from .made import TYPED
from .pages import compare

SECTORS = Path(hienluong.sectors.__file__).parent
EXAMPLES = sorted(SECTORS.glob("*/*/examples/*.yaml"))


def _read(path: Path) -> Any:
    return yaml.load(path.read_text("utf-8"), Loader)


def _shipped() -> dict[str, tuple[Form, list[dict[str, Any]]]]:
    found: dict[str, tuple[Form, list[dict[str, Any]]]] = {
        "sample": (FORM, [{}, GOOD]),
        "hanging": (HANGING, [{"so_nguoi": 60}, {"so_nguoi": 20}]),
    }
    for path in EXAMPLES:
        example = _read(path)
        spec = ProcedureSpec.model_validate(_read(path.parents[1] / f"procedures/{example['procedure']}.yaml"))
        if spec.form is not None:
            found[spec.code] = (spec.form, [{}, *example["dossiers"]])
    return found


FORMS = _shipped()


@pytest.fixture(autouse=True)
def no_communes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Communes come from the database; here nobody offers any."""
    monkeypatch.setattr(sources, "_providers", {})


def typed_for(form: Form, name: str, sound: Any) -> st.SearchStrategy[Any]:
    """What is typed for one question: the example's answer, a choice, or anything."""
    prop = form.data_schema["properties"][name]
    choices = [str(value).lower() if isinstance(value, bool) else str(value) for value in prop.get("enum", ())]
    if prop.get("type") == "boolean":
        choices = ["true", "false"]
    offered: list[st.SearchStrategy[Any]] = [TYPED]
    if prop.get("type") == "array":
        items = prop.get("items", {}).get("enum", [])
        return st.lists(st.sampled_from(items), unique=True) if items else TYPED
    if choices:
        offered = [st.sampled_from(choices), st.sampled_from([*choices, "x"])]
    if isinstance(sound, str | int | float) and not isinstance(sound, bool):
        offered.append(st.just(str(sound)))
    return st.one_of(offered)


@pytest.mark.parametrize("code", sorted(FORMS))
def test_pages(judge: BrowserJudge, code: str) -> None:
    form, dossiers = FORMS[code]
    total = {"agreed": 0, "left": 0}

    @settings(max_examples=examples(60, 240), deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def run(drawn: st.DataObject) -> None:
        page = drawn.draw(st.sampled_from(form.pages))
        data = drawn.draw(st.sampled_from(dossiers))
        typed = {
            name: drawn.draw(typed_for(form, name, data.get(name)))
            for name in page.fields
            if form.data_schema["properties"][name].get("type") != "object"
        }
        verdict = compare(judge, form, page, data, _boxes(form, typed))
        assert not verdict.differences, "\n".join(verdict.differences)
        total["agreed"] += verdict.agreed
        total["left"] += verdict.left

    run()
    assert total["agreed"] > total["left"], total


def _boxes(form: Form, typed: dict[str, Any]) -> dict[str, Any]:
    """A single box to tick is ticked or not."""
    props = form.data_schema["properties"]
    ticks = {
        name
        for name in typed
        if props[name].get("type") == "boolean" and props[name].get("x-widget", "checkbox") == "checkbox"
    }
    return {name: value == "true" if name in ticks else value for name, value in typed.items()}
