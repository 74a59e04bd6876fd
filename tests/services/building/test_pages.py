"""The pages of drafts: who may come, what they say, nothing typed is lost."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from hienluong.foundation.identity.models import Account
from hienluong.services.building import archives, procedure_urls
from hienluong.services.building.models import Draft, State
from hienluong.services.building.urls import urlpatterns
from tests.snapshots import ready

from .sample import FILE, Workshop, workshop

pytestmark = pytest.mark.django_db
PARTS: dict[str, Any] = {"name": "thuongmai.cho", "file": FILE, "number": 1, "stem": "cho", "field": "name"}


@pytest.fixture
def shop(db: None) -> Workshop:
    return ready(workshop)


def browser(actor: Any) -> Client:
    client = Client()
    client.force_login(Account.objects.get(pk=actor.account_id))
    return client


def addresses() -> dict[str, str]:
    """Every page of the room, by name."""
    found = {}
    for pattern in (each for each in urlpatterns if each not in procedure_urls.urlpatterns):
        wanted = pattern.pattern.converters
        found[str(pattern.name)] = reverse(f"building:{pattern.name}", kwargs={name: PARTS[name] for name in wanted})
    return found


@pytest.mark.once
def test_only_builders_of_the_house_see_or_change_a_draft(shop: Workshop) -> None:
    own, stranger, officer = browser(shop.builder), browser(shop.stranger), browser(shop.officer)
    before = shop.texts()
    for name, address in addresses().items():
        seen = own.get(address)
        assert seen.status_code in (200, 405), (name, seen.status_code)
        for wrong in (stranger, officer, Client()):
            for answer in (wrong.get(address), wrong.post(address, {"ban": "1", "text": "x", "viec": "xoa"})):
                if wrong is not stranger or PARTS["name"] in address:
                    assert answer.status_code in (302, 403, 404, 405), (name, answer.status_code)
                    assert "Chợ" not in answer.content.decode(errors="ignore"), name
    assert shop.texts() == before
    assert State.objects.count() == 2


def test_a_draft_is_begun_changed_and_installed_on_pages(shop: Workshop) -> None:
    client = browser(shop.builder)
    form = {"title": "Siêu thị", "name": "Siêu thị", "owner": shop.owner.name, "description": ""}
    wrong = client.post(reverse("building:begin"), form)
    assert (wrong.status_code, "Siêu thị" in wrong.content.decode()) == (422, True)
    assert client.post(reverse("building:begin"), {**form, "name": "thuongmai.sieuthi"}).status_code == 302
    assert Draft.objects.get(name="thuongmai.sieuthi").owner == shop.owner

    head = shop.draft.head_id
    source = reverse("building:source", args=["thuongmai.cho", FILE])
    text = shop.texts()[FILE].replace("title: Chợ", "title: Chợ phiên", 1)
    assert client.post(source, {"ban": head, "text": text}).status_code == 302
    late = client.post(source, {"ban": head, "text": "khác"})
    assert (late.status_code, "Có người vừa sửa" in late.content.decode(), "khác" in late.content.decode()) == (
        422,
        True,
        True,
    )
    page = client.get(reverse("building:compare", args=["thuongmai.cho"])).content.decode()
    assert "Chợ phiên" in page
    shop.draft.refresh_from_db()
    install = reverse("building:install", args=["thuongmai.cho"])
    assert "Mới" in client.get(install).content.decode()
    assert client.post(install, {"ban": shop.draft.head_id}).status_code == 302
    assert "cài lại không đổi gì" in client.get(install).content.decode()


def test_a_zip_comes_in_and_a_bad_one_is_told(shop: Workshop) -> None:
    client = browser(shop.builder)
    texts = {**shop.texts(), "pack.yaml": "name: a.b\ntitle: Gói\nversion: 1.0.0\n"}
    for content, status in ((b"khong phai zip", 422), (archives.pack_up("b", texts), 302)):
        file = SimpleUploadedFile("goi.zip", content)
        answer = client.post(reverse("building:bring"), {"file": file, "owner": shop.owner.name})
        assert answer.status_code == status
    given = client.get(reverse("building:download", args=["a.b"])).content
    assert archives.unpack(given) == texts
    assert (
        client.post(reverse("building:copy"), {"pack": "business.household", "owner": shop.owner.name}).status_code
        == 302
    )
    assert "Hộ kinh doanh" in client.get(reverse("building:show", args=["business.household"])).content.decode()
