"""The guided tour: only in the demo, and ticked by what really happened to its dossiers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from hienluong.foundation.identity.models import Account
from hienluong.services.dossiers import actions
from hienluong.services.dossiers.models import Draft, Result
from hienluong.services.portal import tour
from hienluong.services.procedures.models import Procedure
from tests.services.dossiers.province import Province

PASSWORD = "Mat-khau-thu-2026"


def username(actor: Any) -> str:
    return Account.objects.get(pk=actor.account_id).username


@pytest.fixture
def guide(province: Province, settings: Any) -> Iterator[tour.Guide]:
    settings.DEMO = True
    made = tour.Guide(
        {
            "citizen": username(province.citizen),
            "clerk": username(province.clerk),
            "officer": username(province.officer),
            "leader": username(province.leader),
        },
        PASSWORD,
    )
    tour.register(made)
    yield made
    tour._guides.clear()


def steps() -> dict[str, tour.Step]:
    response = Client().get("/huong-dan")
    assert response.status_code == 200
    return dict(zip(tour.ROLES, response.context["steps"], strict=True))


def test_outside_the_demo_there_is_no_tour_and_no_way_to_it(province: Province, settings: Any) -> None:
    assert Client().get("/huong-dan").status_code == 404
    assert "/huong-dan" not in Client().get("/dich-vu").content.decode()


def test_a_guide_alone_makes_no_demo(guide: tour.Guide, settings: Any) -> None:
    settings.DEMO = False
    assert Client().get("/huong-dan").status_code == 404


def test_the_page_names_accounts_password_and_five_roles(guide: tour.Guide) -> None:
    page = Client().get("/huong-dan").content.decode()
    assert PASSWORD in page
    for name in guide.accounts.values():
        assert name in page
    assert len(steps()) == 5
    assert "/huong-dan" in Client().get("/dich-vu").content.decode()


def test_each_step_is_ticked_when_its_dossier_has_gone_on(guide: tour.Guide, province: Province) -> None:
    dossier = province.file(note=tour.mark("clerk"))
    assert steps()["clerk"].code == dossier.code
    assert not steps()["clerk"].done
    actions.receive(province.clerk, dossier=dossier)
    assert steps()["clerk"].done

    dossier.note = tour.mark("officer")
    dossier.save(update_fields=("note",))
    assert not steps()["officer"].done
    actions.review(province.officer, dossier=dossier, grants=True, conclusion="Đủ điều kiện")
    assert steps()["officer"].done

    dossier.note = tour.mark("leader")
    type(dossier).objects.filter(pk=dossier.pk).update(note=dossier.note)
    actions.submit_for_signature(province.head, dossier=dossier)
    assert not steps()["leader"].done
    actions.sign(province.leader, dossier=dossier)
    assert steps()["leader"].done


def test_the_links_open_for_the_account_named_beside_them(guide: tour.Guide, province: Province) -> None:
    province.file(note=tour.mark("clerk"))
    step = steps()["clerk"]
    client = Client()
    client.force_login(Account.objects.get(username=step.account))
    assert client.get(step.link).status_code == 200


def test_the_citizens_step_follows_the_draft_until_it_is_filed(guide: tour.Guide, province: Province) -> None:
    Procedure.objects.filter(code="8.000900").update(code=tour.DRAFT_OF)
    draft: Draft = province.draft()
    assert str(draft.pk) in steps()["citizen"].link
    assert not steps()["citizen"].done
    dossier = actions.file_online(province.citizen, draft=draft, filing=province.online())
    assert steps()["citizen"].done
    assert steps()["citizen"].code == dossier.code


def test_a_stranger_is_led_to_the_signed_result(guide: tour.Guide, province: Province) -> None:
    dossier = province.file(note=tour.mark("stranger"))
    assert steps()["stranger"].link == "/xac-minh"
    Result.objects.create(dossier=dossier, kind="XN", name="Giấy xác nhận", state="draft", token="abc123")
    assert steps()["stranger"].link == "/xac-minh/abc123"


def test_a_dossier_that_is_gone_is_said_to_be(guide: tour.Guide) -> None:
    assert "nạp lại" in steps()["leader"].status
