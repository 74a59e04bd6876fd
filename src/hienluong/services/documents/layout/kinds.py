"""What is special about the layout of each of the 29 types (Nghị định 30/2020/NĐ-CP, Phụ lục III)."""

from __future__ import annotations

from dataclasses import dataclass

from hienluong.services.documents.types import COPIES, TYPES


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A type of paper: what is printed as its name, and what is special about its layout."""

    key: str
    name: str
    #: Stands in the notation ("QĐ" in 12/QĐ-UBND); empty where the decree gives none.
    abbreviation: str
    #: Number and subject stand left, above the text, and the name of the type is not printed.
    is_letter: bool = False
    #: Resolutions and decisions: who decides, on what grounds, and this word before the articles.
    resolving: str = ""
    #: Stands before those whom the paper addresses; {agency} and {authority} are filled in.
    addressing: str = "Kính gửi"
    #: Two sides sign beside each other.
    two_signers: bool = False
    #: The subject may be left out.
    bare: bool = False

    @property
    def heading(self) -> str:
        """The name of the type as it is printed, in capitals."""
        return self.name.upper()


_SPECIAL: dict[str, dict[str, str | bool]] = {
    "NQ": {"resolving": "QUYẾT NGHỊ:"},
    "QD": {"resolving": "QUYẾT ĐỊNH:"},
    "CV": {"is_letter": True},
    "CD": {"addressing": "{authority} điện"},
    "GM": {"addressing": "{agency} trân trọng kính mời"},
    "BB": {"two_signers": True},
    "HDO": {"two_signers": True},
    "BGN": {"two_signers": True},
    "BTT": {"two_signers": True},
    "GUQ": {"two_signers": True, "bare": True},
    "GGT": {"bare": True},
    "GNP": {"bare": True},
    "PG": {"bare": True},
    "PC": {"bare": True},
    "PB": {"bare": True},
    "THC": {"bare": True},
}
#: By the key of the type, as in :data:`hienluong.services.documents.types.TYPES`.
KINDS: dict[str, Kind] = {
    key: Kind(key=key, name=found.name, abbreviation=found.abbreviation, **_SPECIAL.get(key, {}))  # type: ignore[arg-type]
    for key, found in TYPES.items()
}

#: Kind of copy → what is printed.
COPY_HEADINGS: dict[str, str] = {key: found.name.upper() for key, found in COPIES.items()}

#: Urgency (the numbers of ``models.Urgency``) → the words of the mark and its width in mm; all are 8 mm high (Phụ lục I,
#: Phần I, Mục III).
URGENCIES: dict[int, tuple[str, float]] = {1: ("KHẨN", 20.0), 2: ("THƯỢNG KHẨN", 40.0), 3: ("HỎA TỐC", 30.0)}

#: For whom somebody signs (Điều 13): in the name of all, for the head, by the head's order, by delegation; acting head.
PREFIXES: tuple[str, ...] = ("TM.", "KT.", "TL.", "TUQ.", "Q.")
