"""What is said of one signature: facts for an expert, and each problem in a sentence for everybody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

#: What can be wrong with a signature, the worst first: the file gets the worst verdict of its signatures.
ProblemCode = Literal[
    "altered",  # the signed bytes are others, or the signature is not theirs
    "changed",  # what the reader shows was changed after signing
    "partial",  # only a part of the file is signed
    "untrusted",  # no chain to an authority that the operator trusts
    "certificate_revoked",
    "certificate_expired",
    "weak",  # an algorithm or key that can be forged
    "not_entitled",  # no post in the organisation on the day of signing
    "active",  # script in the file may change what is shown
    "added",  # a form was filled in after signing, and nobody signed that
    "unchecked",  # nobody could be asked whether the certificate was revoked
]
ORDER: tuple[ProblemCode, ...] = (
    "altered",
    "changed",
    "partial",
    "untrusted",
    "certificate_revoked",
    "certificate_expired",
    "weak",
    "not_entitled",
    "active",
    "added",
    "unchecked",
)
#: From where it is known that a certificate was not revoked.
RevocationSource = Literal["file", "own", "asked", "none"]


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: the sentence for everybody, and what an expert wants to know more."""

    code: ProblemCode
    said: str
    detail: str = ""


@dataclass(frozen=True)
class SignatureFinding:
    """One signature in the file."""

    signer: str
    issuer: str
    signed_at: datetime | None
    timestamped: bool  # `signed_at` is proven by a timestamp, not only told by the signer's machine
    intact: bool
    trusted: bool
    covers_whole_file: bool
    long_term: bool  # what it takes to validate it is in the file
    algorithm: str
    form: str = "PAdES"
    organization: str = ""
    serial: str = ""
    certificate_from: datetime | None = None
    certificate_until: datetime | None = None
    chain: tuple[str, ...] = ()  # names from the signer up to the authority that is trusted
    revocation: RevocationSource = "none"
    stamped_by: str = ""
    position: str = ""  # the post that the signer held on that day, when we know it
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()  # what is not wrong, but should be known

    @property
    def worst(self) -> Problem | None:
        """The problem that decides; None when there is none."""
        return min(self.problems, key=lambda each: ORDER.index(each.code), default=None)

    @property
    def good(self) -> bool:
        """Whether the signature can be relied on."""
        return not self.problems


def worst_of(findings: list[SignatureFinding]) -> tuple[SignatureFinding, Problem] | None:
    """The worst problem among several signatures, and whose it is."""
    with_problem = [(finding, finding.worst) for finding in findings]
    found = [(finding, problem) for finding, problem in with_problem if problem is not None]
    return min(found, key=lambda pair: ORDER.index(pair[1].code), default=None)
