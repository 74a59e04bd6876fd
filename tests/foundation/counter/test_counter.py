"""Citizens at the counter: the paper is checked, the account opened or recovered, the way in set by the citizen alone."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from hienluong.foundation.actions import InvalidInput, NotAllowed
from hienluong.foundation.audit.models import Entry
from hienluong.foundation.counter import actions, card, checks
from hienluong.foundation.counter.forms import PaperForm, RecoverForm, RegisterForm, RepresentForm
from hienluong.foundation.counter.models import IdentityCheck
from hienluong.foundation.identity.models import Account
from hienluong.foundation.identity.queries import actor_of
from hienluong.foundation.merging.forms import CounterForm
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.people.models import Party, Representation
from hienluong.foundation.people.protected import encrypt
from hienluong.foundation.recovery import tasks
from hienluong.foundation.recovery.models import EntryCode
from tests.factories import actor_for_role, make_account, make_citizen
from tests.foundation.administrators import browser_of

NUMBER = "045190001234"
CARD = f"{NUMBER}|191234567|Nguyễn Thị Lành|02031990|Nữ|Thôn 2, xã Gio Linh, tỉnh Quảng Trị|15042021"
TYPED = {
    "paper": "card",
    "how": "qr",
    "qr": CARD,
    "identifier": NUMBER,
    "name": "Nguyễn Thị Lành",
    "date_of_birth_day": "2",
    "date_of_birth_month": "3",
    "date_of_birth_year": "1990",
}
PASSWORD = "con-bo-an-co-ngoai-dong-9"


def seen(**other: Any) -> checks.Seen:
    told: dict[str, Any] = {
        "paper": "card",
        "number": "",
        "how": "qr",
        "name": "NGUYỄN THỊ LÀNH",
        "identifier": NUMBER,
        "date_of_birth": date(1990, 3, 2),
        "qr": CARD,
    }
    return checks.Seen(**{**told, **other})


@pytest.mark.parametrize("form", [RegisterForm, RecoverForm, RepresentForm, CounterForm])
def test_every_box_but_the_code_stands_in_one_part_with_a_heading(form: type[PaperForm]) -> None:
    parts = form().parts()
    assert all(heading and boxes for heading, boxes in parts)
    assert sorted(box.name for _, boxes in parts for box in boxes) == sorted(set(form.base_fields) - {"qr"})


def test_the_text_of_a_card_is_read_also_with_more_parts_at_its_end() -> None:
    read = card.read(CARD)
    assert read is not None
    assert (read.number, read.name, read.date_of_birth, read.sex) == (
        NUMBER,
        "Nguyễn Thị Lành",
        date(1990, 3, 2),
        "female",
    )
    assert card.read(f"  {CARD}||Nguyễn Văn Cha|Trần Thị Mẹ\r\n") == read
    assert card.read(CARD.replace("191234567", "")) == read
    for wrong in ("", "https://dichvucong.gov.vn", CARD.replace("02031990", "31021990"), CARD.replace(NUMBER, "123")):
        assert card.read(wrong) is None


@given(st.text(max_size=60), st.lists(st.text(max_size=12), max_size=9))
@hypothesis_settings(max_examples=40)
def test_whatever_a_scanner_sends_is_read_or_not_and_never_a_fault(text: str, parts: list[str]) -> None:
    for told in (text, "|".join(parts)):
        read = card.read(told)
        assert read is None or (len(read.number) == 12 and read.name)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"qr": ""}, "qr"),
        ({"qr": CARD.replace(NUMBER, "045190009999")}, "identifier"),
        ({"name": "Trần Văn Khác"}, "name"),
        ({"date_of_birth": date(1991, 3, 2)}, "date_of_birth"),
        ({"paper": "passport", "number": "B1234567"}, "how"),
        ({"how": "eye", "number": "045190009999"}, "number"),
        ({"how": "eye", "identifier": "12345"}, "identifier"),
        ({"how": "gut feeling"}, "how"),
    ],
)
def test_a_paper_that_does_not_agree_is_refused_at_its_field(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        checks.sound(seen(**wrong))
    assert refused.value.field == field


def test_a_citizen_gets_an_account_and_sets_the_way_in_alone(mine: Organization) -> None:
    clerk = browser_of("clerk", mine)
    filled = clerk.post(reverse("counter:register"), {"qr": CARD, "doc": "1"})
    assert filled.status_code == 200
    assert 'value="Nguyễn Thị Lành"' in filled.content.decode()
    assert not Account.objects.filter(party__isnull=False).exists(), "reading a card writes nothing"
    told = {**TYPED, "phone": "0912345678", "email": "lanh@example.vn", "send": "on"}
    page = clerk.post(reverse("counter:register"), told).content.decode()
    found = re.search(r'<code class="hl-code">([a-z2-9-]{19})</code>', page)
    assert found, page
    code = found[1]
    assert f"{mine}, ngày {timezone.localdate():%d/%m/%Y}" in page
    assert NUMBER not in page, "who finds the paper does not learn the number that belongs to it"
    account = Account.objects.get(party__isnull=False)
    assert not account.has_usable_password()
    check = IdentityCheck.objects.get()
    assert (check.level, check.how, check.organization_id) == (2, "qr", mine.pk)
    assert Entry.objects.filter(verb="counter.checked_identity").exists()
    assert code not in str(Entry.objects.values_list("after", flat=True))
    entry = EntryCode.objects.get()
    assert code not in entry.hash

    phone = Client(headers={"user-agent": "Opera/9.80 (Android; Opera Mini/36)"})
    scanned = phone.get(f"{reverse('recovery:enter')}?ma={code}")
    assert scanned["Location"] == reverse("recovery:enter"), "the code leaves the address"
    assert code in phone.get(reverse("recovery:enter")).content.decode()
    other = phone.post(reverse("recovery:enter"), {"code": code, "who": "045190000000"})
    assert other.status_code == 422
    right = phone.post(reverse("recovery:enter"), {"code": code.upper().replace("-", " "), "who": NUMBER})
    assert right["Location"] == reverse("recovery:set")
    weak = phone.post(reverse("recovery:set"), {"username": "0912345678", "new": "12345", "again": "12345"})
    assert weak.status_code == 422
    done = phone.post(reverse("recovery:set"), {"username": "lanh90", "new": PASSWORD, "again": PASSWORD})
    assert done["Location"] == reverse("signin:recovery_codes")
    account.refresh_from_db()
    assert (account.username, account.check_password(PASSWORD)) == ("lanh90", True)
    assert phone.get(reverse("mandates:list")).status_code == 200, "signed in"
    again = Client().post(reverse("recovery:enter"), {"code": code, "who": NUMBER})
    assert again.status_code == 422, "a code is good once"

    refused = clerk.post(reverse("counter:register"), TYPED)
    assert refused.status_code == 422
    assert "đã có tài khoản" in refused.content.decode()
    assert 'value="Nguyễn Thị Lành"' in refused.content.decode(), "what was typed stays"


def test_the_same_person_is_found_not_made_twice_and_another_name_is_refused(mine: Organization) -> None:
    clerk = actor_for_role("clerk", mine)
    known = Party.objects.create(kind="citizen", name="Nguyễn Thị Lành", identifier=NUMBER)
    first = actions.register_citizen(clerk, seen=seen())
    assert first.account.party == known
    second = actions.register_citizen(clerk, seen=seen(how="chip", qr=""))
    assert second.account == first.account, "as long as it was not entered, another code is printed"
    assert second.code != first.code
    assert EntryCode.objects.filter(ended_at__isnull=True).count() == 1
    assert checks.level_of(known) == 3
    with pytest.raises(InvalidInput, match="họ tên khác"):
        actions.register_citizen(clerk, seen=seen(how="eye", qr="", name="Trần Thị Lan"))


def test_only_a_clerk_may_and_nobody_checks_their_own_paper(mine: Organization) -> None:
    for role in ("officer", "admin"):
        with pytest.raises(NotAllowed):
            actions.register_citizen(actor_for_role(role, mine), seen=seen())
        assert browser_of(role, mine).get(reverse("counter:register")).status_code == 403
    citizen = Client()
    citizen.force_login(make_account(party=make_citizen()))
    assert citizen.get(reverse("counter:recover")).status_code == 403
    clerk = actor_for_role("clerk", mine)
    own = Party.objects.create(kind="citizen", name="Nguyễn Thị Lành", identifier=NUMBER)
    Account.objects.filter(pk=clerk.account_id).update(party=own)
    with pytest.raises(NotAllowed, match="của mình"):
        actions.recover(actor_of(Account.objects.get(pk=clerk.account_id)), seen=seen(), reason="")


def test_the_code_is_mailed_while_it_is_good(mine: Organization) -> None:
    issued = actions.register_citizen(actor_for_role("clerk", mine), seen=seen(), email="lanh@example.vn")
    entry = EntryCode.objects.get()
    tasks.send_entry_code(
        entry_id=entry.pk, sealed=encrypt(issued.code), address="https://quangtri.example/vao-tai-khoan"
    )
    assert issued.code in mail.outbox[0].body
    EntryCode.objects.update(ended_at=entry.made_at)
    tasks.send_entry_code(entry_id=entry.pk, sealed=encrypt(issued.code), address="x")
    assert len(mail.outbox) == 1


def test_a_legal_representative_is_written_down_with_the_paper_that_shows_it(mine: Organization) -> None:
    clerk = browser_of("clerk", mine)
    told = {
        **TYPED,
        "tax_code": "0100233488",
        "enterprise": "Công ty TNHH Bến Hải",
        "role": "Giám đốc",
        "evidence": "Giấy chứng nhận đăng ký doanh nghiệp số 0100233488, ngày 12/03/2025",
    }
    wrong = clerk.post(reverse("counter:represent"), {**told, "tax_code": "0100233489"})
    assert wrong.status_code == 422
    assert not Representation.objects.exists()
    assert not IdentityCheck.objects.exists(), "nothing is kept of what was refused"
    assert clerk.post(reverse("counter:represent"), told)["Location"] == reverse("counter:home")
    made = Representation.objects.get()
    assert (made.legal, made.role, made.represented.name) == (True, "Giám đốc", "Công ty TNHH Bến Hải")
    assert made.source == f"counter:{IdentityCheck.objects.get().pk}"
    assert clerk.post(reverse("counter:represent"), told).status_code == 422, "once is enough"
