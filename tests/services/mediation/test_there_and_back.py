"""Codes of documents, queries and paths there and back: the same where one code became one, never anything guessed."""

from __future__ import annotations

import json
import tempfile
from collections import defaultdict
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hienluong.services.mediation import translations
from hienluong.services.mediation.translations import Notes, Untranslated

CODE = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), min_size=1, max_size=6)
PAIRS = st.sets(st.tuples(CODE, CODE), min_size=1, max_size=30)


class Ways:
    """Two editions that these pairs join, as files of the mediator in both directions."""

    def __init__(self, pairs: set[tuple[str, str]], folder: Path) -> None:
        self.folder = folder
        self.there: dict[str, list[str]] = defaultdict(list)
        self.back: dict[str, list[str]] = defaultdict(list)
        for old, new in sorted(pairs):
            self.there[old].append(new)
            self.back[new].append(old)
        for name, codes in (("there", self.there), ("back", self.back)):
            (folder / f"{name}.json").write_text(json.dumps({"codes": codes, "main": {}}))

    def rule(self, way: str, at: str, several: str = "refuse", missing: str = "refuse") -> list[dict[str, str]]:
        return [{"at": at, "file": f"{way}.json", "several": several, "missing": missing}]

    @property
    def alone(self) -> list[str]:
        """Codes that became one, which came from nothing else."""
        return [old for old, new in self.there.items() if len(new) == 1 and len(self.back[new[0]]) == 1]


@given(PAIRS, st.data())
def test_there_and_back_is_the_same_where_one_became_one(pairs: set[tuple[str, str]], data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        ways = Ways(pairs, Path(folder))
        code = st.sampled_from(ways.alone) if ways.alone else st.nothing()
        some = data.draw(st.lists(code, max_size=8))
        document = {
            "items": [{"xa": each, "name": each, "below": {"xa": [each, None, ""]}} for each in some],
            "xa": some[:1],
        }
        notes = Notes()
        for at in ("items.xa", "items.below.xa", "xa"):
            turned = translations.document(document, ways.rule("there", at), ways.folder, notes)
            assert translations.document(turned, ways.rule("back", at), ways.folder, notes) == document
        asked = urlencode([("xa", each) for each in some] + [("trang", "2")])
        sent = translations.query(asked, ways.rule("there", "xa"), ways.folder, notes)
        assert parse_qsl(sent)[:-1] == [("xa", ways.there[each][0]) for each in some]
        returned = translations.query(sent, ways.rule("back", "xa"), ways.folder, notes)
        assert parse_qsl(returned) == parse_qsl(asked)
        if some:
            path = translations.parameters({"xa": some[0], "so": "1"}, ways.rule("there", "xa"), ways.folder, notes)
            assert path == {"xa": ways.there[some[0]][0], "so": "1"}
        assert notes.value() == ""


@given(PAIRS, CODE)
def test_what_did_not_become_one_code_is_never_made_one(pairs: set[tuple[str, str]], code: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        ways = Ways(pairs, Path(folder))
        for each in {code, *ways.there}:
            became = ways.there.get(each, [])
            for several in ("refuse", "main"):  # this mapping names no main one
                rule = ways.rule("there", "xa", several)
                if len(became) == 1:
                    assert translations.document({"xa": each}, rule, ways.folder, Notes()) == {"xa": became[0]}
                    continue
                with pytest.raises(Untranslated) as refused:
                    translations.document({"xa": each}, rule, ways.folder, Notes())
                assert refused.value.places == [("/xa", "several" if became else "missing")]
            notes = Notes()
            kept = translations.document({"xa": each}, ways.rule("there", "xa", "keep", "keep"), ways.folder, notes)
            assert kept["xa"] == (became[0] if len(became) == 1 else each)
            assert bool(notes.value()) == (len(became) != 1)
            assert all(name == "xa" for name, _how in notes.kept), "places are told, codes are not"


def test_a_number_or_an_object_is_no_code_of_a_list(tmp_path: Path) -> None:
    ways = Ways({("7", "8")}, tmp_path)
    for value in (7, 0, False, {"ma": "7"}):
        with pytest.raises(Untranslated) as refused:
            translations.document({"xa": ["7", value]}, ways.rule("there", "xa"), tmp_path, Notes())
        assert refused.value.places == [("/xa/1", "missing")]
        notes = Notes()
        kept = translations.document({"xa": ["7", value]}, ways.rule("there", "xa", missing="keep"), tmp_path, notes)
        assert (kept, notes.value()) == ({"xa": ["8", value]}, '"xa";how=missing-kept;n=1')
