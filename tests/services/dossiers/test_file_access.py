"""The files of a dossier open for its own people and its officials, and for nobody else."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from hienluong.capabilities.signing.models import LongTermCopy
from hienluong.foundation.actions import Actor
from hienluong.foundation.audit.models import PersonalDataRead
from hienluong.foundation.files import access, store
from hienluong.foundation.files.blobs import blob_store
from hienluong.foundation.files.models import Opening, StoredFile
from hienluong.foundation.identity.models import Account
from hienluong.services.dossiers import actions
from hienluong.services.dossiers.models import Dossier, DossierPaper
from tests.foundation.files import samples
from tests.services.dossiers.province import Province
from tests.services.workplace.desk import signed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _contents(settings: Any, tmp_path: Path) -> Any:
    settings.FILES_ROOT = tmp_path / "files"
    blob_store.cache_clear()
    yield
    blob_store.cache_clear()


def handed_in(p: Province) -> tuple[Dossier, StoredFile]:
    file = store(BytesIO(samples.plain_pdf()), name="căn cước.pdf", owner=p.clerk.account_id, purpose="dossiers.paper")
    dossier = p.file()
    DossierPaper.objects.create(dossier=dossier, code="CC", name="Căn cước", file=file)
    return dossier, file


def status(actor: Actor, file: StoredFile) -> int:
    client = Client()
    if actor.account_id:
        client.force_login(Account.objects.get(pk=actor.account_id))
    return client.get(f"/tep/{file.pk}").status_code


def test_own_people_and_officials_of_the_dossier_open_its_papers(province: Province) -> None:
    _dossier, file = handed_in(province)
    assert [status(a, file) for a in (province.citizen, province.clerk, province.leader)] == [200, 200, 200]


def test_for_everybody_else_the_paper_does_not_exist(province: Province) -> None:
    _dossier, file = handed_in(province)
    others = (province.stranger, province.other_clerk, province.other_leader, province.asked, province.anonymous)
    assert [status(a, file) for a in others] == [404] * 5


def test_the_long_term_copy_of_a_result_opens_for_whom_the_result_opens(province: Province) -> None:
    p = province
    result = signed(p)
    with result.file.open() as stream:
        longer = stream.read() + b"\n% one more timestamp\n"
    copy = store(BytesIO(longer), name="luu-tru.pdf", owner=None, purpose="dossiers.result")
    assert status(p.clerk, copy) == 404  # nothing says yet whose it is
    LongTermCopy.objects.create(
        issued_id=result.token, file_id=copy.pk, sha256=copy.blob_id, proof_ends=timezone.now(), log_index=0
    )
    assert [status(a, copy) for a in (p.clerk, p.leader)] == [200, 200]
    assert [status(a, copy) for a in (p.citizen, p.stranger, p.other_clerk, p.anonymous)] == [404] * 4
    assert PersonalDataRead.objects.filter(subject=result.dossier.code).exists()
    address = f"/tep/{copy.pk}"
    client = Client()
    client.force_login(Account.objects.get(pk=p.citizen.account_id))
    assert address not in client.get(f"/ho-so/{result.dossier.code}").content.decode()
    actions.return_result(p.clerk, dossier=Dossier.objects.get(pk=result.dossier_id), recipient="Bà Lành")
    assert status(p.citizen, copy) == 200
    for page in (f"/ho-so/{result.dossier.code}", "/giay-to-cua-toi"):
        assert address in client.get(page).content.decode(), page
    client.force_login(Account.objects.get(pk=p.clerk.account_id))
    assert address in client.get(f"/lam-viec/ho-so/{result.dossier.code}").content.decode()


def test_an_officials_look_is_written_down_and_ones_own_is_not(province: Province) -> None:
    dossier, file = handed_in(province)
    status(province.citizen, file)
    assert not PersonalDataRead.objects.exists()
    status(province.clerk, file)
    look = PersonalDataRead.objects.get()
    assert (look.party_id, look.actor_id, look.subject) == (dossier.subject_id, province.clerk.account_id, dossier.code)


def test_who_scanned_a_paper_loses_it_with_the_post(province: Province) -> None:
    _dossier, file = handed_in(province)
    StoredFile.objects.filter(pk=file.pk).update(owner_id=province.other_clerk.account_id)
    assert status(province.other_clerk, file) == 404


def test_a_paper_of_a_draft_is_its_owners_alone(province: Province) -> None:
    file = store(BytesIO(samples.jpeg()), name="anh.jpg", owner=province.citizen.account_id, purpose="dossiers.paper")
    assert [status(a, file) for a in (province.citizen, province.stranger, province.clerk)] == [200, 404, 404]


@pytest.mark.parametrize("part", ["bytes=1-", "bytes=0-99", "bytes=5-5", "", "bytes=99999999-"])
def test_a_look_is_written_down_whichever_part_is_asked_for(province: Province, part: str) -> None:
    _dossier, file = handed_in(province)
    client = Client()
    client.force_login(Account.objects.get(pk=province.clerk.account_id))
    client.get(f"/tep/{file.pk}", headers={"Range": part} if part else {})
    assert PersonalDataRead.objects.count() == 1


def test_many_parts_and_pages_are_one_look_until_a_while_has_passed(province: Province) -> None:
    _dossier, file = handed_in(province)
    client = Client()
    client.force_login(Account.objects.get(pk=province.clerk.account_id))
    for start in (0, 10, 200, 30):
        client.get(f"/tep/{file.pk}", headers={"Range": f"bytes={start}-"})
    client.get(f"/tep/{file.pk}/xem?trang=1")
    assert PersonalDataRead.objects.count() == 1
    status(province.leader, file)
    assert PersonalDataRead.objects.count() == 2
    Opening.objects.update(at=timezone.now() - access.ONE_LOOK - timedelta(seconds=1))
    client.get(f"/tep/{file.pk}", headers={"Range": "bytes=7-"})
    assert PersonalDataRead.objects.count() == 3
    assert access.forget_old() == 1


def test_a_look_that_cannot_be_written_down_is_not_given(province: Province, monkeypatch: pytest.MonkeyPatch) -> None:
    _dossier, file = handed_in(province)

    def broken(*_a: object) -> None:
        raise RuntimeError("the log is away")

    monkeypatch.setitem(access._rules, "dossiers.paper", access._Rule(lambda *_a: True, broken))
    client = Client(raise_request_exception=False)
    client.force_login(Account.objects.get(pk=province.clerk.account_id))
    assert client.get(f"/tep/{file.pk}", headers={"Range": "bytes=1-"}).status_code == 500
    assert not Opening.objects.exists()
