"""The acts of a dossier's life as browsers post them, for the benchmark of life cycles and for the long fault runs."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from io import BytesIO

import httpx
from PIL import Image

#: The acts after filing, in order, and who does each.
ROLE_OF: dict[str, str] = {
    "receive": "clerk",
    "review": "officer",
    "submit_for_signature": "head",
    "sign": "leader",
}
STEPS = ("file", *ROLE_OF)
#: What each act posts.
_FORMS: dict[str, dict[str, str]] = {
    "receive": {"receive-verdict-CC": "present", "receive-copies-CC": "1", "receive-note": ""},
    "review": {"review-grants": "yes", "review-conclusion": "Đủ"},
    "submit_for_signature": {"submit_for_signature-forward": "yes"},
    "sign": {"sign-forward": "yes"},
}


class Refused(RuntimeError):
    """The product answered something else than success."""


def browser(base: str, cookies: Mapping[str, str], timeout: float = 30) -> httpx.Client:
    """A browser signed in by its cookies."""
    token = secrets.token_hex(16)
    jar = {**cookies, "csrftoken": token}
    headers = {"X-CSRFToken": token}
    return httpx.Client(base_url=base, cookies=jar, headers=headers, timeout=timeout, trust_env=False)


def file(clerk: httpx.Client, number: int, serial: int, commune: str = "19333") -> str:
    """File one dossier at the clerk's counter for a person of one's own; its code."""
    form = {
        "p-channel": "counter",
        "p-kind": "citizen",
        "p-name": f"Người Thử {number}",
        "p-identifier": f"0451900{number:02d}{serial % 1000:03d}",
        "p-by": "chinh-chu",
        "p-commune": commune,
        "p-delivery": "online",
        "reason": "Đo tốc độ",
        "paper-CC": "on",
    }
    return _post(clerk, "/lam-viec/lap-ho-so/8.000900", form).rsplit("/", 1)[-1]


def act(browser: httpx.Client, verb: str, code: str) -> None:
    """Do one act with the dossier."""
    _post(browser, f"/lam-viec/ho-so/{code}/viec/{verb}", _FORMS[verb])


def scan(clerk: httpx.Client, code: str) -> None:
    """Attach the scan of its paper, a small picture that differs from every other."""
    picture = BytesIO()
    Image.frombytes("RGB", (24, 24), secrets.token_bytes(24 * 24 * 3)).save(picture, "PNG")
    upload = {"scan-scan": ("can-cuoc.png", picture.getvalue(), "image/png")}
    _post(clerk, f"/lam-viec/ho-so/{code}/so-hoa", {"scan-paper": "CC"}, upload)


def _post(
    browser: httpx.Client, path: str, form: dict[str, str], files: dict[str, tuple[str, bytes, str]] | None = None
) -> str:
    answer = browser.post(path, data=form, files=files)
    if answer.status_code != 302:
        raise Refused(f"{path}: {answer.status_code} {answer.text[:300] if answer.status_code < 500 else ''}")
    return str(answer.headers["location"])
