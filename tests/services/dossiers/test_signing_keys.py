"""With whose keys a result is signed: those that the official and the agency enrolled, nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from hienluong.capabilities.signing import enrolling
from hienluong.capabilities.signing.models import SigningKey
from hienluong.capabilities.signing.verification import verify_pdf
from hienluong.foundation.actions import DomainError, InvalidInput
from hienluong.foundation.organisations import actions as organisations
from hienluong.foundation.organisations.models import Official
from hienluong.services.dossiers import actions, publishing
from hienluong.services.dossiers.models import Dossier, Result
from tests.capabilities.signing import softhsm
from tests.capabilities.signing.asking import content
from tests.factories import TESTER
from tests.services.dossiers.province import Province
from tests.services.dossiers.test_lifecycle import sign, to_signature

pytestmark = pytest.mark.django_db


def signatures(result: Result) -> list[Any]:
    """What the verification page says of each signature."""
    return list(verify_pdf(content(result.file_id)).signatures)


def test_the_keys_that_were_enrolled_sign(province: Province) -> None:
    p, leader = province, Official.objects.get(pk=province.leader.official_id)
    result = sign(p, to_signature(p))
    keys = [enrolling.key_of(leader), enrolling.key_of(p.commune)]
    assert [found.serial for found in signatures(result)] == [key.serial for key in keys if key]
    assert [found.position for found in signatures(result)] == ["leader, UBND Phường Đông Hà", "UBND Phường Đông Hà"]
    sign(p, to_signature(p))
    assert SigningKey.objects.count() == 2  # made once, then used again


def test_a_key_in_a_token_signs(province: Province, settings: Any) -> None:
    settings.SIGNING_TOKENS = {"hsm": softhsm.token()}
    Official.objects.filter(pk=province.leader.official_id).update(full_name=softhsm.NAME)
    leader = Official.objects.get(pk=province.leader.official_id)
    key = enrolling.enrol(TESTER, holder=leader, provider="pkcs11", source="hsm", credential="ky-ec")
    result = sign(province, to_signature(province))
    assert signatures(result)[0].serial == key.serial
    assert all(found.intact and found.timestamped for found in signatures(result))


def test_without_a_key_nothing_is_decided_and_it_is_said_where_to_get_one(province: Province, settings: Any) -> None:
    dossier = to_signature(province)
    settings.SIGNING_DEMO_KEYS = False
    with pytest.raises(InvalidInput, match="/lam-viec/ky-so/khoa") as told:
        actions.sign(province.leader, dossier=dossier)
    assert told.value.code == "signing.no_key"
    settings.SIGNING_DEMO_KEYS = True
    enrolling.key_for_signing(TESTER, Official.objects.get(pk=province.leader.official_id))
    settings.SIGNING_DEMO_KEYS = False
    with pytest.raises(InvalidInput, match="/quan-tri/khoa-ky-so"):
        actions.sign(province.leader, dossier=dossier)
    result, again = Result.objects.get(dossier=dossier), Dossier.objects.get(pk=dossier.pk)
    assert (result.state, result.number, again.waiting_task) == (Result.State.DRAFT, "", "sign")


def test_a_certificate_that_ended_decides_nothing(province: Province) -> None:
    dossier = to_signature(province)
    key = enrolling.key_for_signing(TESTER, Official.objects.get(pk=province.leader.official_id))
    SigningKey.objects.filter(pk=key.pk).update(valid_until=timezone.now() - timedelta(days=1))
    with pytest.raises(InvalidInput) as told:
        actions.sign(province.leader, dossier=dossier)
    assert told.value.code == "signing.not_in_force"


def test_what_is_signed_at_once_does_not_wait_for_a_telephone(province: Province) -> None:
    key = enrolling.key_for_signing(TESTER, province.commune)
    SigningKey.objects.filter(pk=key.pk).update(provider="csc")
    with pytest.raises(InvalidInput, match="điện thoại") as told:
        actions.sign(province.leader, dossier=to_signature(province))
    assert told.value.code == "signing.needs_telephone"


def test_a_new_name_of_an_agency_is_a_new_certificate_of_the_demo(province: Province) -> None:
    p = province
    sign(p, to_signature(p))
    before = enrolling.key_of(p.commune)
    organisations.rename(
        TESTER, org=p.commune, name="UBND Phường Mới", on=timezone.localdate(), legal_basis="Nghị quyết 1"
    )
    p.commune.refresh_from_db()
    result = sign(p, to_signature(p))
    after = enrolling.key_of(p.commune)
    assert before is not None
    assert after is not None
    before.refresh_from_db()
    assert (before.state, signatures(result)[1].signer, after.serial != before.serial) == (
        "retired",
        "UBND Phường Mới",
        True,
    )


def test_only_officials_sign(province: Province) -> None:
    dossier = to_signature(province)
    with pytest.raises(DomainError, match="phải là cán bộ"):
        actions.sign(TESTER, dossier=dossier)


def test_another_run_of_the_same_job_publishes_nothing_twice(
    province: Province,
) -> None:
    result = actions.sign(province.leader, dossier=to_signature(province))
    first, second = (Result.objects.get(pk=result.pk) for _n in range(2))
    assert publishing.produce(first).file_id == publishing.produce(second).file_id
