"""The pages of the simulated signing service: the holder's telephone, new certificates, faults. Each says what it is."""

from __future__ import annotations

import base64
from html import escape

from .csc_book import FAULTS, Book, Question

STYLE = (
    "*{box-sizing:border-box}body{font:17px/1.55 system-ui,sans-serif;margin:0;color:#1b1b1b;background:#fff}"
    "header{background:#12476b;color:#fff;padding:.8rem 1rem}header p{margin:0 0 .3rem;font-weight:600}header a{color:#fff;padding:.6rem .2rem;display:inline-block}"
    "main{max-width:34rem;margin:0 auto;padding:1rem}h1{font-size:1.5rem;line-height:1.25}h2{font-size:1.1rem}"
    ".sim{background:#fff3bf;border:2px dashed #7a5200;padding:.6rem 1rem;margin:0 0 1rem}"
    "ol{padding-left:1.3rem}li{margin:0 0 .9rem}code{font-size:.85rem;overflow-wrap:anywhere;color:#333}"
    "label{display:block;font-weight:600;margin:1rem 0 .2rem}input{display:block;font:inherit;width:100%;padding:.6rem;border:2px solid #444;border-radius:0}"
    "button{font:inherit;font-weight:600;color:#fff;background:#12476b;border:0;padding:.8rem 1.3rem;margin:1rem .6rem 0 0;min-height:44px}button.quiet{background:#e8e8e8;color:#1b1b1b}"
    ".one{display:block;border:1px solid #bbb;padding:.8rem 1rem;margin:0 0 .8rem;color:#12476b}"
    "a:focus-visible,button:focus-visible,input:focus-visible{outline:3px solid #ffbf00;outline-offset:2px}"
)


def page(title: str, body: str) -> bytes:
    """A whole page."""
    return (
        '<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} – Ký từ xa (mô phỏng)</title><style>{STYLE}</style></head><body>"
        '<header><p>Ký từ xa (mô phỏng)</p><nav aria-label="Chính"><a href="/">Điện thoại</a> · '
        '<a href="/dang-ky">Đăng ký chứng thư</a> · <a href="/loi">Gây lỗi</a></nav></header>'
        '<main><p class="sim">MÔ PHỎNG nhà cung cấp dịch vụ ký từ xa, để trình diễn và kiểm thử. Chữ ký ở đây không có giá trị pháp lý.</p>'
        f"<h1>{escape(title)}</h1>{body}</main></body></html>"
    ).encode()


def telephone(book: Book) -> bytes:
    """Everything that waits to be confirmed: the telephones of all users in one."""
    rows = "".join(
        f'<a class="one" href="/xac-nhan/{each.handle}"><strong>{escape(book.accounts[each.credential].name)}</strong><br>'
        f"{len(each.hashes)} văn bản: {escape(each.titles[0])}</a>"
        for each in book.waiting()
    )
    return page("Chờ xác nhận ký", rows or "<p>Không có yêu cầu nào đang chờ.</p>")


def confirm(book: Book, question: Question, fault: str = "") -> bytes:
    """What is to be signed, for its holder to see before they say yes or no."""
    holder = book.accounts[question.credential]
    titles = question.titles + [""] * len(question.hashes)
    rows = "".join(
        f"<li>{escape(title) or 'Văn bản'}<br><code>SHA-256 {base64.b64decode(each).hex()}</code></li>"
        for title, each in zip(titles, question.hashes, strict=False)
    )
    said = f'<p role="alert"><strong>{escape(fault)}</strong></p>' if fault else ""
    body = (
        f"{said}<p>Người ký: <strong>{escape(holder.name)}</strong></p><h2>Sẽ ký {len(question.hashes)} văn bản</h2><ol>{rows}</ol>"
        f'<form method="post" action="/xac-nhan/{question.handle}"><label for="pin">Mã PIN ký số</label>'
        '<input id="pin" name="pin" type="password" inputmode="numeric" autocomplete="off">'
        '<button name="viec" value="ky">Xác nhận ký</button><button class="quiet" name="viec" value="thoi">Từ chối</button></form>'
    )
    return page("Xác nhận ký", body)


def over(words: str) -> bytes:
    """The end of a question."""
    return page(words, '<p>Có thể quay lại hệ thống của tỉnh.</p><p><a href="/">Xem yêu cầu khác</a></p>')


def register(
    fault: str = "", done: str = "", typed: dict[str, str] | None = None, words: str = "", revoke_fault: str = ""
) -> bytes:
    """A new key and certificate for a user; revoking one."""
    kept = {name: escape((typed or {}).get(name, "")) for name in ("user", "name", "organization")}
    said = f'<p role="alert"><strong>{escape(fault)}</strong></p>' if fault else ""
    if done:
        said = f'<p role="status"><strong>Đã cấp chứng thư {escape(done)}.</strong> Hãy đăng ký mã người dùng này ở trang Khóa ký số của tỉnh.</p>'
    if words:
        said = f'<p role="status"><strong>{escape(words)} {escape(done)}.</strong></p>'
    wrong = f'<p role="alert"><strong>{escape(revoke_fault)}</strong></p>' if revoke_fault else ""
    body = (
        f'{said}<form method="post" action="/dang-ky">'
        f'<label for="user">Mã người dùng (mã cán bộ hoặc mã cơ quan)</label><input id="user" name="user" value="{kept["user"]}" autocomplete="off">'
        f'<label for="name">Tên trên chứng thư</label><input id="name" name="name" value="{kept["name"]}" autocomplete="off">'
        f'<label for="organization">Cơ quan</label><input id="organization" name="organization" value="{kept["organization"]}" autocomplete="off">'
        '<label for="pin">Mã PIN ký số (4 đến 8 chữ số)</label><input id="pin" name="pin" type="password" inputmode="numeric" autocomplete="off">'
        "<button>Cấp chứng thư</button></form>"
        f'<h2>Thu hồi chứng thư</h2>{wrong}<form method="post" action="/thu-hoi"><label for="credential">Số của khóa (mp-…)</label>'
        '<input id="credential" name="credential" autocomplete="off"><button class="quiet">Thu hồi</button></form>'
    )
    return page("Đăng ký chứng thư thử", body)


def faults(book: Book) -> bytes:
    """Let something go wrong."""
    rows = "".join(
        f'<label for="{fault}">{escape(words)}</label><input id="{fault}" name="{fault}" type="number" min="0" max="1000" value="{book.faults[fault]}">'
        for fault, words in FAULTS.items()
    )
    return page(
        "Gây lỗi",
        f'<p>Mỗi số là bao nhiêu lần gọi tới sẽ hỏng như vậy.</p><form method="post" action="/loi">{rows}<button>Đặt</button></form>',
    )
