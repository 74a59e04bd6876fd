"""One table says whose each verb is: the actions ask it and nothing else, the screens and the explain page read it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hienluong.foundation.actions import NotAllowed
from hienluong.services.dossiers import actions, duties, explaining, lawful
from hienluong.services.workplace import bulk_forms, verbs
from tests.services.dossiers.province import Province

VERBS = Path(actions.__file__).parent
#: What the system alone does, and what is asked of no dossier yet.
NOBODYS = {
    "expire_supplement",
    "take_silence_as_consent",
    "escalate_silence",
    "attach_signed_result",
    "move_to_successor",
}


def test_every_verb_with_lawful_states_is_somebodys_duty() -> None:
    assert set(lawful.LAWFUL) - NOBODYS == set(duties.DUTIES)


def test_actions_on_a_dossier_name_no_permission_of_their_own() -> None:
    """Before there is a dossier (filing, drafts at the counter) there is no place to read from the table."""
    for file in VERBS.glob("*.py"):
        if file.name in ("filing.py", "counter_drafts.py"):
            continue
        named = re.findall(r"""(?:require|can)\(\s*["'][\w.]+["']""", file.read_text())
        assert named == [], file.name


def test_every_duty_is_asked_for_by_its_action() -> None:
    text = "".join(file.read_text() for file in VERBS.glob("*.py"))
    text += " ".join(
        f'duties.admit(act, dossier, "{verb}")' for verb in re.findall(r'plain_step\(act, dossier, "(\w+)"', text)
    )
    for verb in duties.DUTIES:
        assert re.search(rf'(admit|_admit_own|duties\.require)\((act|act\.actor), dossier, "{verb}"\)', text), verb


def test_the_screens_offer_by_the_same_table() -> None:
    assert {verb.act or verb.key for verb in verbs.VERBS} <= set(duties.DUTIES)
    assert {verb.key for verb in bulk_forms.VERBS} <= set(duties.DUTIES)
    for permission, where in explaining.PLACES.items():
        if permission != "dossiers.view":
            assert where in {duty.where for duty in duties.DUTIES.values() if duty.permission == permission}


@pytest.mark.django_db
def test_a_permission_held_elsewhere_is_none(province: Province) -> None:
    dossier = province.file()
    for verb in duties.DUTIES:
        assert not duties.may(province.anonymous, dossier, verb)
        assert not duties.may(province.other_leader, dossier, verb)
        with pytest.raises(NotAllowed):
            duties.require(province.other_clerk, dossier, verb)
    assert duties.may(province.clerk, dossier, "receive")
    assert not duties.may(province.asked, dossier, "give_opinion")  # nobody asked them
