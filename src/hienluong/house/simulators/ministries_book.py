"""What the simulated systems of ministries know, each in a book of its own, and what should go wrong with each.

Standard library only: the process must stay small. Nobody real is in it: who is not in a book yet is written into it
as first asked about, so that any person of the demo can be confirmed, and any entry can be changed on the page.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import threading
import unicodedata
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

VIETNAM = timezone(timedelta(hours=7))
#: Path of each system → its name.
SYSTEMS = {
    "dan-cu": "Cơ sở dữ liệu quốc gia về dân cư",
    "doanh-nghiep": "Đăng ký doanh nghiệp",
    "ho-tich": "Hộ tịch điện tử",
    "bao-hiem": "Bảo hiểm xã hội",
    "dat-dai": "Đất đai",
    "ly-lich-tu-phap": "Lý lịch tư pháp",
    "buu-chinh": "Bưu chính công ích",
}
#: What can be switched on to go wrong, with the number of times it does.
FAULTS = {
    "down": "đóng kết nối, không trả lời",
    "500": "trả lời HTTP 500",
    "slow": "trả lời chậm",
    "half-open": "gửi nửa câu trả lời rồi im",
    "not-json": "trả lời không phải JSON",
    "wrong-shape": "trả lời sai cấu trúc",
    "other": "trả lời cho một câu hỏi khác",
    "duplicate": "báo trùng (HTTP 409)",
    "401": "không nhận thẻ truy cập (HTTP 401)",
    "429": "đề nghị hỏi lại sau (HTTP 429)",
    "lost": "làm xong nhưng mất câu trả lời",
}
#: States of a parcel and of a certificate, by their codes.
PARCEL_STATES = {
    "1": "Đã nhận đơn",
    "2": "Đã lấy bưu gửi",
    "3": "Đang vận chuyển",
    "4": "Đang phát",
    "5": "Đã phát",
    "6": "Hoàn lại người gửi",
    "7": "Đã hủy",
}
MARRIAGES = {"1": "Chưa kết hôn", "2": "Đang có vợ, chồng", "3": "Đã ly hôn", "4": "Vợ, chồng đã chết"}
#: Names that are registered already.
TAKEN = ("Tạp hóa Mô Phỏng", "Quán ăn Thử Nghiệm")
CERTIFICATE_STATES = {"1": "Đã nhận", "2": "Đang xác minh", "3": "Đã cấp", "4": "Từ chối"}
#: A number that ends so is known to none of the books.
UNKNOWN = "0404"
_WEIGHTS = (31, 29, 23, 19, 17, 13, 7, 5, 3)
NOT_THERE = {"errorCode": "04", "message": "Không có dữ liệu"}


def now() -> str:
    """This moment, as ISO 8601."""
    return datetime.now(VIETNAM).isoformat(timespec="seconds")


def _fold(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def _drawn(text: str, many: int) -> int:
    """A number below `many` that is always the same for a text."""
    return int(hashlib.sha256(text.encode()).hexdigest(), 16) % many


class Books:
    """All books, kept in one folder."""

    def __init__(self, folder: Path, token: str, slow: float) -> None:
        self.folder, self.token, self.slow = folder, token, slow
        folder.mkdir(parents=True, exist_ok=True)
        self.lock = threading.RLock()
        self.faults: dict[str, dict[str, int]] = {system: dict.fromkeys(FAULTS, 0) for system in SYSTEMS}
        self.calls: dict[str, int] = dict.fromkeys(SYSTEMS, 0)
        self.numbers: list[str] = []  # of the last questions, as they came
        self.people: dict[str, dict[str, str]] = self._read("people")
        self.orders: dict[str, dict[str, Any]] = self._read("orders")
        self.certificates: dict[str, dict[str, Any]] = self._read("certificates")
        self.services: dict[tuple[str, str], Callable[[dict[str, Any], str], dict[str, Any]]] = {
            ("dan-cu", "xac-nhan-cong-dan"): self.confirm,
            ("dan-cu", "tra-cuu-cong-dan"): self.look_up,
            ("doanh-nghiep", "kiem-tra-ten"): self.name_taken,
            ("ho-tich", "khai-sinh"): self.birth,
            ("ho-tich", "hon-nhan"): self.marriage,
            ("bao-hiem", "tham-gia"): self.insured,
            ("dat-dai", "thua-dat"): self.parcel_of_land,
            ("ly-lich-tu-phap", "yeu-cau"): self.ask_for_certificate,
            ("ly-lich-tu-phap", "tim"): lambda asked, _number: self._found(self.certificates, asked, "maHoSo"),
            ("ly-lich-tu-phap", "tinh-trang"): self.certificate,
            ("buu-chinh", "don"): self.order,
            ("buu-chinh", "don/tim"): lambda asked, _number: self._found(self.orders, asked, "maDon"),
            ("buu-chinh", "hanh-trinh"): self.track,
        }

    def _read(self, name: str) -> dict[str, Any]:
        file = self.folder / f"{name}.json"
        return dict(json.loads(file.read_text())) if file.exists() else {}

    def _write(self, name: str, book: dict[str, Any]) -> None:
        fresh = self.folder / f"{name}.json.new"
        fresh.write_text(json.dumps(book, ensure_ascii=False, indent=1))
        fresh.replace(self.folder / f"{name}.json")

    def strikes(self, system: str) -> str:
        """The fault that happens to this question; empty when none does."""
        with self.lock:
            for fault, left in self.faults[system].items():
                if left > 0:
                    self.faults[system][fault] -= 1
                    return fault
        return ""

    def serve(self, system: str, service: str, asked: dict[str, Any], number: str) -> dict[str, Any] | None:
        """The answer of a service; None when there is no such service."""
        with self.lock:
            self.calls[system] += 1
            self.numbers = [*self.numbers[-99:], number]
            found = self.services.get((system, service))
            if system == "doanh-nghiep" and found is None:
                return self.enterprise(service)
            return found(asked, number) if found else None

    # Cơ sở dữ liệu quốc gia về dân cư

    def confirm(self, asked: dict[str, Any], _number: str) -> dict[str, Any]:
        """Whether a name and a birth date belong to a number."""
        number = str(asked.get("soDinhDanh", ""))
        if len(number) != 12 or number.endswith(UNKNOWN):
            return NOT_THERE
        known = self.people.get(number)
        if known is None:
            known = self.enter(number, str(asked.get("hoTen", "")), str(asked.get("ngaySinh", "")))
        differs = [] if _fold(known["hoTen"]) == _fold(str(asked.get("hoTen", ""))) else ["hoTen"]
        if asked.get("ngaySinh") and known.get("ngaySinh") and known["ngaySinh"] != asked["ngaySinh"]:
            differs.append("ngaySinh")
        return {"errorCode": "0", "khop": "0" if differs else "1", "truongKhongKhop": differs}

    def look_up(self, asked: dict[str, Any], _number: str) -> dict[str, Any]:
        """What the book has of a person."""
        number = str(asked.get("soDinhDanh", ""))
        if len(number) != 12 or number.endswith(UNKNOWN):
            return NOT_THERE
        known = self.people.get(number) or self.enter(
            number, str(asked.get("hoTen", "")), str(asked.get("ngaySinh", ""))
        )
        born = {"ngaySinh": known["ngaySinh"]} if known.get("ngaySinh") else {}
        return {"errorCode": "0", "hoTen": known["hoTen"], **born}

    def enter(self, number: str, name: str, birth_date: str, marriage: str = "") -> dict[str, str]:
        """Write a person into the book, or change them; `marriage` is a code of :data:`MARRIAGES`."""
        with self.lock:
            self.people[number] = {"hoTen": name[:200], "ngaySinh": birth_date[:10]}
            if marriage in MARRIAGES:
                self.people[number]["honNhan"] = marriage
            self._write("people", self.people)
            return self.people[number]

    # Đăng ký doanh nghiệp

    def enterprise(self, number: str) -> dict[str, Any]:
        """What is registered under a number: made from it, and always the same."""
        if not _is_enterprise(number) or number[:10].endswith(UNKNOWN):
            return NOT_THERE
        place = ("phường Đông Hà", "phường Đồng Hới", "xã Gio Linh", "xã Khe Sanh")[_drawn(number, 4)]
        return {
            "errorCode": "0",
            "maSoDoanhNghiep": number,
            "tenDoanhNghiep": f"CÔNG TY TNHH MÔ PHỎNG {number[-4:]}",
            "tenVietTat": f"MP{number[-4:]}",
            "loaiHinh": "Công ty trách nhiệm hữu hạn một thành viên",
            "diaChiTruSo": f"Số {1 + _drawn(number + 'so', 200)} đường Lê Duẩn, {place}, tỉnh Quảng Trị",
            "nguoiDaiDien": ("Trần Văn Mô", "Lê Thị Phỏng", "Hồ Văn Thử")[_drawn(number + "nguoi", 3)],
            "ngayDangKyLanDau": f"20{10 + _drawn(number + 'nam', 15)}-03-01",
            "tinhTrang": "1",
            "nganhNghe": [{"maNganh": "4711", "tenNganh": "Bán lẻ trong các cửa hàng kinh doanh tổng hợp"}],
        }

    def name_taken(self, asked: dict[str, Any], _number: str) -> dict[str, Any]:
        """Whether a name is registered in a commune: those of :data:`TAKEN` are, everywhere."""
        name = _fold(str(asked.get("ten", "")))
        found = next((each for each in TAKEN if _fold(each) == name), None)
        if found is None:
            return {"errorCode": "0", "daDangKy": "0"}
        return {
            "errorCode": "0",
            "daDangKy": "1",
            "tenDaDangKy": found,
            "diaChi": "Số 1 đường Mô Phỏng, tỉnh Quảng Trị",
        }

    # Hộ tịch, bảo hiểm, đất đai

    def birth(self, asked: dict[str, Any], _number: str) -> dict[str, Any]:
        """The birth of a person of the book."""
        number = str(asked.get("soDinhDanh", ""))
        if number.endswith(UNKNOWN):
            return NOT_THERE
        known = self.people.get(number, {"hoTen": "Nguyễn Thị Mô Phỏng", "ngaySinh": ""})
        born = known["ngaySinh"] or f"19{number[4:6]}-01-15"
        return {
            "errorCode": "0",
            "soDangKy": f"{1 + _drawn(number, 300)}/{born[:4]}",
            "ngayDangKy": born,
            "noiDangKy": "UBND phường Đông Hà, tỉnh Quảng Trị",
            "hoTen": known["hoTen"],
            "ngaySinh": born,
        }

    def marriage(self, asked: dict[str, Any], _number: str) -> dict[str, Any]:
        """Whether a person is married: single, unless the book says otherwise."""
        number = str(asked.get("soDinhDanh", ""))
        if number.endswith(UNKNOWN):
            return NOT_THERE
        state = self.people.get(number, {}).get("honNhan", "1")
        since = {} if state == "1" else {"tuNgay": "2015-10-10", "noiDangKy": "UBND xã Gio Linh, tỉnh Quảng Trị"}
        return {"errorCode": "0", "tinhTrang": state, **since}

    def insured(self, asked: dict[str, Any], _number: str) -> dict[str, Any]:
        """How a person takes part in social insurance."""
        number = str(asked.get("soDinhDanh", ""))
        if number.endswith(UNKNOWN):
            return NOT_THERE
        return {
            "errorCode": "0",
            "thamGia": "1",
            "maSoBHXH": f"45{_drawn(number, 10**8):08d}",
            "loaiThamGia": "BB" if _drawn(number, 2) else "TN",
            "tuNgay": "2016-01-01",
            "soThang": 1 + _drawn(number, 200),
        }

    def parcel_of_land(self, asked: dict[str, Any], _number: str) -> dict[str, Any]:
        """A parcel of land."""
        place = f"{asked.get('maXa')}/{asked.get('soTo')}/{asked.get('soThua')}"
        if str(asked.get("soThua")) == "404":
            return NOT_THERE
        return {
            "errorCode": "0",
            "soTo": asked.get("soTo"),
            "soThua": asked.get("soThua"),
            "dienTich": round(80 + _drawn(place, 40000) / 100, 1),
            "mucDichSuDung": ("ODT", "ONT", "LUC", "CLN")[_drawn(place, 4)],
            "diaChi": f"xã {asked.get('maXa')}, tỉnh Quảng Trị",
            "soPhatHanhGCN": f"MP {_drawn(place, 10**6):06d}",
            "hanCheQuyen": [],
        }

    # Lý lịch tư pháp

    def ask_for_certificate(self, asked: dict[str, Any], number: str) -> dict[str, Any]:
        """A request for a certificate; the same number again is the same request."""
        known = self._found(self.certificates, {"soYeuCau": number}, "maHoSo")
        if "maHoSo" in known:
            return known
        reference = f"LLTP-{datetime.now(VIETNAM):%y%m%d}-{len(self.certificates) + 1:04d}"
        row = {"soYeuCau": number, "maHoSo": reference, "trangThai": "1", "hoTen": asked.get("hoTen", "")}
        row["ngayHenTra"] = (datetime.now(VIETNAM) + timedelta(days=10)).date().isoformat()
        self.certificates[reference] = row
        self._write("certificates", self.certificates)
        return {"errorCode": "0", "maHoSo": reference, "ngayHenTra": row["ngayHenTra"]}

    def certificate(self, asked: dict[str, Any], _number: str) -> dict[str, Any]:
        """How far a certificate is."""
        row = self.certificates.get(str(asked.get("maHoSo")))
        if row is None:
            return NOT_THERE
        issued = {"ngayCap": row["ngayCap"], "soPhieu": row["soPhieu"]} if row["trangThai"] == "3" else {}
        return {"errorCode": "0", "trangThai": row["trangThai"], **issued}

    # Bưu chính

    def order(self, asked: dict[str, Any], number: str) -> dict[str, Any]:
        """An order to bring something; the same number again is the same order."""
        known = self._found(self.orders, {"soYeuCau": number}, "maDon")
        if "maDon" in known:
            return known
        key = f"MP{datetime.now(VIETNAM):%y%m%d}{len(self.orders) + 1:05d}"
        self.orders[key] = {
            **{name: str(value)[:300] for name, value in asked.items()},
            "soYeuCau": number,
            "maDon": key,
            "soHieuBuuGui": f"EM{secrets.randbelow(10**9):09d}VN",
            "hanhTrinh": [],
        }
        self.move(key, "1")
        return {"errorCode": "0", "maDon": key, "soHieuBuuGui": self.orders[key]["soHieuBuuGui"]}

    def move(self, key: str, state: str) -> None:
        """An order comes to a state, or a certificate does."""
        with self.lock:
            if key in self.orders and state in PARCEL_STATES:
                place = "Bưu cục Đông Hà" if state in ("1", "2", "3") else "Bưu cục phát"
                self.orders[key]["trangThai"] = state
                self.orders[key]["hanhTrinh"].append({"trangThai": state, "thoiDiem": now(), "noi": place})
                self._write("orders", self.orders)
            elif key in self.certificates and state in CERTIFICATE_STATES:
                row = self.certificates[key]
                row["trangThai"] = state
                if state == "3":
                    row |= {"ngayCap": now()[:10], "soPhieu": f"{len(self.certificates)}/LLTP-MP"}
                self._write("certificates", self.certificates)

    def track(self, asked: dict[str, Any], _number: str) -> dict[str, Any]:
        """Where an order is."""
        row = self.orders.get(str(asked.get("maDon")))
        if row is None:
            return NOT_THERE
        signed = {"nguoiKyNhan": row.get("nguoiNhan", "")} if row["trangThai"] == "5" else {}
        return {"errorCode": "0", "trangThai": row["trangThai"], "hanhTrinh": row["hanhTrinh"], **signed}

    def _found(self, book: dict[str, dict[str, Any]], asked: dict[str, Any], key: str) -> dict[str, Any]:
        """What was taken in under a number of the province."""
        found = next((row for row in book.values() if row["soYeuCau"] == str(asked.get("soYeuCau"))), None)
        if found is None:
            return NOT_THERE
        told = {name: found[name] for name in (key, "soHieuBuuGui", "ngayHenTra") if name in found}
        return {"errorCode": "0", **told}


def _is_enterprise(number: str) -> bool:
    """Whether the check digit of a tax code is right."""
    if not (number.isascii() and number.isdigit() and len(number) in (10, 13)):
        return False
    check = 10 - sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number, strict=False)) % 11
    return check == int(number[9])
