"""A bank and a payment gateway for demo and tests, as a separate process that speaks to us over HTTP, signed.

The bank reads a VietQR, "transfers", tells us, gives a statement by day and takes refunds; the gateway takes a person
over, brings them back and tells us. It is a simulator and says so on each page. Faults can be asked for, see `FAULTS`.
"""

from __future__ import annotations

import argparse
import html
import json
import os
import secrets
import threading
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta, timezone
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from hienluong.capabilities.payments import vietqr
from hienluong.capabilities.payments.notices import fault, signature

STYLE = "body{font:16px/1.5 sans-serif;max-width:34rem;margin:2rem auto;padding:0 1rem}button{font:inherit;padding:.6rem 1.2rem;margin:.3rem 0}label{display:block}.sim{background:#fff3bf;padding:.6rem 1rem;border:2px dashed #946200}"
#: Seconds before each try to tell the product something, until it answers with anything but a fault of its own.
RETRIES = (0.0, 1.0, 3.0, 10.0, 30.0, 60.0)
VIETNAM = timezone(timedelta(hours=7))
#: What can be asked to go wrong with one payment.
FAULTS = {
    "twice": "báo có ba lần",
    "late": "báo chậm",
    "replay": "gửi lại nguyên văn bản tin cũ",
    "wrong-signature": "ký sai",
    "stale": "bản tin ký từ một giờ trước",
    "wrong-amount": "chuyển thiếu 1.000 đồng",
    "wrong-text": "ghi sai nội dung chuyển khoản",
    "silent": "không báo có (chỉ có trong sao kê)",
    "unbooked": "báo có nhưng không có trong sao kê",
    "booked-less": "sao kê ghi ít hơn báo có 1.000 đồng",
}


class Bank:
    """One simulated provider: a ledger file and a line to the product. `key` is how the product calls it."""

    def __init__(
        self,
        product: str,
        secret: str,
        ledger: Path,
        *,
        key: str = "bank",
        late: float = 5.0,
        slow: bool = False,
        retries: tuple[float, ...] = RETRIES,
    ) -> None:
        self.product, self.secret, self.ledger, self.key = product, secret, ledger, key
        self.late, self.slow, self.retries = late, slow, retries
        self.lock = threading.Lock()
        ledger.parent.mkdir(parents=True, exist_ok=True)

    def transfer(self, code: str, faults: frozenset[str] = frozenset()) -> str:
        """Make a transfer for a QR payload and tell the product in the background; returns the transaction id."""
        asked = vietqr.parse(code)
        return self.take(asked.amount or 0, asked.purpose, faults)

    def take(self, amount: int, content: str, faults: frozenset[str] = frozenset()) -> str:
        """Book money that came in and tell the product."""
        transaction = f"FT{time.time_ns()}{secrets.randbelow(1000):03d}"
        told = {
            "transaction": transaction,
            "amount": max(amount - 1000, 1) if "wrong-amount" in faults else amount,
            "content": f"CHUYEN TIEN {content[-4:]}" if "wrong-text" in faults else content,
            "paid_at": datetime.now(UTC).isoformat(),
        }
        if "unbooked" not in faults:
            less = 1000 if "booked-less" in faults else 0
            self._book({**told, "direction": "in", "amount": int(str(told["amount"])) - less})
        if "silent" not in faults:
            threading.Thread(target=self._tell, args=(told, faults), daemon=True).start()
        return transaction

    def _book(self, line: dict[str, Any]) -> None:
        with self.ledger.open("a") as out:
            out.write(json.dumps(line) + "\n")

    def booked(self) -> list[dict[str, Any]]:
        """Every line of the ledger, oldest first."""
        return [json.loads(line) for line in self.ledger.read_text().splitlines()] if self.ledger.exists() else []

    def statement(self, day: str) -> dict[str, Any]:
        """What came in and went out on one day of Việt Nam (``YYYY-MM-DD``)."""
        lines = [
            line
            for line in self.booked()
            if datetime.fromisoformat(line["paid_at"]).astimezone(VIETNAM).date().isoformat() == day
        ]
        return {"day": day, "lines": lines}

    def refund(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Give money back: once for each of the product's refund numbers, never more than came in."""
        number, of, amount = str(asked["number"]), str(asked["transaction"]), int(asked["amount"])
        with self.lock:
            lines = self.booked()
            known = next((line for line in lines if line.get("refund") == number), None)
            if known:
                if (known["of"], known["amount"]) != (of, amount):
                    return {"status": "refused", "why": "số hoàn trả này đã dùng cho khoản khác"}
                return {"status": "done", "transaction": known["transaction"]}
            came = sum(line["amount"] for line in lines if line["transaction"] == of and line["direction"] == "in")
            gone = sum(line["amount"] for line in lines if line.get("of") == of)
            if not came:
                return {"status": "refused", "why": "không có giao dịch này"}
            if amount <= 0 or gone + amount > came:
                return {"status": "refused", "why": "quá số tiền đã nhận"}
            waiting = self.ledger.with_suffix(f".{number}.waiting")
            if self.slow and not waiting.exists():
                waiting.touch()
                return {"status": "accepted"}
            transaction = f"RF{time.time_ns()}"
            self._book(
                {
                    "transaction": transaction,
                    "direction": "out",
                    "amount": amount,
                    "content": f"HOAN TRA {number}",
                    "refund": number,
                    "of": of,
                    "paid_at": datetime.now(UTC).isoformat(),
                }
            )
            return {"status": "done", "transaction": transaction}

    def standing(self, content: str) -> dict[str, Any]:
        """What became of one checkout: paid with which transaction, or nothing yet."""
        for line in self.booked():
            if line["direction"] == "in" and line["content"] == content:
                return {"status": "paid", **{k: line[k] for k in ("transaction", "amount", "content", "paid_at")}}
        return {"status": "none", "content": content}

    def take_once(self, amount: int, number: str, faults: frozenset[str]) -> None:
        """Book the money of one checkout; a page that is sent twice pays once."""
        with self.lock:
            if self.standing(number)["status"] == "none":
                self.take(amount, number, faults)

    def _tell(self, told: dict[str, object], faults: frozenset[str]) -> None:
        if "late" in faults:
            time.sleep(self.late)
        for _ in range(3 if "twice" in faults else 1):
            for wait in self.retries:
                time.sleep(wait)
                if self.tell_once(told, faults):
                    break

    def tell_once(self, told: dict[str, object], faults: frozenset[str] = frozenset()) -> bool:
        """One try; True when the product answered with anything but a fault of its own."""
        body = json.dumps(told).encode()
        at, nonce = str(int(time.time()) - (3600 if "stale" in faults else 0)), secrets.token_hex(8)
        signed = "0" * 64 if "wrong-signature" in faults else signature(self.secret, at, nonce, body)
        headers = {"X-Time": at, "X-Nonce": nonce, "X-Signature": signed, "Content-Type": "application/json"}
        url = f"{self.product}/api/v1/payments/notices/{self.key}"
        return all(_post(url, body, headers) < 500 for _ in range(2 if "replay" in faults else 1))


def _post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """The status of the answer; 599 when none came. Without the client that the product has: this process is small."""
    request = urllib.request.Request(url, data=body, headers=headers)  # noqa: S310 - our own address
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except (OSError, HTTPException):
        return 599


def _page(title: str, body: str) -> bytes:
    return (
        f'<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{html.escape(title)}</title><style>{STYLE}</style></head><body><p class=sim>MÔ PHỎNG – không có tiền thật</p>"
        f"<h1>{html.escape(title)}</h1>{body}</body></html>"
    ).encode()


def _fault_boxes() -> str:
    boxes = "".join(
        f'<label><input type="checkbox" name="loi" value="{key}"> {html.escape(words)}</label>'
        for key, words in FAULTS.items()
    )
    return f"<details><summary>Thử sự cố</summary>{boxes}</details>"


def _money(amount: int) -> str:
    return f"{amount:,}".replace(",", ".")


class Handler(BaseHTTPRequestHandler):
    """The pages people see and the doors the product uses; `/cong/…` is the gateway, the rest the bank."""

    bank: Bank
    gateway: Bank

    def _send(self, status: int, content: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "text/html; charset=utf-8", **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _answer(self, provider: Bank, status: int, told: dict[str, Any]) -> None:
        """A signed answer, bound to the question by its nonce."""
        body = json.dumps(told).encode()
        at, nonce = str(int(time.time())), self.headers.get("X-Nonce", "")
        signed = signature(provider.secret, at, nonce, body)
        self._send(
            status, body, **{"Content-Type": "application/json", "X-Time": at, "X-Nonce": nonce, "X-Signature": signed}
        )

    def _door(self, provider: Bank, path: str, body: bytes) -> None:
        """What only the product may ask, in a signed body."""
        wrong = fault(
            provider.secret,
            self.headers.get("X-Time", ""),
            self.headers.get("X-Nonce", ""),
            body,
            self.headers.get("X-Signature", ""),
        )
        if wrong:
            self._answer(provider, 401, {"status": "refused", "why": wrong})
            return
        try:
            asked = json.loads(body)
            if path == "/api/statement":
                self._answer(provider, 200, provider.statement(asked["day"]))
            elif path == "/api/checkout":
                self._answer(provider, 200, provider.standing(asked["number"]))
            elif path == "/api/refunds":
                self._answer(provider, 200, provider.refund(asked))
            else:
                self._answer(provider, 404, {"status": "refused", "why": "không có cửa này"})
        except (KeyError, ValueError, TypeError):
            self._answer(provider, 400, {"status": "refused", "why": "không đọc được"})

    def do_GET(self) -> None:
        """A page of the bank or of the gateway."""
        if urlsplit(self.path).path == "/cong":
            self._checkout_page()
        else:
            self._scan_page()

    def do_POST(self) -> None:
        """Transfer, pay at the gateway, or one of the doors."""
        length = min(int(self.headers.get("Content-Length", "0") or 0), 10_000)
        body = self.rfile.read(length)
        path = urlsplit(self.path).path
        if path.startswith("/cong/api/"):
            self._door(self.gateway, path.removeprefix("/cong"), body)
        elif path.startswith("/api/"):
            self._door(self.bank, path, body)
        elif path == "/cong":
            self._check_out(parse_qs(body.decode("utf-8", "replace")))
        else:
            self._transfer(parse_qs(body.decode("utf-8", "replace")))

    def _scan_page(self) -> None:
        query = {k: v[-1] for k, v in parse_qs(urlsplit(self.path).query).items()}
        code, back = query.get("ma", ""), query.get("ve", "")
        try:
            asked = vietqr.parse(code)
        except vietqr.BadPayload as error:
            form = '<form><label>Nội dung mã VietQR <input name="ma" size="60"></label> <button>Đọc mã</button></form>'
            self._send(200, _page("Quét mã VietQR", form + (f"<p>{html.escape(str(error))}</p>" if code else "")))
            return
        body = (
            f"<p>Tới tài khoản <b>{html.escape(asked.account)}</b> (ngân hàng {html.escape(asked.bank)})</p>"
            f"<p>Số tiền <b>{_money(asked.amount or 0)} đồng</b></p><p>Nội dung <b>{html.escape(asked.purpose)}</b></p>"
            f'<form method="post" action="/chuyen?{html.escape(urlencode({"ve": back}))}"><input type="hidden" name="ma" value="{html.escape(code)}">'
            f"{_fault_boxes()}<button>Xác nhận chuyển tiền</button></form>"
        )
        self._send(200, _page("Xác nhận chuyển khoản", body))

    def _transfer(self, form: dict[str, list[str]]) -> None:
        back = parse_qs(urlsplit(self.path).query).get("ve", [""])[0]
        try:
            transaction = self.bank.transfer(form.get("ma", [""])[0], frozenset(form.get("loi", [])))
        except vietqr.BadPayload as error:
            self._send(400, _page("Không đọc được mã", f"<p>{html.escape(str(error))}</p>"))
            return
        link = (
            f'<p><a href="{html.escape(back)}">Quay lại trang thanh toán</a></p>'
            if back.startswith(f"{self.bank.product}/")
            else ""
        )
        self._send(200, _page("Đã chuyển", f"<p>Mã giao dịch {transaction}</p>{link}"))

    def _asked(self) -> dict[str, str] | None:
        """The checkout the product asks for, None when it did not sign it."""
        query = dict(parse_qsl(urlsplit(self.path).query))
        signed = query.pop("ky", "")
        at, number = query.get("luc", ""), query.get("so", "")
        if fault(self.gateway.secret, at, number, urlencode(sorted(query.items())).encode(), signed):
            return None
        return query

    def _checkout_page(self) -> None:
        asked = self._asked()
        if asked is None:
            self._send(
                400,
                _page(
                    "Yêu cầu không hợp lệ",
                    "<p>Chữ ký sai hoặc yêu cầu đã cũ. Hãy quay lại trang thanh toán và bấm lại.</p>",
                ),
            )
            return
        body = (
            f"<p>Khoản <b>{html.escape(asked['so'])}</b></p><p>Số tiền <b>{_money(int(asked['tien']))} đồng</b></p>"
            f'<form method="post" action="{html.escape(self.path)}">{_fault_boxes()}'
            '<button name="lam" value="tra">Trả tiền</button> <button name="lam" value="huy">Hủy</button></form>'
        )
        self._send(200, _page("Cổng thanh toán (mô phỏng)", body))

    def _check_out(self, form: dict[str, list[str]]) -> None:
        asked = self._asked()
        if asked is None:
            self._send(
                400,
                _page(
                    "Yêu cầu không hợp lệ",
                    "<p>Chữ ký sai hoặc yêu cầu đã cũ. Hãy quay lại trang thanh toán và bấm lại.</p>",
                ),
            )
            return
        number, outcome = asked["so"], "cancelled"
        if form.get("lam") == ["tra"]:
            outcome = "paid"
            self.gateway.take_once(int(asked["tien"]), number, frozenset(form.get("loi", [])))
        said = {"so": number, "ket-qua": outcome, "luc": str(int(time.time()))}
        said["ky"] = signature(self.gateway.secret, said["luc"], number, urlencode(sorted(said.items())).encode())
        joined = "&" if urlsplit(asked["ve"]).query else "?"
        self._send(303, b"", Location=f"{asked['ve']}{joined}{urlencode(said)}")

    def log_message(self, format: str, *args: object) -> None:
        """One line a request."""
        print(time.strftime("%H:%M:%S"), format % args, flush=True)


def main() -> None:
    """Run until told to stop; secrets come from ``HIENLUONG_BANK_SECRET`` and ``HIENLUONG_GATEWAY_SECRET``."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--product", required=True)
    parser.add_argument("--late", type=float, default=5.0, help="seconds by which a late notice is late")
    parser.add_argument(
        "--slow-refunds", action="store_true", help="refunds are accepted first and done when asked again"
    )
    parser.add_argument("--retries", default="", help="seconds before each try to tell, separated by commas")
    arguments = parser.parse_args()
    product, bank_secret = arguments.product.rstrip("/"), os.environ["HIENLUONG_BANK_SECRET"]
    how: dict[str, Any] = {"late": arguments.late, "slow": arguments.slow_refunds}
    if arguments.retries:
        how["retries"] = tuple(float(wait) for wait in arguments.retries.split(","))
    Handler.bank = Bank(product, bank_secret, arguments.state / "ledger.jsonl", **how)
    gateway_secret = os.environ.get("HIENLUONG_GATEWAY_SECRET", bank_secret)
    Handler.gateway = Bank(product, gateway_secret, arguments.state / "gateway.jsonl", key="gateway", **how)
    ThreadingHTTPServer(("127.0.0.1", arguments.port), Handler).serve_forever()


if __name__ == "__main__":
    main()
