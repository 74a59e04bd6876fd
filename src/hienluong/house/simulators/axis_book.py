"""What the simulated national document axis knows: who is connected, every package, what is to go wrong.

Standard library only: the process must stay small. Each change is one line of a journal, written before it is
answered; a start reads the journal again, so nothing that was answered is lost when the process is killed.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import random
import threading
import time
import uuid
from collections import Counter
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from . import axis_packages
from .axis_packages import Rejected

VIETNAM = timezone(timedelta(hours=7))
#: What can be switched on to go wrong: a number of times, or a share of all calls in percent.
FAULTS = {
    "slow": "trả lời chậm",
    "500": "trả lời HTTP 500, không làm gì",
    "refuse": "trả lời FAIL với mã 99, không làm gì",
    "lost": "làm xong nhưng mất câu trả lời",
    "twice": "giao một gói tin hai lần, hai mã khác nhau",
    "hold": "giữ gói tin lại vài giây rồi mới cho thấy",
    "reorder": "trả danh sách không theo thứ tự",
    "garble": "giao gói tin bị hỏng (lần sau lại lành)",
    "away": "không trả lời gì cả, cắt kết nối ngay",
}
ERRORS = {
    "0": "Success",
    "10": "Thiếu hoặc sai tham số",
    "15": "Sai SystemId hoặc SecretKey",
    "18": "Không có gói tin này",
    "19": "Nơi nhận chưa tham gia trục",
    "20": "Nơi gửi không thuộc hệ thống này",
    "21": "Nội dung không khớp mã băm",
    "22": "Giá trị trạng thái không hợp lệ",
    "40": "Gói tin không đúng QCVN 102:2016",
    "99": "Lỗi của trục",
}
STATES = {"done", "fail", "processing"}
#: Packages in one answer of a list.
LISTED = 100
#: The system of the agencies that the simulator plays itself.
OWN = "mo-phong"
OWN_AGENCIES = {
    "G22": "Văn phòng Chính phủ (mô phỏng)",
    "G12": "Bộ Tài chính (mô phỏng)",
    "H57": "UBND thành phố Huế (mô phỏng)",
}


class Refusal(Exception):
    """A call that is answered with FAIL and a code."""

    def __init__(self, code: str, words: str = "") -> None:
        super().__init__(words or ERRORS[code])
        self.code = code


@dataclass
class Package:
    """One package for one receiver."""

    id: str
    sender_ref: str  # the sender's own number of it, when it gave one
    system: str  # who sent it
    sender: str
    to: str
    kind: str
    title: str
    notation: str
    document_id: str
    status: str
    status_words: str
    sha256: str
    created: float
    visible: float  # from when its receiver may see it
    state: str = "initial"
    state_at: float = 0.0


def stamp(at: float) -> str:
    """A time as the axis writes it."""
    return datetime.fromtimestamp(at, VIETNAM).strftime("%Y/%m/%d %H:%M:%S") if at else ""


class Axis:
    """The axis: a journal and the packages in a folder, everything else in memory."""

    def __init__(self, folder: Path, systems: dict[str, str], *, slow: float = 10.0, hold: float = 3.0) -> None:
        self.folder, self.systems, self.slow, self.hold = folder, systems, slow, hold
        (folder / "packages").mkdir(parents=True, exist_ok=True)
        self.lock = threading.RLock()
        self.faults: Counter[str] = Counter()
        self.rates: dict[str, float] = {}
        self.chance = random.Random()  # noqa: S311 - what goes wrong is no secret
        self.calls: list[tuple[str, str, str]] = []  # system, call, code: the last few hundred
        self.agencies: dict[str, tuple[str, str]] = {code: (OWN, name) for code, name in OWN_AGENCIES.items()}
        self.packages: dict[str, Package] = {}
        self.inbox: dict[str, list[str]] = {}  # by system: what waits to be fetched, oldest first
        self.by_ref: dict[tuple[str, str], list[str]] = {}
        self._journal = folder / "journal.jsonl"
        self._read_journal()
        self._out = self._journal.open("ab")

    # Keeping

    def _read_journal(self) -> None:
        """Take up what was written; a line that was cut off when the process was killed was never answered."""
        if not self._journal.exists():
            return
        whole = 0
        with self._journal.open("rb") as lines:
            for line in lines:
                if not line.endswith(b"\n"):
                    break
                whole += len(line)
                self._apply(json.loads(line))
        os.truncate(self._journal, whole)

    def _write(self, entry: dict[str, Any]) -> None:
        self._out.write(json.dumps(entry, ensure_ascii=False).encode() + b"\n")
        self._out.flush()
        self._apply(entry)

    def _apply(self, entry: dict[str, Any]) -> None:
        if entry["op"] == "agency":
            self.agencies[entry["code"]] = (entry["system"], entry["name"])
        elif entry["op"] == "package":
            package = Package(**entry["package"])
            self.packages[package.id] = package
            self.inbox.setdefault(self.agencies[package.to][0], []).append(package.id)
            if package.sender_ref:
                self.by_ref.setdefault((package.system, package.sender_ref), []).append(package.id)
        else:
            package = self.packages[entry["id"]]
            package.state, package.state_at = entry["state"], entry["at"]
            waiting = self.inbox.get(self.agencies[package.to][0], [])
            if package.state in ("done", "fail") and package.id in waiting:
                waiting.remove(package.id)

    def content(self, id: str) -> bytes:
        """A package to the byte."""
        return (self.folder / "packages" / f"{id}.edxml").read_bytes()

    # What goes wrong

    def switch(self, fault: str, times: int, rate: float = 0.0) -> None:
        """Let `fault` happen the next `times` times, and at `rate` percent of the calls."""
        self.faults[fault], self.rates[fault] = times, min(max(rate, 0.0), 100.0)

    def strikes(self, fault: str) -> bool:
        """Whether a fault happens now; each time uses one up."""
        with self.lock:
            if self.faults[fault] > 0:
                self.faults[fault] -= 1
                return True
            return self.chance.random() * 100 < self.rates.get(fault, 0.0)

    # What systems ask

    def system(self, id: str, secret: str) -> str:
        """The system that proves itself. Raises :class:`Refusal` 15."""
        known = self.systems.get(id, "")
        if not known or not hmac.compare_digest(known.encode(), secret.encode()):
            raise Refusal("15")
        return id

    def register(self, system: str, code: str, name: str) -> None:
        """Let the packages for this agency wait for this system."""
        if not code or len(code) > 35:
            raise Refusal("10", "code")
        with self.lock:
            if self.agencies.get(code) != (system, name):
                self._write({"op": "agency", "system": system, "code": code, "name": name[:200]})

    def send(self, system: str, headers: dict[str, str], content: bytes) -> str:
        """Take a package for its receivers; returns the axis's number of it."""
        try:
            receivers = json.loads(headers.get("to", ""))
            receivers = [receivers] if isinstance(receivers, str) else list(map(str, receivers))
        except (ValueError, TypeError) as error:
            raise Refusal("10", "to") from error
        kind, sender = headers.get("messagetype", ""), headers.get("from", "")
        if headers.get("servicetype", "").lower() != "edoc" or kind not in ("edoc", "status") or not receivers:
            raise Refusal("10", "servicetype, messagetype, to")
        digest = hashlib.sha256(content).hexdigest()
        if headers.get("sha256", digest).lower() != digest:
            raise Refusal("21")
        if self.agencies.get(sender, ("", ""))[0] != system:
            raise Refusal("20", sender)
        if unknown := [code for code in receivers if code not in self.agencies]:
            raise Refusal("19", ", ".join(unknown)[:200])
        try:
            seen = axis_packages.look(content)
        except Rejected as error:
            raise Refusal("40", str(error)) from error
        if seen.kind != kind or seen.sender != sender:
            raise Refusal("40", "nơi gửi hoặc loại gói tin không khớp")
        return self._keep(system, receivers, seen, content, headers.get("senderdocid", ""))

    def _keep(
        self, system: str, receivers: list[str], seen: axis_packages.Seen, content: bytes, sender_ref: str
    ) -> str:
        first, now = "", time.time()
        for code in receivers:
            for _copy in range(2 if self.strikes("twice") else 1):
                package = Package(
                    id=uuid.uuid4().hex,
                    sender_ref=sender_ref[:100],
                    system=system,
                    to=code,
                    sha256=hashlib.sha256(content).hexdigest(),
                    created=now,
                    visible=now + (self.hold if self.strikes("hold") else 0.0),
                    **seen._asdict(),
                )
                place = self.folder / "packages" / f"{package.id}.edxml"
                fresh = place.with_suffix(".new")
                fresh.write_bytes(content)
                fresh.replace(place)
                with self.lock:
                    self._write({"op": "package", "package": asdict(package)})
                first = first or package.id
        return first

    def received(self, system: str, kind: str) -> list[dict[str, str]]:
        """What waits for this system, oldest first: at most :data:`LISTED`."""
        now = time.time()
        with self.lock:
            waiting = [self.packages[id] for id in self.inbox.get(system, [])]
        waiting = [p for p in waiting if p.visible <= now and (not kind or p.kind == kind)][:LISTED]
        if self.strikes("reorder"):
            self.chance.shuffle(waiting)
        return [
            {
                "docId": p.id,
                "serviceType": "eDoc",
                "messageType": p.kind,
                "created_time": stamp(p.created),
                "updated_time": stamp(p.state_at or p.created),
                "from": p.sender,
                "to": p.to,
                "status": p.state,
                "status_desc": p.state,
            }
            for p in waiting
        ]

    def sent(self, system: str, kind: str, sender_ref: str) -> list[dict[str, str]]:
        """What this system sent: those with its own number `sender_ref`, else the latest thousand."""
        with self.lock:
            if sender_ref:
                found = [self.packages[id] for id in self.by_ref.get((system, sender_ref), [])]
            else:
                found = [p for p in self.packages.values() if p.system == system][-1000:]
        return [
            {
                "serviceType": "eDoc",
                "messageType": p.kind,
                "senderDocId": p.sender_ref,
                "receiverDocId": p.id,
                "fromCode": p.sender,
                "toCode": p.to,
                "sendStatus": "done",
                "sendStatusDesc": "Đã gửi",
                "receiveStatus": p.state,
                "receiveStatusDesc": p.state,
                "title": p.title,
                "notation": p.notation,
                "sentTime": stamp(p.created),
                "receivedTime": stamp(p.state_at),
            }
            for p in found
            if not kind or p.kind == kind
        ]

    def get(self, system: str, id: str) -> bytes:
        """A package for its receiver, or again for who sent it."""
        package = self.packages.get(id)
        if package is None or system not in (self.agencies[package.to][0], package.system):
            raise Refusal("18")
        content = self.content(id)
        return content[: len(content) // 2] if self.strikes("garble") else content

    def update(self, system: str, id: str, state: str) -> None:
        """The receiver says what became of a package."""
        if state not in STATES:
            raise Refusal("22")
        with self.lock:
            package = self.packages.get(id)
            if package is None or self.agencies[package.to][0] != system:
                raise Refusal("18")
            if package.state not in ("done", state):
                self._write({"op": "state", "id": id, "state": state, "at": time.time()})

    def count(self, system: str, kind: str) -> int:
        """How many packages wait for this system."""
        with self.lock:
            return sum(self.packages[id].kind == kind for id in self.inbox.get(system, []))

    # What the simulated agencies do

    def answer(self, id: str, code: str, words: str) -> None:
        """Let a simulated agency tell the sender of a document how far it is."""
        package = self.packages[id]
        name = self.agencies[package.to][1]
        content = axis_packages.answer(package.document_id, package.notation, (package.to, name), code, words)
        self._keep(OWN, [package.sender], axis_packages.look(content), content, "")
        if package.state != "done":
            self.update(OWN, id, "done")

    def write(self, sender: str, to: str, subject: str) -> None:
        """Let a simulated agency send a document."""
        number = str(1 + sum(p.system == OWN for p in self.packages.values()))
        name = self.agencies[sender][1]
        content = axis_packages.sample((sender, name), to, number, subject[:500] or "V/v văn bản mô phỏng")
        self._keep(OWN, [to], axis_packages.look(content), content, "")
