"""What keeps a draft from being filed is told with links to where it is mended, and at its question there."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from hienluong.capabilities.registers import actions as registers
from hienluong.services.dossiers import actions
from hienluong.services.dossiers.models import Dossier, Draft
from tests.capabilities.registers.sample import official, wells
from tests.services.dossiers.province import Province

from .test_filing import at, begin, picture, words

pytestmark = pytest.mark.django_db

PAGES = [
    {"id": "gieng", "title": "Giếng", "fields": ["reason", "who"]},
    {"id": "tien", "title": "Tiền", "fields": ["paid"]},
    {"id": "khac", "title": "Việc khác", "fields": ["also"]},
]
ASKED: dict[str, Any] = {
    "code": "don",
    "title": "Đơn",
    "schema": {
        "type": "object",
        "required": ["reason", "also"],
        "properties": {
            "reason": {"type": "string", "title": "Tên giếng", "maxLength": 200},
            "who": {"x-kind": "personal-id", "title": "Số định danh"},
            "paid": {"x-kind": "money", "title": "Đã trả bao nhiêu?"},
            "also": {"type": "string", "title": "Việc khác là gì?"},
        },
    },
    "pages": PAGES,
}
WRITTEN = {"code": "'G123'", "name": "reason", "agency": "competent", "fee": "paid", "owner_number": "who"}
RULE = "Có tiền thì phải có chủ."


def draft_of(p: Province, pages: list[dict[str, Any]] = PAGES, **data: str) -> Draft:
    registers.install(
        official(p.agency_one, "define", "read", "write"), spec=wells(owner=p.agency_one.code), owner=p.agency_one
    )
    version = p.publish("8.000950", form={**ASKED, "pages": pages}, effects=[{"register": "thu.gieng", "set": WRITTEN}])
    draft = Draft(account=p.account, procedure_version=version, subject=p.party)
    actions.save_draft(p.citizen, draft=draft, data=data, organization=p.commune)
    return draft


def summary(page: str) -> str:
    shown = re.sub(r"<template.*?</template>", "", page, flags=re.S)
    found = re.search(r'<div class="govuk-error-summary".*?</ul>', shown, re.S)
    return found.group() if found else ""


def test_a_fault_leads_to_its_question_where_it_is_told(browser_of_citizen: Client, province: Province) -> None:
    draft = draft_of(province, reason="Giếng", paid="1000", also="Không")
    check = words(browser_of_citizen.get(at(draft, "check")))
    page = at(draft, "draft_page", page_id="gieng")
    assert f'<a href="{page}?sau=kiem-tra#cau-hoi-who">{RULE}</a>' in summary(check)
    told = words(browser_of_citizen.get(f"{page}?sau=kiem-tra"))
    question = told.partition('id="cau-hoi-who"')[2]
    assert RULE in question.partition("data-hl-question=")[2].partition("data-hl-question=")[0]
    assert 'id="id_who-error"' in question
    assert 'data-disable-auto-focus="true"' in told, "the address of the page leads to the question"
    assert RULE not in words(browser_of_citizen.get(page))


def test_changing_an_answer_opens_its_question(browser_of_citizen: Client, province: Province) -> None:
    draft = draft_of(province, reason="Giếng", also="Không")
    check = words(browser_of_citizen.get(at(draft, "check")))
    for page_id, name in (("gieng", "reason"), ("gieng", "who"), ("khac", "also")):
        address = f"{at(draft, 'draft_page', page_id=page_id)}?sau=kiem-tra"
        assert f'href="{address}#cau-hoi-{name}"' in check
        assert f'id="cau-hoi-{name}"' in words(browser_of_citizen.get(address))


def test_a_rule_of_the_register_is_told_when_the_last_of_its_questions_is_sent(
    browser_of_citizen: Client, province: Province
) -> None:
    draft = draft_of(province, reason="Giếng")
    first = browser_of_citizen.post(at(draft, "draft_page", page_id="gieng"), {"reason": "Giếng", "who": ""})
    assert first["Location"] == at(draft, "draft_page", page_id="tien")
    sent = browser_of_citizen.post(at(draft, "draft_page", page_id="tien"), {"paid": "1000"})
    assert sent.status_code == 422
    assert f'<a href="#id_paid">{RULE}</a>' in summary(words(sent))
    draft.refresh_from_db()
    assert draft.data["paid"], "what was typed is kept"
    assert browser_of_citizen.post(at(draft, "draft_page", page_id="tien"), {"paid": ""}).status_code == 302


def test_a_rule_waits_for_questions_that_were_not_asked_yet(browser_of_citizen: Client, province: Province) -> None:
    draft = draft_of(province, [PAGES[1], PAGES[0], PAGES[2]])
    sent = browser_of_citizen.post(at(draft, "draft_page", page_id="tien"), {"paid": "1000"})
    assert sent["Location"] == at(draft, "draft_page", page_id="gieng")


def test_a_draft_opens_where_it_lacks_something(browser_of_citizen: Client, province: Province) -> None:
    client, draft = browser_of_citizen, begin(browser_of_citizen)
    address = f'href="{at(draft, "resume")}"'
    assert address in words(client.get("/ho-so"))
    assert address in words(client.get("/dich-vu/8.000900/nop"))

    def opens() -> str:
        return str(client.get(at(draft, "resume"))["Location"])

    assert opens() == at(draft, "draft_page", page_id="ly-do")
    client.post(at(draft, "draft_page", page_id="ly-do"), {"reason": "Vay vốn"})
    assert opens() == at(draft, "place")
    client.post(at(draft, "place"), {"commune": province.commune.pk, "delivery": "online"})
    assert opens() == at(draft, "draft_papers")
    client.post(at(draft, "draft_papers"), {"paper-CC": picture()})
    assert opens() == at(draft, "check")


def test_the_check_tells_at_its_top_all_that_is_missing(browser_of_citizen: Client, province: Province) -> None:
    client, draft = browser_of_citizen, begin(browser_of_citizen)
    question = f"{at(draft, 'draft_page', page_id='ly-do')}?sau=kiem-tra#cau-hoi-reason"
    place, paper = at(draft, "place"), f"{at(draft, 'draft_papers')}#giay-to-CC"

    def told() -> list[str]:
        check = words(client.get(at(draft, "check")))
        assert check.find("govuk-error-summary") < check.find("<h1")
        return re.findall(r'<a href="([^"]*)"', summary(check))

    assert told() == [question, place, paper]
    client.post(at(draft, "draft_page", page_id="ly-do"), {"reason": "Vay vốn"})
    assert told() == [place, paper]
    refused = client.post(at(draft, "check"), {"cam-ket": "1"})
    assert refused.status_code == 422
    assert re.findall(r'<a href="([^"]*)"', summary(words(refused))) == [place, paper]
    client.post(at(draft, "place"), {"commune": province.commune.pk, "delivery": "online"})
    assert 'id="giay-to-CC"' in words(client.get(at(draft, "draft_papers")))
    client.post(at(draft, "draft_papers"), {"paper-CC": picture()})
    assert summary(words(client.get(at(draft, "check")))) == ""
    unsworn = client.post(at(draft, "check"))
    assert '<a href="#cam-ket">' in summary(words(unsworn))
    assert not Dossier.objects.exists()
