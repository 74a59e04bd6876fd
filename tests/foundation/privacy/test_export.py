"""A copy of one's data: asked for after proof, made in the background, taken by its owner, gone after some days."""

from __future__ import annotations

import json
import zipfile
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from hienluong.foundation.actions import DomainError, NotAllowed, NotFound, system
from hienluong.foundation.audit.models import Entry
from hienluong.foundation.audit.reads import log_read
from hienluong.foundation.files import store
from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.identity.models import Account
from hienluong.foundation.identity.queries import actor_of
from hienluong.foundation.notifications.models import Notification
from hienluong.foundation.privacy import exporting, tasks
from hienluong.foundation.privacy.models import Export
from tests.factories import make_account, make_citizen
from tests.foundation.files import samples
from tests.foundation.signin.test_signing_in import PASSWORD, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(db: None) -> Account:
    account = make_account("binh", party=make_citizen("Nguyễn Thị Bình", identifier="045190001234"))
    account.set_password(PASSWORD)
    account.save()
    return account


def copy_of(account: Account) -> Export:
    asked = exporting.ask_export(actor_of(account), account=account)
    tasks.make_export(asked.pk)
    asked.refresh_from_db()
    return asked


def test_it_holds_what_is_held_for_people_and_for_machines(person: Account) -> None:
    assert person.party_id
    other = make_account("an", party=make_citizen("Người Khác", identifier="045190009999"))
    store(BytesIO(samples.plain_pdf()), name="giấy.pdf", owner=person.pk, purpose="thử")
    store(BytesIO(samples.plain_pdf()), name="của người khác.pdf", owner=other.pk, purpose="thử")
    log_read(
        party_id=person.party_id,
        actor_id=other.pk,
        actor_label="Trần Văn Soi",
        organization_id=None,
        fields=["name"],
        purpose="Kiểm tra",
    )
    made = copy_of(person)
    assert made.state == "ready"
    assert made.file is not None
    with zipfile.ZipFile(made.file.open()) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        parts = json.loads(archive.read("du-lieu.json"))["parts"]
        page = archive.read("doc-toi.html").decode()
    assert parts["people.party"][0]["identifier"] == "045190001234", "one's own number is one's own to read"
    assert parts["identity.account"][0]["username"] == "binh"
    assert parts["audit.looks"][0]["actor_label"] == "Trần Văn Soi"
    assert [each["name"] for each in parts["files.own"]] == ["giấy.pdf"]
    assert [name for name in names if name.endswith("/giấy.pdf")]
    assert not [name for name in names if "người khác" in name]
    for words in ("Nguyễn Thị Bình", "Trần Văn Soi", "giấy.pdf"):
        assert words in page
    assert "argon2" not in str(parts), "no secret leaves"
    assert "Người Khác" not in page + str(parts)
    told = Notification.objects.get(kind="privacy.export_ready")
    assert (told.account_id, told.href) == (person.pk, "/tai-khoan/du-lieu-cua-toi")


def test_asking_and_taking_need_a_fresh_proof(person: Account) -> None:
    client = signed_in(person)
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 601
    session.save()
    made = copy_of(person)
    for address in (
        reverse("privacy:ask_export"),
        reverse("privacy:take_export", args=[made.pk]),
        reverse("privacy:close"),
    ):
        assert client.get(address, secure=True)["Location"].startswith(reverse("signin:confirm")), address
    assert client.post(reverse("privacy:ask_export"), secure=True)["Location"].startswith(reverse("signin:confirm"))
    assert Export.objects.count() == 1


def test_only_its_owner_takes_it_and_each_time_is_written_down(person: Account) -> None:
    client = signed_in(person)
    assert client.post(reverse("privacy:ask_export"), secure=True).status_code == 302
    made = Export.objects.get()
    tasks.make_export(made.pk)
    tasks.make_export(made.pk)
    assert Export.objects.get().state == "ready"
    answer = client.get(reverse("privacy:take_export", args=[made.pk]), secure=True)
    assert answer["Content-Disposition"].startswith("attachment")
    assert "no-store" in answer["Cache-Control"]
    assert zipfile.is_zipfile(BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]
    assert Entry.objects.filter(verb="privacy.take_export", actor_id=person.pk).count() == 1
    made.refresh_from_db()
    assert made.taken == 1
    assert client.get(f"/tep/{made.file_id}", secure=True).status_code == 404, "not by the address of files"
    other = make_account("an")
    other.set_password(PASSWORD)
    other.save()
    assert signed_in(other).get(reverse("privacy:take_export", args=[made.pk]), secure=True).status_code == 404
    with pytest.raises(NotFound):
        exporting.take(actor_of(other), account=other, export=made)
    with pytest.raises(NotAllowed):
        exporting.take(actor_of(other), account=person, export=made)
    with pytest.raises(NotAllowed):
        exporting.make(actor_of(person), export=made)
    assert Client().get(reverse("privacy:own")).status_code == 302


def test_it_is_gone_after_some_days_and_not_asked_for_too_often(person: Account, at: Any) -> None:
    made = copy_of(person)
    file = made.file_id
    for _ in range(exporting.MOST_A_DAY - 1):
        copy_of(person)
    with pytest.raises(DomainError, match="Mỗi ngày"):
        copy_of(person)
    assert made.until is not None
    assert made.until - made.ready_at == timedelta(days=settings.EXPORT_DAYS)  # type: ignore[operator]
    at(made.until + timedelta(seconds=1))
    with pytest.raises(NotFound):
        exporting.take(actor_of(person), account=person, export=made)
    tasks.hourly(0)
    made.refresh_from_db()
    assert (made.state, made.file_id) == ("expired", None)
    assert not StoredFile.objects.filter(pk=file).exists()


def test_a_copy_that_could_not_be_made_may_be_asked_for_again(person: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = exporting.ask_export(actor_of(person), account=person)
    with pytest.raises(DomainError, match="đang được làm"):
        exporting.ask_export(actor_of(person), account=person)
    monkeypatch.setattr("hienluong.foundation.privacy.archive.write", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        tasks.make_export(asked.pk)
    monkeypatch.undo()
    asked.refresh_from_db()
    assert asked.state == "failed"
    assert copy_of(person).state == "ready"
    assert exporting.fail(system("thử"), export=asked).state == "failed"
    assert timezone.now()
