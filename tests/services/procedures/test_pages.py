"""The catalogue's pages for officials."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import DjangoAssertNumQueries

from hienluong.capabilities.registers import actions as registers
from hienluong.capabilities.registers.definition import RegisterSpec
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.schemas.positions import parse
from hienluong.services.procedures import actions, exporters, generator, queries, tasks
from hienluong.services.procedures.models import Procedure
from tests.capabilities.registers.sample import organization
from tests.factories import make_account, make_official, make_org, make_roles
from tests.services.packs.sample import OWNER, REGISTER

from .samples import ACTOR, published, spec

pytestmark = pytest.mark.django_db
LIST = "/quan-tri/thu-tuc"


@pytest.fixture
def province() -> Organization:
    make_roles()
    return make_org("UBND tỉnh Quảng Trị", code="H50", kind="province")


@pytest.fixture
def admin(client: Client, province: Organization) -> Client:
    client.force_login(make_account(official=make_official(role="admin", org=province)))
    return client


def _text(client: Client, address: str, **data: object) -> str:
    response = client.get(address, data)
    assert response.status_code == 200, response.content.decode()[:500]
    return response.content.decode()


def test_strangers_sign_in_first_and_clerks_are_refused(client: Client, province: Organization) -> None:
    published()
    assert client.get(LIST).headers["Location"].startswith("/dang-nhap")
    client.force_login(make_account(official=make_official(role="clerk", org=province)))
    for page in ("", "/1.000001", "/1.000001/ban/1", "/nhap", "/xuat"):
        assert client.get(LIST + page).status_code == 403
    for page in ("/1.000001/tam-ngung", "/1.000001/thay-the", "/1.000001/ban/1/cong-bo"):
        assert client.post(LIST + page).status_code == 403
    assert Procedure.objects.get().state == Procedure.State.PUBLISHED


def test_the_list_at_true_size_costs_few_queries(
    admin: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    generator.fill(ACTOR)
    with django_assert_max_num_queries(12):
        text = _text(admin, LIST)
    assert "1–50 trong 1978" in text or "1–50" in text
    assert text.count("Mục thử") >= 50
    with django_assert_max_num_queries(12):
        _text(admin, LIST, page=39)


def test_filters_narrow_the_list_and_nonsense_is_ignored(admin: Client) -> None:
    published()
    published("1.000002", name="Khai tử", keywords=[], online_level="partial", life_events=[])
    assert "1.000002" not in _text(admin, LIST, q="khai sinh")
    assert "1.000001" not in _text(admin, LIST, muc="partial")
    assert "Không có thủ tục nào khớp" in _text(admin, LIST, q="zzz")
    for nonsense in ({"muc": "x"}, {"linh_vuc": "<b>"}, {"page": "-7"}, {"page": "9" * 30}, {"q": "\x00"}):
        _text(admin, LIST, **nonsense)


def test_versions_are_shown_and_compared(admin: Client) -> None:
    published()
    published(effective_from="2025-07-01", summary="Tóm tắt mới.")
    text = _text(admin, f"{LIST}/1.000001", truoc="1", sau="2")
    assert "Đang áp dụng" in text
    assert "Tóm tắt mới." in text
    assert "Đăng ký cho trẻ mới sinh." in text
    assert ">Có hiệu lực từ<" in text, "in words, not by names of the file"
    assert "60/2014/QH13" in _text(admin, f"{LIST}/1.000001/ban/2")
    assert admin.get(f"{LIST}/1.000001/ban/9").status_code == 404
    assert admin.get(f"{LIST}/khong-co").status_code == 404
    _text(admin, f"{LIST}/1.000001", truoc="x", sau="99999999999999999999")


def test_compared_versions_call_the_fields_of_the_registers_that_they_write_by_their_labels(admin: Client) -> None:
    text = REGISTER.replace("x-kind: code\n      x-list: forest-trees", "x-kind: text")
    register = RegisterSpec.model_validate(parse(text, "rung.yaml").value)
    registers.install(ACTOR, spec=register, owner=organization(OWNER), pack="thu.rung")
    effect = {"register": "thu.rung", "set": {"name": "party_name"}}
    published(effects=[effect])
    published(effective_from="2025-07-01", effects=[effect | {"set": {"name": "party_name", "height": "2.0"}}])
    shown = _text(admin, f"{LIST}/1.000001", truoc="1", sau="2")
    assert "Kết quả ghi vào cơ sở dữ liệu “Cây di sản” › Ghi các trường › Trường “Cao (m)”" in shown


def test_publish_suspend_resume_and_replace(admin: Client) -> None:
    actions.import_version(ACTOR, spec=spec())
    published("1.000002", name="Thủ tục mới")
    admin.post(f"{LIST}/1.000001/ban/1/cong-bo")
    procedure = queries.procedure("1.000001")
    missing = admin.post(f"{LIST}/1.000001/tam-ngung", {"reason": ""})
    assert missing.status_code == 422
    assert "lý do tạm ngừng" in missing.content.decode()
    admin.post(f"{LIST}/1.000001/tam-ngung", {"reason": "Chờ quy định mới", "decision": "1/QĐ"})
    assert "Chờ quy định mới" in _text(admin, f"{LIST}/1.000001")
    admin.post(f"{LIST}/1.000001/tiep-tuc", {"note": ""})
    wrong = admin.post(f"{LIST}/1.000001/thay-the", {"by": "9.9", "reason": "Gộp"})
    assert wrong.status_code == 422
    admin.post(f"{LIST}/1.000001/thay-the", {"by": "1.000002", "reason": "Gộp"})
    procedure.refresh_from_db()
    assert procedure.state == Procedure.State.REPLACED
    again = admin.post(f"{LIST}/1.000001/thay-the", {"by": "1.000002", "reason": "Gộp"}, follow=True)
    assert "không làm được việc này" in again.content.decode()


def test_a_file_is_previewed_and_confirmed(admin: Client) -> None:
    bad = exporters.to_csv([spec(), spec("1.000002", name="Khai tử")]).replace(b"1.000002", b"hai")
    preview = admin.post(f"{LIST}/nhap", {"file": SimpleUploadedFile("dm.csv", bad)})
    text = preview.content.decode()
    assert "Mã thủ tục" in text
    assert not Procedure.objects.exists()
    address = text.split('action="/quan-tri/thu-tuc/nhap/')[1].split('"')[0]
    done = admin.post(f"{LIST}/nhap/{address}", {"cong_bo": "1"}, follow=True)
    assert "Đã nhập 1 mục" in done.content.decode()
    assert queries.current_version("1.000001").source == "import:dm.csv"


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.exe", b"MZ"), ("a.xlsx", b"<html>"), ("a.csv", b""), ("a.json", b"{"), ("a.csv", "tên\nx".encode())],
)
def test_a_file_that_will_not_do_is_refused_on_the_same_page(admin: Client, name: str, content: bytes) -> None:
    response = admin.post(f"{LIST}/nhap", {"file": SimpleUploadedFile(name, content)})
    assert response.status_code == 422
    assert "govuk-error-summary" in response.content.decode()


@pytest.mark.parametrize("kind", ["xlsx", "csv", "json"])
def test_export_leaves_trial_entries_out(admin: Client, kind: str) -> None:
    published()
    response = admin.get(f"{LIST}/xuat", {"dang": kind})
    assert response.status_code == 200
    assert f".{kind}" in response.headers["Content-Disposition"]
    assert admin.get(f"{LIST}/xuat", {"dang": "exe"}).status_code == 404


def test_a_large_file_is_brought_in_by_a_worker(admin: Client) -> None:
    content = exporters.to_json([spec(f"1.{number:06d}") for number in range(201)])
    text = admin.post(f"{LIST}/nhap", {"file": SimpleUploadedFile("dm.json", content)}).content.decode()
    address = text.split('action="/quan-tri/thu-tuc/nhap/')[1].split('"')[0]
    done = admin.post(f"{LIST}/nhap/{address}", {"cong_bo": "1"}, follow=True)
    assert "Đang nhập 201 mục" in done.content.decode()
    assert not Procedure.objects.exists()
    job = ProcrastinateJob.objects.get(task_name__endswith="import_batch")
    tasks.import_batch(**job.args)
    tasks.import_batch(**job.args)
    assert queries.catalogue().count() == 201
