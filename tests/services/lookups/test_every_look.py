"""Whatever page of officials names a person, the look is written down for that person to see.

No list of pages that must do so: every address of the product is opened by whoever uses it, and where a name, a number or a
telephone of the person stands in the answer, an entry about that person must have been written by that very request.
"""

from __future__ import annotations

import pytest
from django.urls import reverse

from hienluong.foundation.audit.models import PersonalDataRead
from hienluong.foundation.identity.models import Account
from hienluong.services.corrections.models import Correction
from tests.factories import actor_for_role
from tests.services.test_bad_addresses import addresses, clients
from tests.services.test_wrong_user import Town, print_receipt, town  # noqa: F401  (a fixture)

pytestmark = [pytest.mark.django_db, pytest.mark.once]

#: Pages of the person, and of everybody: nobody else reads there.
OWN = ("portal", "surveys", "notifications", "consents", "privacy", "transparency", "ui", "registry", "signing")
#: Names of people that a clerk typed a moment ago and nobody has filed: no person of the product stands behind them yet.
TYPED = {"workplace:file", "workplace:file_draft"}
#: Lists that are opened again and again: one entry a day for each official and dossier says it.
ONCE_A_DAY = {"workplace:inbox", "workplace:search", "workplace:to_return"}


def test_every_page_that_names_a_person_writes_the_look_down(town: Town) -> None:  # noqa: F811
    print_receipt(town.charge)
    person = town.province.party
    words = {person.name, person.identifier, person.phone}
    browsers = clients(town)
    admin = browsers["identity"]
    account = Account.objects.get(party=person)
    asked = {name: (browsers.of(name), url) for name, url in addresses(town).items() if not name.startswith(OWN)}
    for name in ("account", "reset_password", "deactivate", "grant"):
        asked[f"identity:{name}"] = (admin, reverse(f"identity:{name}", args=[account.pk]))
    asked["signin:reset"] = (admin, reverse("signin:reset", args=[account.pk]))
    asked["identity:accounts"] = (admin, reverse("identity:accounts"))
    asked["identity:audit"] = (admin, reverse("identity:audit"))
    asked["payments:receipt"] = (
        browsers["payments"],
        reverse("payments:receipt", args=[town.charge.reference]),
    )
    unseen, named = [], set()
    for name in sorted(asked, key=lambda each: (each not in ONCE_A_DAY, each)):
        browser, url = asked[name]
        before = PersonalDataRead.objects.filter(party_id=person.pk).count()
        answer = browser.get(url)
        if answer.status_code != 200:
            continue
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
        text = body.decode("utf-8", "replace")
        is_own = str(browser.session.get("_auth_user_id")) == str(account.pk)
        if is_own or name in TYPED or not any(word in text for word in words):
            continue
        named.add(name)
        viewer = browser.session.get("_auth_user_id")
        today = PersonalDataRead.objects.filter(party_id=person.pk, actor_id=viewer).exists()
        fresh = PersonalDataRead.objects.filter(party_id=person.pk).count() > before
        if not (fresh or (name in ONCE_A_DAY and today)):
            unseen.append(name)
    assert unseen == [], "These pages name the person and write no look down (identity/looks.py)"
    must = {
        "workplace:dossier",
        "workplace:inbox",
        "identity:accounts",
        "identity:account",
        "corrections:list",
        "lookups:questions",
    }
    assert must <= named, f"the test sees too little: {sorted(must - named)}"


def test_a_look_at_an_account_is_told_in_words(town: Town) -> None:  # noqa: F811
    person = town.province.party
    account = Account.objects.get(party=person)
    browsers = clients(town)
    admin = actor_for_role("admin", town.province.root)
    browsers["identity"].get(reverse("identity:account", args=[account.pk]))
    page = browsers["portal"].get("/ai-da-xem-du-lieu-cua-toi").content.decode()
    for words in ("Quản lý tài khoản", "Họ tên, Tên đăng nhập, Thư điện tử", "Báo vi phạm dữ liệu cá nhân", "/hoi"):
        assert words in page, words
    assert Correction.objects.exists()
    assert admin.account_id
