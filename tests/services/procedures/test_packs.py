"""Packs: faults by file and line, idempotent installing, differences before installing."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.core.management.base import CommandError

from hienluong.capabilities.registers.models import Definition
from hienluong.capabilities.workflow import library
from hienluong.capabilities.workflow.models import ProcessModel
from hienluong.foundation.actions import InvalidInput
from hienluong.services.procedures import installing, packs, queries
from hienluong.services.procedures.models import ProcedureVersion
from tests.capabilities.registers.sample import WELLS, organization

from .samples import ACTOR, spec, write_pack

FORM = {
    "code": "tokhai",
    "title": "Tờ khai",
    "schema": {"type": "object", "required": ["ten"], "properties": {"ten": {"type": "string", "title": "Tên"}}},
    "pages": [{"id": "ten", "title": "Tên", "fields": ["ten"]}],
}


SHOP = "title: Tên\n        x-prefill: register.business.household"


def _faults(folder: Path) -> list[str]:
    return [str(fault) for fault in packs.load(folder).faults]


def test_a_sound_pack_has_no_fault(tmp_path: Path) -> None:
    assert _faults(write_pack(tmp_path, spec(form=FORM))) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("online_level: full", "online_level: ful", "procedures/1.000001.yaml:7: “online_level” phải là"),
        ("summary:", "sumary:", "procedures/1.000001.yaml:14: không có khóa “sumary” trong quy cách"),
        ("summary:", "sumary:", "thiếu “summary”"),
        ("- birth", "- dragon", "procedures/1.000001.yaml:16: không có sự kiện “dragon”"),
        ("amount: 1", "amount: -1", "procedures/1.000001.yaml:22: “ways.0.deadlines.0.amount”"),
        ("amount: 1", "amount: 1\n    when: tuoi >", "điều kiện: "),
        ("amount: 1", "amount: 1\n    amount: 2", "khóa “amount” bị lặp"),
        ("type: object", "type: objekt", "JSON Schema không đúng"),
        ("title: Tên\n", "title: Tên\n        x-widget: hologram\n", "không có kiểu nhập “hologram”"),
        ("title: Tên\n", "title: Tên\n        x-prefill: party.secret\n", "không có nguồn điền sẵn"),
        ("title: Tên\n", "title: Tên\n        x-prefill: register.ten\n", "không có nguồn điền sẵn"),
        ("title: Tên\n", f"{SHOP}.la\n", "cơ sở dữ liệu “business.household” không có trường “la”"),
        ("title: Tên\n", "title: Tên\n        x-prefill: register.la.lam.ten\n", "không có cơ sở dữ liệu “la.lam”"),
        ("title: Tên\n", f"{SHOP}.name\n        x-prefill-key: la\n", "không có trường “la” để nêu khóa"),
        (
            "title: Tên\n",
            "title: Tên\n        x-prefill-locked: true\n",
            "chỉ dùng được khi trường điền sẵn từ một trường của cơ sở dữ liệu",
        ),
        ("title: Tên\n", f"{SHOP}.name\n        x-kind: photo\n", "trường tệp không điền sẵn được"),
        ("source: form", "from: register la.lam", ": không có cơ sở dữ liệu “la.lam”"),
        ("source: form", "from: result 9.999999", ": không có thủ tục “9.999999”"),
        ("source: form", "from: result 1.001612/la", "không có kết quả “la” (có: household"),
        ("source: form", "from: kho nào đó", "“papers.0.from”"),
        ("title: Tên\n", "title: Tên\n        x-when: la == 1\n", "không có trường “la”"),
        ("name: Giấy khai sinh", "name: Giấy khai sinh\n  template: results/khong-co.html", "không có tệp mẫu"),
        ("name: Giấy khai sinh", "name: Giấy khai sinh\n  template: ../../../etc/passwd", "không có tệp mẫu"),
        ("title: Tên\n", "title: Tên\n        x-when: ten == 'x'\n", "đọc trường hỏi sau: ten"),
        ("title: Tên\n", "title: Tên\n        x-computed: la + 1\n", "công thức: không có trường “la”"),
        ("title: Tên\n", "title: Tên\n        x-computed: ten + 1\n", "công thức đọc trường hỏi sau: ten"),
        ("code: '1.000001'", "code: '1.000007'", "tên tệp phải là"),
        ("sector: justice", "sector: justice\nrule_overrides:\n  cutoff: '15:00'", "cutoff phải nêu giờ"),
        ("sector: justice", "sector: justice\nrule_overrides:\n  cutoff: {at: 15:00, legal_basis: x}", "giờ:phút"),
        ("sector: justice", "sector: justice\nrule_overrides:\n  deadline: 3", "không có khóa"),
        ("sector: justice", "sector: [", "YAML không đúng"),
        ("sector: justice", "sector: &a justice\nname_en: *a", "bí danh"),
    ],
)
def test_faults_name_the_file_the_line_and_the_remedy(tmp_path: Path, old: str, new: str, fault: str) -> None:
    write_pack(tmp_path, spec(form=FORM))
    file = tmp_path / "procedures" / "1.000001.yaml"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")
    assert any(fault in found for found in _faults(tmp_path)), _faults(tmp_path)


def test_faults_of_files_that_are_not_declarations(tmp_path: Path) -> None:
    assert "pack.yaml:1:" in _faults(tmp_path)[0]
    write_pack(tmp_path)
    (tmp_path / "procedures" / "empty.yaml").write_text("")
    (tmp_path / "procedures" / "binary.yaml").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "procedures" / "list.yaml").write_text("- 1")
    (tmp_path / "procedures" / "deep.yaml").write_text("[" * 5000)
    (tmp_path / "procedures" / "huge.yaml").write_text("a: " + "x" * 2_000_000)
    found = _faults(tmp_path)
    assert {fault.split(":")[0] for fault in found} == {
        f"procedures/{name}.yaml" for name in ("empty", "binary", "list", "deep", "huge")
    }


def test_examples_must_pass_the_form(tmp_path: Path) -> None:
    write_pack(tmp_path, spec(form=FORM))
    (tmp_path / "examples").mkdir()
    (tmp_path / "examples" / "1.000001.yaml").write_text('procedure: "1.000001"\ndossiers:\n  - ten: An\n  - ten: ""\n')
    assert _faults(tmp_path) == ["examples/1.000001.yaml:4: biểu mẫu không nhận: Nhập tên."]


def test_versions_of_one_procedure_may_not_overlap(tmp_path: Path) -> None:
    write_pack(tmp_path, spec(effective_to="2025-07-01"), spec(effective_from="2025-07-01"), labels=("2022", ""))
    assert "chồng lên" in _faults(tmp_path)[0]


@pytest.mark.django_db
def test_installing_twice_changes_nothing(tmp_path: Path) -> None:
    write_pack(tmp_path, spec(effective_to="2025-06-30"), spec(effective_from="2025-07-01"), labels=("2022", ""))
    first = installing.install(ACTOR, packs.load(tmp_path))
    assert (first.new, first.changed) == (["procedures/1.000001.2022.yaml"], ["procedures/1.000001.yaml"])
    second = installing.install(ACTOR, packs.load(tmp_path))
    assert (len(second.new), len(second.changed), len(second.same)) == (0, 0, 2)
    assert ProcedureVersion.objects.count() == 2
    assert queries.version_on("1.000001", date(2025, 6, 30)).source == "pack:justice.test@1.0.0"


@pytest.mark.django_db
def test_what_changed_becomes_a_version_and_the_difference_is_shown_before(tmp_path: Path) -> None:
    write_pack(tmp_path, spec(), spec("1.000002", name="Khai tử"))
    installing.install(ACTOR, packs.load(tmp_path))
    write_pack(tmp_path, spec(summary="Mới."), spec("1.000002", name="Khai tử"))
    kinds = {d.code: d for d in installing.diff(packs.load(tmp_path))}
    assert kinds["1.000002"].kind == "same"
    before, after = kinds["1.000001"].before, kinds["1.000001"].after
    assert (before["summary"], after["summary"]) == ("Đăng ký cho trẻ mới sinh.", "Mới.")
    assert {**before, "summary": "Mới."} == after
    done = installing.install(ACTOR, packs.load(tmp_path))
    assert done.changed == ["procedures/1.000001.yaml"]
    assert queries.current_version("1.000001").number == 2


@pytest.mark.django_db
def test_a_version_from_another_day_is_compared_with_the_one_that_it_follows(tmp_path: Path) -> None:
    installing.install(ACTOR, packs.load(write_pack(tmp_path, spec(effective_from="2025-01-01"))))
    write_pack(tmp_path, spec(effective_from="2025-07-01", summary="Mới."))
    (found,) = installing.diff(packs.load(tmp_path))
    assert (found.kind, found.before["effective_from"], found.after["summary"]) == ("changed", "2025-01-01", "Mới.")
    write_pack(tmp_path, spec(effective_from="2024-07-01"))
    assert installing.diff(packs.load(tmp_path))[0].kind == "new", "nothing was there on the day before"


@pytest.mark.django_db
def test_a_faulty_pack_is_not_installed(tmp_path: Path) -> None:
    write_pack(tmp_path, spec())
    (tmp_path / "procedures" / "x.yaml").write_text("a: 1")
    with pytest.raises(InvalidInput):
        installing.install(ACTOR, packs.load(tmp_path))
    assert not ProcedureVersion.objects.exists()


@pytest.mark.django_db
def test_the_command_checks_compares_and_installs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_pack(tmp_path, spec())
    call_command("pack", "check", str(tmp_path))
    call_command("pack", "diff", str(tmp_path))
    call_command("pack", "install", str(tmp_path))
    shown = capsys.readouterr().out
    assert "1 thủ tục, 0 lỗi" in shown
    assert "1.000001.yaml: mới" in shown
    assert "1 mới, 0 thay đổi" in shown
    (tmp_path / "pack.yaml").write_text("name: x")
    with pytest.raises(CommandError):
        call_command("pack", "check", str(tmp_path))
    assert "pack.yaml:1: thiếu “title”" in capsys.readouterr().err


def test_every_shipped_pack_is_sound() -> None:
    for folder in packs.shipped_folders():
        assert _faults(folder) == []


def _own_process(folder: Path, xml: str, params: dict[str, Any] | None = None) -> Path:
    write_pack(folder, spec(process={"model": "quy_trinh_rieng", "params": params or {}}))
    (folder / "processes").mkdir(exist_ok=True)
    (folder / "processes/quy_trinh_rieng.bpmn").write_text(xml, "utf-8")
    return folder


def test_a_pack_may_bring_a_process_model_of_its_own(tmp_path: Path, db: None) -> None:
    xml = library.shipped_xml("single_agency")
    pack = packs.load(_own_process(tmp_path, xml))
    assert pack.faults == []
    installing.install(ACTOR, pack)
    version = ProcedureVersion.objects.get(procedure__code="1.000001")
    assert ProcessModel.objects.get(pk=version.process_digest).xml == xml


def test_a_changed_model_makes_a_new_version_and_the_old_one_keeps_its_own(tmp_path: Path, db: None) -> None:
    installing.install(ACTOR, packs.load(_own_process(tmp_path, library.shipped_xml("single_agency"))))
    changed = packs.load(_own_process(tmp_path, library.shipped_xml("field_inspection")))
    assert installing.install(ACTOR, changed).changed == ["procedures/1.000001.yaml"]
    kept = ProcedureVersion.objects.filter(procedure__code="1.000001").order_by("number")
    assert [ProcessModel.objects.get(pk=v.process_digest).xml for v in kept] == [
        library.shipped_xml("single_agency"),
        library.shipped_xml("field_inspection"),
    ]


def test_a_model_that_the_engine_cannot_run_is_a_fault_of_its_file(tmp_path: Path) -> None:
    xml = library.shipped_xml("single_agency").replace("userTask", "scriptTask")
    faults = _faults(_own_process(tmp_path, xml))
    assert any(fault.startswith("processes/quy_trinh_rieng.bpmn:1: ") and "scriptTask" in fault for fault in faults)
    assert any("không có mô hình quy trình “quy_trinh_rieng”" in fault for fault in faults)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (
            '"inspect"',
            '"khao_sat"',
            ":74: hệ thống không có việc nào cho bước “khao_sat”; các bước làm được: receive, ",
        ),
        ("forward back", "forward back hold", ":85: bước “approve” có kết cục lạ: hold; các kết cục làm được: forward"),
        ("accept supplement refuse", "accept refuse", ":35: bước “receive” thiếu kết cục: supplement"),
        ('lane id="head"', 'lane id="leader2"', ":85: bước “approve” phải nằm trong làn head, không phải “leader2”"),
        ('"return_result"', '"tra_ket_qua"', ":1: quy trình thiếu bước “return_result”"),
    ],
)
def test_a_model_with_steps_that_no_verb_does_is_a_fault_at_its_line(
    tmp_path: Path, old: str, new: str, fault: str
) -> None:
    xml = library.shipped_xml("field_inspection")
    assert old in xml
    renamed = xml.replace(old, new).replace(f">{old[1:-1]}<", f">{new[1:-1]}<")
    found = _faults(_own_process(tmp_path, renamed))
    assert any(f"processes/quy_trinh_rieng.bpmn{fault}" in line for line in found), found


def test_a_model_may_leave_out_the_shorter_way_back_to_the_review(tmp_path: Path) -> None:
    xml = library.shipped_xml("field_inspection").replace("propose revise supplement deny", "propose supplement deny")
    assert _faults(_own_process(tmp_path, xml)) == []


@pytest.mark.parametrize(
    ("upper", "fault"),
    [
        (None, "hãy khai báo params.upper"),
        ({}, "hãy khai báo params.upper"),
        ("SNV", "hãy khai báo params.upper"),
        ({"level": "department"}, "hãy ghi tên viết tắt của sở"),
        ({"level": "central", "key": "BNV"}, "cấp “central” không có; chọn một trong: province, department"),
        ({"level": "province", "keys": "x"}, "params.upper không có khóa “keys”"),
    ],
)
@pytest.mark.parametrize("own", [True, False])
def test_a_process_with_a_step_of_the_upper_level_must_say_who_that_is(
    tmp_path: Path, own: bool, upper: object, fault: str
) -> None:
    params = {} if upper is None else {"upper": upper}
    if own:
        _own_process(tmp_path, library.shipped_xml("inter_level"), params)
    else:
        write_pack(tmp_path, spec(process={"model": "inter_level", "params": params}))
    found = _faults(tmp_path)
    assert len(found) == 1
    assert found[0].startswith("procedures/1.000001.yaml:")
    assert fault in found[0]


@pytest.mark.parametrize("upper", [{"level": "department", "key": "SNV"}, {"key": "SNV"}, {"level": "competent"}])
def test_a_process_that_says_who_the_upper_level_is_is_sound(tmp_path: Path, upper: dict[str, str]) -> None:
    assert _faults(_own_process(tmp_path, library.shipped_xml("inter_level"), {"upper": upper})) == []


def test_a_process_that_asks_other_agencies_must_name_them(tmp_path: Path) -> None:
    found = _faults(_own_process(tmp_path, library.shipped_xml("parallel_opinions")))
    assert len(found) == 1
    assert "hãy khai báo params.opinions" in found[0]


def _with_register(folder: Path, **changes: Any) -> Path:
    """The pack with a register in it; its owner is there."""
    definition = yaml.safe_load(yaml.safe_dump({**WELLS, "owner": "H50.90", **changes}, allow_unicode=True))
    (folder / "registers").mkdir(exist_ok=True)
    name = f"gieng.v{definition['version']}.yaml"
    (folder / "registers" / name).write_text(yaml.safe_dump(definition, allow_unicode=True), "utf-8")
    return folder


def test_a_pack_brings_registers_and_installing_them_again_changes_nothing(tmp_path: Path, db: None) -> None:
    organization("H50.90")
    folder = _with_register(write_pack(tmp_path, spec(form=FORM)))
    done = installing.install(ACTOR, packs.load(folder))
    assert "registers/gieng.v1.yaml" in done.new
    definition = Definition.objects.get(register__code="thu.gieng")
    assert definition.register.pack == packs.load(folder).name
    assert "registers/gieng.v1.yaml" in installing.install(ACTOR, packs.load(folder)).same
    _with_register(folder, version=2, effective_from="2026-06-01", title="Giếng")
    assert "registers/gieng.v2.yaml" in installing.install(ACTOR, packs.load(folder)).changed
    assert Definition.objects.count() == 2


def test_a_register_whose_owner_is_not_there_is_refused_and_said(tmp_path: Path, db: None) -> None:
    folder = _with_register(write_pack(tmp_path, spec(form=FORM)))
    done = installing.install(ACTOR, packs.load(folder))
    assert [(file, "H50.90" in why) for file, why in done.refused] == [("registers/gieng.v1.yaml", True)]
    assert done.new == ["procedures/1.000001.yaml"]
    assert not Definition.objects.exists()


def test_two_files_may_not_say_the_same_version(tmp_path: Path) -> None:
    folder = _with_register(write_pack(tmp_path, spec(form=FORM)))
    (folder / "registers/z.yaml").write_text((folder / "registers/gieng.v1.yaml").read_text("utf-8"), "utf-8")
    assert any(
        fault.startswith("registers/z.yaml") and "đã ở registers/gieng.v1.yaml" in fault for fault in _faults(folder)
    )


def test_a_procedure_that_a_department_decides_says_which(tmp_path: Path) -> None:
    found = _faults(write_pack(tmp_path, spec(agency={"level": "department"})))
    assert len(found) == 1
    assert "procedures/1.000001.yaml:" in found[0]
    assert "key phải nêu sở nào" in found[0]
    assert _faults(write_pack(tmp_path, spec(agency={"level": "department", "key": "SCT"}))) == []


BARE = """{% extends "sectors/results/base.html" %}
{% block heading %}GIẤY{% endblock %}
{% block body %}
<p>Cấp cho: {{ subject.name }}</p>
{% endblock %}
"""


@pytest.mark.parametrize(
    ("text", "is_told"),
    [
        (BARE, True),
        (BARE.replace("<p>", "<p>Căn cứ Luật Hộ tịch;</p><p>"), False),
        (BARE.replace("{% block heading", "{# Căn cứ: chưa có #}{% block heading"), True),
        (BARE.replace("{% block heading", "{# Mẫu theo 1/2025/NĐ-CP #}{% block heading"), False),
        (BARE.replace("{% block heading", "{# Mẫu theo 2/2025/NĐ-CP #}{% block heading"), True),
    ],
)
def test_a_paper_without_legal_basis_is_told_and_still_installed(tmp_path: Path, text: str, is_told: bool) -> None:
    law = [{"number": "1/2025/NĐ-CP", "title": "Về giấy"}]
    results = [{"code": "giay", "name": "Giấy xác nhận", "template": "results/giay.html"}]
    folder = write_pack(tmp_path, spec(results=results, legal_basis=law))
    (folder / "results").mkdir(exist_ok=True)
    (folder / "results/giay.html").write_text(text, "utf-8")
    pack = packs.load(folder)
    assert pack.faults == []
    said = [f"{note.file}: {note.message}" for note in pack.notes]
    wanted = ["procedures/1.000001.yaml: giấy “Giấy xác nhận” không in dòng “Căn cứ …” nào"]
    assert said == (wanted if is_told else [])


def test_every_paper_that_is_shipped_says_its_legal_basis_or_the_form_that_the_law_fixes() -> None:
    said = [str(note) for folder in packs.product_folders() for note in packs.load(folder).notes]
    assert [note for note in said if "Căn cứ" in note] == []
