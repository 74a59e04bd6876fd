"""The pages of the simulated document axis: plain, small, and saying on top of each what they are."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from .axis_book import FAULTS, OWN, OWN_AGENCIES, Axis, Package, stamp
from .national_pages import STYLE

NAME = "Hệ thống mô phỏng Trục liên thông văn bản quốc gia"
ANSWERS = {
    "01": "Đã đến",
    "02": "Từ chối tiếp nhận",
    "03": "Đã tiếp nhận",
    "04": "Phân công",
    "05": "Đang xử lý",
    "06": "Hoàn thành",
    "13": "Yêu cầu lấy lại",
    "15": "Đồng ý lấy lại",
    "16": "Từ chối lấy lại",
}
#: Packages on one page.
SHOWN = 200


def page(title: str, body: str) -> bytes:
    """A whole page."""
    return (
        '<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} – {NAME}</title><style>{STYLE}main{{max-width:64rem}}</style></head><body>"
        f'<header><p>{NAME}</p><nav aria-label="Chính"><a href="/">Gói tin</a><a href="/gui">Gửi văn bản</a>'
        '<a href="/co-quan">Cơ quan</a><a href="/loi">Gây lỗi</a></nav></header>'
        '<main><p class="sim">MÔ PHỎNG để trình diễn và kiểm thử. Đây không phải Trục liên thông văn bản quốc gia.</p>'
        f"<h1>{escape(title)}</h1>{body}</main></body></html>"
    ).encode()


def missing() -> bytes:
    """There is nothing here."""
    return page("Không có trang này", '<p><a href="/">Về trang đầu</a></p>')


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]], none: str) -> str:
    if not rows:
        return f"<p>{escape(none)}</p>"
    top = "".join(f'<th scope="col">{escape(head)}</th>' for head in heads)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="scroll"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'


def packages(axis: Axis) -> bytes:
    """The latest packages, and how many wait for whom."""
    waiting = [(escape(system), str(len(ids))) for system, ids in sorted(axis.inbox.items())]
    latest = list(axis.packages.values())[: -SHOWN - 1 : -1]
    rows = [
        (
            f'<a href="/goi-tin/{p.id}">{escape(p.notation or p.id[:8])}</a>',
            "Trạng thái" if p.kind == "status" else "Văn bản",
            escape(p.sender),
            escape(p.to),
            escape(p.title[:80]),
            escape(p.state),
            stamp(p.created),
        )
        for p in latest
    ]
    heads = ("Số, ký hiệu", "Loại", "Nơi gửi", "Nơi nhận", "Nội dung", "Nơi nhận báo", "Lúc")
    return page(
        "Gói tin",
        f"<p>Tổng số: {len(axis.packages)}.</p><h2>Chờ lấy</h2>"
        + _table(("Hệ thống", "Số gói tin"), waiting, "Không có gói tin nào chờ lấy.")
        + "<h2>Mới nhất</h2>"
        + _table(heads, rows, "Chưa có gói tin nào."),
    )


def package(axis: Axis, found: Package) -> bytes:
    """One package; what was sent to a simulated agency can be answered here."""
    facts = {
        "Nơi gửi": found.sender,
        "Nơi nhận": found.to,
        "Mã văn bản": found.document_id,
        "Trích yếu": found.title,
        "Trạng thái": f"{found.status} {found.status_words}".strip(),
        "SHA-256": found.sha256,
        "Mã của nơi gửi": found.sender_ref,
        "Gửi lúc": stamp(found.created),
        "Nơi nhận báo": f"{found.state} {stamp(found.state_at)}".strip(),
    }
    listed = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts.items() if value)
    body = f'<dl>{listed}</dl><p><a href="/tep/{found.id}">Tải gói tin (.edxml)</a></p>'
    if axis.agencies[found.to][0] == OWN and found.kind == "edoc":
        options = "".join(f'<option value="{code}">{code} {escape(words)}</option>' for code, words in ANSWERS.items())
        body += (
            f'<h2>Trả lời thay nơi nhận</h2><form method="post"><label for="ma">Trạng thái</label><select id="ma" name="ma">{options}'
            '</select><label for="ly-do">Nội dung</label><input id="ly-do" name="ly-do" maxlength="500"><button>Gửi trạng thái</button></form>'
        )
    return page(found.notation or found.id, body)


def write(axis: Axis) -> bytes:
    """Send a document as one of the simulated agencies."""
    own = "".join(f'<option value="{code}">{escape(name)}</option>' for code, name in OWN_AGENCIES.items())
    others = "".join(
        f'<option value="{escape(code)}">{escape(code)} {escape(name)}</option>'
        for code, (system, name) in sorted(axis.agencies.items())
        if system != OWN
    )
    if not others:
        return page("Gửi văn bản", "<p>Chưa có hệ thống nào đăng ký cơ quan nhận.</p>")
    return page(
        "Gửi văn bản",
        f'<form method="post"><label for="tu">Nơi gửi</label><select id="tu" name="tu">{own}</select>'
        f'<label for="den">Nơi nhận</label><select id="den" name="den">{others}</select>'
        '<label for="trich-yeu">Trích yếu</label><input id="trich-yeu" name="trich-yeu" maxlength="500" '
        'value="V/v báo cáo tình hình kinh tế - xã hội"><button>Gửi</button></form>',
    )


def agencies(axis: Axis) -> bytes:
    """Who is connected."""
    rows = [(escape(code), escape(name), escape(system)) for code, (system, name) in sorted(axis.agencies.items())]
    return page("Cơ quan", _table(("Mã định danh", "Tên", "Hệ thống"), rows, "Chưa có cơ quan nào."))


def faults(axis: Axis) -> bytes:
    """Switch on what is to go wrong; the last calls."""
    fields = "".join(
        f'<fieldset><legend>{escape(words)}</legend><label for="{name}">Số lần</label>'
        f'<input type="number" id="{name}" name="{name}" min="0" max="100000" value="{axis.faults[name]}">'
        f'<label for="{name}-pt">Phần trăm số lần gọi</label><input type="number" id="{name}-pt" name="{name}-pt" min="0" '
        f'max="100" step="0.1" value="{axis.rates.get(name, 0):g}"></fieldset>'
        for name, words in FAULTS.items()
    )
    calls = [tuple(map(escape, call)) for call in axis.calls[:-51:-1]]
    return page(
        "Gây lỗi",
        f'<form method="post">{fields}<button>Đặt</button></form><h2>Các lần gọi gần đây</h2>'
        + _table(("Hệ thống", "Dịch vụ", "Mã"), calls, "Chưa có."),
    )
