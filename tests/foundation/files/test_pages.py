"""Files leave the house only for those who may have them, in parts when asked, and never run in the browser."""

from __future__ import annotations

import time
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from PIL import Image

from hienluong.foundation.actions import Actor
from hienluong.foundation.files import access, limits, store
from hienluong.foundation.files.models import StoredFile
from tests.factories import make_account, make_citizen

from . import samples

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> Any:
    return make_account(party=make_citizen())


@pytest.fixture
def me(client: Client, owner: Any) -> Client:
    client.force_login(owner)
    return client


def keep(owner: Any, data: bytes, name: str = "Đơn đề nghị.pdf", purpose: str = "kiem-thu") -> StoredFile:
    return store(BytesIO(data), name=name, owner=owner.pk if owner else None, purpose=purpose)


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_the_owner_gets_the_file_whole_and_boxed_in(me: Client, owner: Any) -> None:
    data = samples.plain_pdf()
    response = me.get(f"/tep/{keep(owner, data).pk}")
    assert body(response) == data
    assert response["Content-Type"] == "application/pdf"
    assert (
        response["Content-Disposition"] == "inline; filename*=UTF-8''%C4%90%C6%A1n%20%C4%91%E1%BB%81%20ngh%E1%BB%8B.pdf"
    )
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    assert "public" not in response["Cache-Control"]


def test_office_files_are_never_shown_in_place(me: Client, owner: Any) -> None:
    file = keep(owner, samples.docx(), "don.docx")
    assert me.get(f"/tep/{file.pk}")["Content-Disposition"].startswith("attachment;")


@pytest.mark.parametrize(
    ("asked", "status", "first", "last"),
    [("bytes=0-9", 206, 0, 9), ("bytes=10-", 206, 10, None), ("bytes=5-99999999", 206, 5, None)],
)
def test_a_part_is_given_when_asked(
    me: Client, owner: Any, asked: str, status: int, first: int, last: int | None
) -> None:
    data = samples.plain_pdf()
    response = me.get(f"/tep/{keep(owner, data).pk}", headers={"Range": asked})
    assert response.status_code == status
    until = last if last is not None else len(data) - 1
    assert body(response) == data[first : until + 1]
    assert response["Content-Range"] == f"bytes {first}-{until}/{len(data)}"


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=9-3"])
def test_a_part_that_is_not_there_is_416(me: Client, owner: Any, asked: str) -> None:
    file = keep(owner, samples.plain_pdf())
    assert me.get(f"/tep/{file.pk}", headers={"Range": asked}).status_code == 416


@pytest.mark.parametrize("asked", ["bytes=-5", "bytes=0-1,3-4", "chuong=1-2", "bytes=٣-"])
def test_a_range_we_do_not_serve_gives_the_whole_file(me: Client, owner: Any, asked: str) -> None:
    file = keep(owner, samples.plain_pdf())
    assert me.get(f"/tep/{file.pk}", headers={"Range": asked.encode().decode("latin-1")}).status_code == 200


def test_nobody_else_learns_that_the_file_exists(client: Client, owner: Any) -> None:
    file = keep(owner, samples.plain_pdf())
    client.force_login(make_account(party=make_citizen("Người khác")))
    assert [client.get(f"/tep/{file.pk}{end}").status_code for end in ("", "/xem")] == [404, 404]
    client.logout()
    assert client.get(f"/tep/{file.pk}").status_code == 404
    assert client.get(f"/tep/{keep(None, samples.plain_pdf()).pk}").status_code == 404


@pytest.fixture
def rule() -> Iterator[list[StoredFile]]:
    opened: list[StoredFile] = []

    def odd_accounts_only(actor: Actor, file: StoredFile) -> bool | None:
        return None if file.name == "chua-gan.png" else actor.account_id is not None and actor.account_id % 2 == 1

    access.register("kiem-thu.luat", odd_accounts_only, opened=lambda _actor, file: opened.append(file))
    yield opened
    access._rules.pop("kiem-thu.luat")


def test_the_app_that_made_a_file_decides_even_against_its_owner(rule: list[StoredFile]) -> None:
    file = StoredFile(name="a.png", owner_id=4, purpose="kiem-thu.luat")
    assert access.may_open(Actor(kind="account", account_id=3), file)
    assert not access.may_open(Actor(kind="account", account_id=4), file)
    loose = StoredFile(name="chua-gan.png", owner_id=4, purpose="kiem-thu.luat")
    assert access.may_open(Actor(kind="account", account_id=4), loose)
    assert not access.may_open(Actor(kind="account", account_id=3), loose)
    assert not access.may_open(Actor(), StoredFile(name="b.png", owner_id=None, purpose="kiem-thu.khac"))


def test_the_app_hears_of_an_opening_once_not_of_each_part(me: Client, owner: Any, rule: list[StoredFile]) -> None:
    file = keep(owner, samples.png(), "chua-gan.png", "kiem-thu.luat")
    me.get(f"/tep/{file.pk}", headers={"Range": "bytes=0-9"})
    me.get(f"/tep/{file.pk}", headers={"Range": "bytes=10-19"})
    assert rule == [file]


def test_a_preview_is_a_small_picture_of_the_page(me: Client, owner: Any) -> None:
    file = keep(owner, samples.plain_pdf(2))
    response = me.get(f"/tep/{file.pk}/xem?trang=2")
    assert response["Content-Type"] == "image/png"
    with Image.open(BytesIO(response.content)) as picture:
        assert picture.format == "PNG"
        assert 800 <= picture.width <= 900
    assert me.get(f"/tep/{file.pk}/xem?trang=3").status_code == 404
    assert me.get(f"/tep/{file.pk}/xem?trang=abc").status_code == 200


def test_a_preview_seen_before_is_not_drawn_again(me: Client, owner: Any) -> None:
    file = keep(owner, samples.jpeg(2000, 1000), "anh.jpg")
    first = me.get(f"/tep/{file.pk}/xem")
    with Image.open(BytesIO(first.content)) as picture:
        assert picture.size == (900, 450)
    again = me.get(f"/tep/{file.pk}/xem", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_page_that_takes_too_much_to_draw_is_refused_in_words(me: Client, owner: Any, monkeypatch: Any) -> None:
    from hienluong.foundation.files import previews

    monkeypatch.setattr(previews, "TIMEOUT", 0.01)
    started = time.monotonic()
    response = me.get(f"/tep/{keep(owner, samples.plain_pdf()).pk}/xem")
    assert response.status_code == 422
    assert "quá nặng" in response.content.decode()
    assert time.monotonic() - started < 10


def test_a_page_the_size_of_a_field_is_drawn_small(me: Client, owner: Any) -> None:
    document = pikepdf.Pdf.new()
    document.add_blank_page(page_size=(14_400, 14_400))
    response = me.get(f"/tep/{keep(owner, samples.saved(document)).pk}/xem")
    with Image.open(BytesIO(response.content)) as picture:
        assert max(picture.size) <= 1800


class Sender:
    """Sends without end, and remembers the largest piece it was asked for."""

    largest = 0
    sent = 0

    def read(self, size: int = -1) -> bytes:
        self.largest = max(self.largest, size)
        self.sent += size
        return bytes(size)


def _refused(rf: RequestFactory, sender: Sender) -> HttpResponse:
    request = rf.post("/dich-vu", data=b"", content_type="multipart/form-data; boundary=x")
    request.META["CONTENT_LENGTH"] = str(2 << 30)
    request._stream = sender  # type: ignore[attr-defined]
    return limits.BodyLimitMiddleware(lambda _request: HttpResponse("vào được"))(request)


def test_two_gigabytes_are_refused_with_a_page_and_nothing_kept(rf: RequestFactory, monkeypatch: Any) -> None:
    monkeypatch.setattr(limits, "PATIENCE", 0.2)
    sender = Sender()
    started = time.monotonic()
    response = _refused(rf, sender)
    assert response.status_code == 413
    assert "quá lớn" in response.content.decode()
    assert time.monotonic() - started < 5
    assert 0 < sender.largest <= 1 << 20


def test_a_sender_that_hangs_up_is_no_fault(rf: RequestFactory) -> None:
    class Gone(Sender):
        def read(self, size: int = -1) -> bytes:
            raise ConnectionResetError

    assert _refused(rf, Gone()).status_code == 413


def test_a_file_over_the_limit_is_cut_and_the_rest_of_the_form_is_kept(rf: RequestFactory, settings: Any) -> None:
    settings.MAX_UPLOAD_BYTES = 1 << 20
    big = SimpleUploadedFile("to.pdf", b"%PDF-1.7" + b" " * (5 << 20))
    request: HttpRequest = rf.post("/", {"truoc": "một", "tep": big, "sau": "hai"})
    assert (request.POST["truoc"], request.POST["sau"]) == ("một", "hai")
    size = request.FILES["tep"].size
    assert size is not None
    assert (1 << 20) < size < (2 << 20)
