"""English words: every Vietnamese word of the ui has one, and the machine form follows the text."""

from __future__ import annotations

import gettext
import os
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.conf import settings
from django.test import Client
from django.utils import translation

from hienluong.ui.translations import compile_stale

PO = Path(settings.LOCALE_PATHS[0]) / "en/LC_MESSAGES/django.po"


def test_every_word_in_the_catalogue_is_translated() -> None:
    with PO.open("rb") as text:
        catalog = read_po(text, locale="en")
    empty = [m.id for m in catalog if m.id and not all(m.string if isinstance(m.string, tuple) else [m.string])]
    assert empty == []


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
