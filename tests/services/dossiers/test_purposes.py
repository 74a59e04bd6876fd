"""Each entry of the audit log says what for: each face of the products states it."""

import pytest
from django.test import Client
from django.urls import get_resolver

from hienluong.foundation.actions import purposes
from hienluong.foundation.audit.models import Entry
from hienluong.foundation.identity.models import Account
from hienluong.services.dossiers import actions
from tests.factories import actor_for_role, make_account, make_official
from tests.services.dossiers.province import Province

pytestmark = pytest.mark.django_db

#: Namespaces in which nothing is done to anything.
SHOWING_ONLY = {"ui"}


def test_every_face_states_a_purpose_with_words() -> None:
    faces = {name for name in get_resolver().namespace_dict if not name.startswith("api")} - SHOWING_ONLY
    assert {face for face in faces if not purposes.of_page(f"{face}:anything")} == set()
    for face in faces:
        code = purposes.of_page(f"{face}:anything")
        assert purposes.label(code) != code


def test_settling_administering_and_signing_in_are_told_apart(province: Province) -> None:
    clerk = Client()
    clerk.force_login(Account.objects.get(pk=province.clerk.account_id))
    dossier = province.file()
    clerk.post(f"/lam-viec/ho-so/{dossier.code}/viec/note", {"note-text": "Gọi lại cho người nộp"})
    admin = Client()
    admin.force_login(Account.objects.get(pk=actor_for_role("admin", province.root).account_id))
    other = make_account(official=make_official(org=province.root))
    admin.post(f"/quan-tri/tai-khoan/{other.pk}/khoa", {"reason": "Nghỉ hưu"})
    account = make_account("lan")
    Client().post("/dang-nhap", {"username": account.username, "password": "Mat-khau-thu-2026"})
    said = dict(Entry.objects.exclude(actor_kind="system").values_list("verb", "purpose"))
    assert said["identity.deactivate"] == "identity.administration"
    assert said["identity.sign_in"] == "identity.own"
    assert said["dossiers.note"] == "dossiers.settling"


def test_background_work_says_so(province: Province) -> None:
    make_account()
    assert set(Entry.objects.filter(actor_kind="system").values_list("purpose", flat=True)) == {"background"}


def test_the_purpose_is_read_in_words_on_the_audit_page(province: Province) -> None:
    auditor = Client()
    auditor.force_login(Account.objects.get(pk=actor_for_role("auditor", province.root).account_id))
    assert "Mục đích: Công việc tự động của hệ thống" in auditor.get("/quan-tri/nhat-ky").content.decode()
    auditor.cookies["hl_language"] = "en"
    assert "background" not in auditor.get("/quan-tri/nhat-ky").content.decode()


def test_an_action_keeps_the_purpose_of_its_actor(province: Province) -> None:
    dossier = province.file()
    actions.add_note(province.clerk.with_purpose("dossiers.settling"), dossier=dossier, text="Đã gọi")
    assert Entry.objects.filter(verb="dossiers.note").latest("seq").purpose == "dossiers.settling"
