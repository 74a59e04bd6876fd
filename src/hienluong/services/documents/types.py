"""The 29 types of administrative documents and the three kinds of copies (Nghị định 30/2020/NĐ-CP, Điều 7, Phụ lục III).

`archive_code` is the type in the archive's packages (Thông tư 05/2025/TT-BNV; sources differ about 04–06, so it is only a
default); `key` is ours: the abbreviation without marks, ``CV`` for công văn, which has none.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DocumentType:
    """One type: its key, its name, its abbreviation in the notation (empty for công văn and thư công)."""

    key: str
    name: str
    abbreviation: str
    archive_code: str = "32"

    @property
    def is_named(self) -> bool:
        """Whether its name stands above the text (công văn has a V/v under the number instead)."""
        return self.key != "CV"


TYPES: dict[str, DocumentType] = {
    found.key: found
    for found in (
        DocumentType("NQ", "Nghị quyết", "NQ", "01"),
        DocumentType("QD", "Quyết định", "QĐ", "02"),
        DocumentType("CT", "Chỉ thị", "CT", "03"),
        DocumentType("QC", "Quy chế", "QC", "04"),
        DocumentType("QYD", "Quy định", "QyĐ", "05"),
        DocumentType("TC", "Thông cáo", "TC", "06"),
        DocumentType("TB", "Thông báo", "TB", "07"),
        DocumentType("HD", "Hướng dẫn", "HD", "08"),
        DocumentType("CTR", "Chương trình", "CTr", "09"),
        DocumentType("KH", "Kế hoạch", "KH", "10"),
        DocumentType("PA", "Phương án", "PA", "11"),
        DocumentType("DEA", "Đề án", "ĐA", "12"),
        DocumentType("DA", "Dự án", "DA", "13"),
        DocumentType("BC", "Báo cáo", "BC", "14"),
        DocumentType("BB", "Biên bản", "BB", "20"),
        DocumentType("TTR", "Tờ trình", "TTr", "15"),
        DocumentType("HDO", "Hợp đồng", "HĐ", "21"),
        DocumentType("CV", "Công văn", "", "22"),
        DocumentType("CD", "Công điện", "CĐ", "23"),
        DocumentType("BGN", "Bản ghi nhớ", "BGN", "24"),
        DocumentType("BTT", "Bản thỏa thuận", "BTT", "25"),
        DocumentType("GUQ", "Giấy ủy quyền", "GUQ", "16"),
        DocumentType("GM", "Giấy mời", "GM", "26"),
        DocumentType("GGT", "Giấy giới thiệu", "GGT", "27"),
        DocumentType("GNP", "Giấy nghỉ phép", "GNP", "28"),
        DocumentType("PG", "Phiếu gửi", "PG", "17"),
        DocumentType("PC", "Phiếu chuyển", "PC", "18"),
        DocumentType("PB", "Phiếu báo", "PB", "19"),
        DocumentType("THC", "Thư công", "", "29"),
    )
}
#: Copies: sao y, sao lục, trích sao (Nghị định 30/2020/NĐ-CP, Điều 25).
COPIES: dict[str, DocumentType] = {
    found.key: found
    for found in (
        DocumentType("SY", "Sao y", "SY"),
        DocumentType("SL", "Sao lục", "SL"),
        DocumentType("TRS", "Trích sao", "TrS"),
    )
}
ALL: dict[str, DocumentType] = {**TYPES, **COPIES}


def like(key: str) -> list[DocumentType]:
    """What a document of this type can be made: a copy stays a copy, a copy of a copy (sao lục) stays what it is
    (Nghị định 30/2020/NĐ-CP, Điều 25)."""
    if key == "SL":
        return [COPIES[key]]
    if key in COPIES:
        return [found for found in COPIES.values() if found.key != "SL"]
    return list(TYPES.values())


def choices() -> list[tuple[str, str]]:
    """Key and name of each type and copy, in the order of the decree."""
    return [(found.key, found.name) for found in ALL.values()]
