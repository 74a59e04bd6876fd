"""Messages from the national portal through the door: taken once, refused with a code, checked like everything else."""

from __future__ import annotations

import base64
import threading
from typing import Any

import pytest
from django.db import IntegrityError, close_old_connections, transaction

from hienluong.foundation.actions import system
from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.people.models import Party
from hienluong.services.dossiers import actions
from hienluong.services.dossiers.models import Channel, Dossier, State
from hienluong.services.national.models import Arrival
from hienluong.services.procedures.models import RuleSet
from tests.services.dossiers.province import Province
from tests.services.national.process import SECRET, message, picture, tell

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _connected(settings: Any) -> None:
    settings.NATIONAL_PORTAL = {"url": "", "user": "H50", "password": "x", "secret": SECRET}


def test_a_dossier_arrives_with_its_person_its_answers_and_its_papers(province: Province) -> None:
    told = message()
    answer = tell(told)
    assert answer.status_code == 200, answer.content
    dossier = Dossier.objects.get(national_code=told["MaHoSo"])
    assert answer.json()["MaHoSoDiaPhuong"] == dossier.code
    assert (dossier.channel, dossier.state, dossier.delivery) == (Channel.NATIONAL_PORTAL, State.SUBMITTED, "post")
    assert (dossier.subject.name, dossier.subject.identifier) == ("Trần Thị Cổng", "045190000777")
    assert dossier.data == {"reason": "Vay vốn sửa nhà"}
    assert (dossier.competent, dossier.received_at_org) == (province.commune, province.counter)
    paper = dossier.papers.get()
    assert paper.file is not None
    assert (paper.code, paper.file.blob.media_type) == ("CC", "image/png")
    assert "08:30 25/11/2026" in dossier.note


def test_the_same_dossier_again_is_answered_as_before(province: Province) -> None:
    told = message()
    first, again = tell(told), tell(told)
    assert [first.json()["KetQua"], again.json()["KetQua"]] == ["taken", "repeated"]
    assert first.json()["MaHoSoDiaPhuong"] == again.json()["MaHoSoDiaPhuong"]
    assert Dossier.objects.count() == 1
    assert list(Arrival.objects.order_by("pk").values_list("verdict", flat=True)) == ["taken", "repeated"]


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"MaTTHC": "9.999999"}, 422, "unknown_procedure"),
        ({"MaXa": "00000"}, 422, "unknown_place"),
        ({"DuLieuBieuMau": {}}, 422, "bad_form"),
        (
            {"TaiLieuNop": [{"MaThanhPhanHoSo": "LA", "TenTepDinhKem": "a.png", "NoiDungTep": "eA=="}]},
            422,
            "unknown_paper",
        ),
        ({"TaiLieuNop": [{"MaThanhPhanHoSo": "CC", "TenTepDinhKem": "a.png", "NoiDungTep": "eA=="}]}, 422, "bad_file"),
        ({"TaiLieuNop": [{"MaThanhPhanHoSo": "CC", "TenTepDinhKem": "a.png", "NoiDungTep": "???"}]}, 422, "bad_file"),
        (
            {
                "TaiLieuNop": [
                    {"MaThanhPhanHoSo": "CC", "TenTepDinhKem": "a", "DuongDanTaiTepTin": "http://127.0.0.1/x"}
                ]
            },
            422,
            "bad_file_address",
        ),
        ({"NgayNopHoSo": "25/11/2026"}, 400, "malformed"),
        ({"NgayNopHoSo": "20261325083000"}, 400, "malformed"),
        ({"LoaiGoiTin": "KHAC"}, 400, "malformed"),
        ({"MaHoSo": ""}, 400, "malformed"),
        ({"ChuHoSo": {"HoTen": "A", "LoaiDoiTuong": "1", "MaDoiTuong": "123"}}, 400, "malformed"),
        ({"ChuHoSo": {"HoTen": "A", "LoaiDoiTuong": "2", "MaDoiTuong": "045190000777"}}, 400, "malformed"),
        ({"ChuHoSo": "A"}, 400, "malformed"),
        ({"TaiLieuNop": [{}] * 50}, 400, "malformed"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_a_code(
    province: Province, change: dict[str, Any], status: int, code: str
) -> None:
    answer = tell(message(**change))
    assert (answer.status_code, answer.json()["error_code"]) == (status, code), answer.content
    assert answer.json()["message"]
    assert "['" not in answer.json()["message"]
    assert (Dossier.objects.count(), StoredFile.objects.count()) == (0, 0)
    assert not Party.objects.filter(name="Trần Thị Cổng").exists()
    row = Arrival.objects.get()
    assert (row.verdict, row.error_code) == ("refused", code)


def test_a_rule_set_that_takes_nothing_from_the_portal_is_kept(province: Province) -> None:
    rules = RuleSet.objects.get(code="2025")
    rules.spec_json["national_portal_filing"] = False
    rules.save()
    assert tell(message()).json()["error_code"] == "not_accepted"


def test_only_signed_fresh_messages_are_believed_and_each_once(province: Province) -> None:
    told = message()
    assert tell(told, secret="khac").json()["error_code"] == "bad_signature"
    assert tell(told, at=1_700_000_000).json()["error_code"] == "too_old"
    assert Dossier.objects.count() == 0
    assert tell(told, nonce="mot-lan").status_code == 200
    again = tell(message(), nonce="mot-lan")
    assert (again.status_code, again.json()["error_code"]) == (401, "replayed")
    assert Dossier.objects.count() == 1


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"null", b"{", b"\xff", b"[" * 50_000, b'{"MaHoSo": "\\ud800", "LoaiGoiTin": "NOP"}']
)
def test_what_is_no_message_is_refused(province: Province, body: bytes) -> None:
    answer = tell(body)
    assert (answer.status_code, answer.json()["error_code"]) == (400, "malformed")


def test_a_message_too_large_is_refused_before_it_is_read(province: Province) -> None:
    answer = tell(b"x" * (5 * 1024 * 1024 + 1))
    assert (answer.status_code, answer.json()["error_code"]) == (413, "too_large")


def test_the_answer_to_a_supplement_comes_from_the_portal_once(province: Province) -> None:
    told = message()
    early = tell({"LoaiGoiTin": "BOSUNG", "MaHoSo": told["MaHoSo"], "MaBoSung": "b1", "NoiDung": "Đây."})
    assert (early.status_code, early.json()["error_code"]) == (422, "unknown_dossier")  # it will come again
    tell(told)
    dossier = Dossier.objects.get()
    asked = [{"code": "CC", "name": "Bản sao căn cước", "what": "ảnh mờ"}]
    actions.request_supplement(province.clerk, dossier=dossier, reason="Ảnh mờ.", items=asked)
    answer = {
        "LoaiGoiTin": "BOSUNG",
        "MaHoSo": told["MaHoSo"],
        "MaBoSung": "b1",
        "NoiDung": "Đã chụp lại.",
        "TaiLieuNop": [
            {"MaThanhPhanHoSo": "CC", "TenTepDinhKem": "moi.png", "NoiDungTep": base64.b64encode(picture()).decode()}
        ],
    }
    assert [tell(answer).json()["KetQua"] for _ in range(2)] == ["taken", "repeated"]
    dossier.refresh_from_db()
    assert (dossier.state, dossier.papers.count()) == (State.SUBMITTED, 2)
    assert dossier.supplements.get().answer_note == "Đã chụp lại."
    late = tell({**answer, "MaBoSung": "b2"})
    assert late.status_code == 409


def test_the_person_withdraws_on_the_portal(province: Province) -> None:
    told = message()
    tell(told)
    withdrawal = {"LoaiGoiTin": "RUT", "MaHoSo": told["MaHoSo"], "LyDo": "Không cần nữa."}
    assert [tell(withdrawal).json()["KetQua"] for _ in range(2)] == ["taken", "repeated"]
    assert Dossier.objects.get().state == State.WITHDRAWN


def test_the_database_itself_keeps_a_national_number_once(province: Province) -> None:
    who = system("Cổng quốc gia")
    first = actions.take_from_national_portal(
        who, filing=province.filing(channel="national_portal", national_code="G22-1")
    )
    other = actions.take_from_national_portal(
        who, filing=province.filing(channel="national_portal", national_code="G22-2")
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        Dossier.objects.filter(pk=other.pk).update(national_code=first.national_code)


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_make_one_dossier_and_no_gap_in_the_numbers() -> None:
    province = Province()
    filing = province.filing(channel="national_portal", national_code="000.00.00.G22-261125-000001")
    start, codes, faults = threading.Barrier(8), [], []

    def take() -> None:
        try:
            start.wait(30)
            codes.append(actions.take_from_national_portal(system("Cổng quốc gia"), filing=filing).code)
        except Exception as error:
            faults.append(error)
        finally:
            close_old_connections()

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert faults == []
    assert (len(codes), len(set(codes)), Dossier.objects.count()) == (8, 1, 1)
    assert province.file().code.endswith("-0002")
