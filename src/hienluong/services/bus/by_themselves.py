"""Registers as services: each is in the catalogue by itself, with our own API behind it and its sharing agreements as grants.

Which fields pass, how many records a day and whom that is told is kept by the registers themselves (``registers.sharing``):
the gateway only lets through who has an agreement.
"""

from __future__ import annotations

from dataclasses import dataclass

#: Before the code of a register: services that are declared have no dot in theirs.
PREFIX = "registers."
MAJOR = 1
#: Calls a minute for one system under one agreement; what an agreement limits is records a day.
PER_MINUTE = 600
#: Seconds that a search may take.
TIMEOUT = 30


@dataclass(frozen=True)
class OwnOperation:
    """An operation that every register has; `template` as in our API, below ``/api/v1/registers/{code}``."""

    name: str
    template: str
    title: str
    title_en: str
    method: str = "GET"


OPERATIONS = (
    OwnOperation("list", "/records", "Tìm, lọc, sắp xếp bản ghi", "Find, narrow and order records"),
    OwnOperation("by-key", "/records/by-key/{key}", "Một bản ghi theo khóa", "One record by its key"),
    OwnOperation("get", "/records/{record}", "Một bản ghi theo số", "One record by its number"),
)


def code_of(register: str) -> str:
    """The code of the service of a register: part of its address at the gateway."""
    return PREFIX + register.replace("_", "-")
