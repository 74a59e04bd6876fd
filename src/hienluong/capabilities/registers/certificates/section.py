"""``certificate:`` in a register's definition: the fields in which its records carry a certificate or a licence.

The engine adds no field of its own: number, days, standing and suspension are fields of the schema, seen and searched as
any other, and the history of the record is that of the certificate.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from hienluong.foundation.schemas.properties import Property, type_of

from ..parts import FieldName, Part, Place, series_fault
from .course import Terms, Validity

#: What the engine writes into the field of the standing, unless the definition has words of its own for it.
Word = Literal["valid", "suspended", "revoked", "ended"]


class Period(Part):
    """How long a certificate is valid: years or months."""

    years: Annotated[int, Field(ge=1, le=100)] | None = None
    months: Annotated[int, Field(ge=1, le=600)] | None = None

    @model_validator(mode="after")
    def _one(self) -> Period:
        if (self.years is None) == (self.months is None):
            raise ValueError("thời hạn là số năm (years) hoặc số tháng (months), đúng một trong hai")
        return self

    @property
    def validity(self) -> Validity:
        """The same in months."""
        return Validity(self.months or 12 * (self.years or 0))


class Certificate(Part):
    """Which fields say what of the certificate that a record carries, and what its paper shows."""

    title: str = Field(min_length=1, max_length=200)  # of the paper: Giấy chứng nhận …
    number: FieldName
    series: str = Field("", max_length=80)  # how numbers are given; empty: whoever issues says the number
    holder: FieldName
    issued: FieldName
    expires: FieldName | Literal[""] = ""
    standing: FieldName
    suspended: FieldName | Literal[""] = ""  # a period; without it, this certificate is not suspended
    standings: dict[Word, str] = {}  # the register's own words: ``valid: active``
    validity: Period | None = None  # None: for ever, unless an expiry day is given
    renew_keeps_number: bool = False
    template: str = Field("", max_length=200)  # a template for the paper; empty: the general one
    shows: list[FieldName] = Field([], max_length=40)  # what the paper shows beside number, holder and days
    legal_basis: str = Field("", max_length=500)  # printed on the paper

    @model_validator(mode="after")
    def _whole(self) -> Certificate:
        if self.series and (fault := series_fault(self.series)):
            raise ValueError(fault)
        if self.validity and not self.expires:
            raise ValueError("có thời hạn (validity) thì phải có trường ngày hết hạn (expires)")
        return self

    @cached_property
    def kept(self) -> frozenset[str]:
        """The fields that acts write."""
        return frozenset(filter(None, (self.number, self.issued, self.expires, self.standing, self.suspended)))

    @cached_property
    def decides(self) -> frozenset[str]:
        """The fields that decide how the certificate stands on a day."""
        return frozenset(filter(None, (self.standing, self.issued, self.expires, self.suspended)))

    @cached_property
    def searched(self) -> tuple[str, ...]:
        """The fields by which certificates are looked for, so that they have an index."""
        return tuple(filter(None, (self.number, self.standing, self.expires)))

    def word(self, standing: str) -> str:
        """What the register writes for a standing."""
        return self.standings.get(standing, standing)  # type: ignore[call-overload, no-any-return]

    def terms(self, data: Mapping[str, Any]) -> Terms:
        """What a record says of its certificate. A standing that is none of ours is an end."""
        written = str(data.get(self.standing) or "")
        ours = {self.word(standing): standing for standing in ("valid", "suspended", "revoked", "ended")}
        period = data.get(self.suspended) if self.suspended else None
        since, until = (period.get("from"), period.get("to")) if isinstance(period, Mapping) else (None, None)
        return Terms(
            standing=ours.get(written, "ended") if written else "",
            issued=_day(data.get(self.issued)),
            expires=_day(data.get(self.expires)) if self.expires else None,
            since=_day(since),
            until=_day(until),
        )

    def written(self, terms: Terms) -> dict[str, Any]:
        """The fields as a record writes these terms; without its number."""
        said: dict[str, Any] = {
            self.standing: self.word(terms.standing),
            self.issued: terms.issued.isoformat() if terms.issued else None,
        }
        if self.expires:
            said[self.expires] = terms.expires.isoformat() if terms.expires else None
        if self.suspended:
            said[self.suspended] = None
            if terms.since:
                until = {"to": terms.until.isoformat()} if terms.until else {}
                said[self.suspended] = {"from": terms.since.isoformat(), **until}
        return said


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value)) if value else None
    except ValueError:  # what an older definition kept there need not be a day
        return None


def problems(
    certificate: Certificate,
    fields: Mapping[str, Property],
    computed: Collection[str],
    key: str,
    read: Mapping[str, Collection[str]],
) -> Iterator[tuple[Place, str]]:
    """What the section must satisfy beyond its shape, each with its place. `read`: who may read which fields."""
    found = False
    for part in ("number", "holder", "issued", "expires", "standing", "suspended"):
        name = getattr(certificate, part)
        if name and name not in fields:
            found = True
            yield ("certificate", part), f"không có trường “{name}”"
    for number, name in enumerate(certificate.shows):
        if name not in fields:
            yield ("certificate", "shows", number), f"không có trường “{name}”"
    if found:
        return
    yield from _kind_problems(certificate, fields)
    for name in sorted(certificate.kept & set(computed)):
        yield ("certificate",), f"trường “{name}” được tính, không ghi được"
    if len(certificate.kept) < len([part for part in _KEPT if getattr(certificate, part)]):
        yield (
            ("certificate",),
            "số, ngày cấp, ngày hết hạn, tình trạng và thời gian đình chỉ phải là các trường khác nhau",
        )
    if certificate.series and certificate.number == key:
        yield ("certificate", "series"), "số giấy là khóa của bản ghi nên không đánh số lại được"
    for who, names in read.items():
        hidden = certificate.decides - set(names)
        if certificate.standing in names and hidden:
            said = ", ".join(sorted(hidden))
            yield ("access", who, "read"), f"đọc được tình trạng của giấy thì phải đọc được cả: {said}"


_KEPT = ("number", "issued", "expires", "standing", "suspended")


def _kind_problems(certificate: Certificate, fields: Mapping[str, Property]) -> Iterator[tuple[Place, str]]:
    for part, kind in (("issued", "date"), ("expires", "date"), ("suspended", "period")):
        name = getattr(certificate, part)
        if name and fields[name].get("x-kind") != kind:
            yield ("certificate", part), f"trường “{name}” phải là kiểu {kind}"
    if type_of(fields[certificate.number]) != "string":
        yield ("certificate", "number"), f"trường “{certificate.number}” phải là chữ"
    choices = fields[certificate.standing].get("enum", ())
    if not choices:
        yield ("certificate", "standing"), f"trường “{certificate.standing}” phải có enum"
        return
    needed = ["valid", "revoked", *(["suspended"] if certificate.suspended else []), *certificate.standings]
    for standing in dict.fromkeys(needed):
        if certificate.word(standing) not in choices:
            yield (
                ("certificate", "standings" if certificate.standings else "standing"),
                f"trường “{certificate.standing}” không có lựa chọn “{certificate.word(standing)}”",
            )
