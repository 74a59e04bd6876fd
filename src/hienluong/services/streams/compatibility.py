"""Which schemas events may have, and whether a new one can take the place of another.

Who reads with the new schema must be able to read what was told under the old one, since events are told again from a
date on; and who reads with the old one must not miss what it promised. So a version may add properties that need not
be there, and say more about them; what cannot be that is another type.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
from django.utils.translation import gettext as _

Schema = dict[str, Any]

#: Words that say something to people and bind nobody.
_WORDS = frozenset({"$schema", "$id", "title", "description", "examples", "$comment"})
_KNOWN = _WORDS | frozenset(
    "type properties required items enum const format pattern minLength maxLength minimum maximum minItems maxItems".split()
)
#: Limits that may only become wider, and in which direction that is.
_WIDER_UP, _WIDER_DOWN = ("maxLength", "maximum", "maxItems"), ("minLength", "minimum", "minItems")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
#: Names of properties that would carry data of persons (Law 91/2025/QH15): no event has them.
_PERSONAL = frozenset(
    "personal_id identifier full_name birthdate date_of_birth phone email address cccd cmnd passport applicant citizen".split()
)
MAX_DEPTH, MAX_PROPERTIES = 4, 60


def faults(schema: Any) -> list[str]:
    """What is wrong with a schema for the data of an event; empty when it can be used."""
    if not isinstance(schema, dict) or schema.get("type") != "object":
        return [_("Lược đồ phải là một đối tượng JSON có type là object.")]
    found = list(_faults(schema, "", 0))
    if not found:
        try:
            jsonschema_rs.meta.validate(schema)
            jsonschema_rs.Draft202012Validator(schema)
        except (jsonschema_rs.ValidationError, ValueError) as error:
            found.append(str(error).splitlines()[0][:200])
    return found


def _faults(schema: Any, where: str, depth: int) -> Iterator[str]:
    if not isinstance(schema, dict):
        yield _("%(where)s: phải là một đối tượng.") % {"where": where or "/"}
        return
    if depth > MAX_DEPTH:
        yield _("%(where)s: lồng quá sâu.") % {"where": where}
        return
    if unknown := sorted(str(word)[:40] for word in set(schema) - _KNOWN):
        yield _("%(where)s: không dùng được từ khóa “%(word)s”.") % {"where": where or "/", "word": unknown[0]}
    properties, required = schema.get("properties", {}), schema.get("required", [])
    if not isinstance(properties, dict) or len(properties) > MAX_PROPERTIES:
        yield _("%(where)s: properties không đúng.") % {"where": where or "/"}
        return
    if not isinstance(required, list) or [name for name in required if name not in properties]:
        yield _("%(where)s: required nêu trường không có.") % {"where": where or "/"}
    for name, each in properties.items():
        here = f"{where}/{name[:40]}"
        if not _NAME.fullmatch(name):
            yield _("%(where)s: tên trường chỉ có chữ thường không dấu, số và dấu gạch dưới.") % {"where": here}
        elif name in _PERSONAL:
            yield _("%(where)s: sự kiện không mang dữ liệu cá nhân.") % {"where": here}
        yield from _faults(each, here, depth + 1)
    if "items" in schema:
        yield from _faults(schema["items"], f"{where}/[]", depth + 1)


def breaks(old: Schema, new: Schema) -> list[str]:
    """What a new version would break; empty when it can take the place of the old one."""
    return list(_breaks(old, new, ""))


def _breaks(old: Schema, new: Schema, where: str) -> Iterator[str]:
    at = where or "/"
    if (was := _types(old)) != (now := _types(new)):
        yield _("%(where)s: kiểu đổi từ %(old)s sang %(new)s.") % {
            "where": at,
            "old": ", ".join(sorted(was)) or "—",
            "new": ", ".join(sorted(now)) or "—",
        }
    before, after = old.get("properties", {}), new.get("properties", {})
    for name in before.keys() - after.keys():
        yield _("%(where)s/%(name)s: trường bị bỏ.") % {"where": where, "name": name}
    needed, needs = set(old.get("required", [])), set(new.get("required", []))
    for name in sorted(needs - needed):
        yield _("%(where)s/%(name)s: trường trở thành bắt buộc, sự kiện cũ không có.") % {"where": where, "name": name}
    for name in sorted((needed - needs) & after.keys()):
        yield _("%(where)s/%(name)s: trường không còn bắt buộc.") % {"where": where, "name": name}
    for name in before.keys() & after.keys():
        yield from _breaks(before[name], after[name], f"{where}/{name}")
    if "enum" in old or "enum" in new:
        gone = [value for value in old.get("enum", []) if "enum" in new and value not in new["enum"]]
        if gone or ("enum" in new and "enum" not in old):
            yield _("%(where)s: bớt giá trị được phép.") % {"where": at}
    for word in ("format", "pattern", "const"):
        if old.get(word) != new.get(word):
            yield _("%(where)s: %(word)s đổi.") % {"where": at, "word": word}
    for word in (*_WIDER_UP, *_WIDER_DOWN):
        if word in new and (
            word not in old or ((new[word] < old[word]) == (word in _WIDER_UP) and new[word] != old[word])
        ):
            yield _("%(where)s: %(word)s chặt hơn trước.") % {"where": at, "word": word}
    if ("items" in old) != ("items" in new):
        yield _("%(where)s: items đổi.") % {"where": at}
    elif "items" in old:
        yield from _breaks(old["items"], new["items"], f"{where}/[]")


def _types(schema: Schema) -> frozenset[str]:
    told = schema.get("type", [])
    return frozenset([told] if isinstance(told, str) else told)
