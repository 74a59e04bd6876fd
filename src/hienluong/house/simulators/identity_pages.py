"""The pages of the simulated identity providers: plain, small, and saying on top of each what they are."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from .identity_book import FAULTS, PEOPLE, Desk, Kind

STYLE = (
    "*{box-sizing:border-box}body{font:17px/1.55 system-ui,sans-serif;margin:0;color:#1b1b1b;background:#fff}"
    "header{color:#fff;padding:.8rem 1rem}header a{color:#fff}header p{margin:0 0 .3rem;font-weight:600;font-size:1.15rem}"
    "main{max-width:38rem;margin:0 auto;padding:1rem}.sim{background:#fff3bf;border:2px dashed #7a5200;padding:.6rem 1rem;margin:0 0 1rem}"
    "h1{font-size:1.6rem;line-height:1.25}fieldset{border:1px solid #bbb;margin:1.2rem 0;padding:.4rem 1rem 1rem}legend{font-weight:600;padding:0 .4rem}"
    ".one{display:block;padding:.5rem 0}.one input{width:1.3rem;height:1.3rem;vertical-align:middle;margin-right:.6rem}small{color:#555;display:block;margin-left:1.9rem}"
    ".two{display:block;font-weight:600;margin:1rem 0 .2rem}.two input,.two select{display:block;font:inherit;width:100%;padding:.5rem;border:2px solid #444;border-radius:0}"
    "button{font:inherit;font-weight:600;color:#fff;border:0;padding:.7rem 1.3rem;margin:1rem .6rem 0 0}button.quiet{background:#e8e8e8;color:#1b1b1b}"
    "a:focus-visible,button:focus-visible,input:focus-visible,select:focus-visible{outline:3px solid #ffbf00;outline-offset:2px}"
)


def page(kind: Kind, title: str, body: str) -> bytes:
    """A whole page."""
    colour = f"header,button:not(.quiet){{background:{kind.colour}}}"
    return (
        '<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} – {escape(kind.name)}</title><style>{STYLE}{colour}</style></head><body>"
        f'<header><p>{escape(kind.name)}</p><nav aria-label="Chính"><a href="/">Trang đầu</a> · <a href="/loi">Gây lỗi</a></nav></header>'
        f'<main><p class="sim">MÔ PHỎNG để trình diễn và kiểm thử. Đây không phải {escape(kind.short)} thật; đừng nhập dữ liệu cá nhân thật.</p>'
        f"<h1>{escape(title)}</h1>{body}</main></body></html>"
    ).encode()


def home(desk: Desk) -> bytes:
    """What this is."""
    rows = "".join(
        f"<li>{escape(each.name)}, số {each.number}, mức độ {each.level}"
        f"{f' (tài khoản {each.username})' if each.username else ''}</li>"
        for each in PEOPLE
    )
    back = f'<p>Bắt đầu từ <a href="{escape(desk.product)}/dang-nhap">trang đăng nhập của tỉnh</a>.</p>'
    return page(desk.kind, "Người có thể chọn", f"{back}<ul>{rows}</ul>")


def consent(desk: Desk, params: Mapping[str, str], fault: str = "") -> bytes:
    """Choose who one is, and agree."""
    kept = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in params.items()
    )
    people = "".join(
        f'<label class="one"><input type="radio" name="ai" value="{each.number}"{" checked" if not at else ""}>{escape(each.name)}'
        f"<small>số định danh {each.number}, mức độ {each.level}</small></label>"
        for at, each in enumerate(PEOPLE)
    )
    body = (f'<p role="alert"><strong>{escape(fault)}</strong></p>' if fault else "") + (
        "<p>Hệ thống của tỉnh muốn biết số định danh, họ tên, ngày sinh, giới tính và nơi ở của bạn.</p>"
        f'<form method="post" action="/oauth2/authorize">{kept}<fieldset><legend>Bạn là ai</legend>{people}'
        '<label class="one"><input type="radio" name="ai" value="">Người khác, điền dưới đây</label></fieldset>'
        '<label class="two">Số định danh cá nhân (12 số)<input name="so" inputmode="numeric" autocomplete="off"></label>'
        '<label class="two">Họ và tên<input name="ten" autocomplete="off"></label>'
        '<label class="two">Mức độ định danh<select name="muc"><option value="">như trên</option><option value="1">mức độ 1</option></select></label>'
        '<button name="viec" value="dong-y">Đồng ý đăng nhập</button><button class="quiet" name="viec" value="thoi">Từ chối</button></form>'
    )
    return page(desk.kind, "Xác nhận đăng nhập", body)


def faults(desk: Desk) -> bytes:
    """Let something go wrong."""
    rows = "".join(
        f'<label class="two">{escape(words)}<input name="{fault}" type="number" min="0" max="1000" value="{desk.faults[fault]}"></label>'
        for fault, words in FAULTS.items()
    )
    words = "<p>Mỗi số là bao nhiêu lần tới sẽ hỏng như vậy.</p>"
    return page(desk.kind, "Gây lỗi", f'{words}<form method="post" action="/loi">{rows}<button>Đặt</button></form>')


def wrong(desk: Desk, words: str) -> bytes:
    """Nobody is sent anywhere."""
    return page(desk.kind, "Không đăng nhập được", f"<p>{escape(words)}</p>")
