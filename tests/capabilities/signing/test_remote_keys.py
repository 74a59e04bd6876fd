"""Keys at a service that signs from afar: asked over HTTP, confirmed on the telephone, whatever goes wrong in between."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.db import connection

from hienluong.capabilities.signing import enrolling, requests, working
from hienluong.capabilities.signing.models import Look, SignatureMark, SignatureRequest, SigningBatch
from hienluong.capabilities.signing.providers import cloud, provider_of
from hienluong.capabilities.signing.verification import verify_pdf
from hienluong.foundation.actions import Actor, InvalidInput, NotAllowed
from hienluong.foundation.organisations.models import Official
from tests.capabilities.signing.asking import ask, content, make_signer, pdfsig
from tests.capabilities.signing.service_process import SigningService
from tests.factories import make_roles

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SigningService]:
    running = SigningService(tmp_path_factory.mktemp("csc"))
    yield running
    running.stop()


@pytest.fixture
def service(process: SigningService, settings: Any, tmp_path: Path) -> SigningService:
    settings.SIGNING_SERVICES = {"thu": process.told}
    settings.REVOCATION_ASK = False  # all that it takes is to be in the file
    settings.TRUST_FOLDER = tmp_path / "trusted"
    settings.TRUST_FOLDER.mkdir()
    (settings.TRUST_FOLDER / "csc.pem").write_bytes(process.root)
    process.fault(**dict.fromkeys(("slow", "lost", "away", "refuse", "wrong"), 0))
    for address in process.waiting():
        process.post(address, viec="thoi")
    return process


@pytest.fixture
def signer(service: SigningService) -> tuple[Official, Actor]:
    make_roles()
    official, actor = make_signer()
    number = service.register(official.code, official.full_name, "UBND phường thử")
    enrolling.enrol(actor, holder=official, provider="csc", source="thu", credential=number)
    return official, actor


def _ask(official: Official, subject: str = "van-ban:1") -> SignatureRequest:
    return ask(requests.Mark(official, "ChuKy", Look.NONE), subject_ref=subject, title=f"Quyết định {subject}")


def _signed(request: SignatureRequest) -> Any:
    request.refresh_from_db()
    assert request.state == "completed"
    return verify_pdf(content(request.file_id))


def test_one_confirmation_on_the_telephone_signs_all(
    service: SigningService, signer: tuple[Official, Actor], tmp_path: Path
) -> None:
    official, actor = signer
    asked = [_ask(official, f"van-ban:{number}") for number in range(3)]
    outcome = requests.sign(actor, request_ids=[each.pk for each in asked])
    assert outcome.on_telephone
    batch = outcome.batches[0]
    assert working.carry_on(batch.pk) == working.LOOK_AGAIN
    assert working.carry_on(batch.pk) == working.LOOK_AGAIN
    (address,) = service.waiting()
    page = httpx.get(service.url + address, trust_env=False).text
    assert all(f"Quyết định van-ban:{number}" in page for number in range(3))
    assert page.count("SHA-256") == 3
    assert "không đúng" in service.confirm(pin="0000").text
    service.confirm()
    assert working.carry_on(batch.pk) is None
    for request in asked:
        (found,) = _signed(request).signatures
        assert (found.signer, found.intact, found.trusted, found.long_term) == ("Nguyễn Văn Ký", True, True, True)
        assert "Signature is Valid" in pdfsig(content(request.file_id), tmp_path)
    batch.refresh_from_db()
    assert batch.state == SigningBatch.State.DONE


def test_refused_on_the_telephone_waits_for_the_holder_again(
    service: SigningService, signer: tuple[Official, Actor]
) -> None:
    official, actor = signer
    request = _ask(official)
    batch = requests.sign(actor, request_ids=[request.pk]).batches[0]
    working.carry_on(batch.pk)
    service.confirm(answer="thoi")
    assert working.carry_on(batch.pk) is None
    batch.refresh_from_db()
    assert (batch.state, "không xác nhận" in batch.trouble) == (SigningBatch.State.REFUSED, True)
    assert request.marks.get().state == SignatureMark.State.TURN
    again = requests.sign(actor, request_ids=[request.pk]).batches[0]
    working.carry_on(again.pk)
    service.confirm()
    working.carry_on(again.pk)
    assert len(_signed(request).signatures) == 1


@pytest.mark.parametrize("fault", ["lost", "away"])
def test_lost_answers_ask_the_holder_once(service: SigningService, signer: tuple[Official, Actor], fault: str) -> None:
    official, actor = signer
    request = _ask(official)
    batch = requests.sign(actor, request_ids=[request.pk]).batches[0]
    service.fault(**{fault: 1})
    assert working.carry_on(batch.pk) == working.WAITS[0]
    batch.refresh_from_db()
    assert "chưa trả lời" in batch.trouble
    assert working.carry_on(batch.pk) == working.LOOK_AGAIN
    assert len(service.waiting()) == 1
    service.confirm()
    service.fault(**{fault: 1})
    assert working.carry_on(batch.pk) == working.WAITS[1]
    assert working.carry_on(batch.pk) is None
    assert len(_signed(request).signatures) == 1


class Killed(BaseException):
    """As a process that is killed."""


@pytest.mark.parametrize("where", ["_keep", "_complete", "finish_mark"])
def test_killed_in_between_the_holder_is_asked_once(
    service: SigningService, signer: tuple[Official, Actor], where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    official, actor = signer
    request = _ask(official)
    batch = requests.sign(actor, request_ids=[request.pk]).batches[0]

    def killed(*_args: Any, **_more: Any) -> None:
        raise Killed

    if where != "_keep":
        working.carry_on(batch.pk)
        service.confirm()
    with monkeypatch.context() as patched:
        patched.setattr(working, where, killed)
        with pytest.raises(Killed):
            working.carry_on(batch.pk)
    if where == "_keep":
        working.carry_on(batch.pk)
        assert len(service.waiting()) == 1
        service.confirm()
    assert working.carry_on(batch.pk) is None
    assert len(_signed(request).signatures) == 1


def test_the_service_forgets_nothing_when_it_is_killed(service: SigningService, signer: tuple[Official, Actor]) -> None:
    official, actor = signer
    request = _ask(official)
    batch = requests.sign(actor, request_ids=[request.pk]).batches[0]
    working.carry_on(batch.pk)
    service.stop(kill=True)
    assert working.carry_on(batch.pk) == working.WAITS[0]
    service.start()
    service.confirm()
    assert working.carry_on(batch.pk) is None
    assert _signed(request).signatures[0].intact


def test_a_wrong_signature_never_gets_into_a_file(service: SigningService, signer: tuple[Official, Actor]) -> None:
    official, actor = signer
    request = _ask(official)
    batch = requests.sign(actor, request_ids=[request.pk]).batches[0]
    working.carry_on(batch.pk)
    service.confirm()
    service.fault(wrong=1)
    assert working.carry_on(batch.pk) is None
    batch.refresh_from_db()
    request.refresh_from_db()
    assert (batch.state, request.file_id) == (SigningBatch.State.FAILED, request.original_id)
    assert "không khớp chứng thư" in batch.trouble


def test_a_refusal_of_the_service_is_told(service: SigningService, signer: tuple[Official, Actor]) -> None:
    official, actor = signer
    request = _ask(official)
    batch = requests.sign(actor, request_ids=[request.pk]).batches[0]
    service.fault(refuse=1)
    working.carry_on(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, "không nhận yêu cầu" in batch.trouble) == (SigningBatch.State.FAILED, True)


def test_a_certificate_that_its_authority_revoked_signs_no_more(
    service: SigningService, signer: tuple[Official, Actor]
) -> None:
    official, actor = signer
    request, key = _ask(official), enrolling.key_of(official)
    assert key is not None
    assert service.post("/thu-hoi", credential="mp-000000000000").status_code == 422
    assert service.post("/thu-hoi", credential=key.credential).status_code == 200
    batch = requests.sign(actor, request_ids=[request.pk]).batches[0]
    assert working.carry_on(batch.pk) is None
    batch.refresh_from_db()
    request.refresh_from_db()
    assert (batch.state, request.file_id) == (SigningBatch.State.FAILED, request.original_id)
    assert "thu hồi" in batch.trouble
    assert not service.waiting()


def test_nobody_takes_on_the_certificate_of_another(service: SigningService) -> None:
    make_roles()
    official, _actor = make_signer()
    other, stranger = make_signer("Trần Văn Khác")
    number = service.register(official.code, official.full_name)
    with pytest.raises(InvalidInput) as told:
        enrolling.enrol(stranger, holder=other, provider="csc", source="thu", credential=number)
    assert told.value.code == "signing.other_name"
    with pytest.raises(NotAllowed):
        enrolling.enrol(stranger, holder=official, provider="csc", source="thu", credential=number)
    provider = provider_of("csc", "thu")
    assert isinstance(provider, cloud.Service)
    assert provider.owned_by(official.code) == [number]
    assert provider.owned_by("không ai") == []


def test_no_transaction_waits_for_the_service(service: SigningService, monkeypatch: pytest.MonkeyPatch) -> None:
    make_roles()
    official, actor = make_signer()
    _other, stranger = make_signer("Trần Văn Khác")
    number = service.register(official.code, official.full_name)
    deep: list[int] = []
    asked = cloud.Service._post

    def seen(self: cloud.Service, path: str, **what: Any) -> Any:
        deep.append(len(connection.savepoint_ids))
        return asked(self, path, **what)

    monkeypatch.setattr(cloud.Service, "_post", seen)
    with pytest.raises(NotAllowed):
        enrolling.enrol(stranger, holder=official, provider="csc", source="thu", credential=number)
    assert deep == []  # whoever may not is told without asking anybody
    outside = len(connection.savepoint_ids)
    key = enrolling.enrol(actor, holder=official, provider="csc", source="thu", credential=number)
    assert (set(deep), key.credential) == ({outside}, number)


def test_activation_data_signs_nothing_else(service: SigningService, signer: tuple[Official, Actor]) -> None:
    official, _actor = signer
    provider, key = cloud.Service("thu", service.told), enrolling.key_of(official)
    assert key is not None
    handle = provider.ask(key.credential, [b"mot"], ["Văn bản một"], "lan-1")
    service.confirm()
    activation = provider.answer(key.credential, handle)
    assert activation is not None
    chain = enrolling.chain_of(key)
    with pytest.raises(cloud.NotConfirmed):
        provider.collect(key.credential, chain, activation, [b"hai"])
    (raw,) = provider.collect(key.credential, chain, activation, [b"mot"])
    assert chain.verifies(b"mot", raw)
    assert not chain.verifies(b"hai", raw)
