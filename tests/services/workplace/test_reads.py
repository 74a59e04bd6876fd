"""Every look at a person's data is written down with its purpose; an asked agency sees what it is asked about."""

from __future__ import annotations

import pytest

from hienluong.foundation.audit.models import PersonalDataRead
from hienluong.services.dossiers import actions
from hienluong.services.dossiers.models import IssuedPaper, Opinion
from tests.services.dossiers.province import Province
from tests.services.dossiers.test_papers import scan
from tests.services.workplace.desk import at, page, to_signature

pytestmark = pytest.mark.django_db


def purposes(dossier_code: str) -> list[str]:
    return list(PersonalDataRead.objects.filter(subject=dossier_code).order_by("pk").values_list("purpose", flat=True))


def test_each_paper_and_page_logs_its_own_purpose(province: Province) -> None:
    dossier = to_signature(province)
    receipt = IssuedPaper.objects.get(dossier=dossier, kind="receipt")
    clerk = at(province.clerk)
    looked = {
        "": "Giải quyết thủ tục hành chính",
        f"/giay/{receipt.pk}": "In giấy đã phát hành",
        "/phieu-kiem-soat": "In phiếu kiểm soát",
        "/du-thao": "Xem dự thảo kết quả",
        "/da-tiep-nhan": "Tiếp nhận hồ sơ, in giấy hẹn",
    }
    for path, purpose in looked.items():
        PersonalDataRead.objects.all()
        before = len(purposes(dossier.code))
        assert clerk.get(page(dossier) + path).status_code == 200, path
        assert purposes(dossier.code)[before:] == [purpose], path
    read = PersonalDataRead.objects.latest("pk")
    assert (read.party_id, read.actor_id) == (dossier.subject_id, province.clerk.account_id)


@pytest.mark.parametrize("form", ["", "?dang=pdf"])
def test_the_register_logs_everybody_it_shows(province: Province, form: str) -> None:
    codes = [province.file().code for _ in range(2)]
    assert at(province.clerk).get(f"/lam-viec/so-theo-doi{form}").status_code == 200
    assert all(purposes(code) == ["Lập sổ theo dõi hồ sơ"] for code in codes)


def test_the_asked_agency_sees_form_and_papers_and_the_look_is_logged(province: Province) -> None:
    paper = actions.PaperIn(code="CC", name="Bản sao căn cước", file_id=scan(province.account.pk), copies=1)
    dossier = actions.receive(province.clerk, dossier=province.file(model="parallel_opinions", papers=(paper,)))
    if not Opinion.objects.filter(dossier=dossier).exists():
        actions.review(province.officer, dossier=dossier, grants=True, conclusion="Xin ý kiến.")
    opinion = Opinion.objects.get(dossier=dossier, organization=province.agency_one)
    agency = at(province.asked)
    html = agency.get(f"/lam-viec/y-kien/{opinion.pk}").content.decode()
    assert "Bổ túc hồ sơ" in html
    assert f'src="/tep/{paper.file_id}/xem?trang=1"' in html
    assert agency.get(f"/tep/{paper.file_id}/xem").status_code == 200
    assert "Cho ý kiến phối hợp" in purposes(dossier.code)
