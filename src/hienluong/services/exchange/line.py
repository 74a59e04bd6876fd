"""Speaking to the axis: the published calls, each with its patience; what no answer and what a refusal means."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings

#: Seconds to wait for an answer, and for one that carries a package.
PATIENCE, PATIENCE_WITH_FILES = 15.0, 60.0
#: Largest answer, in bytes: a package in Base64.
MOST_ANSWER = 200 * 1024 * 1024
OK = "0"
#: Codes of the axis that say that the package itself cannot go: the same again would not help.
FINAL = frozenset({"10", "40"})
#: The receiver is not connected, or not yet; the sender is not registered yet.
RECEIVER_UNKNOWN, SENDER_UNKNOWN = "19", "20"
NO_SUCH_PACKAGE = "18"


class Away(RuntimeError):
    """No answer, or none that can be believed, or a fault of the axis: try again later."""


class Refused(RuntimeError):
    """The axis has understood and said no."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(f"{code}: {words}"[:400])
        self.code = code

    @property
    def is_final(self) -> bool:
        """Whether trying the same again is of no use."""
        return self.code in FINAL


#: Calls in a row without an answer after which the axis is taken to be away, and a turn ends.
MOST_LOST = 3


@dataclass
class Patience:
    """How many calls in a row got no answer: one lost answer is no reason to leave the rest for later."""

    lost_in_a_row: int = 0

    def lost(self) -> None:
        """A call got no answer, or a no."""
        self.lost_in_a_row += 1

    def answered(self) -> None:
        """The axis is there."""
        self.lost_in_a_row = 0

    @property
    def is_over(self) -> bool:
        """Whether the axis is taken to be away."""
        return self.lost_in_a_row >= MOST_LOST


@dataclass(frozen=True)
class Listed:
    """One line of the list of what waits for us."""

    id: str
    kind: str  # edoc or status
    sender: str
    receiver: str


class Line:
    """The line to one axis as one system."""

    def __init__(self, url: str, system: str, secret: str) -> None:
        import httpx  # loads a command line of its own, so only who calls out pays for it

        self._http = httpx
        self._client = httpx.Client(
            base_url=url, headers={"systemid": system, "secret": secret}, trust_env=False, follow_redirects=False
        )

    def register(self, code: str, name: str) -> None:
        """Tell the axis that packages for this agency are ours."""
        self._call("registerAgency", {}, json.dumps({"code": code, "name": name}).encode())

    def agencies(self) -> set[str]:
        """The codes of all agencies that the axis knows."""
        return {str(item.get("code")) for item in self._listed("getAgenciesList")}

    def send(self, content: bytes, *, kind: str, sender: str, receiver: str, number: str) -> str:
        """Hand over a package; returns the axis's number of it. `number` is ours, for :meth:`sent`."""
        given = {
            "from": sender,
            "to": json.dumps([receiver]),
            "servicetype": "eDoc",
            "messagetype": kind,
            "sha256": hashlib.sha256(content).hexdigest(),
            "senderdocid": number,
        }
        answer = self._call("sendEdoc", given, content, patience=PATIENCE_WITH_FILES)
        return str(answer.get("DocId", ""))[:100]

    def sent(self, number: str) -> str:
        """The axis's number of the package that we sent as `number`; empty when it has none such."""
        for item in self._listed("getSentEdocList", senderdocid=number):
            if item.get("senderDocId") == number:
                return str(item.get("receiverDocId", ""))[:100] or "?"
        return ""

    def received(self, kind: str) -> list[Listed]:
        """What waits for us: ``edoc`` or ``status``."""
        found = self._listed("getReceivedEdocList", servicetype="eDoc", messagetype=kind)
        return [
            Listed(str(item["docId"])[:100], kind, str(item.get("from", ""))[:35], str(item.get("to", ""))[:35])
            for item in found
            if item.get("docId")
        ]

    def get(self, id: str) -> bytes:
        """A package that waits for us."""
        answer = self._call("getEdoc", {"docId": id}, patience=PATIENCE_WITH_FILES)
        try:
            return base64.b64decode(str(answer.get("data", "")), validate=True)
        except (binascii.Error, ValueError) as error:
            raise Away("getEdoc: not Base64") from error

    def settle(self, id: str, state: str) -> None:
        """Tell the axis what became of a package: ``done`` or ``fail``."""
        self._call("updateStatus", {"docid": id, "status": state})

    def _listed(self, name: str, **headers: str) -> list[dict[str, Any]]:
        data = self._call(name, headers).get("data")
        if not isinstance(data, list):
            raise Away(f"{name}: no list")
        return [item for item in data if isinstance(item, dict)]

    def _call(
        self, name: str, headers: dict[str, str], content: bytes = b"", *, patience: float = PATIENCE
    ) -> dict[str, Any]:
        sent = {"Content-Type": "application/octet-stream" if content else "application/json", **headers}
        try:
            body = self._post(name, content, patience, sent)
            answer = json.loads(body)
        except self._http.HTTPError as error:
            raise Away(f"{name}: {type(error).__name__}") from error
        except (ValueError, RecursionError) as error:
            raise Away(f"{name}: not JSON") from error
        if not isinstance(answer, dict):
            raise Away(f"{name}: not an object")
        code = str(answer.get("ErrorCode", ""))
        if answer.get("status") == "OK" and code == OK:
            return answer
        raise Refused(code[:8] or "?", str(answer.get("ErrorDesc", "")))

    def _post(self, name: str, content: bytes, patience: float, headers: dict[str, str]) -> bytes:
        with self._client.stream("POST", f"/{name}", content=content, headers=headers, timeout=patience) as answer:
            if answer.status_code != 200:
                raise Away(f"{name}: HTTP {answer.status_code}")
            found = bytearray()
            for chunk in answer.iter_bytes():
                found += chunk
                if len(found) > MOST_ANSWER:
                    raise Away(f"{name}: too large")
            return bytes(found)


@cache
def _line(url: str, system: str, secret: str) -> Line:
    return Line(url, system, secret)


def line() -> Line:
    """The line of this installation. Raises :class:`Away` when no axis is connected."""
    where = settings.DOCUMENT_AXIS
    if not where["url"]:
        raise Away("chưa nối với trục")
    return _line(where["url"], where["system"], where["secret"])
