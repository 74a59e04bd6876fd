"""The shapes of the national catalogue's services ``LayDanhSachTTHC`` and ``LayThuTuc``, both ways.

Field names are those that provinces' systems exchange with the national portal; the mapping keeps what both sides can
say. Charges arrive as sentences and amounts without the rule behind them, so they become a note, not a charge rule.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from hienluong.foundation.search.text import fold

from .models import Procedure
from .spec import DeadlineRule, ProcedureSpec

_CHANNELS = {"1": "counter", "2": "online", "3": "post"}
_UNITS = {"working_day": "Ngày làm việc", "calendar_day": "Ngày", "working_hour": "Giờ làm việc"}
_APPLICANTS = {"citizen": "CONGDAN", "enterprise": "DOANHNGHIEP", "household": "HOKINHDOANH"}
_APPLICANT_NAMES = {"citizen": "Công dân Việt Nam", "enterprise": "Doanh nghiệp", "household": "Hộ kinh doanh"}


def list_entry(procedure: Procedure) -> dict[str, str]:
    """One line of ``LayDanhSachTTHC``."""
    return {
        "MATTHC": procedure.code,
        "TENTTHC": procedure.name,
        "MALINHVUC": procedure.field_id,
        "TENLINHVUC": procedure.field.name,
        "MUCDO": str(procedure.level_2022),
        "TRANGTHAI": "1" if procedure.state == Procedure.State.PUBLISHED else "0",
    }


def to_national(spec: ProcedureSpec) -> dict[str, Any]:
    """A specification in the shape of ``LayThuTuc``."""
    channels = {channel: code for code, channel in _CHANNELS.items()}
    charges = [
        {"SOTIEN": str(charge.table.get("default", {}).get("amount", "")), "DONVI": "Đồng", "MOTA": charge.text}
        for charge in spec.charges
    ]
    return {
        "MATTHC": spec.code,
        "TENTTHC": spec.name,
        "SOQUYETDINH": spec.decision,
        "LINHVUCTHUCHIEN": [{"MALINHVUC": spec.field.code, "TENLINHVUC": spec.field.name}],
        "TRINHTUTHUCHIEN": [
            {"TRUONGHOP": "", "TRINHTU": [{"TENTRINHTU": f"{step.title}: {step.text}"} for step in spec.steps]}
        ],
        "CACHTHUCTHUCHIEN": [
            {"KENH": channels[way.channel], "THOIGIAN": [_time(rule, charges) for rule in way.deadlines]}
            for way in spec.ways
        ],
        "THANHPHANHOSO": [
            {
                "TRUONGHOP": "",
                "GIAYTO": [
                    {
                        "MAGIAYTO": paper.code,
                        "TENGIAYTO": paper.name,
                        "TENMAUDON": paper.form_code,
                        "SOBANCHINH": str(paper.originals),
                        "SOBANSAO": str(paper.copies),
                        "URL": "",
                    }
                    for paper in spec.papers
                ],
            }
        ],
        "DOITUONGTHUCHIEN": [
            {"MADOITUONG": _APPLICANTS[who], "TENDOITUONG": _APPLICANT_NAMES[who]} for who in spec.applicants
        ],
        "MOTADOITUONGTHUCHIEN": spec.applicants_text,
        "COQUANTHUCHIEN": [{"MADONVI": spec.agency.key, "TENDONVI": spec.agency.name}],
        "KETQUATHUCHIEN": [{"MAKETQUA": result.code, "TENKETQUA": result.name} for result in spec.results],
        "CANCUPHAPLY": [{"SOVANBAN": basis.number, "TENVANBAN": basis.title} for basis in spec.legal_basis],
        "YEUCAU": "\n".join(spec.conditions),
        "MOTA": spec.summary,
        "TUKHOA": "; ".join(spec.keywords),
    }


def _time(rule: DeadlineRule, charges: list[dict[str, str]]) -> dict[str, Any]:
    return {
        "THOIGIANGIAIQUYET": str(rule.amount),
        "DONVITINH": _UNITS[rule.unit],
        "MOTA": rule.text,
        "PHILEPHI": charges,
    }


def from_national(record: dict[str, Any], *, effective_from: date) -> dict[str, Any]:
    """The content of a specification from a ``LayThuTuc`` answer, for :class:`ProcedureSpec` to judge."""
    field = _first(record.get("LINHVUCTHUCHIEN"))
    name = _text(record, "TENTTHC")
    agency = _text(_first(record.get("COQUANTHUCHIEN")), "TENDONVI")
    ways, charge_lines = _ways(_items(record.get("CACHTHUCTHUCHIEN")))
    code = _text(field, "MALINHVUC").upper()
    return {
        "code": _text(record, "MATTHC"),
        "name": name,
        "decision": _text(record, "SOQUYETDINH"),
        "field": {
            "code": re.sub(r"[^A-Z0-9.-]", "", code)[:20] or "KHAC",
            "name": _text(field, "TENLINHVUC") or "Khác",
        },
        "sector": "national",
        "online_level": "full" if any(way["channel"] == "online" for way in ways) else "information",
        "level_2022": 4 if any(way["channel"] == "online" for way in ways) else 2,
        "agency": {"level": _agency_level(agency), "name": agency},
        "applicants": _applicants(record) or ["citizen"],
        "applicants_text": _text(record, "MOTADOITUONGTHUCHIEN"),
        "summary": _text(record, "MOTA") or name,
        "keywords": [word.strip() for word in _text(record, "TUKHOA").split(";") if word.strip()],
        "steps": _steps(record),
        "ways": ways,
        "papers": _papers(record),
        "charge_note": "\n".join(charge_lines),
        "results": [
            {"code": _text(item, "MAKETQUA") or f"kq{index}", "name": _text(item, "TENKETQUA")}
            for index, item in enumerate(_items(record.get("KETQUATHUCHIEN")), 1)
        ],
        "legal_basis": [
            {"number": _text(item, "SOVANBAN"), "title": _text(item, "TENVANBAN")}
            for item in _items(record.get("CANCUPHAPLY"))
        ],
        "conditions": [line.strip() for line in _text(record, "YEUCAU").splitlines() if line.strip()],
        "effective_from": effective_from,
        "read": "Nhập từ danh mục quốc gia (LayThuTuc); phí, lệ phí chỉ có câu chữ, chưa có quy tắc tính.",
    }


def _ways(items: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[str]]:
    ways: dict[str, list[dict[str, Any]]] = {}
    charges: list[str] = []
    for item in items:
        channel = _CHANNELS.get(_text(item, "KENH"), "counter")
        for time in _items(item.get("THOIGIAN")):
            amount = re.search(r"\d+", _text(time, "THOIGIANGIAIQUYET"))
            ways.setdefault(channel, []).append(
                {
                    "amount": int(amount[0][:6]) if amount else 0,
                    "unit": _unit(_text(time, "DONVITINH")),
                    "text": _text(time, "MOTA"),
                }
            )
            for charge in _items(time.get("PHILEPHI")):
                line = " ".join(filter(None, (_text(charge, "SOTIEN"), _text(charge, "DONVI"), _text(charge, "MOTA"))))
                if line and line not in charges:
                    charges.append(line)
    return [{"channel": channel, "deadlines": rules} for channel, rules in ways.items()], charges


def _unit(text: str) -> str:
    folded = fold(text)
    if "gio" in folded:
        return "working_hour"
    return "working_day" if "lam viec" in folded or not folded else "calendar_day"


def _steps(record: dict[str, Any]) -> list[dict[str, str]]:
    steps: list[dict[str, str]] = []
    for case in _items(record.get("TRINHTUTHUCHIEN")):
        for item in _items(case.get("TRINHTU")):
            title, colon, text = _text(item, "TENTRINHTU").partition(":")
            short = colon and len(title) <= 80
            steps.append(
                {
                    "title": title if short else f"Bước {len(steps) + 1}",
                    "text": (text if short else title + colon + text).strip(),
                }
            )
    return steps


def _papers(record: dict[str, Any]) -> list[dict[str, Any]]:
    papers: list[dict[str, Any]] = []
    for case in _items(record.get("THANHPHANHOSO")):
        for item in _items(case.get("GIAYTO")):
            papers.append(
                {
                    "code": _text(item, "MAGIAYTO") or f"giay{len(papers) + 1}",
                    "name": _text(item, "TENGIAYTO"),
                    "originals": _count(item, "SOBANCHINH"),
                    "copies": _count(item, "SOBANSAO"),
                    "note": _text(case, "TRUONGHOP"),
                }
            )
    return papers


def _applicants(record: dict[str, Any]) -> list[str]:
    known = {code: who for who, code in _APPLICANTS.items()}
    found = []
    for item in _items(record.get("DOITUONGTHUCHIEN")):
        code, name = _text(item, "MADOITUONG").upper(), fold(_text(item, "TENDOITUONG"))
        who = known.get(code) or (
            "household" if "ho kinh doanh" in name else "enterprise" if "doanh nghiep" in name else "citizen"
        )
        if who not in found:
            found.append(who)
    return found


def _agency_level(name: str) -> str:
    folded = fold(name)
    if any(word in folded for word in ("cap xa", "phuong", "dac khu", "uy ban nhan dan xa")):
        return "commune"
    if "cap huyen" in folded:
        return "district"
    return "province" if folded.startswith(("uy ban nhan dan", "ubnd")) else "department"


def _items(value: object) -> list[dict[str, Any]]:
    if isinstance(value, dict):
        value = [value]
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _first(value: object) -> dict[str, Any]:
    return next(iter(_items(value)), {})


def _text(record: dict[str, Any], key: str) -> str:
    value = record.get(key)
    return "" if value is None or isinstance(value, dict | list) else str(value).replace("\x00", "").strip()[:20_000]


def _count(record: dict[str, Any], key: str) -> int:
    found = re.search(r"\d{1,3}", _text(record, key))
    return int(found[0]) if found else 0
