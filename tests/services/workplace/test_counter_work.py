"""The clerk's page: the check list, supplements asked and answered at the counter, scans, corrections, withdrawals."""

from __future__ import annotations

import pikepdf
import pytest

from hienluong.services.dossiers import actions
from hienluong.services.dossiers.models import IssuedPaper, State, Supplement
from tests.services.dossiers.province import Province
from tests.services.workplace.desk import act, at, fresh, page, photo

pytestmark = pytest.mark.django_db


def test_the_page_shows_the_check_list_of_the_procedure(province: Province) -> None:
    dossier = province.file(papers=())
    html = at(province.clerk).get(page(dossier)).content.decode()
    assert "Bảng kiểm giấy tờ" in html
    assert "Bản sao căn cước" in html
    for name in ("verdict", "originals", "copies", "remark"):
        assert f'name="receive-{name}-CC"' in html


def test_receiving_keeps_the_check_list_and_the_receipt_prints_it(province: Province) -> None:
    dossier = province.file()
    typed = {"verdict-CC": "present", "originals-CC": "0", "copies-CC": "2", "remark-CC": "Có chứng thực", "note": ""}
    answer = act(at(province.clerk), dossier, "receive", **typed)
    assert answer.status_code == 302
    paper = dossier.papers.get()
    assert (paper.checked, paper.copies, paper.remark) == (True, 2, "Có chứng thực")
    receipt = IssuedPaper.objects.get(dossier=dossier, kind="receipt")
    assert receipt.context["papers"][0]["copies"] == 2
    assert at(province.clerk).get(f"{page(dossier)}/giay/{receipt.pk}").content.startswith(b"%PDF-")


@pytest.mark.parametrize(("then", "field"), [("supplement", "request_supplement"), ("refuse", "refuse")])
def test_one_click_leads_to_the_supplement_or_refusal_with_the_papers_filled_in(
    province: Province, then: str, field: str
) -> None:
    dossier, clerk = province.file(), at(province.clerk)
    answer = act(clerk, dossier, "receive", tiep=then, **{"verdict-CC": "wrong", "remark-CC": "Thiếu mặt sau"})
    assert answer.status_code == 302
    assert answer["Location"].endswith(f"?viec={field}#viec-{field}")
    html = clerk.get(answer["Location"].split("#")[0]).content.decode()
    assert f'id="viec-{field}" open' in html
    assert "- Bản sao căn cước: Thiếu mặt sau" in html
    if then == "supplement":
        assert 'value="CC" id="id_request_supplement-papers_0" checked' in html
        act(clerk, dossier, "request_supplement", papers="CC", reason="Chụp lại.", **{"what-CC": "Thiếu mặt sau"})
        assert Supplement.objects.get().items[0]["what"] == "Thiếu mặt sau"


def test_a_paper_marked_missing_keeps_the_page_and_what_was_typed(province: Province) -> None:
    dossier = province.file()
    answer = act(at(province.clerk), dossier, "receive", **{"verdict-CC": "missing", "note": "Hẹn lại"})
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "Còn giấy tờ thiếu" in html
    assert "Hẹn lại" in html
    assert fresh(dossier).state == State.SUBMITTED


def test_a_supplement_is_answered_at_the_counter(province: Province) -> None:
    dossier, clerk = province.file(), at(province.clerk)
    act(clerk, dossier, "request_supplement", papers="CC", reason="Thiếu.", **{"what-CC": "Mờ"})
    html = clerk.get(page(dossier)).content.decode()
    assert "Nhận bổ sung tại quầy" in html
    answer = clerk.post(
        f"{page(dossier)}/viec/answer_supplement",
        {"answer_supplement-copies-CC": "1", "answer_supplement-scan-CC": photo(), "answer_supplement-note": ""},
    )
    assert answer.status_code == 302
    assert fresh(dossier).waiting_task == "receive"
    new = dossier.papers.get(replaced_by__isnull=True)
    assert (new.copies, new.file is not None) == (1, True)


def test_a_withdrawal_asked_for_at_the_counter(province: Province) -> None:
    dossier, clerk = province.file(), at(province.clerk)
    assert act(clerk, dossier, "withdraw", reason="").status_code == 422
    assert act(clerk, dossier, "withdraw", reason="Bà Lành đến quầy xin rút.").status_code == 302
    assert fresh(dossier).state == State.WITHDRAWN


def test_answers_are_corrected_with_the_persons_word(province: Province) -> None:
    dossier, clerk = province.file(), at(province.clerk)
    url = f"{page(dossier)}/sua-don"
    assert "Bổ túc hồ sơ" in clerk.get(url).content.decode()
    answer = clerk.post(url, {"reason": "Vay vốn ngân hàng", "xac-nhan-how": "Ký tại quầy"})
    assert answer.status_code == 422
    assert "Vay vốn ngân hàng" in answer.content.decode()
    assert fresh(dossier).data == {"reason": "Bổ túc hồ sơ"}
    sent = {"reason": "Vay vốn ngân hàng", "xac-nhan-how": "Ký tại quầy", "xac-nhan-confirmed": "on"}
    assert clerk.post(url, sent).status_code == 302
    assert fresh(dossier).data == {"reason": "Vay vốn ngân hàng"}
    assert at(province.officer).get(url).status_code == 403


def test_a_photo_is_attached_to_the_presented_paper(province: Province) -> None:
    dossier, clerk = province.file(), at(province.clerk)
    answer = clerk.post(f"{page(dossier)}/so-hoa", {"scan-paper": "CC", "scan-photo": photo()})
    assert answer.status_code == 302
    paper = dossier.papers.get()
    assert paper.file is not None
    assert paper.digitised_by_id == province.clerk.official_id
    assert f"?giay={paper.pk}" in answer["Location"]


def test_several_files_become_the_pages_of_one_paper(province: Province) -> None:
    dossier, clerk = province.file(), at(province.clerk)
    files = [photo("1.jpg"), photo("2.jpg", "grey"), photo("3.jpg", "black")]
    answer = clerk.post(f"{page(dossier)}/so-hoa", {"scan-paper": "CC", "scan-scan": files})
    assert answer.status_code == 302, answer.context["digitise"].errors
    paper = dossier.papers.get()
    assert paper.file is not None
    with paper.file.open() as stream, pikepdf.open(stream) as pdf:
        assert len(pdf.pages) == 3
    html = clerk.get(f"{page(dossier)}?giay={paper.pk}&trang=2").content.decode()
    assert "Trang 2 trên 3" in html


def test_nothing_chosen_to_scan_says_so_and_keeps_the_paper(province: Province) -> None:
    dossier = province.file()
    answer = at(province.clerk).post(f"{page(dossier)}/so-hoa", {"scan-paper": "CC"})
    assert answer.status_code == 422
    assert "Hãy chọn tệp quét" in answer.content.decode()


def test_the_counter_that_helped_and_the_four_states_are_shown(province: Province) -> None:
    dossier, clerk = province.file(), at(province.clerk)
    assert act(clerk, dossier, "set_helper", helped_at=province.other_counter.pk).status_code == 302
    html = clerk.get(page(dossier)).content.decode()
    for name in (province.other_counter.name, province.counter.name, province.commune.name):
        assert f"<dd>{name}" in html
    for words in ("Mới đăng ký", "Không thu phí", "Chưa có kết quả"):
        assert f"<dd>{words}</dd>" in html
    assert f"<dd>{fresh(dossier).get_sync_state_display()}</dd>" in html


def test_the_supplement_paper_is_issued_with_the_faults(province: Province) -> None:
    dossier = province.file()
    items = [{"code": "CC", "name": "Bản sao căn cước", "what": "Mờ"}]
    actions.request_supplement(province.clerk, dossier=dossier, reason="Chụp lại.", items=items)
    assert IssuedPaper.objects.get(dossier=dossier, kind="supplement").context["items"] == items


def test_a_paper_that_nobody_looked_at_is_said_to_be_unchecked(province: Province) -> None:
    dossier = province.file()
    assert act(at(province.clerk), dossier, "receive", note="").status_code == 302
    assert "Chưa kiểm tra" in at(province.officer).get(page(dossier)).content.decode()
