"""A definition that somebody typed by hand breaks no page of the builder: it is mended as text, and what is wrong is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import yaml
from django.test import Client
from django.urls import reverse

from hienluong.foundation.identity.models import Account
from hienluong.foundation.schemas import lists
from hienluong.foundation.schemas.positions import read
from hienluong.services.building import actions
from hienluong.services.building.condition_form import ConditionForm
from hienluong.services.building.legible import is_legible
from hienluong.services.procedures import packs
from tests.services.packs.sample import files as sample
from tests.snapshots import ready

from .sample import Workshop, workshop

REGISTER, PROCEDURE = "registers/rung.yaml", "procedures/1.900001.yaml"
#: file, the part, what it is made, and whether the pages can still work on it.
SPOILT: list[tuple[str, tuple[str | int, ...], Any, bool]] = [
    (REGISTER, ("schema", "properties"), {"a": "b"}, False),
    (REGISTER, ("schema", "properties", "tree"), "x", False),
    (REGISTER, ("rules", 0, "when"), {"a": "b"}, False),
    (REGISTER, ("rules", 0, "when"), "height >", True),
    (REGISTER, ("computed", "tall"), "height >", True),
    (REGISTER, ("access",), {"public": 5}, False),
    (PROCEDURE, ("effects",), 5, False),
    (PROCEDURE, ("form", "pages", 0, "fields"), "so", False),
    (PROCEDURE, ("form", "schema", "properties", "loai", "type"), ["x"], True),
    (PROCEDURE, ("form", "rules", 0, "when"), "cao >", True),
]


def spoilt(file: str, part: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    """What the file of the sample says, with one part of it replaced."""
    whole = here = yaml.safe_load(sample()[file])
    for step in part[:-1]:
        here = here[step]
    here[part[-1]] = value
    return dict(whole)


@pytest.mark.once
def test_what_the_product_brings_is_legible() -> None:
    for folder in packs.shipped_folders():
        for kind in ("registers", "procedures"):
            for path in folder.glob(f"{kind}/*.yaml"):
                assert is_legible(f"{kind}/{path.name}", read(path, path.name).value), path


def pages(name: str, file: str, *, is_shown: bool) -> Mapping[str, str]:
    """Pages about one file, by what they show: those that work with what may be wrong, or any one of them."""
    stem = file.partition("/")[2].removesuffix(".yaml")
    wanted = ("register_trial",) if file == REGISTER else ("form", "trial") if is_shown else ("procedure",)
    return {view: reverse(f"building:{view}", args=[name, stem]) for view in wanted}


@pytest.mark.django_db
def test_no_page_falls_over_a_definition_that_is_spoilt() -> None:
    shop: Workshop = ready(workshop)
    texts = {path: body.decode() for path, body in sample().items() if path != "README.md"}
    draft = actions.bring(shop.builder, files=texts, owner=shop.owner, source="tệp")
    client = Client()
    client.force_login(Account.objects.get(pk=shop.builder.account_id))
    for file, part, value, is_shown in SPOILT:
        draft.refresh_from_db()
        changed = {**texts, file: yaml.safe_dump(spoilt(file, part, value), allow_unicode=True, sort_keys=False)}
        head = draft.head_id
        assert head is not None
        actions.save(shop.builder, draft=draft, files=changed, words="Sửa", expected=head)
        for view, address in pages(draft.name, file, is_shown=is_shown).items():
            answer = client.get(address)
            wanted = 200 if is_shown else 404 if file == REGISTER else 302
            assert answer.status_code == wanted, (file, part, view)


def test_faults_and_boxes_of_the_builder_say_no_words_of_programmers() -> None:
    told = [
        *lists.problems({"x-kind": "code", "title": "Loại"}),
        *lists.problems({"x-kind": "code"}),
        *lists.problems({"x-kind": "text", "title": "Loại", "x-leaf": True, "x-under": "44"}),
    ]
    assert [said for _place, said in told] == [
        "“Loại”: chưa chọn danh mục",
        "chưa chọn danh mục",
        "chỉ nhận mã ở cấp cuối cùng thì phải chọn danh mục",
        "chỉ nhận mã dưới một mã khác thì phải chọn danh mục",
    ]
    box = ConditionForm(known={}).fields["cel"]
    assert "CEL" not in str(box.label)
    assert "CEL" in str(box.help_text)
