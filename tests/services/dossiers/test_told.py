"""People are told things in their own language, whichever the worker speaks."""

from __future__ import annotations

import pytest
from django.utils.translation import get_language

from hienluong.foundation.events.dispatcher import dispatch_waiting
from hienluong.foundation.identity.models import Account
from hienluong.services.dossiers import actions, notices
from tests.services.dossiers.province import Province

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_person_is_told_in_their_language(
    province: Province, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoken: list[str | None] = []
    monkeypatch.setattr(notices, "notify", lambda *_a, **_k: spoken.append(get_language()))
    Account.objects.filter(pk=province.citizen.account_id).update(language=language)
    actions.receive(province.clerk, dossier=province.file())
    dispatch_waiting()
    assert set(spoken) == {language}
