"""What a record says, in words: a cell of a list, a line of its page, what a change did."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hienluong.capabilities.registers.attached import KINDS as KINDS_OF_FILES
from hienluong.capabilities.registers.certificates import course
from hienluong.capabilities.registers.definition import RegisterSpec
from hienluong.capabilities.registers.history import Told
from hienluong.capabilities.registers.models import Change
from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.schemas import masks
from hienluong.foundation.schemas.display import show, table
from hienluong.foundation.schemas.properties import Property, label_of
from hienluong.ui import dates

#: Statuses whose colour everybody knows; others are blue.
_COLOURS = {
    "active": "green",
    "valid": "green",
    "open": "green",
    "suspended": "yellow",
    "pending": "yellow",
    "expired": "orange",
    "dissolved": "grey",
    "closed": "grey",
    "ended": "grey",
    "revoked": "red",
    "none": "grey",
}
#: Kinds whose values are numbers, aligned to the right.
_NUMBERS = ("integer", "number", "money")


@dataclass(frozen=True)
class Cell:
    """One value of a list."""

    text: str
    label: str = ""
    colour: str = ""  # when it is shown as a tag
    is_number: bool = False


def title_of(spec: RegisterSpec) -> str:
    """The register's name in the reader's language."""
    return spec.title_en if spec.title_en and (get_language() or "vi").startswith("en") else spec.title


def name_of(spec: RegisterSpec, data: Mapping[str, Any], key: str) -> str:
    """What a person calls a record: its name, else its key."""
    value = data.get(spec.name)
    return show(value, spec.fields[spec.name]) if value not in (None, "") else key or _("Bản ghi không tên")


def named_places(spec: RegisterSpec, rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The responsible organisations of these records: code → name, asked for once."""
    codes = {str(row[spec.responsible]) for row in rows if spec.responsible and row.get(spec.responsible)}
    return dict(Organization.objects.filter(code__in=codes).values_list("code", "name")) if codes else {}


def words(spec: RegisterSpec, name: str, value: Any, places: Mapping[str, str]) -> str:
    """One value in words; an organisation by its name."""
    if name == spec.responsible and str(value) in places:
        return places[str(value)]
    if value and spec.fields.get(name, {}).get("x-kind") in KINDS_OF_FILES:
        return _("có tệp")
    return show(value, spec.fields.get(name, {}))


def is_number(prop: Property) -> bool:
    """Whether a column of this field is put to the right."""
    return str(prop.get("x-kind")) in _NUMBERS


def cell(spec: RegisterSpec, name: str, value: Any, places: Mapping[str, str]) -> Cell:
    """One value of a list; numbers of persons, phones and mail are masked there."""
    prop = spec.fields[name]
    text = words(spec, name, value, places)
    label = label_of(name, prop)
    if isinstance(value, str) and "enum" in prop and value:
        return Cell(text, label, _status_colour(name, prop, value))
    if isinstance(value, str):
        text = masks.mask(text, prop)
    if isinstance(value, list):
        text = "; ".join(text.split("\n")[:3]) + ("…" if len(value) > 3 else "")
    return Cell(text, label, is_number=is_number(prop))


def _status_colour(name: str, prop: Property, value: Any) -> str:
    """The colour of the tag that shows this value; empty for what is no status."""
    is_status = name == "status" and isinstance(value, str) and bool(value) and "enum" in prop
    return _COLOURS.get(value, "blue") if is_status else ""


def certificate(spec: RegisterSpec, data: Mapping[str, Any], readable: Collection[str], day: date) -> Cell | None:
    """How the certificate stands on `day`, as a tag; None without one, and where that may not be read.

    A day decides: what is written as valid has perhaps expired since.
    """
    section = spec.certificate
    if section is None or section.decides - set(readable):
        return None
    terms = section.terms(data)
    standing = course.standing_on(terms, day)
    label = label_of(section.standing, spec.fields[section.standing])
    if standing == terms.standing and data.get(section.standing):
        text = show(data[section.standing], spec.fields[section.standing])  # in the register's own words
    elif standing == "valid":
        text = show(section.word("valid"), spec.fields[section.standing])
    else:
        text = str(course.STANDINGS[standing])
    return Cell(text, label, _COLOURS.get(standing, "blue"))


def lines(
    spec: RegisterSpec, data: Mapping[str, Any], readable: Collection[str], day: date | None = None
) -> list[dict[str, Any]]:
    """The readable fields of a record as key and value, in the order of the definition; empty ones say so.

    `day` is the day for which it is shown, today when None.
    """
    places = named_places(spec, [data] if spec.responsible in readable else [])
    files = _file_names(spec, data, readable)
    standing = certificate(spec, data, readable, day or timezone.localdate())
    own = spec.certificate.standing if spec.certificate and standing else ""
    return [
        {
            "field": name,
            "key": label_of(name, prop),
            "colour": standing.colour if standing and name == own else _status_colour(name, prop, data.get(name)),
            "value": standing.text if standing and name == own else words(spec, name, data.get(name), places) or "—",
            "href": reverse("files:content", args=[data[name]]) if name in files else "",
            "file": files.get(name, ""),
            "table": table(data.get(name), prop),
            "picture": "1" if name in files and prop.get("x-kind") == "signature" else "",
            "thumbnail": reverse("files:preview", args=[data[name]])
            if name in files and prop.get("x-kind") == "photo"
            else "",
        }
        for name, prop in spec.fields.items()
        if name in readable
    ]


def _file_names(spec: RegisterSpec, data: Mapping[str, Any], readable: Collection[str]) -> dict[str, str]:
    """The names of the files in the readable fields of a record, by field, asked for once."""
    held = {
        name: str(data[name])
        for name, prop in spec.fields.items()
        if name in readable and data.get(name) and prop.get("x-kind") in KINDS_OF_FILES
    }
    if not held:
        return {}
    names = {str(pk): name for pk, name in StoredFile.objects.filter(pk__in=held.values()).values_list("pk", "name")}
    return {field: names.get(number, "") for field, number in held.items()}


def happened(
    spec: RegisterSpec,
    change: Told,
    places: Mapping[str, str],
    acts: Mapping[int, str] | None = None,
    signers: Mapping[int, str] | None = None,
) -> dict[str, Any]:
    """One change as an entry of the timeline; `acts` names those that were acts of a certificate, `signers` who signed
    what it comes from, both by change."""
    entry = change.change
    said = []
    for difference in change.differences:
        prop = spec.fields.get(difference.field, {})
        label = label_of(difference.field, prop)
        before, after = (
            words(spec, difference.field, value, places) for value in (difference.before, difference.after)
        )
        if entry.kind == "create" or not before:
            said.append(_("%(label)s: %(after)s") % {"label": label, "after": after})
        else:
            said.append(
                _("%(label)s: %(before)s → %(after)s") % {"label": label, "before": before, "after": after or "—"}
            )
    turned = _("Chuyển sang phiên bản %(version)s của cơ sở dữ liệu") % {"version": change.turned_to}
    is_told = change.differences or change.turned_to or entry.kind in ("end", "void")
    return {
        "title": turned if change.turned_to else (acts or {}).get(entry.pk) or entry.get_kind_display(),
        "when": entry.at,
        "by": _written_by(entry, (signers or {}).get(entry.pk, "")),
        "reason": "" if change.turned_to else entry.reason,
        "valid": stretch(*change.valid) if is_told else "",
        "words": said if entry.kind not in ("end", "void") else [],
    }


def _written_by(entry: Change, signer: str) -> str:
    """Where a change comes from in one line: a dossier and who signed its result, a new version, or who wrote it."""
    if entry.source == Change.Source.DOSSIER:
        said = {"code": entry.source_ref, "name": signer}
        return _("Theo hồ sơ %(code)s, %(name)s ký") % said if signer else _("Theo hồ sơ %(code)s") % said
    if entry.source == Change.Source.MIGRATION:
        return _("Hệ thống tự chuyển theo định nghĩa mới")
    return " · ".join(filter(None, (entry.label, entry.get_source_display(), entry.source_ref)))


def stretch(since: datetime | None, until: datetime | None) -> str:
    """A stretch of time in the world, in days."""
    if since is None:
        return ""
    start = dates.short(timezone.localdate(since))
    if until is None:
        return _("từ %(since)s") % {"since": start}
    return _("từ %(since)s đến trước %(until)s") % {"since": start, "until": dates.short(timezone.localdate(until))}


def point(shape: Any) -> dict[str, str] | None:
    """Where a record is, for a link to a map: latitude and longitude in degrees; None for what is no point."""
    if not isinstance(shape, Mapping) or shape.get("type") != "Point":
        return None
    longitude, latitude = (f"{part:.6f}" for part in shape["coordinates"][:2])
    return {"latitude": latitude, "longitude": longitude}
