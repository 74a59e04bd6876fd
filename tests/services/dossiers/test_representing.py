"""Filing, paying and receiving for an enterprise: within the appointment, no longer than it lasts, in both directions."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from hienluong.capabilities.payments.models import Charge
from hienluong.foundation.actions import NotAllowed
from hienluong.foundation.files.blobs import blob_store
from hienluong.foundation.identity.models import Account
from hienluong.foundation.identity.queries import actor_of
from hienluong.foundation.mandates import actions as mandates
from hienluong.foundation.mandates.models import Appointment
from hienluong.services.dossiers import access, actions, requirements
from hienluong.services.dossiers.models import Dossier, Draft
from tests.factories import make_account, make_citizen, make_enterprise
from tests.services.dossiers.province import Province
from tests.snapshots import ready

pytestmark = pytest.mark.django_db
FEE: dict[str, Any] = {
    "code": "phi",
    "name": "Phí",
    "kind": "fee",
    "due": "on_filing",
    "table": {"name": "phi", "inputs": [], "hit": "first", "rows": [], "default": {"amount": 15_000}},
    "legal_basis": "Nghị quyết kiểm thử",
    "text": "15.000 đồng",
}


class Firm:
    """A province, an enterprise, its director and an employee; and another enterprise with another director."""

    def __init__(self) -> None:
        self.province = Province(FEE, applicants=["citizen", "enterprise"])
        self.director = make_account(party=make_citizen("Trần Văn Giám Đốc"))
        self.clerk = make_account(party=make_citizen("Lê Thị Kế Toán", identifier="045190004444"))
        self.rival = make_account(party=make_citizen("Đối Thủ"))
        self.firm = make_enterprise("Công ty Bến Hải", representative=self.director.party)
        self.other = make_enterprise("Công ty Cửa Tùng", representative=self.rival.party)

    def appointed(self, acts: list[str], procedures: tuple[str, ...] = (), most: int | None = None) -> Appointment:
        today = timezone.localdate()
        offered = mandates.appoint(
            actor_of(self.director),
            enterprise=self.firm,
            name="Lê Thị Kế Toán",
            identifier="045190004444",
            role="Kế toán",
            acts=acts,
            procedures=procedures,
            most=most,
            valid_from=today,
            valid_to=today + timedelta(days=9),
        )
        return mandates.answer(actor_of(self.clerk), appointment=offered, accept=True)

    def draft(self, account: Account, model: str = "single_agency") -> Draft:
        return actions.start_draft(actor_of(account), version=self.province.versions[model], subject=self.firm)

    def filed(self, account: Account, model: str = "single_agency") -> Dossier:
        """A dossier of the firm, filed by somebody who may."""
        p, draft = self.province, self.draft(account, model)
        p.account = account
        filing = p.online(model=model, party=self.firm, filer=account.party)
        return actions.file_online(actor_of(account), draft=draft, filing=filing)


@pytest.fixture
def firm(db: None, settings: Any, tmp_path: Path) -> Any:
    settings.FILES_ROOT = tmp_path / "files"
    blob_store.cache_clear()
    yield ready(Firm)
    blob_store.cache_clear()


def browser(account: Account) -> Client:
    client = Client()
    client.force_login(account)
    return client


def test_filing_is_held_to_the_acts_and_services_of_the_appointment(firm: Firm) -> None:
    appointment = firm.appointed(["file"], procedures=("8.000900",))
    dossier = firm.filed(firm.clerk)
    assert dossier.subject_id == firm.firm.pk
    with pytest.raises(NotAllowed, match="không cử bạn"):
        firm.draft(firm.clerk, "same_day")
    with pytest.raises(NotAllowed):
        requirements.require_representation(actor_of(firm.clerk), firm.firm, "", (), "8.000904")
    elsewhere = firm.filed(firm.director, "same_day")
    assert not access.is_own(actor_of(firm.clerk), elsewhere), "another service is not theirs to see"
    own = access.own_dossiers(actor_of(firm.clerk))
    assert set(own) == {dossier}
    draft = firm.draft(firm.clerk)
    page = reverse("portal:draft_page", kwargs={"draft_id": draft.pk, "page_id": "ly-do"})
    assert "Làm thay" in browser(firm.clerk).get(page).content.decode()
    mandates.withdraw(actor_of(firm.director), appointment=appointment)
    assert browser(firm.clerk).get(page).status_code == 403
    assert not access.own_dossiers(actor_of(firm.clerk)).exists(), (
        "who filed it sees it no longer than they stand for it"
    )
    assert browser(firm.clerk).get(f"/ho-so/{dossier.code}").status_code == 404
    firm.province.account = firm.clerk
    filing = firm.province.online(party=firm.firm, filer=firm.clerk.party)
    with pytest.raises(NotAllowed):
        actions.file_online(actor_of(firm.clerk), draft=draft, filing=filing)


def test_paying_is_held_to_the_amount_and_the_firm(firm: Firm) -> None:
    dossier = firm.filed(firm.director)
    charge = Charge.objects.get(subject_ref=f"dossier:{dossier.code}")
    address = reverse("payments:pay", kwargs={"reference": charge.reference})
    assert browser(firm.director).get(address).status_code == 200
    for account in (firm.clerk, firm.rival):
        assert browser(account).get(address).status_code == 404
    few = firm.appointed(["pay"], most=14_999)
    assert browser(firm.clerk).get(address).status_code == 404, "more than they may pay at once"
    mandates.withdraw(actor_of(firm.director), appointment=few)
    filing = firm.appointed(["file"])
    assert browser(firm.clerk).get(address).status_code == 404, "filing is not paying"
    mandates.withdraw(actor_of(firm.clerk), appointment=filing)
    enough = firm.appointed(["pay"], most=15_000)
    assert browser(firm.clerk).get(address).status_code == 200
    with pytest.raises(NotAllowed, match="không cử bạn"):
        actions.withdraw(actor_of(firm.clerk), dossier=dossier, reason="thử")
    mandates.withdraw(actor_of(firm.director), appointment=enough)
    assert browser(firm.clerk).get(address).status_code == 404


def test_two_enterprises_do_not_see_each_other(firm: Firm) -> None:
    mine = firm.filed(firm.director)
    assert browser(firm.director).get(f"/ho-so/{mine.code}").status_code == 200
    assert "Công ty Bến Hải (Giám đốc)" in browser(firm.director).get(f"/ho-so/{mine.code}").content.decode()
    assert browser(firm.rival).get(f"/ho-so/{mine.code}").status_code == 404
    with pytest.raises(NotAllowed):
        actions.start_draft(actor_of(firm.rival), version=firm.province.versions["single_agency"], subject=firm.firm)
    with pytest.raises(NotAllowed):
        actions.start_draft(
            actor_of(firm.director), version=firm.province.versions["single_agency"], subject=firm.other
        )
    firm.appointed(["receive"])
    assert access.may_do(actor_of(firm.clerk), mine, "receive")
    assert not access.may_do(actor_of(firm.clerk), mine, "file")
    assert access.concerns(actor_of(firm.clerk), mine), "nobody handles the dossier of whom they stand for"
