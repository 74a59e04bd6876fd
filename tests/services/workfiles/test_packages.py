"""Packages for archives: judged by the validator of E-ARK and by our own look, and refused when anything was altered."""

from __future__ import annotations

import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from hienluong.services.workfiles.packages import building, checking, ead
from hienluong.services.workfiles.packages.content import Item, Kind, Part, WorkFileContent
from tests.services.workfiles.validator import judged

#: The rules look for a group called "Representations"; the circular (and CSIP 2.0.4 itself, CSIP101) names each one:
#: "Representations/rep1". And it gives packages of either kind the profile of CSIP.
#: SIP11 and SIP14 of the validator want of the same agent what its CSIP12 and CSIP16 forbid.
BY_THE_CIRCULAR = {"CSIP114", "CSIP103", "SIP2", "SIP11", "SIP14"}
XML_NAMES = {"m": "http://www.loc.gov/METS/", "x": "http://www.w3.org/1999/xlink", "p": "http://www.loc.gov/premis/v3"}


def content(folder: Path, **more: Any) -> WorkFileContent:
    for name in ("tt.pdf", "pl.xlsx", "tb.pdf", "luong.txt"):
        (folder / name).write_bytes(name.encode() * 50)
    first = Item(
        1,
        Part(folder / "tt.pdf", "tt.pdf", "application/pdf", "Tờ trình.pdf"),
        type_code="15",
        number="12",
        notation="TTr-SYT",
        issued_on=date(2026, 3, 2),
        author="Sở Y tế",
        subject="Về việc phê duyệt kế hoạch",
        pages=4,
        attachments=(
            Part(folder / "pl.xlsx", "pl.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            Part(folder / "luong.txt", "luong.txt", "text/plain"),
        ),
        has_process=True,
    )
    second = Item(2, Part(folder / "tb.pdf", "tb.pdf", "application/pdf"), type_code="07", pages=1, subject="Thông báo")
    fields: dict[str, Any] = {
        "code": "H50.08.2026.12-KHTC",
        "title": "Hồ sơ lập kế hoạch tài chính năm 2026",
        "agency_code": "H50.08",
        "agency_name": "Sở Y tế",
        "archive_code": "H50.LT",
        "archive_name": "Trung tâm Lưu trữ lịch sử tỉnh",
        "fonds": "H50.08",
        "packed_by": "vanthu.syt",
        "maintenance": "01",
        "started_on": date(2026, 1, 5),
        "ended_on": date(2026, 11, 20),
        "items": (first, second),
    }
    return WorkFileContent(**{**fields, **more})


@pytest.fixture
def made(tmp_path: Path) -> Path:
    folder = tmp_path / "goi"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("kind", list(Kind))
def test_the_validator_of_e_ark_finds_no_fault(tmp_path: Path, made: Path, kind: Kind) -> None:
    package = building.build(content(tmp_path), kind, made)
    with zipfile.ZipFile(package.path) as archive:
        archive.extractall(tmp_path / "ra")
    (root,) = (tmp_path / "ra").iterdir()
    report = judged(root)
    assert report.structure.status.value == "WellFormed", report.structure
    assert [str(found) for found in report.metadata.schema_results.messages] == []
    errors = [found for found in report.metadata.schematron_results.messages if found.severity.value == "Error"]
    assert {found.rule_id: found.message for found in errors if found.rule_id not in BY_THE_CIRCULAR} == {}


@pytest.mark.parametrize("kind", list(Kind))
def test_names_and_parts_are_those_of_the_circular(tmp_path: Path, made: Path, kind: Kind) -> None:
    package = building.build(content(tmp_path), kind, made)
    with zipfile.ZipFile(package.path) as archive:
        names = archive.namelist()
    top = package.object_id.replace(":", "_")
    code = "H50.08.2026.12-KHTC"
    wanted = {
        "METS.xml",
        "metadata/descriptive/EAD.xml",
        "metadata/preservation/PREMIS.xml",
        "representations/rep1/METS.xml",
        "representations/rep1/metadata/preservation/PREMIS_rep1.xml",
        *(f"representations/rep1/metadata/descriptive/EAD_DOC_{code}.{n}.xml" for n in (1, 2)),
        *(f"representations/rep1/data/{code}.{end}" for end in ("1.pdf", "1.1.xlsx", "1.2.txt", "2.pdf")),
        *(f"schemas/{name}" for name in ("mets1_12.xsd", "xlink.xsd", "xml.xsd", "ead.xsd", "ead_doc.xsd")),
        "schemas/DILCISExtensionMETS.xsd",
        "schemas/DILCISExtensionSIPMETS.xsd",
        "documentation/MucLuc.csv",
    }
    assert set(names) == {f"{top}/{name}" for name in wanted}
    assert package.files == len(wanted)
    if kind is Kind.AIP:
        assert package.object_id.startswith("urn:H50.08:uuid:")
        assert package.path.name == f"{top}.zip"
    else:
        assert package.object_id.startswith("uuid-")
        assert package.object_id[5:] == package.object_id[5:].upper()


def test_a_sip_may_leave_preservation_to_the_archive(tmp_path: Path, made: Path) -> None:
    package = building.build(content(tmp_path), Kind.SIP, made, with_premis=False)
    with zipfile.ZipFile(package.path) as archive:
        assert not [name for name in archive.namelist() if "PREMIS" in name]
        root = etree.fromstring(archive.read(f"{package.object_id}/METS.xml"))
    (section,) = root.findall("m:amdSec", XML_NAMES)
    assert len(section) == 0
    assert checking.faults_of(package.path) == []


@pytest.mark.parametrize("kind", list(Kind))
def test_descriptions_obey_the_schemas_that_lie_beside_them(tmp_path: Path, made: Path, kind: Kind) -> None:
    package = building.build(content(tmp_path), kind, made)
    with zipfile.ZipFile(package.path) as archive:
        inside = {name.split("/", 1)[1]: archive.read(name) for name in archive.namelist()}
    for schema, files in (("ead.xsd", "metadata/descriptive/EAD.xml"), ("ead_doc.xsd", "EAD_DOC_")):
        judge = etree.XMLSchema(etree.fromstring(inside[f"schemas/{schema}"]))
        found = [name for name in inside if (name == files or files in name) and name.endswith(".xml")]
        assert found
        for name in found:
            judge.assertValid(etree.fromstring(inside[name]))
    described = etree.fromstring(inside["metadata/descriptive/EAD.xml"])
    code = "H50.LT.H50.08.2026.12-KHTC" if kind is Kind.AIP else "H50.08.2026.12-KHTC"
    assert (described[0].text, len(described)) == (code, 18)
    assert described.findtext("totalDoc") == "2"
    assert described.findtext("numberOfPage") == "5"
    assert described.findtext("startDate") == "05/01/2026"


def test_premis_has_the_digest_of_every_file(tmp_path: Path, made: Path) -> None:
    package = building.build(content(tmp_path), Kind.AIP, made)
    top = package.object_id.replace(":", "_")
    with zipfile.ZipFile(package.path) as archive:
        root = etree.fromstring(archive.read(f"{top}/representations/rep1/metadata/preservation/PREMIS_rep1.xml"))
        mets = etree.fromstring(archive.read(f"{top}/representations/rep1/METS.xml"))
    told = {found.text for found in root.iterfind(".//p:messageDigest", XML_NAMES)}
    assert told == {found.get("CHECKSUM") for found in mets.iterfind(".//m:file", XML_NAMES)}
    assert len(told) == 4
    assert root.findtext(".//p:eventType", namespaces=XML_NAMES) == "information package creation"
    assert root.findtext(".//p:originalName", namespaces=XML_NAMES) == "Tờ trình.pdf"


def _altered(package: Path, out: Path, change: Any) -> Path:
    with zipfile.ZipFile(package) as archive, zipfile.ZipFile(out, "w") as written:
        for info in archive.infolist():
            for name, data in change(info.filename, archive.read(info)):
                written.writestr(name, data)
    return out


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda n, d: [(n, d + b"!")] if n.endswith("2.pdf") else [(n, d)], "không khớp"),
        (lambda n, d: [] if n.endswith("2.pdf") else [(n, d)], "gói không có"),
        (lambda n, d: [(n, d), (n + ".them", b"x")] if n.endswith("2.pdf") else [(n, d)], "không được METS nhắc"),
        (lambda n, d: [(n, b"<mets")] if n.endswith("rep1/METS.xml") else [(n, d)], "không phải XML"),
        (lambda n, d: [] if n.endswith("rep1/METS.xml") else [(n, d)], "Thiếu tệp METS"),
        (lambda n, d: [("khac/" + n, d)] if n.endswith("2.pdf") else [(n, d)], "đúng một thư mục"),
    ],
)
def test_what_was_altered_is_found(tmp_path: Path, made: Path, change: Any, words: str) -> None:
    package = building.build(content(tmp_path), Kind.SIP, made)
    assert checking.faults_of(package.path) == []
    faults = checking.faults_of(_altered(package.path, tmp_path / "khac.zip", change))
    assert any(words in fault.words for fault in faults), faults


@given(st.binary(max_size=300))
def test_whatever_is_brought_is_refused_in_words(data: bytes) -> None:
    import tempfile

    with tempfile.NamedTemporaryFile(suffix=".zip") as file:
        file.write(data)
        file.flush()
        assert checking.faults_of(Path(file.name))


@given(st.text(max_size=60))
def test_any_words_can_be_described(text: str) -> None:
    made_of = WorkFileContent(
        text, text, text, text, text, text, text, text, "01", date(2026, 1, 1), date(2026, 1, 2), ()
    )
    assert len(etree.fromstring(ead.file_description(made_of, Kind.SIP))) == 18


def test_a_work_file_without_documents_is_not_packed(tmp_path: Path, made: Path) -> None:
    with pytest.raises(ValueError, match="at least one document"):
        building.build(content(tmp_path, items=()), Kind.SIP, made)


def test_the_validator_would_say_so(tmp_path: Path, made: Path) -> None:
    package = building.build(content(tmp_path), Kind.SIP, made)
    with zipfile.ZipFile(package.path) as archive:
        archive.extractall(tmp_path / "ra")
    (root,) = (tmp_path / "ra").iterdir()
    mets = root / "METS.xml"
    mets.write_text(
        mets.read_text().replace('OAISPACKAGETYPE="SIP"', 'OAISPACKAGETYPE="XYZ"').replace(' TYPE="PHYSICAL"', "")
    )
    found = {
        each.rule_id for each in judged(root).metadata.schematron_results.messages if each.severity.value == "Error"
    }
    assert {"CSIP9", "CSIP81"} <= found
