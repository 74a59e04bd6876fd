"""The land system of a department, for the demo: a process that serves parcels over HTTP as the department's own would.

The data-sharing bus (``docs/engineers/bus.md``) goes to it as to any provider: it knows nothing of agreements and answers
with all that it has, the owner's number included. It says on its page that it is a simulator, and that its parcels are
made up.
"""

from __future__ import annotations

import argparse
import json
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

NAME = "Hệ thống thông tin đất đai (mô phỏng)"
#: Most parcels of one answer.
MOST = 50
DESCRIPTION = Path(__file__).with_name("agency_openapi.json")

_PLACES = ("Phường Đông Hà", "Phường Nam Đông Hà", "Phường Quảng Trị", "Xã Gio Linh", "Xã Vĩnh Linh", "Xã Hải Lăng")
_USES = (("ODT", "Đất ở tại đô thị"), ("ONT", "Đất ở tại nông thôn"), ("CLN", "Đất trồng cây lâu năm"))
_NAMES = ("Trần Văn Hòa", "Lê Thị Phước", "Hoàng Minh Châu", "Phan Đức Lộc", "Nguyễn Thị Diệu")


class Book:
    """Twenty-four parcels; the first is of the person whom the demo names (`name`, `number`), in the town of Đông Hà."""

    def __init__(self, name: str, number: str) -> None:
        people = [(name, number)] + [(each, f"04519100{at:04d}") for at, each in enumerate(_NAMES, start=1)]
        self.parcels: dict[str, dict[str, Any]] = {}
        for at in range(24):
            use, words = _USES[at % len(_USES)] if at else _USES[0]
            owner, its_number = people[at % len(people)] if at else people[0]
            code = f"19333-{12 + at // 8:02d}-{101 + at}"
            self.parcels[code] = {
                "code": code,
                "sheet": 12 + at // 8,
                "number": 101 + at,
                "place": _PLACES[at % len(_PLACES)],
                "area": 96.5 + 37 * at,
                "use": use,
                "use_name": words,
                "price": 4_800_000 + 350_000 * (at % 7),
                "owner": {"name": owner, "number": its_number, "address": f"Số {at + 3}, {_PLACES[at % len(_PLACES)]}"},
            }

    def page(self, place: str) -> list[dict[str, Any]]:
        """The parcels of a place by name; empty: of all."""
        return [one for one in self.parcels.values() if place in ("", one["place"])][:MOST]


class Handler(BaseHTTPRequestHandler):
    """One page for people, three addresses for programs."""

    book: Book

    def do_GET(self) -> None:
        """A parcel, parcels, the description, or the page that says what this is."""
        asked = urlsplit(self.path)
        if asked.path == "/":
            self._send(200, self._page(), "text/html; charset=utf-8")
        elif asked.path == "/openapi.json":
            self._send(200, DESCRIPTION.read_bytes(), "application/json")
        elif asked.path == "/parcels":
            self._say(200, {"items": self.book.page(parse_qs(asked.query).get("place", [""])[0])})
        elif asked.path.startswith("/parcels/"):
            found = self.book.parcels.get(unquote(asked.path.removeprefix("/parcels/")))
            self._say(200 if found else 404, found or {"title": "Không có thửa đất này", "status": 404})
        else:
            self._say(404, {"title": "Không có địa chỉ này", "status": 404})

    def _page(self) -> bytes:
        rows = "".join(
            f"<tr><td>{escape(one['code'])}</td><td>{escape(one['place'])}</td><td>{escape(one['use_name'])}</td></tr>"
            for one in self.book.parcels.values()
        )
        return (
            '<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>{NAME}</title><style>body{{font:17px/1.55 system-ui,sans-serif;max-width:46rem;margin:0 auto;padding:1rem}}"
            ".sim{background:#fff3bf;border:2px dashed #7a5200;padding:.6rem 1rem}td,th{text-align:left;padding:.3rem 1rem .3rem 0}"
            f"</style></head><body><p class=sim>MÔ PHỎNG hệ thống của một sở, để trình diễn. Thửa đất và con người ở đây là giả định.</p>"
            f"<h1>{NAME}</h1><p>Hệ thống này trả lời máy qua trục chia sẻ dữ liệu: <a href=/openapi.json>mô tả OpenAPI</a>.</p>"
            f"<table><thead><tr><th>Mã thửa<th>Nơi<th>Loại đất</thead><tbody>{rows}</tbody></table></body></html>"
        ).encode()

    def _say(self, status: int, told: dict[str, Any]) -> None:
        self._send(status, json.dumps(told, ensure_ascii=False).encode(), "application/json")

    def _send(self, status: int, content: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_words: object) -> None:
        """Nothing is logged: addresses carry what was asked for."""


def main() -> None:
    """Serve until stopped. ``--owner`` and ``--owner-number``: the person of the demo whose parcel is the first."""
    options = argparse.ArgumentParser()
    options.add_argument("--port", type=int, required=True)
    options.add_argument("--owner", default="Nguyễn Thị Lành")
    options.add_argument("--owner-number", default="")
    chosen = options.parse_args()
    Handler.book = Book(chosen.owner, chosen.owner_number)
    ThreadingHTTPServer(("127.0.0.1", chosen.port), Handler).serve_forever()


if __name__ == "__main__":
    main()
