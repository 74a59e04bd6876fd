"""From what a provider says to who somebody is: names of claims are configuration, forms of values are forgiven."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from hienluong.foundation.people import identifiers
from hienluong.foundation.people.models import Party

from .configured import Provider
from .refusals import Refused

_DAYS = ("%Y-%m-%d", "%d/%m/%Y", "%Y%m%d", "%d-%m-%Y")
_SEXES = {
    "nam": Party.Sex.MALE,
    "male": Party.Sex.MALE,
    "m": Party.Sex.MALE,
    "nữ": Party.Sex.FEMALE,
    "nu": Party.Sex.FEMALE,
    "female": Party.Sex.FEMALE,
    "f": Party.Sex.FEMALE,
}


@dataclass(frozen=True)
class Person:
    """Somebody, as a provider vouches for them. `level`: of the electronic identity (Decree 69/2024/NĐ-CP)."""

    subject: str
    personal_id: str
    name: str
    level: int
    authenticated_at: int = 0  # seconds, epoch; 0 when the provider does not say
    date_of_birth: date | None = None
    sex: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""


def person_of(provider: Provider, token: Mapping[str, Any], info: Mapping[str, Any]) -> Person:
    """The person of an ID token and of userinfo; what is signed wins. Raises :class:`Refused`."""
    said = {**info, **token}
    told = {name: _text(_found(said, claim)) for name, claim in provider.claims.items()}
    personal_id = re.sub(r"[\s.\-]", "", told["personal_id"])
    if not identifiers.is_personal_id(personal_id):
        raise Refused("no_personal_id")
    name = _name(told["name"])
    if not name:
        raise Refused("no_name")
    level = provider.levels.get(str(token.get("acr") or ""), 1)
    at = token.get("auth_time")
    return Person(
        subject=str(token["sub"]),
        personal_id=personal_id,
        name=name,
        level=level,
        authenticated_at=at if isinstance(at, int) and at > 0 else 0,
        date_of_birth=_day(told["date_of_birth"]),
        sex=_SEXES.get(told["sex"].lower(), ""),
        phone=_phone(told["phone"]),
        email=_email(told["email"]),
        address=told["address"][:300],
    )


def _found(said: Mapping[str, Any], claim: str) -> Any:
    """A claim by its name, else by the way to it (``cong_dan.so_dinh_danh``)."""
    if claim in said:
        return said[claim]
    value: Any = said
    for step in claim.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(step)
    return value


def _text(value: Any) -> str:
    if isinstance(value, Mapping):  # OpenID Connect Core 1.0, 5.1.1
        value = value.get("formatted", "")
    if not isinstance(value, str | int) or isinstance(value, bool):
        return ""
    text = "".join(sign for sign in str(value)[:1000] if sign.isprintable())
    return " ".join(unicodedata.normalize("NFC", text).split())


def _name(told: str) -> str:
    """As names are written here; registers write them in capitals."""
    spelt = " ".join(word.capitalize() for word in told.split()) if told.isupper() else told
    return spelt[:150]


def _day(told: str) -> date | None:
    for form in _DAYS:
        try:
            return datetime.strptime(told, form).date()
        except ValueError:
            continue
    return None


def _phone(told: str) -> str:
    plain = re.sub(r"[\s.\-]", "", told)
    plain = "0" + plain[3:] if plain.startswith("+84") else plain
    return plain if re.fullmatch(r"0[0-9]{9,10}", plain) else ""


def _email(told: str) -> str:
    try:
        validate_email(told)
    except ValidationError:
        return ""
    return told if len(told) <= 254 else ""
