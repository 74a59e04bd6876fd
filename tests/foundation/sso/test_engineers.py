"""The engineers of connected systems: their page, their password and keys, and the reminders before those end."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.core import mail
from django.test import Client
from django.utils import timezone

from hienluong.foundation.actions import Actor, InvalidInput, NotAllowed
from hienluong.foundation.identity.queries import actor_of
from hienluong.foundation.notifications.models import Notification
from hienluong.foundation.sso import actions, engineers, proofs, reminders, samples, tasks
from hienluong.foundation.sso.models import Engineer, Reminder, System
from tests.clock import Clock
from tests.factories import make_account, make_official, make_org, make_roles

from .system import ROOT, registered

pytestmark = pytest.mark.django_db


def client_of(account: Any) -> Client:
    client = Client()
    client.force_login(account)
    return client


def public_key() -> str:
    return str(jwt.algorithms.ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256R1()).public_key()))


def test_an_engineer_sees_how_to_connect_and_changes_the_password() -> None:
    make_roles()
    place = make_org(kind="province")
    system, secret = registered(owner=place)
    engineer, stranger = make_account("kysu"), make_account("la")
    admin = client_of(make_account(official=make_official(role="admin", org=place)))
    manage = f"/quan-tri/he-thong-ket-noi/{system.pk}"
    assert admin.post(f"{manage}/ky-su/them", {"username": "khong-co"}, secure=True).status_code == 422
    admin.post(f"{manage}/ky-su/them", {"username": "kysu"}, secure=True)
    assert engineer.display_name in admin.get(manage, secure=True).content.decode()
    assert Notification.objects.filter(account=engineer, title__contains="kỹ sư").count() == 1
    mine = client_of(engineer)
    assert "Kho tài liệu" in mine.get("/ky-su", secure=True).content.decode()
    assert 'href="/ky-su"' in mine.get("/tai-khoan/he-thong", secure=True).content.decode()
    page = mine.get(f"/ky-su/{system.pk}", secure=True).content.decode()
    for words in (system.pk, "/sso/ma", "client_secret_basic", "offline_access", "examples/sample_app/app.py"):
        assert words in page
    assert "examples/kiosk.py" not in page, "not what it is not registered for"
    shown = mine.post(f"/ky-su/{system.pk}/mat-khau", secure=True).content.decode()
    system.client.refresh_from_db()
    assert system.client.secret != proofs.sealed(secret)
    assert any(proofs.sealed(word) == system.client.secret for word in shown.replace("<", ">").split(">"))
    other = client_of(stranger)
    assert "Kho tài liệu" not in other.get("/ky-su", secure=True).content.decode()
    for path in ("", "/mat-khau", "/khoa"):
        assert other.get(f"/ky-su/{system.pk}{path}", secure=True).status_code == 404
    assert mine.get(manage, secure=True).status_code == 403, "an engineer manages nothing"
    assert mine.post(f"{manage}/ky-su/them", {"username": "la"}, secure=True).status_code == 403
    admin.post(f"{manage}/ky-su/{engineer.pk}/bo", secure=True)
    assert mine.get(f"/ky-su/{system.pk}", secure=True).status_code == 404
    with pytest.raises(NotAllowed):
        actions.new_secret(actor_of(engineer), system=system)


def test_an_engineer_changes_the_public_keys() -> None:
    system, _secret = registered(proof=System.Proof.KEY, keys=public_key())
    engineer = make_account("kysu")
    engineers.add(ROOT, system=system, username="KySu ")
    client, fresh = client_of(engineer), public_key()
    private = client.post(f"/ky-su/{system.pk}/khoa", {"keys": '{"kty": "EC", "d": "x"}'}, secure=True)
    assert private.status_code == 422
    assert "khóa riêng" in private.content.decode()
    assert client.post(f"/ky-su/{system.pk}/khoa", {"keys": fresh}, secure=True).status_code == 302
    system.refresh_from_db()
    assert system.keys == proofs.keys_of(fresh)
    assert system.keys_until
    assert system.keys_until > timezone.now() + timedelta(days=700)
    with pytest.raises(InvalidInput):
        actions.new_secret(actor_of(engineer), system=system)


def test_people_are_told_before_a_password_ends_each_time_once(
    at: Clock, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    system, _secret = registered()
    engineers.add(ROOT, system=system, username=make_account("kysu").username)
    off, _secret = registered(name="Đã ngừng")
    actions.disable(ROOT, system=off, reason="Hết dùng")
    deferred: list[int] = []
    monkeypatch.setattr(tasks.mail_reminder, "defer", lambda reminder: deferred.append(reminder))
    until = system.secret_until
    assert until is not None
    told: list[tuple[float, int]] = []
    for left in (100, 90, 89, 31, 30, 8, 5, 3, 1, 0.5, -1):
        at(until - timedelta(days=left))
        tasks.remind(0)
        tasks.remind(0)
        told += [(left, each.days) for each in Reminder.objects.exclude(pk__in=deferred[: len(told)])]
    assert told == [(90, 90), (30, 30), (5, 7), (1, 1)]
    assert Notification.objects.filter(title__contains="hết hạn").count() == 4
    for reminder in deferred:
        tasks.mail_reminder(reminder)
        tasks.mail_reminder(reminder)
    assert [message.to for message in mail.outbox] == [["ky@so.example"]] * 4
    assert "Mật khẩu của hệ thống “Kho tài liệu” hết hạn" in mail.outbox[0].subject
    with pytest.raises(NotAllowed):
        reminders.remind(Actor(), system=system, until=until, days=1)


def test_keys_and_certificates_end_too(at: Clock) -> None:
    by_key, _ = registered(proof=System.Proof.KEY, keys=public_key(), name="Bằng khóa")
    last = timezone.localdate() + timedelta(days=20)
    by_certificate, _ = registered(
        proof=System.Proof.CERTIFICATE, certificate_subject="CN=kho", certificate_until=last, name="Chứng thư"
    )
    nobody_said, _ = registered(proof=System.Proof.CERTIFICATE, certificate_subject="CN=la", name="Không nói")
    assert by_key.proof_until
    assert by_certificate.proof_until
    assert nobody_said.proof_until is None
    assert timezone.localdate(by_certificate.proof_until) == last
    tasks.remind(0)
    assert list(Reminder.objects.values_list("system", "days")) == [(by_certificate.pk, 30)]
    assert isinstance(last, date)


def test_every_sample_is_there() -> None:
    assert all(sample.text for sample in samples.SAMPLES)
    assert not Engineer.objects.exists()
