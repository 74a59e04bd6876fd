"""The result of a procedure that issues a register's certificate: name, number and validity are said once, at the register."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from hienluong.capabilities.registers.models import Version
from hienluong.foundation.schemas.positions import parse
from hienluong.services.building import actions as building
from hienluong.services.building import certificate_operations, certified_results, files, result_lines, yaml_text
from hienluong.services.dossiers import actions, publishing
from hienluong.services.dossiers.models import Dossier, Result
from hienluong.services.procedures.queries import version_on
from tests.capabilities.registers.certified import premises
from tests.snapshots import ready

from .test_procedures import CODE, NAME, Builder, Office, office

pytestmark = pytest.mark.django_db
PATH, REGISTER = f"procedures/{CODE}.yaml", "registers/cho.yaml"
TITLE = "Giấy phép điểm bán hàng"
ANSWERS = {
    "filer_name": "Nguyễn Thị Lành", "filer_pid": "045190001234", "filer_phone": "0912345678", "ten_diem_ban": "Chợ Phiên",
    "so_quay": "3", "co_ban_do_tuoi_song": "false", "vi_tri": {"type": "Point", "coordinates": [107.1, 16.8]},
}  # fmt: skip


def put(place: Office, **texts: Any) -> None:
    head = place.draft.head
    assert head is not None
    changed = {path: text if isinstance(text, str) else yaml_text.dump(text) for path, text in texts.items()}
    building.save(place.builder, draft=place.draft, files={**place.texts(), **changed}, words="Sửa", expected=head.pk)


def told(place: Office, path: str = PATH) -> Any:
    return parse(place.texts()[path], path).value


def begun(years: int | None = 5) -> Office:
    """A procedure as it is begun, beside a register whose records carry a licence; it writes nowhere yet."""
    place = office()
    begin = {"title": TITLE, "holder": "chu_diem_ban", "series": "GP-{n:03}/{year}", "years": years}
    register = certificate_operations.begin_certificate(told(place, REGISTER), **begin)
    procedure = told(place)
    procedure["results"] = [
        {"code": "giay", "name": "Giấy chứng nhận", "template": "results/p8_000001.html", "number_suffix": "GCN"}
    ]
    del procedure["effects"]
    paper = result_lines.written(result_lines.Paper(procedure["name"], ("Cấp cho: {subject.name}",)), ())
    put(place, **{REGISTER: register, PATH: procedure, "results/p8_000001.html": paper})
    return place


def for_ever() -> Office:
    return begun(None)


@pytest.fixture
def place(db: None) -> Office:
    return ready(begun)


def page(place: Office) -> str:
    return str(Builder(place).client.get(reverse("building:result", args=[NAME, CODE])).content.decode())


def write(place: Office) -> None:
    sources = {"from_name": "ten_diem_ban", "from_so_quay": "so_quay", "from_chu_diem_ban": "party_name"}
    Builder(place).post("effect", register=NAME, kind="issue", **sources)


def keep(place: Office, **boxes: str) -> None:
    said = {
        "name": TITLE,
        "number_suffix": "",
        "valid_months": "",
        "heading": TITLE,
        "lines": "Cấp cho: {subject.name}",
    }
    Builder(place).post("result", **{**said, **boxes})


def granted(place: Office) -> tuple[Result, Version]:
    assert files.check(place.texts()).faults == ()
    installed = Builder(place).client.post(reverse("building:install", args=[NAME]), {"ban": place.draft.head_id})
    assert installed.status_code == 302
    version = version_on(CODE, date.today())
    assert version is not None
    p = place.province
    dossier = p.file(version=version, data=ANSWERS, papers=())
    actions.receive(p.clerk, dossier=dossier)
    actions.review(p.officer, dossier=dossier, grants=True, conclusion="Đủ điều kiện.")
    drafted = publishing.draft_context(Result.objects.get(dossier=dossier))["result"].valid_until
    actions.sign(p.leader, dossier=Dossier.objects.get(pk=dossier.pk))
    result = Result.objects.get(dossier=dossier)
    assert drafted in (result.valid_until, None)
    return result, Version.objects.get(record__register__code=NAME)


def test_the_page_first_asks_where_it_is_written(place: Office) -> None:
    said = page(place)
    assert f"Nếu thủ tục này cấp “{TITLE}” thì hãy khai nơi ghi trước" in said
    assert 'value="Giấy chứng nhận"' in said


def test_the_result_takes_over_what_the_register_says(place: Office) -> None:
    write(place)
    result = told(place)["results"][0]
    assert (result["name"], "number_suffix" in result, "valid_months" in result) == (TITLE, False, False)
    assert f"{{% block heading %}}{TITLE}{{% endblock %}}" in place.texts()["results/p8_000001.html"]
    said = page(place)
    for words in (
        f'value="{TITLE}"',
        "Để trống thì đánh số như cơ sở dữ liệu: GP-{n:03}/{year}.",
        "Để trống thì như cơ sở dữ liệu: 5 năm.",
    ):
        assert words in said
    keep(place, valid_months="60")
    assert "valid_months" not in told(place)["results"][0], "what the register says is not said twice"
    assert "expires" not in told(place)["effects"][0]
    paper, record = granted(place)
    today = date.today()
    assert paper.number == record.data["so_giay_phep"] == f"GP-001/{today.year}"
    assert record.data["ngay_het_han_giay_phep"] == str(paper.valid_until)
    assert paper.valid_until is not None
    assert paper.valid_until.year - today.year in (4, 5)


def test_another_number_and_validity_can_be_said(place: Office) -> None:
    write(place)
    keep(place, name="Giấy phép tạm", number_suffix="GP-T", valid_months="6")
    written = told(place)
    assert (written["results"][0]["valid_months"], written["effects"][0]["expires"]) == (6, "valid_until")
    paper, record = granted(place)
    assert paper.number == record.data["so_giay_phep"] == "01/GP-T"
    assert paper.valid_until is not None
    assert record.data["ngay_het_han_giay_phep"] == str(paper.valid_until)
    assert 180 <= (paper.valid_until - date.today()).days <= 185
    keep(place, valid_months="")
    written = told(place)
    assert ("valid_months" in written["results"][0], "expires" in written["effects"][0]) == (False, False)


def test_a_name_that_somebody_gave_stays(place: Office) -> None:
    keep(place, name="Giấy phép chợ đêm", number_suffix="CD")
    write(place)
    result = told(place)["results"][0]
    assert (result["name"], result["number_suffix"]) == ("Giấy phép chợ đêm", "CD")


def test_a_certificate_without_a_last_day_asks_for_no_validity(db: None) -> None:
    place = ready(for_ever)
    write(place)
    assert 'name="valid_months"' not in page(place)
    keep(place, valid_months="12")
    assert "valid_months" not in told(place)["results"][0]
    paper, record = granted(place)
    assert paper.valid_until is None
    assert paper.number == record.data["so_giay_phep"]


def test_a_certificate_without_grounds_is_told_in_the_words_of_the_builder_unless_the_result_prints_them(
    place: Office,
) -> None:
    write(place)
    installing = reverse("building:install", args=[NAME])
    register = told(place, REGISTER)["title"]
    said = f"Cơ sở dữ liệu “{register}” › Giấy chứng nhận"
    html = Builder(place).client.get(installing).content.decode()
    assert said in html
    assert "ghi ở ô “Căn cứ pháp lý in trên giấy”" in html
    assert "name › Giấy" not in html
    keep(place, lines="Căn cứ Luật Thương mại;\nCấp cho: {subject.name}")
    assert said not in Builder(place).client.get(installing).content.decode()


def test_fields_that_the_first_line_says_or_only_the_fee_reads_are_not_filled_in(place: Office) -> None:
    write(place)
    procedure = told(place)
    for effect in procedure["effects"]:
        effect["set"]["chu_diem_ban"] = "ten_diem_ban"
        effect["set"].pop("so_quay", None)
    put(place, **{PATH: procedure})
    boxes = {"name": TITLE, "heading": TITLE, "lines": "x", "viec": "dien", "ban": place.draft.head_id}
    html = Builder(place).client.post(reverse("building:result", args=[NAME, CODE]), boxes).content.decode()
    lines = html[html.index('name="lines"') : html.index("</textarea>")]
    assert "{ten_diem_ban}" not in lines, "the holder stands in the first line"
    assert "Cấp cho: **{subject.name}**\n? Số định danh hoặc mã số: {subject.identifier}" in lines.replace("\r", "")
    assert "{nguon_nuoc}" in lines or "{so_quay}" in lines, "the others are there"


def test_what_only_the_fee_reads_is_not_filled_in() -> None:
    register = premises()
    effect = {"register": register.code, "kind": "issue", "set": {"name": "owner", "address": "where"}}
    charges = [{"table": {"rows": [{"when": "rooms > 3 && where != ''"}]}}]
    definition = {"effects": [effect], "charges": charges}
    fields = ["owner", "where", "rooms", "other"]
    assert certified_results.unsaid(definition, {register.code: register}, fields) == {"owner", "rooms"}
    assert certified_results.unsaid({"charges": charges}, {register.code: register}, fields) == set()
