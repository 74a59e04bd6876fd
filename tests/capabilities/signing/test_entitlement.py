"""Whose key it was, and whether they held the post on that day: by the enrolled certificate before any name."""

from __future__ import annotations

from datetime import timedelta

import pytest
from asn1crypto import x509 as asn1_x509
from django.utils import timezone

from hienluong.capabilities.signing import enrolling, requests
from hienluong.capabilities.signing.judging import entitlement
from hienluong.capabilities.signing.models import Look, SigningKey
from hienluong.capabilities.signing.verification import verify_pdf
from hienluong.foundation.organisations import actions as organisations
from tests.capabilities.signing.asking import ask, content, make_signer, work
from tests.factories import LONG_AGO, TESTER, make_org, make_roles

pytestmark = pytest.mark.django_db


def test_what_is_signed_here_says_the_post_and_an_ended_post_entitles_to_nothing() -> None:
    make_roles()
    org = make_org("Sở Nội vụ")
    official, actor = make_signer("Lê Thị Ký", org)
    request = ask(requests.Mark(official, "ChuKy", Look.NONE))
    requests.sign(actor, request_ids=[request.pk])
    work()
    request.refresh_from_db()
    key = SigningKey.objects.get(official=official)
    holder = entitlement.holder_of(asn1_x509.Certificate.load(bytes(key.certificate)))
    today = timezone.localdate()
    assert entitlement.by_enrolled_key(holder, today) == entitlement.on(holder, today)
    assert entitlement.on(holder, today).state == "entitled"
    assert entitlement.on(holder, LONG_AGO - timedelta(days=1)).state == "not_entitled"
    signed = content(request.file_id)
    assert verify_pdf(signed).signatures[0].position.endswith("Sở Nội vụ")
    enrolling.retire(TESTER, key=key, reason="Mất thiết bị")
    assert entitlement.on(holder, today).state == "entitled"  # what was signed on the last day stays
    assert entitlement.on(holder, today + timedelta(days=1)).state == "not_entitled"
    organisations.end_position(TESTER, position=official.positions.get(), on=today - timedelta(days=1))
    assert verify_pdf(signed).verdict == "not_entitled"
