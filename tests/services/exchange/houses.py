"""Two installations of ours and an axis between them, for the tests that let them exchange documents and be killed.

Each installation has one agency. A driver beside it (Python in the product's own settings) issues documents, handles what
comes as a records office would, and says what there is; what it was told to do it does again when it was interrupted.
"""

from __future__ import annotations

import json
import random
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from tests.house.running import Installation
from tests.services.exchange.process import SYSTEMS, AxisProcess

DRIVER = """
import datetime, json, sys
from collections import Counter
from io import BytesIO
from django.conf import settings
from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from hienluong.foundation.actions import action, system
from hienluong.foundation.audit import chain
from hienluong.foundation.events.models import Event, Handover
from hienluong.foundation.files import store
from hienluong.foundation.organisations import actions as organisations
from hienluong.foundation.organisations.models import Organization
from hienluong.house.simulators.axis_packages import pdf
from hienluong.services.documents import access
from hienluong.services.documents.actions import arrivals
from hienluong.services.documents.models import Arrival, Direction, Document, DocumentFile, Receipt, Recipient, State
from hienluong.services.exchange.models import Incoming, Outgoing
from hienluong.services.exchange.models import Receipt as Told

WHO = system("kiểm thử")
DAY = datetime.date(2026, 11, 20)

def seed(system_id, name):
    if Organization.objects.filter(code=system_id + ".08").exists():
        return {}
    since = {"valid_from": datetime.date(2020, 1, 1), "legal_basis": "Quyết định kiểm thử"}
    root = organisations.create(WHO, code=system_id, kind="province", name="UBND " + name, parent=None, **since)
    organisations.create(WHO, code=system_id + ".08", kind="department", name="Sở Y tế " + name, parent=root, **since)
    return {}

@action("tests.issue")
def issue_one(act, *, agency, number, to):
    document = Document.objects.create(
        direction=Direction.OUTGOING, agency=agency, type="CV", number=number, notation="SYT-VP",
        code=f"{number}/SYT-VP", subject=f"V/v báo cáo số {number}", author_code=agency.code, author_name=agency.name,
        place="Quảng Trị", issued_on=DAY, signer_name="Nguyễn Văn An", pages=1, state=State.ISSUED,
    )
    content = pdf(f"So {document.code} bao cao tinh hinh thuc hien nhiem vu thang 11")  # words enough: not a scan
    file = store(BytesIO(content), name=f"{number}.pdf", owner=None, purpose=access.FILE_PURPOSE)
    DocumentFile.objects.create(document=document, file=file, role="main", name=f"{number}.pdf")
    row = Recipient.objects.create(document=document, code=to, name="Cơ quan bên kia", receipt=Receipt.SENT)
    data = {"document": document.pk, "recipient": row.pk, "agency": None, "code": to, "inside": False}
    act.emit("document.sent_to", document, data)
    act.record(document)

def issue(first, last, to):
    agency = Organization.objects.get(code=settings.DOCUMENT_AXIS["system"] + ".08")
    done = set(Document.objects.filter(direction=Direction.OUTGOING).values_list("number", flat=True))
    for number in range(first, last + 1):
        if number not in done:
            issue_one(WHO, agency=agency, number=number, to=to)
    return {}

@action("tests.handle")
def handle_one(act, *, document):
    number = int(document.code.split("/")[0])
    if number % 10 == 0:
        arrivals.refuse(act, document=document, reason=f"Gửi nhầm, số {number}")
    else:
        arrivals.register(act, document=document)
        if number % 3 == 0:
            for type in ("assigned", "processing", "completed"):
                act.emit(f"document.{type}", document, {"agency": document.agency_id})
    act.record(document)

def handle():
    rows = Document.objects.filter(direction=Direction.INCOMING, state=State.ARRIVED).order_by("pk")
    for document in list(rows):
        handle_one(WHO, document=document)
    return {"handled": len(rows)}

def look():
    came = Document.objects.filter(direction=Direction.INCOMING)
    told = {}
    for code, status in Told.objects.order_by("told_at", "pk").values_list("recipient__document__code", "status"):
        told.setdefault(code, []).append(status)
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name FROM procrastinate_jobs WHERE status = 'failed'")
        failed_jobs = sorted(name for (name,) in cursor.fetchall())
    return {
        "came": dict(Counter(came.values_list("code", flat=True))),
        "files": came.filter(files__isnull=True).count(),
        "numbers": sorted(n for n in Arrival.objects.values_list("number", flat=True) if n),
        "receipts": dict(Recipient.objects.values_list("document__code", "receipt")),
        "told": told,
        "unsent": dict(Counter(Outgoing.objects.exclude(state="sent").values_list("state", flat=True))),
        "errors": dict(Counter(Outgoing.objects.exclude(last_error="").exclude(state="sent").values_list("last_error", flat=True))),
        "unsettled": Incoming.objects.filter(acknowledged_at=None).count(),
        "verdicts": dict(Counter(Incoming.objects.values_list("verdict", flat=True))),
        "events": Event.objects.filter(dispatched_at=None).count() + Handover.objects.count(),
        "failed_jobs": failed_jobs,
    }

def prove():
    return {"audit": [f.message for f in chain.verify()]}

DO = {f.__name__: f for f in (seed, issue, handle, look, prove)}
for line in sys.stdin:
    asked = json.loads(line)
    try:
        answer = DO[asked["do"]](**asked["with"])
    except Exception as error:
        answer = {"fault": f"{type(error).__name__}: {error}"}
        try:
            connection.close()
        except Exception:
            pass
    print("ANSWER" + json.dumps(answer, ensure_ascii=False), flush=True)
"""


@dataclass
class House:
    """One installation with its driver."""

    system: str
    installation: Installation
    driver: Any = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def code(self) -> str:
        """The code of its agency."""
        return f"{self.system}.08"

    def ask(self, do: str, *, patience: float = 60.0, **given: Any) -> dict[str, Any]:
        """Let the driver do something, again until it is not interrupted."""
        until = time.monotonic() + patience
        while True:
            answer = self.try_(do, **given)
            if "fault" not in answer:
                return answer
            assert time.monotonic() < until, answer["fault"]
            time.sleep(0.5)

    def try_(self, do: str, **given: Any) -> dict[str, Any]:
        """Let the driver do something once; what went wrong is under ``fault``."""
        with self.lock:
            if self.driver is None or self.driver.poll() is not None:
                self.driver = self.installation.shell(DRIVER)
            self.driver.stdin.write(json.dumps({"do": do, "with": given}) + "\n")
            self.driver.stdin.flush()
            said = []
            for line in self.driver.stdout:
                if line.startswith("ANSWER"):
                    return dict(json.loads(line[6:]))
                said.append(line)
            return {"fault": "".join(said)[-2000:]}

    def kill(self, name: str, chance: random.Random) -> str:
        """Kill -9 one process of a child; says which. A child that is just being restarted is passed over."""
        try:
            main = psutil.Process(self.installation.child(name)["pid"])
            victim = chance.choice([main, *main.children(recursive=True)])
            victim.send_signal(signal.SIGKILL)
        except (psutil.NoSuchProcess, StopIteration, json.JSONDecodeError, FileNotFoundError):
            return f"{self.system} {name}: not there"
        return f"{self.system} {name}"

    def stop(self) -> None:
        if self.driver is not None:
            self.driver.kill()
            self.driver.wait(20)
            for stream in (self.driver.stdin, self.driver.stdout):
                stream.close()
        self.installation.stop()


class Pair:
    """Two installations and the axis."""

    def __init__(self, folder: Path) -> None:
        (folder / "axis").mkdir()
        self.axis = AxisProcess(folder / "axis")
        self.houses = [self._house(folder, system) for system in SYSTEMS]
        try:
            for house in self.houses:  # one after the other: what is kept of the first makes the second quicker
                house.installation.start()
            with ThreadPoolExecutor(2) as both:
                list(both.map(lambda house: house.ask("seed", system_id=house.system, name=house.system), self.houses))
        except BaseException:
            self.stop()
            raise

    def _house(self, folder: Path, system: str) -> House:
        env = {
            "HIENLUONG_AXIS_URL": self.axis.url,
            "HIENLUONG_AXIS_SYSTEM": system,
            "HIENLUONG_AXIS_SECRET": self.axis.systems[system],
        }
        return House(system, Installation(folder / system.lower(), env=env, migrated=True))

    def stop(self) -> None:
        for house in self.houses:
            house.stop()
        self.axis.stop()

    def both(self, do: str, **given: Any) -> list[dict[str, Any]]:
        """The same of both, at the same time."""
        with ThreadPoolExecutor(2) as both:
            return list(both.map(lambda house: house.ask(do, **given), self.houses))

    def issue(self, first: int, last: int, patience: float = 300.0) -> None:
        """Let each agency issue documents with these numbers to the other."""
        one, other = self.houses
        with ThreadPoolExecutor(2) as both:
            asked = [
                both.submit(house.ask, "issue", first=first, last=last, to=to, patience=patience)
                for house, to in ((one, other.code), (other, one.code))
            ]
            for each in asked:
                each.result()

    def moved(self) -> int:
        """How many packages the axis took or was told to be settled."""
        journal = self.axis.folder / "axis" / "journal.jsonl"
        with journal.open("rb") as lines:
            return sum(1 for _line in lines)

    def share(self, count: int) -> float:
        """The share of `count` documents each way whose sender knows their end; 0 while one side does not answer."""
        found = [house.try_("look") for house in self.houses]
        ended = [
            sum(each.get("receipts", {}).get(code(n)) == expected(n)[-1] for n in range(1, count + 1)) for each in found
        ]
        return min(ended) / count

    def settle(self, count: int, seconds: float) -> float:
        """Handle what comes until both sides know the end of each of `count` documents; returns after how many seconds."""
        began = time.monotonic()
        while True:
            self.both("handle")
            found = self.both("look")
            if all(is_settled(each, count) for each in found):
                return time.monotonic() - began
            assert time.monotonic() - began < seconds, self.report(found, count)
            time.sleep(0.5)

    def report(self, found: list[dict[str, Any]], count: int) -> str:
        """What is still wrong, in words."""
        words = []
        for house, each in zip(self.houses, found, strict=True):
            missing = [n for n in range(1, count + 1) if each["receipts"].get(code(n)) != expected(n)[-1]]
            kept = {key: each[key] for key in ("unsent", "errors", "unsettled", "verdicts", "events")}
            words.append(str([(n, each["receipts"].get(code(n)), each["told"].get(code(n))) for n in missing[:10]]))
            words.append(f"{house.system}: {len(each['came'])} came, {len(missing)} unsettled {missing[:10]} {kept}")
            words.append((house.installation.state / "log" / "worker.log").read_text()[-1500:])
        return "\n".join(words)

    def assert_exact(self, count: int) -> None:
        """Each document exactly once, with its file and its number; each status told and none besides."""
        for each in self.both("look"):
            assert each["came"] == {code(n): 1 for n in range(1, count + 1)}
            assert each["files"] == 0
            assert each["numbers"] == list(range(1, len(each["numbers"]) + 1))
            assert len(each["numbers"]) == sum(n % 10 != 0 for n in range(1, count + 1))
            assert each["receipts"] == {code(n): expected(n)[-1] for n in range(1, count + 1)}
            assert {key: sorted(value) for key, value in each["told"].items()} == {
                code(n): expected(n) for n in range(1, count + 1)
            }
            assert (each["unsent"], each["unsettled"], each["events"], each["failed_jobs"]) == ({}, 0, 0, []), each
        for each in self.both("prove"):
            assert each["audit"] == []


def code(number: int) -> str:
    return f"{number}/SYT-VP"


def expected(number: int) -> list[str]:
    """The statuses that the sender of a document is told, by what the driver does with it."""
    if number % 10 == 0:
        return ["01", "02"]
    return ["01", "03", "04", "05", "06"] if number % 3 == 0 else ["01", "03"]


def is_settled(found: dict[str, Any], count: int) -> bool:
    return (
        found["receipts"] == {code(n): expected(n)[-1] for n in range(1, count + 1)}
        and all(sorted(found["told"].get(code(n), [])) == expected(n) for n in range(1, count + 1))
        and len(found["came"]) == count
        and not (found["unsent"] or found["unsettled"] or found["events"])
    )
