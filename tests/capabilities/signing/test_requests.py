"""Several holders sign one file in order, many files with one confirmation; killed in between, nothing is lost or twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hienluong.capabilities.signing import enrolling, requests, working
from hienluong.capabilities.signing.models import Look, SignatureMark, SignatureRequest, SigningBatch, SigningKey
from hienluong.capabilities.signing.verification import verify_pdf
from hienluong.foundation.actions import InvalidInput, NotAllowed, system
from hienluong.foundation.events.models import Event
from tests.capabilities.signing.asking import ask, content, leader_then_seal, make_signer, pdfsig, work
from tests.factories import TESTER, actor_for_role, make_org, make_roles

pytestmark = pytest.mark.django_db


def _events(subject: str = "van-ban:1") -> list[str]:
    return list(Event.objects.filter(subject=subject).order_by("pk").values_list("type", flat=True))


def test_leader_then_seal(tmp_path: Path) -> None:
    make_roles()
    org = make_org("UBND phường Đông Hà", kind="commune")
    official, leader = make_signer(org=org)
    request = ask(*leader_then_seal(official, org))
    assert [mark.request_id for mark in requests.waiting_for(leader)] == [request.pk]
    outcome = requests.sign(leader, request_ids=[request.pk])
    assert [batch.key.provider for batch in outcome.batches] == ["pkcs12"]
    assert work() == 1
    request.refresh_from_db()
    assert (request.state, [mark.state for mark in request.marks.all()]) == ("waiting", ["signed", "turn"])
    assert not requests.waiting_for(leader)
    requests.sign(system("Đóng dấu"), request_ids=[request.pk])
    work()
    request.refresh_from_db()
    assert request.state == SignatureRequest.State.COMPLETED
    assert _events() == ["signature.made", "signature.made", "signature.completed"]
    signed = content(request.file_id)
    told = pdfsig(signed, tmp_path)
    assert told.count("Signature is Valid") == 2
    assert "Total document signed" in told
    found = verify_pdf(signed)
    assert [one.signer for one in found.signatures] == ["Nguyễn Văn Ký", "UBND phường Đông Hà"]
    assert all(one.intact and one.trusted and one.timestamped and one.long_term for one in found.signatures)


def test_nobody_signs_for_another() -> None:
    make_roles()
    org = make_org(kind="commune")
    official, leader = make_signer(org=org)
    request = ask(*leader_then_seal(official, org))
    _other, stranger = make_signer("Trần Văn Khác", org=org)
    for somebody in (stranger, TESTER, actor_for_role("admin")):
        with pytest.raises(NotAllowed):
            requests.sign(somebody, request_ids=[request.pk])
    requests.sign(leader, request_ids=[request.pk])
    with pytest.raises(InvalidInput, match="đang được ký"):
        requests.sign(leader, request_ids=[request.pk])
    work()
    with pytest.raises(InvalidInput):  # now it is the seal's turn
        requests.sign(leader, request_ids=[request.pk])


def test_a_batch_signs_all_with_one_decision() -> None:
    make_roles()
    official, leader = make_signer()
    mark = requests.Mark(official, "ChuKy", Look.NONE)
    asked = [ask(mark, subject_ref=f"van-ban:{number}") for number in range(3)]
    outcome = requests.sign(leader, request_ids=[request.pk for request in asked])
    assert len(outcome.batches) == 1
    work()
    assert set(SignatureRequest.objects.values_list("state", flat=True)) == {"completed"}
    assert SigningBatch.objects.get().state == SigningBatch.State.DONE
    assert SigningKey.objects.count() == 1


def test_an_app_may_say_no_at_the_last_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    make_roles()
    official, leader = make_signer()
    mark = requests.Mark(official, "ChuKy", Look.NONE)
    kept, free = ask(mark, subject_ref="giu:1"), ask(mark, subject_ref="khac:1")

    def check(_actor: Any, request: SignatureRequest, _mark: SignatureMark) -> None:
        raise InvalidInput(f"Hết thẩm quyền ký {request.subject_ref}.")

    monkeypatch.setattr(requests, "_guards", {})
    requests.guard("giu", check)
    outcome = requests.sign(leader, request_ids=[kept.pk, free.pk])
    assert outcome.left_out == [(kept, "Hết thẩm quyền ký giu:1.")]
    assert [mark.state for mark in (kept.marks.get(), free.marks.get())] == ["turn", "signing"]
    with pytest.raises(InvalidInput, match="Hết thẩm quyền"):
        requests.sign(leader, request_ids=[kept.pk])


def test_refused_and_taken_back_end_a_request() -> None:
    make_roles()
    official, leader = make_signer()
    request = ask(requests.Mark(official, "ChuKy", Look.NONE))
    with pytest.raises(InvalidInput) as told:
        requests.refuse(leader, request_id=request.pk, reason=" ")
    assert told.value.field == "reason"
    requests.refuse(leader, request_id=request.pk, reason="Sai thẩm quyền")
    assert _events() == ["signature.refused"]
    assert Event.objects.get(type="signature.refused").data["reason"] == "Sai thẩm quyền"
    other = ask(requests.Mark(official, "ChuKy", Look.NONE), subject_ref="van-ban:2")
    requests.cancel(TESTER, request_id=other.pk, reason="Sửa dự thảo")
    assert _events("van-ban:2") == ["signature.cancelled"]
    with pytest.raises(InvalidInput):
        requests.sign(leader, request_ids=[other.pk])


class Killed(BaseException):
    """As a process that is killed: nothing catches it."""


@pytest.mark.parametrize("where", ["_store", "finish_mark", "_close"])
def test_killed_in_between_it_is_signed_once(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    make_roles()
    official, leader = make_signer()
    asked = [ask(requests.Mark(official, "ChuKy", Look.NONE), subject_ref=f"van-ban:{n}") for n in range(2)]
    batch = requests.sign(leader, request_ids=[request.pk for request in asked]).batches[0]

    def killed(*_args: Any, **_more: Any) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(working, where, killed)
        with pytest.raises(Killed):
            working.carry_on(batch.pk)
    assert working.carry_on(batch.pk) is None
    for request in asked:
        request.refresh_from_db()
        assert request.state == "completed"
        assert len(verify_pdf(content(request.file_id)).signatures) == 1
        assert _events(request.subject_ref) == ["signature.made", "signature.completed"]


def test_taken_back_while_it_is_signed() -> None:
    make_roles()
    official, leader = make_signer()
    request = ask(requests.Mark(official, "ChuKy", Look.NONE))
    batch = requests.sign(leader, request_ids=[request.pk]).batches[0]
    requests.cancel(TESTER, request_id=request.pk, reason="Sửa")
    working.carry_on(batch.pk)
    request.refresh_from_db()
    assert (request.state, request.file_id) == ("cancelled", request.original_id)


def test_without_a_key_it_is_said_where_to_get_one(settings: Any) -> None:
    settings.SIGNING_DEMO_KEYS = False
    make_roles()
    official, leader = make_signer()
    request = ask(requests.Mark(official, "ChuKy", Look.NONE))
    with pytest.raises(InvalidInput, match="Khóa ký số"):
        requests.sign(leader, request_ids=[request.pk])
    assert SignatureMark.objects.get().state == SignatureMark.State.TURN


def test_who_keeps_a_seal() -> None:
    make_roles()
    commune = make_org("UBND phường Đông Hà", kind="commune")
    office = make_org("Văn phòng", kind="division", parent=commune)
    province = make_org("UBND tỉnh", kind="province")
    from hienluong.foundation.identity.models import Role

    Role.objects.update_or_create(code="sealer", defaults={"name": "Văn thư thử", "permissions": ["signing.seal"]})
    _clerk, clerk = make_signer("Văn Thư", org=office, role="sealer")
    _above, above = make_signer("Văn Thư Tỉnh", org=province, role="sealer")
    assert set(requests.sealed_by(clerk)) == {commune.pk, office.pk}
    assert requests.sealed_by(above) == [province.pk]
    request = ask(requests.Mark(commune, "Dau", Look.NONE))
    with pytest.raises(NotAllowed):
        requests.sign(above, request_ids=[request.pk])
    requests.sign(clerk, request_ids=[request.pk])
    work()
    assert verify_pdf(content(SignatureRequest.objects.get().file_id)).signatures[0].signer == "UBND phường Đông Hà"


def test_keys_are_taken_on_and_retired() -> None:
    make_roles()
    official, leader = make_signer()
    with pytest.raises(NotAllowed):
        enrolling.enrol(leader, holder=official, provider="pkcs12")
    first = enrolling.enrol(TESTER, holder=official, provider="pkcs12")
    second = enrolling.enrol(TESTER, holder=official, provider="pkcs12")
    first.refresh_from_db()
    assert (first.state, second.state) == ("retired", "active")
    _other, stranger = make_signer("Trần Khác")
    with pytest.raises(NotAllowed):
        enrolling.retire(stranger, key=second, reason="x")
    enrolling.retire(leader, key=second, reason="Mất điện thoại")
    assert enrolling.key_of(official) is None


def test_a_revoked_certificate_signs_no_more() -> None:
    from hienluong.capabilities.signing import revocation

    make_roles()
    official, leader = make_signer()
    key = enrolling.enrol(TESTER, holder=official, provider="pkcs12")
    revocation.revoke_certificate("issuing", int(key.serial, 16))
    request = ask(requests.Mark(official, "ChuKy", Look.NONE))
    with pytest.raises(InvalidInput, match="thu hồi"):
        requests.sign(leader, request_ids=[request.pk])
