"""The validator of E-ARK without the internet: on import it asks for four vocabularies, whose terms stand here."""

from __future__ import annotations

import urllib.request
from typing import Any
from unittest import mock

#: Terms of the published vocabularies that our packages may use, and some that they may not.
_TERMS = {
    "ContentCategory": ("Textual works", "Digital documents", "Mixed", "Other", "OTHER"),
    "ContentInformationType": ("MIXED", "OTHER", "citserms_v2_1"),
    "OAISPackageType": ("SIP", "AIP", "DIP", "AIU", "AIC"),
    "Status": ("CURRENT", "SUPERSEDED"),
}


def _vocabulary(address: str) -> list[bytes]:
    terms = next(terms for name, terms in _TERMS.items() if address.endswith(f"CSIPVocabulary{name}.xml"))
    return [f"<Term>{term}</Term>".encode() for term in terms]


with mock.patch.object(urllib.request, "urlopen", _vocabulary):
    from eark_validator.packages import PackageValidator
    from eark_validator.specifications.specification import SpecificationVersion


def judged(folder: Any) -> Any:
    """The report about the package in this folder, by CSIP and SIP 2.0.4."""
    return PackageValidator(folder, SpecificationVersion.V2_0_4).validation_report
