"""The page that searches all documents one may read."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from hienluong.foundation.actions import Actor
from hienluong.foundation.identity.models import Account
from hienluong.foundation.organisations.models import Organization
from hienluong.services.documents import access, finding
from hienluong.services.documents.models import Document, Why
from tests.factories import actor_for_role, make_org


@pytest.fixture
def agency(db: None) -> Organization:
    return make_org("Sở Y tế")


def browser_of(actor: Actor) -> Client:
    client = Client()
    client.force_login(Account.objects.get(pk=actor.account_id))
    return client


def kept(agency: Organization, number: int, text: str) -> Document:
    document = Document.objects.create(
        direction="incoming",
        agency=agency,
        type="CV",
        code=f"{number}/SYT-NVY",
        subject=f"Về việc số {number}",
        issued_on=date(2026, 1, 1),
        state="registered",
    )
    access.let_read(document, agency=agency, why=Why.AGENCY)
    finding.index(document, text=text)
    return document


def test_what_is_found_shows_where_the_words_stand(agency: Organization) -> None:
    document = kept(agency, 1, "Mở đầu. " * 30 + "Kinh phí mua sắm máy thở từ ngân sách tỉnh.")
    clerk = browser_of(actor_for_role("document_clerk", agency))
    page = clerk.get(reverse("documents:search"), {"q": "may tho"}).content.decode()
    assert reverse("documents:incoming", args=[document.uid]) in page
    assert "mua sắm máy thở từ ngân sách" in page
    stranger = browser_of(actor_for_role("leader", agency))
    assert "mua sắm" not in stranger.get(reverse("documents:search"), {"q": "may tho"}).content.decode()


def test_pages_of_results_cost_a_constant_number_of_queries(
    agency: Organization, django_assert_max_num_queries: object
) -> None:
    for number in range(25):
        kept(agency, number, "máy thở")
    clerk = browser_of(actor_for_role("document_clerk", agency))
    address = reverse("documents:search")
    clerk.get(address, {"q": "may tho"})
    with django_assert_max_num_queries(15):  # type: ignore[operator]
        first = clerk.get(address, {"q": "may tho"}).content.decode()
    second = clerk.get(address, {"q": "may tho", "page": "2"}).content.decode()
    assert "Số văn bản: 25" in first
    assert (first.count("/SYT-NVY"), second.count("/SYT-NVY")) == (20, 5)


@pytest.mark.parametrize(
    "bad", [{"q": "\0'"}, {"q": "a", "tu": "x"}, {"q": "a", "page": "-1"}, {"direction": "x", "q": "a"}]
)
def test_anything_may_be_asked(agency: Organization, bad: dict[str, str]) -> None:
    clerk = browser_of(actor_for_role("document_clerk", agency))
    assert clerk.get(reverse("documents:search"), bad).status_code == 200


def test_nothing_of_a_restricted_document_is_shown_where_no_reading_is_written_down(agency: Organization) -> None:
    document = kept(agency, 1, "Kết luận thanh tra về máy thở của bệnh viện.")
    Document.objects.filter(pk=document.pk).update(restricted=True)
    clerk = browser_of(actor_for_role("document_clerk", agency))
    page = clerk.get(reverse("documents:search"), {"q": "may tho"}).content.decode()
    assert reverse("documents:incoming", args=[document.uid]) in page
    assert "Kết luận thanh tra" not in page
