"""A hundred ways to spoil a pack: each is told by file and line, in words, and leaves the database as it was."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection

from hienluong.services.packs import actions, opening
from hienluong.services.packs.contents import Content, from_folder, from_zip
from hienluong.services.packs.opening import Bundle, Origin
from tests.snapshots import filled_tables, ready

from .sample import ACTOR, files, owner, with_

P, C, T, R, D, F, H, X = (
    "pack.yaml",
    "codelists/forest-trees.yaml",
    "codelists/trees.csv",
    "registers/rung.yaml",
    "procedures/1.900001.yaml",
    "processes/cong_nhan.bpmn",
    "results/giay.html",
    "examples/1.900001.yaml",
)
CHARGE = "charges:\n  - {code: LP, name: Lệ phí, kind: fee, legal_basis: x, text: x, table: {inputs: [cao], rows: [%s]}}\nlegal_basis:"
#: name → file, old text, new text, the line that must be told (0: any).
TEXTS: dict[str, tuple[str, str, str, int]] = {
    "name-missing": (P, "name: thu.rung\n", "", 0),
    "name-without-dot": (P, "name: thu.rung", "name: rung", 1),
    "name-capital": (P, "name: thu.rung", "name: Thu.Rung", 1),
    "title-missing": (P, "title: Rừng\n", "", 0),
    "version-words": (P, "version: 1.0.0", "version: mới", 3),
    "version-two-parts": (P, "version: 1.0.0", "version: '1.0'", 3),
    "unknown-key": (P, "owner:", "ownr:", 4),
    "key-twice": (P, "title: Rừng", "title: Rừng\ntitle: Rừng", 3),
    "name-too-long": (P, "name: thu.rung", f"name: thu.{'a' * 120}", 1),
    "version-too-long": (P, "version: 1.0.0", f"version: 1.0.{'9' * 50}", 3),
    "depends-on-no-number": (P, "depends_on: []", f"depends_on: ['thu.khac>=1.0.{'9' * 5000}']", 5),
    "yaml-open-bracket": (P, "depends_on: []", "depends_on: [", 0),
    "yaml-tab": (P, "title: Rừng", "title:\n\tRừng", 3),
    "yaml-alias": (P, "title: Rừng", "title: &a Rừng\nlegal_basis: [*a]", 0),
    "depends-on-text": (P, "depends_on: []", "depends_on: rừng", 5),
    "depends-on-unknown": (P, "depends_on: []", "depends_on: [thu.khac]", 5),
    "depends-on-nonsense": (P, "depends_on: []", "depends_on: ['thu.khac > 1']", 5),
    "depends-on-itself-newer": (P, "depends_on: []", "depends_on: [thu.rung>=9.0.0]", 5),
    "uses-unknown-list": (P, "depends_on: []", "uses_codelists: [khong-co]", 5),
    "list-code-of-file": (C, "code: forest-trees", "code: other-trees", 1),
    "list-code-form": (C, "code: forest-trees", "code: Forest Trees", 1),
    "list-no-editions": (C, "editions:", "edition:", 0),
    "edition-code-form": (C, "code: '2020'", "code: 'Hai mươi'", 4),
    "edition-day": (C, "2020-01-01", "2020-13-01", 6),
    "edition-ends-before": (C, "    source:", "    valid_to: 2019-01-01\n    source:", 7),
    "edition-no-source": (C, "    source: kiểm thử\n", "", 0),
    "table-missing": (C, "table: trees.csv", "table: khong.csv", 9),
    "table-outside": (C, "table: trees.csv", "table: ../pack.yaml", 9),
    "computed-by-product": (C, "table: trees.csv", "computed: units", 9),
    "table-no-code": (T, "code,parent,name", "ma,parent,name", 1),
    "table-parent-unknown": (T, "G1,G,", "G1,Q,", 3),
    "table-code-twice": (T, "G1,G,", "G,,", 3),
    "table-name-empty": (T, "Lim xanh", "", 3),
    "register-code-form": (R, "code: thu.rung", "code: rung", 1),
    "register-version-zero": (R, "version: 1", "version: 0", 3),
    "register-version-text": (R, "version: 1", "version: một", 3),
    "register-no-title": (R, "title: Cây di sản\n", "", 0),
    "register-day": (R, "2025-07-01", "hôm nay", 4),
    "register-no-key": (R, "key: {field: code}\n", "", 0),
    "register-key-unknown": (R, "key: {field: code}", "key: {field: ma}", 6),
    "register-series-no-number": (R, "key: {field: code}", "key: {series: 'A-{year}'}", 6),
    "register-name-unknown": (R, "name: name", "name: ten", 7),
    "register-computed-unknown": (R, "tall: height != null", "tall: cao != null", 9),
    "register-computed-syntax": (R, "height > 30.0", "height >", 9),
    "register-rule-unknown": (R, "height == null || height > 1.0", "cao > 1.0", 11),
    "register-rule-field": (R, "    field: height", "    field: cao", 12),
    "register-access-unknown": (R, "read: [code, name, place]", "read: [code, mat]", 16),
    "register-access-who": (R, "  public:", "  moi_nguoi:", 16),
    "register-search-unknown": (R, "search: [name]", "search: [ten]", 17),
    "register-index-unknown": (R, "index: [height]", "index: [cao]", 18),
    "register-column-unknown": (R, "[code, name, tree]", "[code, ten]", 20),
    "register-filter-unknown": (R, "filters: [tree]", "filters: [cay]", 21),
    "register-sort-unknown": (R, "sort: -height", "sort: -cao", 22),
    "register-map-no-place": (R, "map: place", "map: name", 23),
    "register-schema-type": (R, "type: object", "type: objekt", 0),
    "register-required-unknown": (R, "required: [code, name]", "required: [code, ten]", 0),
    "register-kind-unknown": (R, "x-kind: text", "x-kind: van_ban", 0),
    "register-list-unknown": (R, "x-list: forest-trees", "x-list: khong-co", 33),
    "register-list-missing": (R, "      x-list: forest-trees\n", "", 0),
    "register-kind-list": (R, "x-kind: flag", "x-kind: [flag]", 0),
    "register-reference-file": (R, "{x-kind: flag", "{$ref: 'file:///etc/hostname', x-kind: flag", 0),
    "register-pattern": (R, "'^C[0-9]{3}$'", "'^C[0-9'", 0),
    "register-owner-unknown": (R, "owner: H50.90", "owner: H50.91", 5),
    "register-reference": (R, "{x-kind: point", "{x-kind: reference, x-register: '!'", 0),
    "procedure-code-form": (D, "code: '1.900001'", "code: một", 1),
    "procedure-code-of-file": (D, "code: '1.900001'", "code: '1.900002'", 1),
    "procedure-no-name": (D, "name: Công nhận cây di sản\n", "", 0),
    "procedure-name-too-long": (D, "name: Công nhận cây di sản", f"name: {'x' * 501}", 2),
    "procedure-sector-too-long": (D, "sector: agriculture", f"sector: {'x' * 41}", 4),
    "procedure-agency-too-long": (D, "key: SNNMT", f"key: {'S' * 21}", 6),
    "procedure-template-too-long": (D, "results/giay.html", f"results/{'x' * 300}.html", 19),
    "procedure-charge-without-outcome": (D, "legal_basis:", CHARGE % "{when: cao > 1.0}", 0),
    "procedure-charge-formula": (D, "legal_basis:", CHARGE % "{then: {amount: rong * 2}}", 0),
    "procedure-charge-inputs": (D, "legal_basis:", (CHARGE % "{then: {amount: 1}}").replace("[cao]", "5"), 0),
    "procedure-eligibility-inputs": (
        D,
        "legal_basis:",
        "eligibility: {table: {inputs: [{}], rows: [{then: {eligible: true}}]}}\nlegal_basis:",
        0,
    ),
    "procedure-level": (D, "online_level: full", "online_level: ful", 5),
    "procedure-agency-level": (D, "level: department", "level: xóm", 6),
    "procedure-no-department": (D, "key: SNNMT, ", "", 6),
    "procedure-applicant": (D, "[citizen]", "[ai_cung_duoc]", 7),
    "procedure-no-ways": (D, "ways:", "cach:", 0),
    "procedure-amount": (D, "amount: 1", "amount: -1", 12),
    "procedure-amount-words": (D, "amount: 1", "amount: nhiều", 12),
    "procedure-deadline-cel": (D, "amount: 1", "amount: 1\n        when: cao >", 0),
    "procedure-no-results": (D, "results:", "ket_qua:", 0),
    "procedure-template-missing": (D, "results/giay.html", "results/khac.html", 19),
    "procedure-template-outside": (D, "results/giay.html", "../../etc/passwd", 19),
    "procedure-day": (D, "effective_from: 2025-07-01", "effective_from: 2025-02-30", 22),
    "procedure-ends-before": (D, "process:", "effective_to: 2024-01-01\nprocess:", 0),
    "procedure-process-unknown": (D, "model: cong_nhan", "model: khong_co", 24),
    "procedure-process-form": (D, "model: cong_nhan", "model: Công nhận", 24),
    "procedure-effect-field": (D, "name: ten}", "ma: ten}", 27),
    "procedure-effect-cel": (D, "name: ten}", "name: ten +}", 27),
    "procedure-effect-unknown": (D, "name: ten}", "name: khac}", 27),
    "procedure-effect-key": (D, "  - register: thu.rung", "  - register: thu.rung\n    key: so", 0),
    "form-required-unknown": (D, "title: Tên cây", "title: Tên cây\n      la: {}", 0),
    "form-type": (D, "    type: object", "    type: objekt", 0),
    "form-field-number": (D, "so: {type", "1: {type: string, title: Số}\n      so: {type", 0),
    "form-field-truth": (D, "ten: {type: string, title: Tên cây}", "ten: true", 0),
    "form-labels-no-map": (D, "{a: Loại A, b: Loại B}", "true", 0),
    "form-reference-elsewhere": (D, "cao: {type: number", "cao: {$ref: 'http://127.0.0.1:9/x', type: number", 0),
    "form-loops": (D, "when: cao == null || cao > 0.0", f"when: '[cao]{'.map(cao, cao + cao)' * 80} == [cao]'", 0),
    "form-page-field": (D, "fields: [so, ten, loai, cao]", "fields: [so, ten, loai]", 0),
    "form-page-unknown": (D, "fields: [so, ten, loai, cao]", "fields: [so, ten, loai, cao, la]", 0),
    "form-rule-unknown": (D, "when: cao == null || cao > 0.0", "when: rong > 0.0", 0),
    "form-widget": (D, "title: Tên cây", "title: Tên cây, x-widget: hologram", 0),
    "form-prefill": (D, "title: Tên cây", "title: Tên cây, x-prefill: party.secret", 0),
    "form-labels": (D, "{a: Loại A, b: Loại B}", "{a: Loại A, c: Loại C}", 0),
    "process-not-xml": (F, "<bpmn:definitions", "<bpmn:definition", 0),
    "process-script": (F, '<bpmn:userTask id="receive"', '<bpmn:scriptTask id="receive"', 0),
    "process-outcome": (F, "accept supplement refuse", "accept supplement", 0),
    "template-include": (H, "<p>Cây", "{% include '/etc/passwd' %}<p>Cây", 4),
    "template-load": (H, "<p>Cây", "{% load static %}<p>Cây", 4),
    "template-safe": (H, "data.so|upper", "data.so|safe", 4),
    "template-extends": (H, "sectors/results/base.html", "portal/base.html", 1),
    "template-private": (H, "data.ten }}", "data.ten.__class__ }}", 4),
    "template-engine": (H, "{{ data.ten }}", "{{ block.context }}", 4),
    "template-open": (H, "{% endif %}", "", 0),
    "example-refused": (X, "so: C001", "so: X", 3),
    "example-of-nothing": (X, "procedure: '1.900001'", "procedure: '1.900009'", 1),
}


def _zip(change: Callable[[zipfile.ZipFile], None]) -> Bundle:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files().items():
            archive.writestr(name, body)
        change(archive)
    return opening.open_zip(out.getvalue())


def _link(archive: zipfile.ZipFile) -> None:
    info = zipfile.ZipInfo("results/mat.html")
    info.external_attr = 0o120777 << 16
    archive.writestr(info, "/etc/passwd")


#: Damages of files as wholes.
FILES: dict[str, Callable[[], Bundle]] = {
    "no-manifest": lambda: opening.open_content(Content({n: b for n, b in files().items() if n != P})),
    "nothing-at-all": lambda: opening.open_content(Content({})),
    "not-utf8": lambda: opening.open_content(Content({**files(), D: b"code: 1\nname: \xff\xfe"})),
    "zero-byte": lambda: opening.open_content(Content({**files(), R: b"code: a\0b"})),
    "program": lambda: opening.open_content(Content({**files(), "code.py": b"import os"})),
    "strange-file": lambda: opening.open_content(Content({**files(), "run.sh": b"rm"})),
    "strange-folder": lambda: opening.open_content(Content({**files(), "plugins/a.yaml": b"a: 1"})),
    "capital-twin": lambda: opening.open_content(Content({**files(), "PACK.yaml": b"a: 1"})),
    "empty-file": lambda: opening.open_content(Content({**files(), R: b""})),
    "not-a-zip": lambda: opening.open_zip(b"GIF89a" + b"0" * 99),
    "torn-zip": lambda: opening.open_zip(with_().to_zip()[:-200]),
    "zip-path-up": lambda: _zip(lambda archive: archive.writestr("../ngoai.yaml", "a: 1")),
    "zip-path-root": lambda: _zip(lambda archive: archive.writestr("/etc/goi.yaml", "a: 1")),
    "zip-path-drive": lambda: _zip(lambda archive: archive.writestr("C:goi.yaml", "a: 1")),
    "zip-link": lambda: _zip(_link),
    "zip-bomb": lambda: _zip(lambda archive: archive.writestr("examples/to.md", b"0" * (65 * 1024 * 1024))),
    "zip-file-twice": lambda: _zip(
        lambda archive: archive.writestr("README.txt", "a") or archive.writestr("README.txt", "b")
    ),
    "deep-yaml": lambda: opening.open_content(Content({**files(), D: b"[" * 5000})),
    "huge-yaml": lambda: opening.open_content(Content({**files(), D: b"a: " + b"x" * 2_000_000})),
    "half-signed": lambda: opening.open_content(Content({**files(), "pack.sig": b"format: 1"})),
}
DAMAGES: dict[str, tuple[str, int, Callable[[], Bundle]]] = {
    **{
        name: (file, line, lambda change=(file, old, new): opening.open_content(with_(change), Origin.UPLOAD))  # type: ignore[misc]
        for name, (file, old, new, line) in TEXTS.items()
    },
    **{name: ("", 0, made) for name, made in FILES.items()},
}


def _counts() -> dict[str, int]:
    with connection.cursor() as cursor:
        found = {}
        for table in filled_tables():
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            found[table] = cursor.fetchone()[0]
        return found


@pytest.mark.django_db
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_hundred_damages_are_told_by_file_and_line_and_change_nothing() -> None:
    ready(owner)
    before = _counts()
    assert len(DAMAGES) >= 100
    wrong = {}
    for name, (file, line, made) in DAMAGES.items():
        try:
            actions.install(ACTOR, bundle=made())
        except actions.NotInstallable as refusal:
            faults = refusal.faults
            told = [f for f in faults if (not file or f.file == file or file == T) and (not line or f.line == line)]
            if not told or any(fault.line < 1 or not fault.file or len(fault.message) < 8 for fault in faults):
                wrong[name] = [str(fault) for fault in faults]
        else:
            wrong[name] = ["installed"]
    assert not wrong, "\n".join(f"{name}: {told}" for name, told in wrong.items())
    assert _counts() == before


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA])
def test_a_zip_whose_packed_bytes_are_damaged_is_refused_in_words(method: int) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr("pack.yaml", "name: thu.goi\n" * 50)
    damaged = bytearray(out.getvalue())
    damaged[39:49] = b"\xff" * 10  # within the packed bytes: 30 of the head and 9 of the name come before
    named = "pack.zip" if method == zipfile.ZIP_DEFLATED else "pack.yaml"  # packed otherwise, it is not even unpacked
    assert [fault.file for fault in from_zip(bytes(damaged)).faults] == [named]


def test_a_pipe_in_a_folder_is_told_and_not_waited_for(tmp_path: Path) -> None:
    for name, body in files().items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(body)
    os.mkfifo(tmp_path / "results" / "cho.html")
    assert [fault.file for fault in from_folder(tmp_path).faults] == ["results/cho.html"]
