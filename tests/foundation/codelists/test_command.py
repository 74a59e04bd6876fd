"""``manage.py codelist``: a new edition joins what is held."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from hienluong.foundation.actions import InvalidInput
from hienluong.foundation.codelists import queries, reading
from hienluong.foundation.codelists.actions import install
from hienluong.foundation.codelists.models import Edition
from tests.factories import TESTER

from . import sample

pytestmark = pytest.mark.django_db

NEWER: dict[str, Any] = {
    **{name: value for name, value in sample.TREES.items() if name not in ("editions", "mappings")},
    "editions": [
        {
            "code": "2027",
            "title": "Danh mục 2027",
            "valid_from": date(2027, 1, 1),
            "source": "kiểm thử",
            "table": "2027.csv",
        }
    ],
    "mappings": [{"from": "2025", "to": "2027", "source": "kiểm thử", "table": "became.csv"}],
}
TABLES = {"2027": "code,parent,name\nG,,Gỗ\nG9,G,Lim\n", "became": "from,to\nG,G\nG1,G9\nG11,G9\n"}


def run(verb: str, path: Path) -> tuple[str, str]:
    """What the command says: to everybody, of faults."""
    out, err = StringIO(), StringIO()
    try:
        call_command("codelist", verb, str(path), stdout=out, stderr=err)
    except CommandError as refusal:
        return "", err.getvalue() + str(refusal)
    return out.getvalue(), err.getvalue()


def test_an_edition_of_its_own_file_joins_those_that_are_held(tmp_path: Path) -> None:
    sample.installed(tmp_path)
    path = sample.written(tmp_path, NEWER, **TABLES)
    assert run("check", path) == ("trees.yaml: 1 ấn bản, 2 mã, 0 lỗi\n", "")
    assert not Edition.objects.filter(code="2027").exists()
    assert run("install", path)[0] == "trees.yaml: 1 ấn bản mới, 0 thay đổi, 0 như cũ\n"
    assert run("install", path)[0] == "trees.yaml: 0 ấn bản mới, 0 thay đổi, 1 như cũ\n"
    ended = Edition.objects.get(code="2025").valid
    assert ended.upper == date(2027, 1, 1)
    became = queries.successors("trees", "G11", "2025", "2027")
    assert [(one.code.value, one.kind) for one in became] == [("G9", "merged")]
    further = queries.successors("trees", "G1", "2020", "2027")
    assert [one.code.value for one in further] == ["G9"]


def test_what_does_not_fit_to_what_is_held_is_told_by_line(tmp_path: Path) -> None:
    sample.installed(tmp_path)
    tables = {**TABLES, "became": "from,to\nG,G\nG77,G9\n"}
    _out, err = run("install", sample.written(tmp_path, NEWER, **tables))
    assert "became.csv:3: không có mã “G77” ở ấn bản trước" in err
    stranger = deepcopy(NEWER)
    stranger["mappings"][0]["from"] = "1999"
    _out, err = run("check", sample.written(tmp_path, stranger, **TABLES))
    assert "không có ấn bản “1999”" in err
    assert not Edition.objects.filter(code="2027").exists()


def test_days_that_are_taken_are_refused_with_a_sentence(tmp_path: Path) -> None:
    sample.installed(tmp_path)
    early = deepcopy(NEWER)
    early["editions"][0]["valid_from"] = date(2021, 1, 1)
    _out, err = run("install", sample.written(tmp_path, early, **TABLES))
    assert "chồng lên một ấn bản đã có" in err
    assert queries.edition_on("trees", date(2021, 6, 1)) == Edition.objects.get(code="2020")


def test_a_file_read_against_other_holdings_is_refused_when_installed(tmp_path: Path) -> None:
    path = sample.written(tmp_path, NEWER, **TABLES)
    elsewhere = {"2025": {"G", "G1", "G11"}}
    loaded = reading.load(path, elsewhere=lambda _name: elsewhere)
    assert not loaded.faults
    with pytest.raises(InvalidInput, match="chưa có ấn bản “2025”"):
        install(TESTER, loaded=loaded)
    sample.installed(tmp_path)
    elsewhere["2025"].add("G88")
    tables = {**TABLES, "became": "from,to\nG88,G9\n"}
    loaded = reading.load(sample.written(tmp_path, NEWER, **tables), elsewhere=lambda _name: elsewhere)
    with pytest.raises(InvalidInput, match="không có mã G88"):
        install(TESTER, loaded=loaded)
