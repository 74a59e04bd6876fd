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
from hienluong.capabilities.forms.browser import live
from hienluong.capabilities.forms.definition import Form
from hienluong.capabilities.forms.fields import bind
from hienluong.foundation.schemas.kinds import expanded
from hienluong.foundation.schemas.positions import Loader
from hienluong.services.procedures.spec import ProcedureSpec
from tests.capabilities.forms import sample
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


WELL = {
    "properties": {
        "sau": {"x-kind": "quantity", "title": "Chiều sâu giếng", "x-units": ["m"]},
        "ong": {"type": "string", "title": "Ống chống", "x-when": "sau.value > 30"},
        "may": {"type": "string", "title": "Máy bơm", "x-when": "sau != null && (sau.value >= 60 || sau.unit == 'km')"},
        "gap_doi": {"type": "number", "title": "Gấp đôi", "x-computed": "double(sau.value) * 2.0"},
        "so": {"type": "integer", "title": "Số giếng"},
    },
    "required": ["sau", "ong"],
}
DEPTHS = [
    "",
    " ",
    "0",
    "30",
    "30,0",
    "30.5",
    "45",
    "45,5",
    "1.250,5",
    "1.250",
    "80",
    "-3",
    "sâu",
    "99999999999999999999",
    "+31",
]


RULES = [
    {"when": "sau.value >= 20.0", "field": "so", "message": "Giếng khoan sâu từ 20 m."},
    {"when": "sau.unit == 'm' && sau.value <= 100.0", "field": "sau", "message": "Không sâu quá 100 m."},
]


@pytest.mark.parametrize("units", [["m"], ["m", "km"]])
def test_rules_on_a_number_with_its_unit_are_judged_while_one_types(judge: BrowserJudge, units: list[str]) -> None:
    schema = {**WELL, "properties": {**WELL["properties"], "sau": {**WELL["properties"]["sau"], "x-units": units}}}
    schema = expanded(schema)
    pages = [sample.Page("gieng", "Giếng", [*schema["properties"]])]
    form = sample.Form("gieng", "Giếng", schema, pages, RULES)
    sheet = live(form, pages[0], bind(pages[0], form, {})).sheet
    said = {}
    for depth in DEPTHS:
        for unit in (*units, ""):
            sau = {name: text for name, text in (("value", depth), ("unit", unit)) if text}
            typed = {"sau": sau if "value" in sau and unit else None, "ong": "PVC", "so": "2"}
            verdict = compare(judge, form, pages[0], {}, typed)
            assert not verdict.differences, "\n".join(verdict.differences)
            answer = judge.ask("page", sheet=sheet, typed={**typed, "may": ""}, shown=["sau", "so"])["faults"]
            said[depth, unit] = (answer["so"], answer["sau"])
    assert said["0", "m"] == (["Giếng khoan sâu từ 20 m."], [])
    assert said["45,5", "m"] == ([], [])
    assert said["1.250,5", "m"] == said["1.250", "m"] == ([], ["Không sâu quá 100 m."])


@pytest.mark.parametrize("units", [["m"], ["m", "km"]])
def test_conditions_on_a_number_with_its_unit(judge: BrowserJudge, units: list[str]) -> None:
    schema = {**WELL, "properties": {**WELL["properties"], "sau": {**WELL["properties"]["sau"], "x-units": units}}}
    schema = expanded(schema)
    form = sample.Form("gieng", "Giếng", schema, [sample.Page("gieng", "Giếng", [*schema["properties"]])])
    decided = {}
    for depth in DEPTHS:
        for unit in (*units, "") if len(units) > 1 else units:
            sau = {name: text for name, text in (("value", depth), ("unit", unit)) if text}
            typed = {"sau": sau if set(sau) - ({"unit"} if len(units) == 1 else set()) else None, "ong": "", "so": "2"}
            for data in ({}, {"sau": {"value": 45, "unit": "m"}}):
                verdict = compare(judge, form, form.pages[0], data, typed)
                assert not verdict.differences, "\n".join(verdict.differences)
            sheet = live(form, form.pages[0], bind(form.pages[0], form, {})).sheet
            asked = judge.ask("page", sheet=sheet, typed={**typed, "may": ""}, shown=["sau"])["asked"]
            decided[depth, unit] = (asked["ong"], asked["may"])
    deep = ["30.5", "45", "45,5", "1.250,5", "1.250", "80", "99999999999999999999", "+31"]
    assert [depth for depth in DEPTHS if decided[depth, "m"][0]] == deep
    assert None not in {one for both in decided.values() for one in both}
    if "km" in units:
        assert decided["0", "km"] == (False, True)


def _boxes(form: Form, typed: dict[str, Any]) -> dict[str, Any]:
    """A single box to tick is ticked or not."""
    props = form.data_schema["properties"]
    ticks = {
        name
        for name in typed
        if props[name].get("type") == "boolean" and props[name].get("x-widget", "checkbox") == "checkbox"
    }
    return {name: value == "true" if name in ticks else value for name, value in typed.items()}
