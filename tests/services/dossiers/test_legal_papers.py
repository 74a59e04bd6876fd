"""The seven legal papers as PDF: what they say, the code that scans, and that they say what was so when they were issued."""

from __future__ import annotations

import subprocess
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
import zxingcpp
from django.conf import settings
from django.test import Client
from django.utils import timezone
from PIL import Image

from hienluong.foundation.identity.models import Account
from hienluong.services.dossiers import actions, issuing, publishing
from hienluong.services.dossiers.models import DeadlineChange, Dossier, IssuedPaper, Result
from hienluong.services.procedures import rules
from hienluong.services.procedures.models import RuleSet
from tests.services.dossiers.province import Province

pytestmark = [pytest.mark.django_db, pytest.mark.once]

#: Points in a millimetre.
MM = 72 / 25.4


@pytest.fixture(autouse=True)
def _real_rules(province: Province) -> None:
    """The rule sets that are shipped, with their real titles and form numbers."""
    for spec in rules.shipped():
        RuleSet.objects.filter(code=spec.code).update(spec_json=spec.model_dump(mode="json"))
    province.party.address = "Khu phố 3, phường Đông Hà, tỉnh Quảng Trị"
    province.party.save()


def text_of(pdf: bytes, folder: Path) -> str:
    """What pdftotext reads, with blanks made single."""
    file = folder / "giay.pdf"
    file.write_bytes(pdf)
    done = subprocess.run(["pdftotext", "-layout", str(file), "-"], capture_output=True, check=True, text=True)
    return " ".join(done.stdout.split())


def codes_on(pdf: bytes, folder: Path) -> list[str]:
    """What a phone reads from the codes on the first page, printed at 150 dpi."""
    (folder / "giay.pdf").write_bytes(pdf)
    subprocess.run(
        ["pdftoppm", "-r", "150", "-png", "-singlefile", "-f", "1", str(folder / "giay.pdf"), str(folder / "giay")],
        check=True,
    )
    with Image.open(folder / "giay.png") as page:
        return [found.text for found in zxingcpp.read_barcodes(page)]


def issued(kind: str) -> IssuedPaper:
    return IssuedPaper.objects.select_related("dossier").get(kind=kind)


def with_paper(p: Province, kind: str) -> tuple[Dossier, bytes]:
    """A dossier on its way to this paper, and the paper."""
    dossier = p.file()
    if kind == "supplement":
        items = [{"code": "CC", "name": "Bản sao căn cước", "what": "chụp lại cho rõ mặt sau"}]
        actions.request_supplement(p.clerk, dossier=dossier, reason="Ảnh mờ không đọc được.", items=items)
    elif kind == "refusal":
        actions.refuse(p.clerk, dossier=dossier, reason="Không thuộc thẩm quyền của phường.")
    else:
        actions.receive(p.clerk, dossier=dossier)
    if kind == "apology":
        past = timezone.now() - timedelta(days=2)
        DeadlineChange.objects.filter(dossier=dossier).update(due_after=past)
        Dossier.objects.filter(pk=dossier.pk).update(due_at=past)
        due = timezone.now() + timedelta(days=3)
        actions.apologise(p.head, dossier=dossier, reason="Số hồ sơ tăng đột biến.", due=due)
    elif kind == "stop":
        actions.stop(p.head, dossier=dossier, reason="Chờ kết luận thanh tra.")
    elif kind == "control_sheet":
        actions.review(p.officer, dossier=dossier, grants=True, conclusion="Đủ điều kiện.")
        actions.submit_for_signature(p.head, dossier=dossier)
        publishing.produce(Result.objects.get(pk=actions.sign(p.leader, dossier=dossier).pk))
    dossier = Dossier.objects.get(pk=dossier.pk)
    return dossier, issuing.control_sheet_pdf(dossier) if kind == "control_sheet" else issuing.pdf_of(issued(kind))


PAPERS = {
    "receipt": ("Mẫu số 01", "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ", "Bản sao căn cước"),
    "supplement": ("Mẫu số 02", "PHIẾU YÊU CẦU BỔ SUNG, HOÀN THIỆN HỒ SƠ", "Bản sao căn cước: chụp lại cho rõ mặt sau"),
    "refusal": ("Mẫu số 03", "PHIẾU TỪ CHỐI TIẾP NHẬN GIẢI QUYẾT HỒ SƠ", "Không thuộc thẩm quyền của phường."),
    "apology": ("Mẫu số 04", "VĂN BẢN XIN LỖI VÀ ĐỀ NGHỊ GIA HẠN THỜI GIAN GIẢI QUYẾT", "Số hồ sơ tăng đột biến."),
    "stop": ("Mẫu số 05", "THÔNG BÁO DỪNG GIẢI QUYẾT HỒ SƠ", "Chờ kết luận thanh tra."),
    "control_sheet": ("Mẫu số 06", "PHIẾU KIỂM SOÁT QUÁ TRÌNH GIẢI QUYẾT HỒ SƠ", "Trước hạn"),
}


@pytest.mark.parametrize("kind", PAPERS)
def test_a_paper_says_what_the_circular_wants_and_its_code_scans(province: Province, tmp_path: Path, kind: str) -> None:
    dossier, pdf = with_paper(province, kind)
    text = text_of(pdf, tmp_path)
    form_number, title, said = PAPERS[kind]
    for words in (form_number, title, said, dossier.code, "Nguyễn Thị Lành", "Xác nhận tình trạng nhà ở"):
        assert words in text, f"{words}\n{text}"
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in text
    agency = "UBND PHƯỜNG ĐÔNG HÀ"
    assert agency in text
    if kind not in ("apology", "stop"):
        assert "TRUNG TÂM PVHCC PHƯỜNG" in text
    if kind != "control_sheet":
        assert issued(kind).number in text
    assert codes_on(pdf, tmp_path) == [f"{settings.BASE_URL}/ho-so/tra-cuu?ma={dossier.code}"]
    if dossier.due_at and kind in ("receipt", "control_sheet"):
        due = timezone.localtime(dossier.due_at)
        assert f"{due:%H} giờ {due:%M} phút, ngày {due:%d} tháng {due:%m} năm {due:%Y}" in text


@pytest.mark.parametrize("kind", PAPERS)
def test_the_layout_keeps_the_margins_of_decree_30(province: Province, tmp_path: Path, kind: str) -> None:
    _dossier, pdf = with_paper(province, kind)
    keeps_margins(pdf, tmp_path, (210, 297))


def keeps_margins(pdf: bytes, folder: Path, size: tuple[int, int]) -> None:
    (folder / "giay.pdf").write_bytes(pdf)
    done = subprocess.run(
        ["pdftotext", "-bbox", str(folder / "giay.pdf"), "-"], capture_output=True, check=True, text=True
    )
    with pikepdf.open(BytesIO(pdf)) as opened:
        box = [float(value) / MM for value in opened.pages[0].MediaBox]
    assert [round(value) for value in box] == [0, 0, *size]
    words = [
        [float(part.split('"')[1]) / MM for part in line.split() if part[:4] in ("xMin", "yMin", "xMax", "yMax")]
        for line in done.stdout.splitlines()
        if "<word" in line
    ]
    assert words
    assert min(word[0] for word in words) >= 29.9
    assert max(word[2] for word in words) <= size[0] - 15
    assert max(word[3] for word in words) <= size[1] - 20


def test_a_receipt_printed_late_says_what_was_so_when_it_was_issued(province: Province, tmp_path: Path) -> None:
    dossier = province.file()
    actions.receive(province.clerk, dossier=dossier)
    dossier = Dossier.objects.get(pk=dossier.pk)
    due = timezone.localtime(dossier.due_at)
    later = timezone.now() + timedelta(days=60)
    Dossier.objects.filter(pk=dossier.pk).update(due_at=later, delivery="post")
    dossier.papers.update(name="Giấy nộp sau")
    province.party.address, province.party.phone = "Nơi ở mới", "0999999999"
    province.party.save()
    text = text_of(issuing.pdf_of(issued("receipt")), tmp_path)
    assert f"ngày {due:%d} tháng {due:%m} năm {due:%Y}" in text
    for changed in (
        "Giấy nộp sau",
        "Nơi ở mới",
        "0999999999",
        "Bưu chính công ích",
        f"{timezone.localtime(later):%d} tháng {timezone.localtime(later):%m}",
    ):
        assert changed not in text


def test_a_paper_issued_before_contents_were_kept_can_still_be_printed(province: Province, tmp_path: Path) -> None:
    actions.receive(province.clerk, dossier=province.file())
    paper = issued("receipt")
    paper.context.pop("content")
    paper.save()
    assert "Nguyễn Thị Lành" in text_of(issuing.pdf_of(paper), tmp_path)


def test_a_stop_under_the_rules_of_2022_has_a_title_though_there_was_no_form(
    province: Province, tmp_path: Path
) -> None:
    dossier = province.file()
    actions.receive(province.clerk, dossier=dossier)
    Dossier.objects.filter(pk=dossier.pk).update(rule_set="2022")
    actions.stop(province.head, dossier=dossier, reason="Chờ kết luận thanh tra.")
    paper = issued("stop")
    assert paper.context["title"] == "Thông báo dừng giải quyết hồ sơ"
    text = text_of(issuing.pdf_of(paper), tmp_path)
    assert "THÔNG BÁO DỪNG GIẢI QUYẾT HỒ SƠ" in text
    assert "Mẫu số" not in text


def test_the_control_sheet_names_who_gave_and_who_took_over_and_both_times(province: Province) -> None:
    dossier, _pdf = with_paper(province, "control_sheet")
    rows = issuing.sheet_rows(dossier)
    assert [row.verb for row in rows] == ["file", "receive", "review", "submit_for_signature", "sign", "complete"]
    assert [row.receiver for row in rows] == [
        "Bộ phận một cửa, Trung tâm PVHCC Phường Đông Hà",
        "Cán bộ thẩm định, Phòng Văn hóa - Xã hội Phường Đông Hà",
        "Lãnh đạo phòng, Phòng Văn hóa - Xã hội Phường Đông Hà",
        "Lãnh đạo ký, UBND Phường Đông Hà",
        "",
        "Bộ phận một cửa, Trung tâm PVHCC Phường Đông Hà",
    ]
    assert all(row.giver for row in rows)
    assert [row.done_at for row in rows[:-1]] == [row.at for row in rows[1:]]
    assert (rows[-1].done_at, rows[-1].outcome) == (None, "Trước hạn")


def test_an_assigned_official_is_named_as_receiver(province: Province) -> None:
    from hienluong.foundation.organisations.models import Official

    dossier = actions.receive(province.clerk, dossier=province.file())
    officer = Official.objects.get(pk=province.officer.official_id)
    actions.assign(province.head, dossier=dossier, official=officer)
    assert issuing.sheet_rows(dossier)[-1].receiver.startswith(f"{officer.full_name}, ")


@pytest.mark.parametrize(("days", "said"), [(-3, "Trước hạn"), (0, "Đúng hạn"), (1, "Quá hạn")])
def test_the_outcome_is_early_on_time_or_late(province: Province, days: int, said: str) -> None:
    dossier = actions.receive(province.clerk, dossier=province.file())
    due = timezone.localtime().replace(hour=17, minute=0)
    DeadlineChange.objects.filter(dossier=dossier).update(due_after=due, lawful_after=due)
    dossier.finished_at = due + timedelta(days=days, minutes=-1 if days == 0 else 0)
    assert issuing.outcome_of(dossier) == said


def test_the_register_is_printed_in_volumes_and_nothing_is_left_out(
    province: Province, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(issuing, "VOLUME", 4)
    codes = [province.file().code for _ in range(9)]
    client = Client()
    client.force_login(Account.objects.get(pk=province.clerk.account_id))
    page = client.get("/lam-viec/so-theo-doi").content.decode()
    for number in (1, 2, 3):
        assert f"quyen={number}" in page
    seen: list[str] = []
    for number, rows in ((1, "1–4"), (2, "5–8"), (3, "9–9")):
        answer = client.get(f"/lam-viec/so-theo-doi?dang=pdf&quyen={number}")
        assert answer["Content-Type"] == "application/pdf"
        keeps_margins(answer.content, tmp_path, (297, 210))
        text = text_of(answer.content, tmp_path)
        assert "SỔ THEO DÕI HỒ SƠ" in text
        assert "Mẫu số 07" in text
        assert f"Quyển {number}/3 (dòng {rows} trong 9 hồ sơ)" in text
        squeezed = text.replace(" ", "")
        seen += [code for code in codes if code in squeezed or code.replace("-", "") in squeezed.replace("-", "")]
    assert seen == codes
    assert client.get("/lam-viec/so-theo-doi?dang=pdf&quyen=4").status_code == 404


def test_an_empty_register_says_so(province: Province, tmp_path: Path) -> None:
    client = Client()
    client.force_login(Account.objects.get(pk=province.clerk.account_id))
    answer: Any = client.get("/lam-viec/so-theo-doi?dang=pdf")
    assert "Không có hồ sơ nào trong thời gian này." in text_of(answer.content, tmp_path)
