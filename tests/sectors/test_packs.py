"""Every pack we ship holds together: specifications, forms, charges, result templates and examples."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import cel
import jsonschema_rs
import pytest
import yaml
from django.conf import settings
from django.template import Context, Engine, engines

import hienluong.sectors
from hienluong.capabilities.forms import engine
from hienluong.foundation.schemas import expressions
from hienluong.foundation.schemas.positions import Loader
from hienluong.services.procedures.spec import Form, ProcedureSpec

SECTORS = Path(hienluong.sectors.__file__).parent
FILES = sorted(SECTORS.glob("*/*/procedures/*.yaml"))
SPECS = {path: ProcedureSpec.model_validate(yaml.load(path.read_text("utf-8"), Loader)) for path in FILES}
BY_CODE: dict[str, list[ProcedureSpec]] = defaultdict(list)
for _spec in SPECS.values():
    BY_CODE[_spec.code].append(_spec)
COMPLETE = {path: spec for path, spec in SPECS.items() if spec.complete}
EXAMPLES = sorted(SECTORS.glob("*/*/examples/*.yaml"))
#: A row of the list for officials: the code, whether it runs to the end, how many versions.
TOLD = re.compile(r"^\| (\d\.\d{6}[\w.]*)( ●)? \|[^|]*\|[^|]*\|[^|]*\| (\d+) \|", re.MULTILINE)
#: What an officer adds to the answers before a result is printed.
OFFICER_FIELDS = {"granted_personal_id"}
#: The ten that the province's first release promises to run to the end.
PROMISED = {
    "1.001193",  # khai sinh
    "1.004873",  # tình trạng hôn nhân
    "2.000815",  # chứng thực bản sao
    "1.001612",  # hộ kinh doanh
    "2.002041",  # thay đổi đăng ký doanh nghiệp
    "1.013225",  # giấy phép xây dựng nhà ở
    "1.013831",  # biến động đất đai
    "1.001776",  # trợ cấp xã hội
    "3.000347",  # đổi giấy phép lái xe
    "2.001827",  # an toàn thực phẩm
}


def name_of(path: Path) -> str:
    return path.stem


def conditions_of(spec: ProcedureSpec) -> list[str]:
    """Every CEL condition written over the form's answers."""
    found = [deadline.when for way in spec.ways for deadline in way.deadlines]
    found += [paper.when for paper in spec.papers]
    if spec.form:
        found += [page.when for page in spec.form.pages]
        found += [prop.get("x-when", "") for prop in spec.form.data_schema["properties"].values()]
        found += [rule["when"] for rule in spec.form.rules]
    return [condition for condition in found if condition]


def answers(form: Form, given: dict[str, Any]) -> dict[str, Any]:
    """What CEL sees: every field, null where there is no answer."""
    return {**dict.fromkeys(form.data_schema["properties"]), **given, "today": date.today().isoformat()}


def outcome(table: dict[str, Any], facts: dict[str, Any]) -> dict[str, Any]:
    """The first row that fits, as a decision table is read by hand."""
    return next((row["then"] for row in table["rows"] if cel.evaluate(row["when"], facts)), table["default"])


def test_the_list_for_officials_names_every_procedure_and_how_many_there_are() -> None:
    text = (Path(__file__).parents[2] / "docs/officials/danh-muc-thu-tuc.md").read_text("utf-8")
    told = {code: (bool(full), int(count)) for code, full, count in TOLD.findall(text)}
    assert told == {code: (any(spec.complete for spec in specs), len(specs)) for code, specs in BY_CODE.items()}
    fields = {spec.field.code for spec in SPECS.values()}
    complete = sum(full for full, _count in told.values())
    assert f"**{len(BY_CODE)} thủ tục thật** của {len(fields)} lĩnh vực" in text
    assert f"**{complete} thủ tục chạy trọn vẹn**" in text
    assert f"Có **{len(SPECS)} bản**" in text


def test_forty_real_procedures_of_twelve_fields_at_every_level() -> None:
    assert len(BY_CODE) >= 40
    assert len({spec.field.code for spec in SPECS.values()}) >= 12
    assert {spec.agency.level for spec in SPECS.values()} >= {"province", "department", "district", "commune"}


def test_ten_run_to_the_end() -> None:
    assert {spec.code for spec in COMPLETE.values()} >= PROMISED
    assert {spec.process.model for spec in COMPLETE.values()} == {
        "same_day",
        "single_agency",
        "field_inspection",
        "parallel_opinions",
        "inter_level",
    }


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_file_is_named_after_its_code_and_says_what_was_read(path: Path) -> None:
    spec = SPECS[path]
    assert path.stem == spec.code or path.stem.startswith(spec.code + ".")
    assert len(spec.read) > 40
    assert spec.sector == path.parent.parent.parent.name
    for basis in spec.legal_basis:
        assert re.fullmatch(r"[\d.]+/\d{4}/[A-ZĐa-z0-9-]+", basis.number), basis.number


@pytest.mark.parametrize("code", BY_CODE)
def test_versions_of_a_procedure_do_not_overlap_and_leave_no_gap(code: str) -> None:
    versions = sorted(BY_CODE[code], key=lambda spec: spec.effective_from)
    for earlier, later in pairwise(versions):
        assert earlier.effective_to is not None
        assert (later.effective_from - earlier.effective_to).days == 1
    assert len({spec.field.code for spec in versions}) == 1


def test_one_name_for_each_field() -> None:
    names = defaultdict(set)
    for spec in SPECS.values():
        names[spec.field.code].add((spec.field.name, spec.sector))
    assert {code: found for code, found in names.items() if len(found) > 1} == {}


def test_at_least_four_procedures_keep_their_district_version() -> None:
    assert len([spec for spec in SPECS.values() if spec.agency.level == "district"]) >= 4


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_conditions_are_cel_over_known_fields(path: Path) -> None:
    spec = SPECS[path]
    known = set(spec.form.data_schema["properties"]) | {"today"} if spec.form else set()
    for condition in conditions_of(spec):
        assert expressions.check(condition, known) == "", condition


@pytest.mark.parametrize("path", [path for path, spec in SPECS.items() if spec.charges], ids=name_of)
def test_charge_tables_are_well_formed(path: Path) -> None:
    spec = SPECS[path]
    fields = set(spec.form.data_schema["properties"]) if spec.form else set()
    for rule in spec.charges:
        table = rule.table
        assert set(table) == {"name", "inputs", "hit", "rows", "default"}
        assert table["hit"] == "first"
        assert set(table["inputs"]) <= fields | {"channel"}
        for row in table["rows"]:
            assert set(row) == {"when", "then", "legal_basis"}
            assert set(cel.compile(row["when"]).variables()) <= set(table["inputs"])
            assert {"amount"} <= set(row["then"]) <= {"amount", "exempt"}
            amount = row["then"]["amount"]
            assert isinstance(amount, int) or set(cel.compile(amount).variables()) <= set(table["inputs"])
        assert table["default"]["amount"] >= 0
        if not table["rows"] and table["default"]["amount"] == 0:
            assert "chưa tìm được văn bản" in rule.text


@pytest.mark.parametrize("path", COMPLETE, ids=name_of)
def test_complete_ones_have_form_process_result_and_examples(path: Path) -> None:
    spec = COMPLETE[path]
    assert spec.form is not None
    # Pages are short rather than few; versions no longer in force keep the longer pages they were published with.
    longest = 4 if spec.effective_to is None else 8
    assert len(spec.form.pages) >= 3
    assert all(1 <= len(page.fields) <= longest for page in spec.form.pages)
    jsonschema_rs.meta.validate(spec.form.data_schema)
    for kind in spec.results:
        assert kind.number_suffix
        assert (SECTORS.parent / kind.template).is_file(), kind.template
    assert (path.parent.parent / "examples" / f"{spec.code}.yaml").is_file()


@pytest.mark.parametrize("path", COMPLETE, ids=name_of)
def test_result_templates_compile_and_print_known_answers_only(path: Path) -> None:
    spec = COMPLETE[path]
    assert spec.form is not None
    for kind in spec.results:
        source = (SECTORS.parent / kind.template).read_text("utf-8")
        engines["django"].from_string(source)
        printed = set(re.findall(r"data\.(\w+)", source))
        assert printed <= set(spec.form.data_schema["properties"]) | OFFICER_FIELDS


@pytest.mark.parametrize("path", EXAMPLES, ids=name_of)
def test_each_example_prints_as_a_result_with_nothing_left_open(path: Path) -> None:
    content = yaml.load(path.read_text("utf-8"), Loader)
    missing = "⟨%s⟩"
    frame = "".join(
        f"{{% block {name} %}}{{% endblock %}}"
        for name in ("agency_name", "number", "place_date", "heading", "subheading", "body", "signer_name")
    )
    options = settings.TEMPLATES[0]["OPTIONS"]
    loaders = [
        ("django.template.loaders.locmem.Loader", {"signing/papers/base.html": frame}),
        ("django.template.loaders.filesystem.Loader", [SECTORS.parent]),
    ]
    printer = Engine(loaders=loaders, builtins=options["builtins"], string_if_invalid=missing)
    for spec in (spec for spec in BY_CODE[content["procedure"]] if spec.results[0].template):
        for given in content["dossiers"]:
            context = {
                "data": {**given, **dict.fromkeys(OFFICER_FIELDS, "045326000123")},
                "spec": spec,
                "result": {"number": "15/TEST"},
                "dossier": {"code": "H50.150-261124-0001"},
                "agency": {"name": "UBND phường Đông Hà"},
                "place": "Đông Hà",
                "signer": {"full_name": "Nguyễn Văn Ký"},
                "signed_at": datetime(2026, 11, 24, 3, 0, tzinfo=UTC),
            }
            paper = printer.get_template(spec.results[0].template).render(Context(context))
            assert "⟨" not in paper
            assert "Đông Hà, ngày 24 tháng 11 năm 2026" in paper


@pytest.mark.parametrize("path", EXAMPLES, ids=name_of)
def test_examples_are_answers_a_form_accepts(path: Path) -> None:
    content = yaml.load(path.read_text("utf-8"), Loader)
    assert len(content["dossiers"]) >= 3
    for spec in BY_CODE[content["procedure"]]:
        if spec.form is None:
            continue
        validator = jsonschema_rs.Draft202012Validator(spec.form.data_schema)
        for given in content["dossiers"]:
            assert [error.message for error in validator.iter_errors(given)] == []
            assert engine.validate(spec.form, given) == engine.Outcome(given)
            facts = answers(spec.form, given)
            for charge in spec.charges:
                for channel in ("counter", "online", "post"):
                    amount = outcome(charge.table, {**facts, "channel": channel})["amount"]
                    total = cel.evaluate(amount, facts) if isinstance(amount, str) else amount
                    assert isinstance(total, int)
                    assert total >= 0


@pytest.mark.parametrize(
    ("pages", "copies", "expected"),
    [(1, 1, 2_000), (2, 1, 4_000), (3, 1, 5_000), (4, 2, 12_000), (198, 1, 200_000), (500, 2, 400_000)],
)
def test_certified_copies_cost_what_circular_226_says(pages: int, copies: int, expected: int) -> None:
    spec = next(spec for spec in BY_CODE["2.000815"] if spec.effective_to is None)
    facts = {"pages": pages, "copies": copies}
    amount = outcome(spec.charges[0].table, facts)["amount"]
    assert (cel.evaluate(amount, facts) if isinstance(amount, str) else amount) == expected


def test_licence_levy_was_lower_online_until_the_end_of_2025() -> None:
    by_year = {
        year: next(
            spec
            for spec in BY_CODE["3.000347"]
            if spec.effective_from <= date(year, 6, 1) <= (spec.effective_to or date.max)
        )
        for year in (2024, 2025, 2026)
    }
    levy = {year: outcome(spec.charges[0].table, {"channel": "online"})["amount"] for year, spec in by_year.items()}
    assert levy == {2024: 115_000, 2025: 115_000, 2026: 135_000}


@pytest.mark.parametrize("path", sorted(SECTORS.glob("*/*/pack.yaml")), ids=lambda path: path.parent.name)
def test_pack_says_who_owns_it(path: Path) -> None:
    pack = yaml.load(path.read_text("utf-8"), Loader)
    assert pack["name"] == f"{path.parent.parent.name}.{path.parent.name}"
    assert pack["owner"]
    assert (path.parent / "__init__.py").is_file()
    assert (path.parent.parent / "__init__.py").is_file()
