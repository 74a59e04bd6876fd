"""Speaking to the national portal: sign in, keep the session, call a service, sign in again when the session ends."""

from __future__ import annotations

import threading
from typing import Any

from django.conf import settings

#: Seconds to wait for an answer.
PATIENCE = 10.0
#: Error codes of the portal's answers that mean something to us.
OK = "0"
SESSION_ENDED = "02"
ALREADY_THERE = "05"
NOT_THERE = "06"


class Away(RuntimeError):
    """No answer, or none that can be believed: try again later. The text holds no personal data."""


class Refused(RuntimeError):
    """The portal has understood and said no; saying the same again would not help."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(f"{code}: {words}"[:300])
        self.code = code


class Line:
    """One line to the portal, with its session. A session serves every thread of the process."""

    def __init__(self, url: str, user: str, password: str) -> None:
        self.url, self.user, self.password = url, user, password
        self._session = ""
        self._lock = threading.Lock()

    def call(self, service: str, **question: Any) -> dict[str, Any]:
        """The answer of a service. Raises :class:`Away` or :class:`Refused`."""
        session = self._session or self._sign_in("")
        answer = self._post("/mapi/g", {"session": session, "service": service, **question})
        if str(answer.get("error_code")) == SESSION_ENDED:
            session = self._sign_in(session)
            answer = self._post("/mapi/g", {"session": session, "service": service, **question})
        code = str(answer.get("error_code"))
        if code == SESSION_ENDED:
            raise Away("session ended at once")
        if code != OK:
            raise Refused(code[:8], str(answer.get("message", "")))
        return answer

    def _sign_in(self, ended: str) -> str:
        """A new session, unless another thread has got one since `ended`."""
        with self._lock:
            if self._session and self._session != ended:
                return self._session
            answer = self._post("/mapi/login", {"username": self.user, "password": self.password})
            if str(answer.get("error_code")) != OK or not answer.get("session"):
                raise Refused(str(answer.get("error_code"))[:8], "login")
            self._session = str(answer["session"])
            return self._session

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        import httpx  # loads a command line of its own, so only who calls out pays for it

        try:
            answer = httpx.post(self.url + path, json=body, timeout=PATIENCE, trust_env=False)
        except httpx.HTTPError as error:
            raise Away(type(error).__name__) from error
        if answer.status_code != 200:
            raise Away(f"HTTP {answer.status_code}")
        try:
            found = answer.json()
        except ValueError as error:
            raise Away("not JSON") from error
        if not isinstance(found, dict):
            raise Away("not an object")
        return found


_lines: dict[tuple[str, str], Line] = {}


def line() -> Line:
    """The line of this installation. Raises :class:`Away` when no portal is connected."""
    where = settings.NATIONAL_PORTAL
    if not where["url"]:
        raise Away("not connected")
    return _lines.setdefault((where["url"], where["user"]), Line(where["url"], where["user"], where["password"]))
