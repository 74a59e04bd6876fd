"""English words: every Vietnamese word of the ui has one, and the machine form follows the text."""

from __future__ import annotations

import gettext
import os
import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.conf import settings
from django.test import Client
from django.utils import translation

from hienluong.ui.translations import compile_stale
from tests.ui.wording import asked_for, plurals_asked_for

PO = Path(settings.LOCALE_PATHS[0]) / "en/LC_MESSAGES/django.po"


def test_every_word_in_the_catalogue_is_translated() -> None:
    with PO.open("rb") as text:
        catalog = read_po(text, locale="en")
    empty = [m.id for m in catalog if m.id and not all(m.string if isinstance(m.string, tuple) else [m.string])]
    assert empty == []


def test_every_word_that_the_product_asks_for_is_in_the_catalogue() -> None:
    with PO.open("rb") as text:
        known = {m.id[0] if isinstance(m.id, tuple) else m.id for m in read_po(text, locale="en")}
    unknown = {word: files for word, files in asked_for().items() if word not in known}
    assert not unknown, "\n".join(f"{word!r}: {', '.join(sorted(files))}" for word, files in unknown.items())


def test_words_asked_for_by_number_have_their_plural() -> None:
    with PO.open("rb") as text:
        known = {m.id for m in read_po(text, locale="en")}
    assert {forms for forms in plurals_asked_for() if forms not in known} == set()


def test_translations_keep_the_places_for_values() -> None:
    with PO.open("rb") as text:
        catalog = [m for m in read_po(text, locale="en") if m.id and isinstance(m.id, str)]
    wrong = [m.id for m in catalog if _places(str(m.id)) != _places(str(m.string))]
    assert wrong == []


def _places(text: str) -> list[str]:
    return sorted(re.findall(r"%\(\w+\)[a-z]", text))


def test_the_machine_form_is_made_once_and_again_when_the_text_changes(tmp_path: Path) -> None:
    folder = tmp_path / "en/LC_MESSAGES"
    folder.mkdir(parents=True)
    source = folder / "django.po"
    source.write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "Có"\nmsgstr "Yes"\n')
    assert compile_stale([tmp_path]) == [folder / "django.mo"]
    assert compile_stale([tmp_path]) == []
    with (folder / "django.mo").open("rb") as machine:
        assert gettext.GNUTranslations(machine).gettext("Có") == "Yes"
    later = source.stat().st_mtime + 10
    os.utime(source, (later, later))
    assert compile_stale([tmp_path]) == [folder / "django.mo"]


@pytest.mark.django_db
def test_a_stranger_reads_vietnamese_first_and_english_when_asked() -> None:
    client = Client()
    assert '<html lang="vi"' in client.get("/thiet-ke").content.decode()
    client.cookies["hl_language"] = "en"
    page = client.get("/thiet-ke").content.decode()
    assert '<html lang="en"' in page
    assert "Interface components" in page
    assert translation.get_language() == "vi"
