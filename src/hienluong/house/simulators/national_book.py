"""What the simulated national portal knows: its dossiers, its sessions, what it tells the province and what it is told.

Standard library only: the process must stay small. The messages are signed here anew, not with the product's own code,
so that each checks the other.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import re
import secrets
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

VIETNAM = timezone(timedelta(hours=7))
#: Seconds before each try to push a message, until the province has taken or refused it.
RETRIES = (0.0, 1.0, 3.0, 10.0, 30.0, 60.0, 300.0)
#: What can be switched on to go wrong, with the number of times it does.
FAULTS = {
    "slow": "trả lời chậm 15 giây",
    "500": "trả lời HTTP 500",
    "lost": "làm xong nhưng mất câu trả lời",
    "session": "phiên làm việc hết hạn giữa chừng",
    "twice": "đẩy gói tin hai lần",
    "hold": "giữ gói tin lại, đẩy sau gói tin kế tiếp",
    "wrong-signature": "ký sai lần đầu",
}
#: The portal's ten states.
STATES = {
    "1": "Mới đăng ký",
    "2": "Được tiếp nhận",
    "3": "Không được tiếp nhận",
    "4": "Đang xử lý",
    "5": "Yêu cầu bổ sung giấy tờ",
    "6": "Yêu cầu thực hiện nghĩa vụ tài chính",
    "7": "Công dân yêu cầu rút hồ sơ",
    "8": "Dừng xử lý",
    "9": "Đã xử lý xong",
    "10": "Đã trả kết quả",
}
ERRORS = {
    "0": "Thành công",
    "01": "Sai tài khoản hoặc mật khẩu",
    "02": "Phiên làm việc đã hết hạn",
    "03": "Không có dịch vụ này",
    "04": "Dữ liệu không đúng",
    "05": "Hồ sơ đã có",
    "06": "Chưa có hồ sơ này",
}
#: Files up to this size, in bytes, are carried in the message; larger ones are fetched from their address.
CARRIED = 100_000
_MOMENT = re.compile(r"^(\d{14})?$")
#: Refusals after which the message comes again: the province may yet learn of what it lacks.
_LATER = {"unknown_dossier", "busy", "too_old", "bad_signature"}


class Refusal(Exception):
    """A question that the portal answers with an error code."""

    def __init__(self, code: str, words: str = "") -> None:
        super().__init__(words or ERRORS[code])
        self.code = code


def now() -> str:
    """This moment as the portal writes it."""
    return datetime.now(VIETNAM).strftime("%Y%m%d%H%M%S")


class Portal:
    """The portal: one file of dossiers, sessions in memory, a line to the province."""

    def __init__(
        self,
        product: str,
        secret: str,
        password: str,
        folder: Path,
        address: str,
        *,
        session_seconds: float = 900.0,
        retries: tuple[float, ...] = RETRIES,
        slow: float = 15.0,
    ) -> None:
        self.product, self.secret, self.password, self.address = product, secret, password, address
        self.session_seconds, self.retries, self.slow = session_seconds, retries, slow
        self.folder = folder
        (folder / "files").mkdir(parents=True, exist_ok=True)
        self.lock = threading.RLock()
        self.sessions: dict[str, float] = {}
        self.faults: Counter[str] = Counter()
        self.calls: list[tuple[str, str]] = []  # service, error code: the last few hundred
        self._held: list[dict[str, Any]] = []
        self._file = folder / "dossiers.json"
        self.dossiers: dict[str, dict[str, Any]] = json.loads(self._file.read_text()) if self._file.exists() else {}

    def switch(self, fault: str, times: int) -> None:
        """Let `fault` happen `times` times; 0 switches it off."""
        self.faults[fault] = times

    def strikes(self, fault: str) -> bool:
        """Whether a fault that was switched on happens now; each time uses one up."""
        with self.lock:
            if self.faults[fault] <= 0:
                return False
            self.faults[fault] -= 1
            return True

    def save(self) -> None:
        """Write the dossiers down; a reader never sees half a file."""
        with self.lock:
            fresh = self._file.with_suffix(".new")
            fresh.write_text(json.dumps(self.dossiers, ensure_ascii=False))
            fresh.replace(self._file)

    # What the province asks

    def login(self, asked: dict[str, Any]) -> dict[str, Any]:
        """A session for the province's system."""
        if not hmac.compare_digest(str(asked.get("password", "")).encode(), self.password.encode()):
            raise Refusal("01")
        session = secrets.token_hex(16)
        with self.lock:
            self.sessions[session] = time.time() + self.session_seconds
        return {"error_code": "0", "message": ERRORS["0"], "session": session}

    def serve(self, asked: dict[str, Any]) -> dict[str, Any]:
        """One call of a service, in a session."""
        session = str(asked.get("session", ""))
        if self.strikes("session"):
            self.sessions.pop(session, None)
        if self.sessions.get(session, 0.0) < time.time():
            raise Refusal("02")
        service = str(asked.get("service", ""))
        if service == "DongBoHoSoMC":
            return self._synchronise(asked)
        if service == "CapNhatTienDoHoSoMC":
            return self._progress(asked)
        if service == "TraCuuHoSo":
            return {
                "error_code": "0",
                "message": ERRORS["0"],
                "result": [self._known(str(asked.get("maHoSo")))["data"]],
            }
        if service == "LayDanhSachTTHC":
            return self._catalogue("")
        if service == "LayThuTuc":
            return self._catalogue("/" + urllib.parse.quote(str(asked.get("maTTHC", "")), safe=""))
        raise Refusal("03")

    def _synchronise(self, asked: dict[str, Any]) -> dict[str, Any]:
        updating = str(asked.get("isUpdating")) == "True"
        records = asked.get("data")
        if not isinstance(records, list) or not records:
            raise Refusal("04", "data")
        with self.lock:
            for record in records:
                self._check(record)
                number = record["MaHoSo"]
                known = self.dossiers.get(number)
                if known is None and updating:
                    raise Refusal("06")
                if known is not None and known["data"] and not updating:
                    raise Refusal("05")
                entry = self.dossiers.setdefault(number, {"progress": [], "push": "", "filed": None, "at": now()})
                entry["data"], entry["told_at"] = record, now()
            self.save()
        return {"error_code": "0", "message": ERRORS["0"]}

    def _check(self, record: Any) -> None:
        if not isinstance(record, dict):
            raise Refusal("04", "data")
        for name in ("MaHoSo", "MaTTHC", "TenTTHC", "ChuHoSo", "DonViXuLy"):
            if not str(record.get(name, "")).strip():
                raise Refusal("04", name)
        for name, allowed in (
            ("TrangThaiHoSo", set(STATES)),
            ("LoaiDoiTuong", {"1", "2"}),
            ("HinhThuc", {"0", "1"}),
            ("KenhThucHien", {"1", "2", "3"}),
        ):
            if record.get(name) not in allowed:
                raise Refusal("04", name)
        for name in ("NgayTiepNhan", "NgayHenTra", "NgayTra", "NgayKetThucXuLy"):
            if not _MOMENT.match(str(record.get(name, ""))):
                raise Refusal("04", name)

    def _progress(self, asked: dict[str, Any]) -> dict[str, Any]:
        records = asked.get("data")
        if not isinstance(records, list) or not records:
            raise Refusal("04", "data")
        with self.lock:
            for record in records:
                if not isinstance(record, dict) or record.get("TrangThai") not in STATES:
                    raise Refusal("04", "TrangThai")
                if len(str(record.get("ThoiDiemXuLy", ""))) != 14:
                    raise Refusal("04", "ThoiDiemXuLy")
                entry = self._known(str(record.get("MaHoSo")))
                if record not in entry["progress"]:  # told again after a lost answer
                    entry["progress"].append(record)
            self.save()
        return {"error_code": "0", "message": ERRORS["0"]}

    def _known(self, number: str) -> dict[str, Any]:
        entry = self.dossiers.get(number)
        if entry is None:
            raise Refusal("06")
        return entry

    def _catalogue(self, path: str) -> dict[str, Any]:
        """The national catalogue is simulated by the province's own open one, which has the same shape."""
        found = self.ask(f"/api/v1/national/procedures{path}")
        if not isinstance(found, dict):
            raise Refusal("04", "maTTHC")
        return found

    def ask(self, path: str) -> Any:
        """What an open page of the province answers; None when it does not."""
        try:
            with urllib.request.urlopen(f"{self.product}{path}", timeout=20) as answer:  # noqa: S310 - our own address
                return json.load(answer)
        except (OSError, ValueError):
            return None

    # What people do on the portal

    def file(self, told: dict[str, Any], files: list[tuple[str, str, bytes]]) -> str:
        """A person files: the dossier gets its number and is pushed to the province in the background."""
        with self.lock:
            day = datetime.now(VIETNAM).strftime("%y%m%d")
            number = f"000.00.00.G22-{day}-{700_001 + len(self.dossiers):06d}"  # the demo's history uses the low ones
            message = {
                "LoaiGoiTin": "NOP",
                "MaHoSo": number,
                "NgayNopHoSo": now(),
                "TaiKhoanDuocXacThucVoiVNeID": "1",
                "KenhThucHien": "2",
                **told,
                "TaiLieuNop": [self._attach(*file) for file in files],
            }
            self.dossiers[number] = {"progress": [], "push": "đang đẩy", "filed": message, "at": now(), "data": {}}
            self.save()
        self.push(message)
        return number

    def answer(self, number: str, words: str, files: list[tuple[str, str, bytes]]) -> None:
        """A person answers a supplement request."""
        self.push(
            {
                "LoaiGoiTin": "BOSUNG",
                "MaHoSo": number,
                "MaBoSung": secrets.token_hex(8),
                "NoiDung": words,
                "TaiLieuNop": [self._attach(*file) for file in files],
            }
        )

    def withdraw(self, number: str, words: str) -> None:
        """A person takes the dossier back."""
        self.push({"LoaiGoiTin": "RUT", "MaHoSo": number, "LyDo": words})

    def _attach(self, code: str, name: str, content: bytes) -> dict[str, str]:
        import base64

        sent = {"MaThanhPhanHoSo": code, "TenTepDinhKem": name, "TepDinhKemId": secrets.token_hex(16)}
        if len(content) <= CARRIED:
            return {**sent, "NoiDungTep": base64.b64encode(content).decode()}
        (self.folder / "files" / sent["TepDinhKemId"]).write_bytes(content)
        return {**sent, "DuongDanTaiTepTin": f"{self.address}/tep/{sent['TepDinhKemId']}"}

    def attached(self, key: str) -> bytes | None:
        """A file that waits to be fetched."""
        path = self.folder / "files" / key
        return path.read_bytes() if re.fullmatch(r"[0-9a-f]{32}", key) and path.exists() else None

    def push(self, message: dict[str, Any]) -> None:
        """Tell the province in the background; a held message goes after the next one."""
        if self.strikes("hold"):
            self._held.append(message)
            self._note(message, "giữ lại, sẽ đẩy sau gói tin kế tiếp")
            return
        held, self._held = self._held, []
        times = 2 if self.strikes("twice") else 1
        for queued in [*([message] * times), *held]:
            threading.Thread(target=self._push_until_told, args=(queued,), daemon=True).start()

    def _push_until_told(self, message: dict[str, Any]) -> None:
        for wait in self.retries:
            time.sleep(wait)
            status, told = self._push_once(message)
            if status == 200:
                self._note(message, f"đã nhận, mã của tỉnh {told.get('MaHoSoDiaPhuong', '')}", told)
                return
            code = str(told.get("error_code", "") or status or "không trả lời")
            self._note(message, f"chưa nhận: {code} {told.get('message', '')}", told)
            if status in range(400, 500) and code not in _LATER:
                return

    def _push_once(self, message: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        body = json.dumps(message, ensure_ascii=False).encode()
        at, nonce = str(int(time.time())), secrets.token_hex(16)
        signed = hmac.new(self.secret.encode(), f"{at}.{nonce}.".encode() + body, hashlib.sha256).hexdigest()
        if self.strikes("wrong-signature"):
            signed = "0" * 64
        request = urllib.request.Request(  # noqa: S310 - our own address
            f"{self.product}/api/v1/national-portal/messages",
            data=body,
            headers={
                "Content-Type": "application/json",
                "X-Time": at,
                "X-Nonce": nonce,
                "X-Signature": signed,
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            try:
                told = json.loads(error.read())
            except ValueError:
                told = {}
            return error.code, told if isinstance(told, dict) else {}
        except (OSError, ValueError, http.client.HTTPException):  # an answer cut short is none
            return 0, {}

    def _note(self, message: dict[str, Any], words: str, told: dict[str, Any] | None = None) -> None:
        with self.lock:
            entry = self.dossiers.get(str(message["MaHoSo"]))
            if entry is None:
                return
            entry["push"] = f"{message['LoaiGoiTin']}: {words}"
            if told and told.get("MaHoSoDiaPhuong"):
                entry["local"] = told["MaHoSoDiaPhuong"]
            self.save()
