"""Setting how an agency appears on its documents."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, InvalidInput, action
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.schemas.cleaning import storable

from .. import access, types
from ..models import Letterhead

_ABBREVIATION = re.compile(r"[A-ZĐ0-9][A-Za-zĐđ0-9&-]{0,19}")
TEXTS = ("name", "superior", "abbreviation", "place", "collective", "head_title", "contact")


@action("documents.set_letterhead")
def set_letterhead(
    act: Act,
    *,
    agency: Organization,
    texts: Mapping[str, str],
    own_books: Sequence[str] = (),
    unit_codes: Mapping[str, str],
) -> Letterhead:
    """Set the letterhead of an agency: its records office does. Empty texts keep what its name and kind say.

    What is written now counts for documents to come; those with a number stay as they are.
    """
    access.require_in(act.actor, "documents.clerk", agency)
    values = {name: " ".join(storable(texts.get(name, "")).split()) for name in TEXTS}
    for word in (values["abbreviation"], *unit_codes.values()):
        if word and not _ABBREVIATION.fullmatch(word):
            raise InvalidInput(
                _("Chữ viết tắt “%(word)s” chỉ gồm chữ, số, bắt đầu bằng chữ hoa.") % {"word": word},
                field="abbreviation" if word == values["abbreviation"] else "units",
            )
    if any(key not in types.TYPES for key in own_books):
        raise InvalidInput(_("Chọn loại văn bản."), field="own_books")
    for name, text in values.items():
        most = Letterhead._meta.get_field(name).max_length or 0  # type: ignore[union-attr]
        if len(text) > most:
            raise InvalidInput(_("Dài nhất %(most)s ký tự.") % {"most": most}, field=name)
    row = Letterhead.objects.select_for_update().filter(pk=agency.pk).first()
    before = {name: getattr(row, name) for name in TEXTS} if row else {}
    row = row or Letterhead(agency=agency)
    for name, text in values.items():
        setattr(row, name, text)
    row.own_books, row.unit_codes = sorted(set(own_books)), dict(unit_codes)
    row.save()
    act.record(row, before=before, after={**values, "own_books": row.own_books}, organization_id=agency.pk)
    return row
