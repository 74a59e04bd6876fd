"""Filing at the counter: a person or an enterprise, handed in by whom; what the clerk typed is kept."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client

from hienluong.foundation.identity.models import Account
from hienluong.foundation.people.models import Party
from hienluong.services.dossiers.checklist import lines_of
from hienluong.services.dossiers.models import CounterDraft, Dossier
from tests.services.dossiers.province import Province
from tests.snapshots import ready

pytestmark = pytest.mark.django_db

URL = "/lam-viec/lap-ho-so/8.000900"
PERSON = {
    "p-channel": "counter",
    "p-kind": "citizen",
    "p-name": "Nguyễn Văn Đến",
    "p-identifier": "045190001234",
    "p-by": "chinh-chu",
    "p-commune": "19333",
    "p-delivery": "counter",
    "reason": "Sửa nhà",
    "paper-CC": "on",
}
COMPANY = {
    **PERSON,
    "p-kind": "enterprise",
    "p-name": "Công ty TNHH Sông Hiếu",
    "p-identifier": "0100233488",
    "p-by": "nguoi-khac",
    "p-filer_name": "Nguyễn Văn Đến",
    "p-filer_identifier": "045190001234",
    "p-relation": "Giám đốc",
}


@pytest.fixture
def province(db: None) -> Province:
    return ready(Province)


@pytest.fixture
def clerk(province: Province) -> Client:
    client = Client()
    client.force_login(Account.objects.get(pk=province.clerk.account_id))
    return client


def words(answer: Any) -> str:
    return str(answer.content.decode())


def test_a_person_files_at_the_counter(clerk: Client, province: Province) -> None:
    assert clerk.post(URL, PERSON).status_code == 302
    dossier = Dossier.objects.get()
    assert (dossier.subject.name, dossier.filer, dossier.representative) == ("Nguyễn Văn Đến", dossier.subject, None)
    assert dossier.competent == province.commune
    assert not [line for line in lines_of(dossier) if line.lacking]


def test_a_refused_filing_registers_nobody_and_keeps_the_sheet(clerk: Client, province: Province) -> None:
    key, before = uuid.uuid4(), Party.objects.count()
    wrong = {**COMPANY, "p-kind": "citizen", "p-identifier": "045190001234", "p-filer_identifier": "045190009"}
    answer = clerk.post(URL, {**wrong, "nhap": str(key)})
    assert answer.status_code == 422
    assert "Nguyễn Văn Đến" in words(answer)
    assert Party.objects.count() == before
    assert CounterDraft.objects.get(pk=key).typed["p-filer_identifier"] == ["045190009"]


def test_a_fault_of_ours_keeps_the_sheet(clerk: Client, province: Province, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr("hienluong.services.dossiers.actions.filing.charge_on_filing", broken)
    clerk.raise_request_exception = False
    key, before = uuid.uuid4(), Party.objects.count()
    assert clerk.post(URL, {**PERSON, "nhap": str(key)}).status_code == 500
    assert not Dossier.objects.exists()
    assert Party.objects.count() == before
    assert CounterDraft.objects.get(pk=key).label == "Nguyễn Văn Đến"


def test_an_enterprise_files_through_a_person(clerk: Client, province: Province) -> None:
    version = province.publish("8.000912", applicants=["citizen", "enterprise"])
    page = words(clerk.get(f"/lam-viec/lap-ho-so/{version.procedure.code}"))
    assert 'value="enterprise"' in page
    assert 'value="household"' not in page
    assert clerk.post(f"/lam-viec/lap-ho-so/{version.procedure.code}", COMPANY).status_code == 302
    dossier = Dossier.objects.get()
    assert (dossier.subject.kind, dossier.subject.name) == (Party.Kind.ENTERPRISE, "Công ty TNHH Sông Hiếu")
    assert (dossier.filer.kind, dossier.filer.name) == (Party.Kind.CITIZEN, "Nguyễn Văn Đến")
    assert (dossier.representative, dossier.relation) == (dossier.filer, "Giám đốc")


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"p-identifier": "0100233489"}, "sai chữ số kiểm tra"),
        ({"p-identifier": "12"}, "10 hoặc 13 chữ số"),
        ({"p-filer_identifier": "12"}, "đúng 12 chữ số"),
        ({"p-filer_name": ""}, "Nhập họ và tên người nộp"),
        ({"p-relation": " "}, "là gì của chủ hồ sơ"),
        ({"p-by": "chinh-chu"}, "Người nộp phải là một người"),
        ({"p-kind": "household"}, "Hãy chọn hợp lệ|không nằm trong|hợp lệ|valid choice"),
        ({"reason": ""}, "Nhập lý do"),
    ],
)
def test_what_is_wrong_is_said_and_everything_typed_stays(
    clerk: Client, province: Province, changed: dict[str, str], told: str
) -> None:
    province.publish("8.000912", applicants=["citizen", "enterprise"])
    answer = clerk.post("/lam-viec/lap-ho-so/8.000912", {**COMPANY, **changed})
    assert answer.status_code == 422
    page = words(answer)
    assert any(part in page for part in told.split("|"))
    assert "Công ty TNHH Sông Hiếu" in page
    assert 'name="paper-CC" checked' in page
    assert not Dossier.objects.exists()


def test_a_dossier_with_missing_papers_is_taken_and_lacks_them(clerk: Client) -> None:
    clerk.post(URL, {name: value for name, value in PERSON.items() if name != "paper-CC"})
    assert [line.code for line in lines_of(Dossier.objects.get()) if line.lacking] == ["CC"]


def test_what_is_typed_is_kept_while_it_is_typed(clerk: Client) -> None:
    key = str(uuid.uuid4())
    answer = clerk.post(f"{URL}/luu", {"nhap": key, "p-name": "Nguyễn Văn Dở", "reason": "Đang gõ"})
    assert answer.status_code == 204
    assert "Nguyễn Văn Dở" in words(clerk.get("/lam-viec/lap-ho-so"))
    assert "Nguyễn Văn Dở" in words(clerk.get(URL))
    page = words(clerk.get(f"/lam-viec/lap-ho-so/dang-lap/{key}"))
    assert "Đang gõ" in page
    assert "govuk-error" not in page  # unfinished is no fault


def test_a_fault_keeps_the_sheet_and_filing_empties_it(clerk: Client) -> None:
    key = str(uuid.uuid4())
    clerk.post(URL, {**PERSON, "nhap": key, "reason": ""})
    assert CounterDraft.objects.get(pk=key).typed["p-name"] == ["Nguyễn Văn Đến"]
    places = {clerk.post(URL, {**PERSON, "nhap": key})["Location"] for _ in range(2)}  # pressed twice
    dossier = Dossier.objects.get()
    assert places == {f"/lam-viec/ho-so/{dossier.code}"}
    sheet = CounterDraft.objects.get(pk=key)
    assert (sheet.filed_as, sheet.typed) == (dossier, {})
    assert clerk.get(f"/lam-viec/lap-ho-so/dang-lap/{key}")["Location"] == f"/lam-viec/ho-so/{dossier.code}"


def test_a_sheet_is_set_aside_and_thrown_away_on_request(clerk: Client) -> None:
    key = str(uuid.uuid4())
    answer = clerk.post(URL, {**PERSON, "nhap": key, "luu": "1"})
    assert answer["Location"] == f"/lam-viec/lap-ho-so/dang-lap/{key}"
    assert not Dossier.objects.exists()
    clerk.post(f"/lam-viec/lap-ho-so/dang-lap/{key}/bo")
    assert not CounterDraft.objects.exists()


@pytest.mark.parametrize("name", ["p-commune", "p-name", "p-identifier", "reason", "nhap", "p-kind", "p-phone"])
def test_odd_characters_are_answered(clerk: Client, name: str) -> None:
    for odd in (b"%00", b"a%00b", b"%ED%A0%80", b"%F0%9F%98%80", b"%E2%80%AE"):
        body = (
            b"&".join(f"{k}={v}".encode() for k, v in PERSON.items() if k != name) + b"&" + name.encode() + b"=" + odd
        )
        answer = clerk.post(URL, body, content_type="application/x-www-form-urlencoded")
        assert answer.status_code in (302, 422), odd


def test_a_question_that_an_answer_calls_for_is_shown_to_the_clerk_before_the_sheet_is_filed(db: None) -> None:
    properties: dict[str, Any] = {
        "reason": {"type": "string", "title": "Lý do"},
        "abroad": {"type": "boolean", "title": "Ở nước ngoài?", "x-widget": "radios"},
        "country": {"type": "string", "title": "Nước nào?", "x-when": "abroad == true"},
    }
    page = {"id": "don", "title": "Đơn", "fields": list(properties)}
    schema = {"type": "object", "required": ["reason"], "properties": properties}
    town = Province(form={"code": "don", "title": "Đơn", "schema": schema, "pages": [page]})
    client = Client()
    client.force_login(Account.objects.get(pk=town.clerk.account_id))
    sheet = {**PERSON, "abroad": "true", "nhap": str(uuid.uuid4())}
    asked = client.post(URL, {**sheet, "cau-hoi-da-hien": "reason abroad"})
    assert asked.status_code == 422
    assert "Câu trả lời của bạn mở thêm câu hỏi" in words(asked)
    assert 'value="reason abroad country"' in words(asked)
    assert not Dossier.objects.exists()
    assert client.post(URL, {**sheet, "cau-hoi-da-hien": "reason abroad country", "country": ""}).status_code == 302
    assert Dossier.objects.get().data == {"reason": "Sửa nhà", "abroad": True}
