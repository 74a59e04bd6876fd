"""A question whose answer is a record: found by words, chosen, held to what the reader may look up."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import QueryDict
from django.template import Context, Template

from hienluong.capabilities.forms import display, engine, fields
from hienluong.capabilities.registers import actions
from hienluong.foundation.actions import Actor
from hienluong.foundation.schemas import references
from hienluong.services.procedures.spec import Form
from tests.capabilities.registers.sample import official, wells
from tests.snapshots import ready

from .sample import Kept, browser_of

pytestmark = pytest.mark.django_db

FORM = Form.model_validate(
    {
        "code": "don",
        "title": "Đơn",
        "schema": {
            "type": "object",
            "required": ["well"],
            "properties": {"well": {"x-kind": "reference", "x-register": "thu.cong_khai", "title": "Giếng"}},
        },
        "pages": [{"id": "gieng", "title": "Giếng", "fields": ["well"]}],
    }
)
(PAGE,) = FORM.pages


class Named(Kept):
    """A register that people search by names, and one of which they see nothing."""

    def __init__(self) -> None:
        super().__init__()
        chief = official(self.owner, "define", "read", "write")
        for code, access in (("thu.cong_khai", {"read": ["code", "name"]}), ("thu.kin", {})):
            given = {"responsible": {"read": "*", "write": "*"}, "public": access}
            spec = wells(code=code, owner=self.owner.code, search=["name"], access=given)
            register = actions.install(chief, spec=spec, owner=self.owner).register
            for number, name in enumerate(("Giếng chợ Đông Hà", "Giếng vườn", "Giếng đình")):
                data = {"code": f"G{number:03}", "name": name, "agency": self.here.code}
                actions.create(self.officer, register=register, data=data)


@pytest.fixture
def named(db: None) -> Named:
    return ready(Named)


def sent(**post: str) -> tuple[fields.PageForm, str]:
    given = QueryDict(mutable=True)
    given.update(post)
    form = fields.bind(PAGE, FORM, {}, given)
    form.is_valid()
    return form, Template("{% ui_fields form %}").render(Context({"form": form}))


@pytest.mark.parametrize("typed", ["G001", "G001 - Giếng vườn", "vuon", "Giếng VƯỜN"])
def test_what_names_one_record_is_its_key(named: Named, typed: str) -> None:
    form, html = sent(well=typed)
    assert form.outcome.data == {"well": "G001"}
    assert display.answers(FORM, form.outcome.data)[0].text == "Giếng vườn (G001)"
    again = fields.bind(PAGE, FORM, form.outcome.data)
    assert 'value="G001 - Giếng vườn"' in str(again["well"])
    assert "__chosen" not in html


def test_of_several_one_is_chosen_without_scripts(named: Named) -> None:
    form, html = sent(well="giếng")
    assert (list(form.errors), html.count('<option value="G0')) == (["well"], 3)
    form, _html = sent(well="giếng", well__chosen="G002")
    assert form.outcome.data == {"well": "G002"}
    form, html = sent(well="không có")
    assert "chưa tìm thấy bản ghi nào như vậy" in html
    assert not engine.validate(FORM, {"well": "G999"}).ok


def test_only_what_the_reader_may_look_up_is_found(named: Named) -> None:
    prop: dict[str, Any] = {"x-register": "thu.kin"}
    assert references.named(prop, "G001") is None
    with references.seen_by(named.officer):
        assert references.named(prop, "G001") == "Giếng vườn"
        assert [one.key for one in references.find(prop, "giếng")] == ["G000", "G001", "G002"]
    with references.seen_by(named.there and official(named.there, "read")):
        assert references.named(prop, "G001") is None
    path = "/api/v1/registers/{}/names?q=vuon"
    citizen, officer = browser_of(named.province.citizen), browser_of(named.officer)
    assert citizen.get(path.format("thu.cong_khai")).json() == {"items": [{"value": "G001", "name": "Giếng vườn"}]}
    assert citizen.get(path.format("thu.kin")).json() == {"items": []}
    assert officer.get(path.format("thu.kin")).json()["items"][0]["value"] == "G001"
    assert officer.get("/api/v1/registers/thu.kin/names?q=").json() == {"items": []}
    assert references.find(prop, "vườn") == []
    assert Actor() == references._reader.get(), "what a request looked at is over with it"


def test_the_only_record_that_may_be_meant_is_chosen_where_one_must_be(named: Named) -> None:
    def shown() -> str:
        return str(fields.bind(PAGE, FORM, {})["well"])

    assert "value=" not in shown(), "of several none is chosen"
    chief = official(named.owner, "define", "read", "write")
    given = {"responsible": {"read": "*", "write": "*"}, "public": {"read": ["code", "name"]}}
    spec = wells(code="thu.mot", owner=named.owner.code, search=["name"], access=given)
    register = actions.install(chief, spec=spec, owner=named.owner).register
    actions.create(
        named.officer, register=register, data={"code": "G001", "name": "Giếng đình", "agency": named.here.code}
    )
    other = FORM.model_dump(by_alias=True)
    other["schema"]["properties"]["well"]["x-register"] = "thu.mot"
    form = Form.model_validate(other)
    assert 'value="G001 - Giếng đình"' in str(fields.bind(form.pages[0], form, {})["well"])
    assert "value=" not in str(fields.bind(form.pages[0], form, {}, QueryDict("well="))["well"]), "as it was sent"
    other["schema"]["required"] = []
    form = Form.model_validate(other)
    assert "value=" not in str(fields.bind(form.pages[0], form, {})["well"])
