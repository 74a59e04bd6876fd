"""Who has an account here is nobody's business: same status, same page, same work for names that exist and names that do not."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import timedelta
from statistics import median
from typing import Any

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from hienluong.foundation.audit.models import PersonalDataRead
from hienluong.foundation.counter import views as counter_views
from hienluong.foundation.identity.models import Account
from hienluong.foundation.identity.queries import actor_of
from hienluong.foundation.recovery import codes
from hienluong.foundation.recovery import views as recovery_views
from hienluong.foundation.recovery.models import MailedCode
from hienluong.foundation.recovery.tasks import send_code
from hienluong.foundation.signin import actions as signin
from tests.factories import make_account, make_citizen, make_official, make_org, make_roles
from tests.foundation.signin.device import Passkey

pytestmark = [pytest.mark.django_db, pytest.mark.once]
ROUNDS = 9
#: How often that is done until nothing took another time each time.
SERIES = 5


class Steady(PBKDF2PasswordHasher):
    """A hash that costs as much as the rest of a sign-in, so that doing one more or less is seen."""

    iterations = 60_000


@pytest.fixture
def names(settings: Any) -> dict[str, str]:
    """Whose name is tried: somebody's, of a closed account, of one without a password, of one with a one-time one; nobody's."""
    settings.PASSWORD_HASHERS = ["tests.attacks.test_enumeration.Steady"]
    found = {each: f"{each}-binh" for each in ("somebody", "closed", "passkeys", "one-time", "nobody")}
    for kind, name in found.items():
        if kind != "nobody":
            make_account(name, password=None if kind == "passkeys" else "Mat-khau-thu-2026")
    Account.objects.filter(username=found["closed"]).update(is_active=False)
    return found


def tried(name: str, number: int) -> Any:
    """One wrong password, from an address of its own."""
    data = {"username": name, "password": "không phải thế"}
    return Client(REMOTE_ADDR=f"198.51.{number // 200}.{number % 200 + 1}").post("/dang-nhap", data, secure=True)


def page_of(answer: Any, name: str) -> str:
    """What is read, without what differs by chance."""
    text = re.sub(r'(csrfmiddlewaretoken" value|nonce|data-request)="[^"]*"', "", answer.content.decode())
    return text.replace(name, "NAME")


def test_a_wrong_password_looks_the_same_for_everybody(names: dict[str, str]) -> None:
    seen = set()
    for number, name in enumerate(names.values()):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            answer = tried(name, number)
        headers = tuple(sorted(key for key in answer.headers if key != "X-Request-Id"))
        seen.add((answer.status_code, page_of(answer, name), headers, len(asked), tuple(sorted(answer.cookies))))
    assert len(seen) == 1


def sent(client: Client, path: str, form: dict[str, str]) -> tuple[Any, tuple[str, ...]]:
    """What is answered, and what the database was asked for it, without the values."""
    with CaptureQueriesContext(connection) as asked:
        answer = client.post(path, form, secure=True)
    values = r"""'[^']*'|"s\d+_x\d+"|\bNULL\b|\b\d+\b"""
    return answer, tuple(re.sub(values, "?", each["sql"]) for each in asked.captured_queries)


@pytest.fixture
def people(names: dict[str, str]) -> dict[str, str]:
    """Those, and who has a mailbox and recovery codes, by name and by number; an official; a number that is nobody's."""
    make_roles()
    able = make_account("binh", party=make_citizen("Lê Văn Bình", identifier="045190001234"))
    official = make_account("canbo-binh", official=make_official(org=make_org()))
    Account.objects.filter(pk__in=(able.pk, official.pk)).update(email="binh@example.vn")
    signin.new_recovery_codes(actor_of(able), account=able)
    make_citizen("Không Tài Khoản", identifier="045190002222")
    more = {"able": "binh", "number": "045190001234", "no account": "045190002222", "no such number": "045190003333"}
    return {**names, **more, "official": "canbo-binh"}


def asked_as(number: int) -> Client:
    return Client(REMOTE_ADDR=f"203.0.113.{number + 1}")


def test_asking_for_the_way_back_is_the_same_for_everybody(people: dict[str, str]) -> None:
    """Asked for a code, and guessed at both codes: the same answers, the same questions to the database."""
    seen = set()
    for number, name in enumerate(people.values()):
        client = asked_as(number)
        answer, asked = sent(client, reverse("recovery:ask"), {"who": name})
        page = client.get(answer["Location"], secure=True)
        wrong, guessed = sent(client, answer["Location"], {"mailed": "11112222", "recovery_code": "33334444"})
        assert (answer.status_code, page.status_code, wrong.status_code) == (302, 200, 422)
        seen.add((answer["Location"], page_of(page, name), page_of(wrong, name), asked, guessed))
    assert len(seen) == 1


def test_whether_there_is_a_mailbox_is_found_out_by_the_worker(people: dict[str, str]) -> None:
    got = set()
    for number, (kind, name) in enumerate(people.items()):
        asked_as(number).post(reverse("recovery:ask"), {"who": name}, secure=True)
        mail.outbox.clear()
        send_code(mailed_id=MailedCode.objects.latest("pk").pk)
        if mail.outbox:
            got.add(kind)
    assert got == {"able", "number"}


def test_a_one_time_code_that_is_wrong_says_nothing_of_whose_it_is_not(people: dict[str, str]) -> None:
    seen = set()
    for number, name in enumerate(people.values()):
        form = {"code": f"abcd-efgh-jkmn-pq{number:02}", "who": name}
        answer, asked = sent(asked_as(number), reverse("recovery:enter"), form)
        assert answer.status_code == 422
        text = page_of(answer, name).replace(f"pq{number:02}", "CODE")
        seen.add((text, asked))
    assert len(seen) == 1


def test_a_right_code_with_a_wrong_person_looks_like_a_wrong_one(people: dict[str, str]) -> None:
    account, now = Account.objects.get(username="binh"), timezone.now()
    code = codes.issue(account, opens_at=now, expires_at=now + timedelta(days=1))
    pages = set()
    for number, (tried_code, name) in enumerate(((code, people["nobody"]), (code, "canbo-binh"), ("x" * 16, "binh"))):
        answer = asked_as(number).post(reverse("recovery:enter"), {"code": tried_code, "who": name}, secure=True)
        pages.add((answer.status_code, page_of(answer, name).replace(tried_code, "CODE")))
    assert len(pages) == 1


def test_taken_names_are_not_read_out_by_who_chooses_a_first_one(people: dict[str, str]) -> None:
    now = timezone.now()
    newcomer = make_account("moi-1", party=make_citizen("Người Mới", identifier="045190004444"), password=None)
    code = codes.issue(newcomer, opens_at=now, expires_at=now + timedelta(days=1))
    client = asked_as(0)
    entered = client.post(reverse("recovery:enter"), {"code": code, "who": "045190004444"}, secure=True)
    assert entered["Location"] == reverse("recovery:set")
    said = set()
    for _try in range(recovery_views.NAMES + 3):
        form = {"username": people["somebody"], "new": "trâu đen gặm cỏ", "again": "trâu đen gặm cỏ"}
        page = client.post(reverse("recovery:set"), form, secure=True).content.decode()
        said.add(("đã có người dùng" in page, "thử nhiều lần" in page))
    assert said == {(True, False), (False, True)}


PAPER = {"paper": "card", "how": "eye", "identifier": "045190001234", "name": "Ai Đó"}


@pytest.mark.parametrize("page", ["register", "recover"])
def test_a_clerk_reads_nothing_off_numbers_and_who_is_tried_sees_it(people: dict[str, str], page: str) -> None:
    """At the counter somebody stands there with a card: trying numbers tells no names, is seen, and is soon over."""
    clerk = make_account("mot-cua", official=make_official("Cô Một Cửa", role="clerk", org=make_org()))
    client = asked_as(0)
    client.force_login(clerk)
    address, party = reverse(f"counter:{page}"), Account.objects.get(username="binh").party_id
    told = client.post(address, PAPER, secure=True)
    assert told.status_code == 422
    assert "Bình" not in told.content.decode()
    looked = PersonalDataRead.objects.filter(party_id=party, actor_id=clerk.pk)
    assert looked.count() == 1
    right = {**PAPER, "name": "Lê Văn Bình"}
    if page == "register":  # has one already: that is told, and seen
        assert "đã có tài khoản" in client.post(address, right, secure=True).content.decode()
        assert looked.count() == 2
    for number in range(counter_views.REFUSALS):
        client.post(address, {**PAPER, "identifier": f"0451900{number:05}"}, secure=True)
        client.post(address, PAPER, secure=True)
    assert "thử nhiều lần" in client.post(address, right, secure=True).content.decode()
    assert looked.count() <= counter_views.REFUSALS


def test_it_takes_the_same_time_for_everybody(names: dict[str, str]) -> None:
    """Processor time of equal work, turn and turn about; the median of each within a fifth of that of all.

    On a machine shared with others one series says little: what takes another time takes it in every series.
    """
    tried("lam-nong", 9_000)
    apart, seen = set(names), []
    for series in range(SERIES):
        took: dict[str, list[float]] = {kind: [] for kind in names}
        for number in range(series * ROUNDS, (series + 1) * ROUNDS):
            for place, (kind, name) in enumerate(names.items()):
                began = time.thread_time()
                tried(name, 1000 + number * len(names) + place)
                took[kind].append(time.thread_time() - began)
        middle = median(each for times in took.values() for each in times)
        seen.append({kind: median(times) / middle for kind, times in took.items()})
        apart &= {kind for kind, share in seen[-1].items() if not 0.8 < share < 1.25}
        if not apart:
            return
    raise AssertionError(f"{apart}: {seen}")


def test_the_password_is_hashed_once_for_everybody(names: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    counts: dict[str, int] = {}
    real = Steady.encode
    for number, (kind, name) in enumerate(names.items()):
        hashed: list[int] = []

        def counting(self: Steady, *args: Any, kept: list[int] = hashed, **more: Any) -> str:
            kept.append(1)
            return str(real(self, *args, **more))

        monkeypatch.setattr(Steady, "encode", counting)
        tried(name, 2000 + number)
        counts[kind] = len(hashed)
    assert set(counts.values()) == {1}, counts


def test_waiting_looks_the_same_for_everybody(names: dict[str, str]) -> None:
    seen = set()
    for name in names.values():
        for _ in range(6):
            answer = tried(name, 3000)
        seen.add((answer.status_code, page_of(answer, name)))
    assert len(seen) == 1
    assert answer.status_code == 429


def test_passkeys_say_nothing_of_who_has_one() -> None:
    make_account("co-khoa")

    def asked(owner: bytes) -> tuple[int, str]:
        client, passkey = Client(), Passkey(owner=owner)
        options = client.get(reverse("signin:passkey_options"), secure=True).json()
        assert not options["publicKey"].get("allowCredentials")
        answer = client.post(reverse("signin:passkey"), {"credential": passkey.get(options)}, secure=True)
        return answer.status_code, page_of(answer, "")

    owner: Callable[[int], bytes] = lambda pk: str(pk).encode()  # noqa: E731
    assert asked(owner(Account.objects.get().pk)) == asked(owner(10**6)) == asked(b"")
