"""Stored files as a paper names them: nobody follows a link on paper, and the number of a file says nothing to a reader."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from .models import StoredFile

#: So many signs of a digest tell the files of one record apart, and can be compared by eye.
SIGNS = 12


def in_words(numbers: Iterable[object]) -> dict[str, str]:
    """By the number of each stored file, its name, its size and the beginning of its SHA-256; one query.

    What is no file that is kept has no words.
    """
    keys = {found: str(number) for number in numbers if (found := _uuid(number))}
    if not keys:
        return {}
    kept = StoredFile.objects.select_related("blob").filter(pk__in=keys)
    return {
        keys[one.pk]: _("%(name)s (%(size)s, SHA-256 %(digest)s…)")
        % {"name": one.name, "size": filesizeformat(one.size), "digest": one.blob_id[:SIGNS]}
        for one in kept
    }


def _uuid(number: object) -> UUID | None:
    try:
        return UUID(str(number))
    except ValueError:
        return None
