"""The pages of the simulated systems of ministries: plain, small, and saying on top of each what they are."""

from __future__ import annotations

from html import escape

from .ministries_book import CERTIFICATE_STATES, FAULTS, MARRIAGES, PARCEL_STATES, SYSTEMS, TAKEN, UNKNOWN, Books

NAME = "Hệ thống mô phỏng của các bộ, ngành"
STYLE = (
    "*{box-sizing:border-box}body{font:17px/1.55 system-ui,sans-serif;margin:0;color:#1b1b1b;background:#fff}"
    "header{background:#3b3f8c;color:#fff;padding:.8rem 1rem}header p{margin:0 0 .3rem;font-weight:600;font-size:1.15rem}"
    "header a{color:#fff;margin-right:1.2rem;display:inline-block;padding:.4rem 0}main{max-width:60rem;margin:0 auto;padding:1rem}"
    ".sim{background:#fff3bf;border:2px dashed #7a5200;padding:.6rem 1rem;margin:0 0 1rem}"
    "h1{font-size:1.6rem;line-height:1.25}h2{font-size:1.2rem;margin-top:2rem}label{display:block;font-weight:600;margin:.8rem 0 .2rem}"
    "input,select,textarea{font:inherit;padding:.5rem;border:2px solid #444;border-radius:0;width:100%;max-width:26rem}"
    "input[type=number]{width:6rem}button{font:inherit;font-weight:600;background:#3b3f8c;color:#fff;border:0;padding:.7rem 1.3rem;margin:1rem 0;min-height:44px}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.45rem .6rem .45rem 0;border-bottom:1px solid #ccc;vertical-align:top}"
    ".scroll{overflow-x:auto}.scroll select{width:auto}fieldset{border:1px solid #bbb;margin:1.2rem 0;padding:.4rem 1rem 1rem}legend{font-weight:600;padding:0 .4rem}"
    "a:focus-visible,button:focus-visible,input:focus-visible,select:focus-visible{outline:3px solid #ffbf00;outline-offset:2px}"
)


def page(title: str, body: str) -> bytes:
    """A whole page."""
    return (
        '<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} – {NAME}</title><style>{STYLE}</style></head><body>"
        f'<header><p>{NAME}</p><nav aria-label="Chính"><a href="/">Các hệ thống</a><a href="/loi">Gây lỗi</a><a href="/nut-dai-ly">Nút đại lý</a></nav></header>'
        '<main><p class="sim">MÔ PHỎNG để trình diễn và kiểm thử. Đây không phải hệ thống của bộ, ngành nào; dữ liệu ở đây không có thật.</p>'
        f"<h1>{escape(title)}</h1>{body}</main></body></html>"
    ).encode()


def missing() -> bytes:
    """There is nothing here."""
    return page("Không có trang này", '<p><a href="/">Về trang đầu</a></p>')


def home(books: Books) -> bytes:
    """All systems, with how often each was asked."""
    rows = "".join(
        f'<tr><td><a href="/so/{system}">{escape(name)}</a></td><td><code>/{system}</code></td><td>{books.calls[system]}</td></tr>'
        for system, name in SYSTEMS.items()
    )
    return page(
        "Các hệ thống",
        f'<div class="scroll"><table><tr><th scope="col">Hệ thống</th><th scope="col">Địa chỉ</th><th scope="col">Số lần được hỏi</th></tr>{rows}</table></div>',
    )


def book(books: Books, system: str) -> bytes:
    """What one system knows, and how to change it."""
    if system == "dan-cu":
        return page(SYSTEMS[system], _people(books))
    if system == "buu-chinh":
        rows = {
            key: (row.get("maHoSo", ""), row["soHieuBuuGui"], row["trangThai"]) for key, row in books.orders.items()
        }
        return page(SYSTEMS[system], _moved(system, rows, ("Hồ sơ", "Số hiệu bưu gửi"), PARCEL_STATES))
    if system == "ly-lich-tu-phap":
        held = {key: (row["hoTen"], row["ngayHenTra"], row["trangThai"]) for key, row in books.certificates.items()}
        return page(SYSTEMS[system], _moved(system, held, ("Người yêu cầu", "Hẹn trả"), CERTIFICATE_STATES))
    more = f"<p>Tên đã đăng ký: {escape(', '.join(TAKEN))}.</p>" if system == "doanh-nghiep" else ""
    if system == "ho-tich":
        more = '<p>Ai cũng chưa kết hôn, trừ người được ghi khác ở <a href="/so/dan-cu">sổ dân cư</a>.</p>'
    return page(
        SYSTEMS[system],
        f"{more}<p>Câu trả lời được dựng từ chính số được hỏi, lần nào cũng như nhau. Số tận cùng {UNKNOWN} thì không có dữ liệu.</p>",
    )


def _people(books: Books) -> str:
    rows = "".join(
        f"<tr><td>{escape(number)}</td><td>{escape(row['hoTen'])}</td><td>{escape(row['ngaySinh']) or '—'}</td><td>{escape(MARRIAGES[row.get('honNhan', '1')])}</td></tr>"
        for number, row in sorted(books.people.items())
    )
    marriages = "".join(f'<option value="{code}">{escape(words)}</option>' for code, words in MARRIAGES.items())
    return (
        f"<p>Người chưa có trong sổ được ghi theo lần hỏi đầu tiên. Số tận cùng {UNKNOWN} thì không có trong sổ.</p>"
        '<h2>Ghi hoặc sửa một người</h2><form method="post"><label for="so">Số định danh (12 số)</label><input id="so" name="so" inputmode="numeric">'
        '<label for="ten">Họ và tên</label><input id="ten" name="ten"><label for="ngay">Ngày sinh (năm-tháng-ngày)</label><input id="ngay" name="ngay">'
        f'<label for="hon-nhan">Hôn nhân</label><select id="hon-nhan" name="hon-nhan">{marriages}</select><button>Ghi</button></form>'
        f'<h2>Trong sổ</h2><div class="scroll"><table><tr><th scope="col">Số định danh</th><th scope="col">Họ và tên</th><th scope="col">Ngày sinh</th><th scope="col">Hôn nhân</th></tr>{rows}</table></div>'
    )


def _moved(system: str, rows: dict[str, tuple[str, str, str]], heads: tuple[str, str], states: dict[str, str]) -> str:
    """A list whose entries can be brought to another state."""
    lines = ""
    for key, (first, second, now) in reversed(rows.items()):
        choices = "".join(
            f'<option value="{code}"{" selected" if code == now else ""}>{escape(name)}</option>'
            for code, name in states.items()
        )
        lines += (
            f"<tr><td>{escape(key)}</td><td>{escape(first)}</td><td>{escape(second)}</td>"
            f'<td><form method="post" action="/so/{system}"><input type="hidden" name="ma" value="{escape(key)}">'
            f'<select name="trang-thai" aria-label="Trạng thái của {escape(key)}">{choices}</select> <button>Ghi</button></form></td></tr>'
        )
    head = "".join(f'<th scope="col">{name}</th>' for name in ("Mã", *heads, "Trạng thái"))
    return f'<div class="scroll"><table><tr>{head}</tr>{lines}</table></div>' if rows else "<p>Chưa có gì.</p>"


def faults(books: Books) -> bytes:
    """What should go wrong, and how often."""
    groups = ""
    for system, name in SYSTEMS.items():
        boxes = "".join(
            f'<label for="{system}.{fault}">{escape(words)}</label>'
            f'<input type="number" min="0" id="{system}.{fault}" name="{system}.{fault}" value="{books.faults[system][fault]}">'
            for fault, words in FAULTS.items()
        )
        groups += f"<fieldset><legend>{escape(name)}</legend>{boxes}</fieldset>"
    return page("Gây lỗi", f'<p>Số lần mỗi lỗi sẽ xảy ra.</p><form method="post">{groups}<button>Ghi</button></form>')
