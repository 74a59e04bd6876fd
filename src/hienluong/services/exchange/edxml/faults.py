"""What is wrong with a package, in the three families of codes that systems on the axis use.

``N.`` something needed is missing, ``R.`` something is out of its range, ``M.`` anything else. The words are Vietnamese:
they go to the other agency with the refusal (status 02).
"""

from __future__ import annotations

from dataclasses import dataclass

from .package import Reference


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: ``N.MessageHeader.Subject`` and words a clerk understands."""

    code: str
    words: str

    def __str__(self) -> str:
        return f"{self.code}: {self.words}"


def missing(where: str, words: str) -> Fault:
    """Something needed is not there."""
    return Fault(f"N.{where}", words)


def too_long(where: str, length: int, most: int) -> Fault:
    """A text of `length` characters where `most` are allowed."""
    return Fault(f"R.{where}", f"{where} dài {length} ký tự, nhiều nhất {most} ký tự.")


def out_of_range(where: str, words: str) -> Fault:
    """A value that is not among those allowed."""
    return Fault(f"R.{where}", words)


def wrong(where: str, words: str) -> Fault:
    """Anything else."""
    return Fault(f"M.{where}", words)


class BadPackage(ValueError):
    """A package that cannot be taken or written: every fault found, and what could be read of whom it is about.

    `about` and `sender` are for the refusal that goes back (status 02); None when not even that could be read.
    """

    def __init__(self, faults: list[Fault], *, about: Reference | None = None, sender: str = "") -> None:
        super().__init__("; ".join(map(str, faults))[:2000])
        self.faults = faults
        self.about = about
        self.sender = sender
