"""A bank for demo and tests, as a separate process: it reads a VietQR, "transfers", and tells us over HTTP, signed.

It is a simulator and says so on each page. Faults can be asked for: telling twice, telling late, a wrong signature.
"""

from __future__ import annotations

import argparse
import html
import json
import os
import secrets
import threading
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

from hienluong.capabilities.payments import vietqr
from hienluong.capabilities.payments.notices import signature

STYLE = "body{font:16px/1.5 sans-serif;max-width:34rem;margin:2rem auto;padding:0 1rem}button{font:inherit;padding:.6rem 1.2rem;margin:.3rem 0}.sim{background:#fff3bf;padding:.6rem 1rem;border:2px dashed #946200}"
RETRIES = (0.0, 1.0, 3.0, 10.0, 30.0, 60.0)


class Bank:
    """The simulated bank: a ledger file and a line to the product."""

    def __init__(self, product: str, secret: str, ledger: Path) -> None:
        self.product, self.secret, self.ledger = product, secret, ledger
        ledger.parent.mkdir(parents=True, exist_ok=True)

    def transfer(self, code: str, faults: frozenset[str] = frozenset()) -> str:
        """Make a transfer for a QR payload and tell the product in the background; returns the transaction id."""
        asked = vietqr.parse(code)
        transaction = f"FT{time.time_ns()}{secrets.randbelow(1000):03d}"
        told = {
            "transaction": transaction,
            "amount": asked.amount or 0,
            "content": asked.purpose,
            "account": asked.account,
            "paid_at": datetime.now(UTC).isoformat(),
        }
        with self.ledger.open("a") as out:
            out.write(json.dumps(told) + "\n")
        threading.Thread(target=self._tell, args=(told, faults), daemon=True).start()
        return transaction

    def _tell(self, told: dict[str, object], faults: frozenset[str]) -> None:
        if "late" in faults:
            time.sleep(5)
        for _ in range(3 if "twice" in faults else 1):
            for wait in RETRIES:
                time.sleep(wait)
                if self.tell_once(told, wrong="wrong-signature" in faults):
                    break

    def tell_once(self, told: dict[str, object], *, wrong: bool = False) -> bool:
        """One try; True when the product answered with success."""
        body = json.dumps(told).encode()
        at, nonce = str(int(time.time())), secrets.token_hex(8)
        signed = "0" * 64 if wrong else signature(self.secret, at, nonce, body)
        headers = {"X-Time": at, "X-Nonce": nonce, "X-Signature": signed, "Content-Type": "application/json"}
        try:
            answer = httpx.post(
                f"{self.product}/api/v1/payments/notices/bank",
                content=body,
                headers=headers,
                timeout=10,
                trust_env=False,
            )
        except httpx.HTTPError:
            return False
        return answer.status_code < 500


def _page(title: str, body: str) -> bytes:
    return (
        f'<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{html.escape(title)}</title><style>{STYLE}</style></head><body><p class=sim>NGÂN HÀNG MÔ PHỎNG – không có tiền thật</p>"
        f"<h1>{html.escape(title)}</h1>{body}</body></html>"
    ).encode()


class Handler(BaseHTTPRequestHandler):
    """The bank's pages."""

    bank: Bank

    def _send(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_GET(self) -> None:
        """Show what a scanned code asks for."""
        query = {k: v[-1] for k, v in parse_qs(urlsplit(self.path).query).items()}
        code, back = query.get("ma", ""), query.get("ve", "")
        try:
            asked = vietqr.parse(code)
        except vietqr.BadPayload as error:
            form = '<form><label>Nội dung mã VietQR <input name="ma" size="60"></label> <button>Đọc mã</button></form>'
            self._send(200, _page("Quét mã VietQR", form + (f"<p>{html.escape(str(error))}</p>" if code else "")))
            return
        amount = f"{asked.amount or 0:,}".replace(",", ".")
        body = (
            f"<p>Tới tài khoản <b>{html.escape(asked.account)}</b> (ngân hàng {html.escape(asked.bank)})</p>"
            f"<p>Số tiền <b>{amount} đồng</b></p><p>Nội dung <b>{html.escape(asked.purpose)}</b></p>"
            f'<form method="post" action="/chuyen?{html.escape(urlencode({"ve": back}))}"><input type="hidden" name="ma" value="{html.escape(code)}">'
            '<p><label><input type="checkbox" name="loi" value="twice"> báo có ba lần</label> '
            '<label><input type="checkbox" name="loi" value="late"> báo chậm 5 giây</label></p>'
            "<button>Xác nhận chuyển tiền</button></form>"
        )
        self._send(200, _page("Xác nhận chuyển khoản", body))

    def do_POST(self) -> None:
        """Transfer."""
        length = min(int(self.headers.get("Content-Length", "0") or 0), 10_000)
        form = parse_qs(self.rfile.read(length).decode())
        back = parse_qs(urlsplit(self.path).query).get("ve", [""])[0]
        try:
            transaction = self.bank.transfer(form.get("ma", [""])[0], frozenset(form.get("loi", [])))
        except vietqr.BadPayload as error:
            self._send(400, _page("Không đọc được mã", f"<p>{html.escape(str(error))}</p>"))
            return
        link = (
            f'<p><a href="{html.escape(back)}">Quay lại trang thanh toán</a></p>'
            if back.startswith(self.bank.product)
            else ""
        )
        self._send(200, _page("Đã chuyển", f"<p>Mã giao dịch {transaction}</p>{link}"))

    def log_message(self, format: str, *args: object) -> None:
        """One line a request."""
        print(time.strftime("%H:%M:%S"), format % args, flush=True)


def main() -> None:
    """Run until told to stop; the shared secret comes from ``HIENLUONG_BANK_SECRET``."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--product", required=True)
    arguments = parser.parse_args()
    Handler.bank = Bank(
        arguments.product.rstrip("/"), os.environ["HIENLUONG_BANK_SECRET"], arguments.state / "ledger.jsonl"
    )
    ThreadingHTTPServer(("127.0.0.1", arguments.port), Handler).serve_forever()


if __name__ == "__main__":
    main()
