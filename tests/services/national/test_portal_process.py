"""The portal as a separate process, pushing to a live server over HTTP and told by it: twice, out of order, late."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from hienluong.foundation.events import dispatcher
from hienluong.services.dossiers import actions
from hienluong.services.dossiers.models import Dossier, State
from hienluong.services.national import sending
from hienluong.services.national.models import Arrival
from tests.capabilities.payments.process import wait_until
from tests.services.dossiers.province import Province
from tests.services.national.process import PortalProcess, picture

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]


def arrived(number: str) -> bool:
    return Dossier.objects.filter(national_code=number).exists()


def page(portal: PortalProcess, path: str) -> str:
    answer = httpx.get(portal.url + path, trust_env=False, timeout=30)
    assert answer.status_code == 200
    return answer.text


def test_a_person_files_on_the_portal_and_sees_it_go_on(live_server: Any, live_portal: PortalProcess) -> None:
    province = Province()
    assert "Xác nhận tình trạng nhà ở" in page(live_portal, "/")
    form = page(live_portal, "/nop/8.000900")
    assert "Hệ thống mô phỏng Cổng Dịch vụ công quốc gia" in form
    assert 'name="f-reason"' in form
    small, large = picture(60), picture(300)
    assert len(small) < 100_000 < len(large)
    number = live_portal.file(files={"CC": ("cccd.png", large)})
    wait_until(lambda: arrived(number), "the dossier never arrived")
    dossier = Dossier.objects.get(national_code=number)
    paper = dossier.papers.get()
    assert paper.file is not None
    assert paper.file.blob.size == len(large)  # fetched from the portal, since too large to be carried
    carried = live_portal.file(files={"CC": ("cccd.png", small)}, MaDoiTuong="045190000778")
    wait_until(lambda: arrived(carried), "the second dossier never arrived")
    actions.receive(province.clerk, dossier=dossier)
    dispatcher.dispatch_waiting()
    assert sending.push(dossier.pk) is None
    shown = page(live_portal, f"/ho-so/{number}")
    assert "2. Được tiếp nhận" in shown
    assert dossier.code in shown


def test_pushed_twice_and_out_of_order_each_is_there_once(live_server: Any, live_portal: PortalProcess) -> None:
    Province()
    live_portal.switch(hold=1, twice=1, wrong_signature=1)
    first = live_portal.file()
    second = live_portal.file(MaDoiTuong="045190000778")
    wait_until(lambda: arrived(first) and arrived(second), "both were to arrive")
    wait_until(lambda: Arrival.objects.filter(verdict="repeated").exists(), "the second push never came")
    assert Dossier.objects.count() == 2
    later, earlier = Dossier.objects.get(national_code=first), Dossier.objects.get(national_code=second)
    assert later.code != earlier.code
    assert Arrival.objects.filter(error_code="bad_signature").count() == 1


def test_a_supplement_is_answered_on_the_portal(live_server: Any, live_portal: PortalProcess) -> None:
    province = Province()
    number = live_portal.file(files={"CC": ("cccd.png", picture())})
    wait_until(lambda: arrived(number), "the dossier never arrived")
    dossier = Dossier.objects.get(national_code=number)
    items = [{"code": "CC", "name": "Bản sao căn cước", "what": "chụp rõ hơn"}]
    actions.request_supplement(province.clerk, dossier=dossier, reason="Ảnh mờ.", items=items)
    dispatcher.dispatch_waiting()
    assert sending.push(dossier.pk) is None
    assert "Ảnh mờ." in page(live_portal, f"/ho-so/{number}")
    httpx.post(
        f"{live_portal.url}/ho-so/{number}/bo-sung",
        data={"noi-dung": "Đã chụp lại."},
        files={"tep-CC": ("moi.png", picture())},
        trust_env=False,
        timeout=30,
    )
    wait_until(lambda: Dossier.objects.get(pk=dossier.pk).state == State.SUBMITTED, "the answer never came")
    assert Dossier.objects.get(pk=dossier.pk).papers.count() == 2


def test_the_portal_checks_what_it_is_told(live_server: Any, live_portal: PortalProcess) -> None:
    Province()
    assert live_portal.ask("LayThuTuc", maTTHC="8.000900")["result"][0]["MATTHC"] == "8.000900"
    assert live_portal.ask("LayDanhSachTTHC")["error_code"] == "0"
    assert live_portal.ask("KhongCo")["error_code"] == "03"
    assert live_portal.ask("TraCuuHoSo", maHoSo="x")["error_code"] == "06"
    assert live_portal.ask("DongBoHoSoMC", isUpdating="False", data=[{"MaHoSo": "x"}])["error_code"] == "04"
    wrong = httpx.post(f"{live_portal.url}/mapi/login", json={"username": "H50", "password": "sai"}, trust_env=False)
    assert wrong.json()["error_code"] == "01"
    gone = httpx.post(f"{live_portal.url}/mapi/g", json={"session": "x", "service": "TraCuuHoSo"}, trust_env=False)
    assert gone.json()["error_code"] == "02"


def test_the_portal_is_a_small_process(live_portal: PortalProcess) -> None:
    page(live_portal, "/loi")
    text = Path(f"/proc/{live_portal.process.pid}/status").read_text()
    resident = int(text.split("VmRSS:")[1].split()[0])
    assert resident < 60_000, f"{resident} kB"
