"""The pages of the simulated national portal: plain, small, and saying on top of each what they are."""

from __future__ import annotations

from html import escape
from typing import Any
from urllib.parse import quote, urlencode

from .national_book import ERRORS, FAULTS, STATES, Portal

NAME = "Hệ thống mô phỏng Cổng Dịch vụ công quốc gia"
STYLE = (
    "*{box-sizing:border-box}body{font:17px/1.55 system-ui,sans-serif;margin:0;color:#1b1b1b;background:#fff}"
    "header{background:#8c1313;color:#fff;padding:.8rem 1rem}header a{color:#fff}header nav a{margin-right:1.2rem}"
    "header p{margin:0 0 .3rem;font-weight:600;font-size:1.15rem}main{max-width:46rem;margin:0 auto;padding:1rem}"
    ".sim{background:#fff3bf;border:2px dashed #7a5200;padding:.6rem 1rem;margin:0 0 1rem}"
    "h1{font-size:1.6rem;line-height:1.25}h2{font-size:1.2rem;margin-top:2rem}label{display:block;font-weight:600;margin:1rem 0 .2rem}"
    "input:not([type=checkbox]):not([type=number]),select,textarea{font:inherit;width:100%;padding:.5rem;border:2px solid #444;border-radius:0}"
    "input[type=number]{display:block;font:inherit;width:6rem;padding:.4rem}button{font:inherit;font-weight:600;background:#8c1313;color:#fff;border:0;padding:.7rem 1.3rem;margin:1rem 0}"
    "button.quiet{background:#e8e8e8;color:#1b1b1b}small{color:#555;font-weight:400}table{border-collapse:collapse;width:100%}"
    "th,td{text-align:left;padding:.45rem .6rem .45rem 0;border-bottom:1px solid #ccc;vertical-align:top}.scroll{overflow-x:auto}"
    "dt{color:#555}dd{margin:0 0 .6rem}fieldset{border:1px solid #bbb;margin:1.2rem 0;padding:.4rem 1rem 1rem}legend{font-weight:600;padding:0 .4rem}"
    "a:focus-visible,button:focus-visible,input:focus-visible,select:focus-visible,textarea:focus-visible{outline:3px solid #ffbf00;outline-offset:2px}"
)
#: Some places to choose from; any code of a commune of the province may be typed.
PLACES = {
    "19333": "phường Đông Hà",
    "18880": "phường Đồng Hới",
    "19360": "phường Quảng Trị",
    "19009": "phường Ba Đồn",
    "19363": "xã Vĩnh Linh",
    "19495": "xã Gio Linh",
    "19429": "xã Khe Sanh",
    "19432": "xã Lao Bảo",
    "19681": "xã Diên Sanh",
    "19742": "đặc khu Cồn Cỏ",
}


def page(title: str, body: str) -> bytes:
    """A whole page."""
    return (
        '<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} – {NAME}</title><style>{STYLE}</style></head><body>"
        f'<header><p>{NAME}</p><nav aria-label="Chính"><a href="/">Nộp hồ sơ</a><a href="/ho-so">Hồ sơ</a><a href="/loi">Gây lỗi</a></nav></header>'
        '<main><p class="sim">MÔ PHỎNG để trình diễn và kiểm thử. Đây không phải Cổng Dịch vụ công quốc gia; đừng nhập dữ liệu cá nhân thật.</p>'
        f"<h1>{escape(title)}</h1>{body}</main></body></html>"
    ).encode()


def missing() -> bytes:
    """There is nothing here."""
    return page("Không có trang này", '<p><a href="/">Về trang đầu</a></p>')


def home(portal: Portal, text: str) -> bytes:
    """Choose what to file."""
    query = urlencode({"complete": "true", "page_size": 100, "q": text[:200]})
    found = portal.ask(f"/api/v1/procedures?{query}")
    if found is None:
        listed = "<p>Chưa hỏi được danh mục thủ tục của tỉnh. Hệ thống của tỉnh có đang chạy không?</p>"
    else:
        rows = "".join(
            f'<li><a href="/nop/{quote(item["code"])}">{escape(item["name"])}</a> <small>{escape(item["code"])}</small></li>'
            for item in found["items"]
        )
        listed = f"<ul>{rows}</ul>" if rows else "<p>Không có thủ tục nào khớp.</p>"
    form = f'<form><label for="q">Tìm thủ tục</label><input id="q" name="q" value="{escape(text)}"><button>Tìm</button></form>'
    return page("Nộp hồ sơ trực tuyến", form + listed)


def _specification(portal: Portal, code: str) -> dict[str, Any] | None:
    found = portal.ask(f"/api/v1/procedures/{quote(code, safe='')}")
    return found["specification"] if isinstance(found, dict) and "specification" in found else None


def form(portal: Portal, code: str) -> bytes | None:
    """The form of one procedure, with the person and the papers; None when there is no such procedure."""
    spec = _specification(portal, code)
    if spec is None:
        return None
    places = "".join(f'<option value="{key}">{escape(name)}</option>' for key, name in PLACES.items())
    person = (
        "<fieldset><legend>Người nộp (theo tài khoản định danh điện tử)</legend>"
        + _text("HoTen", "Họ và tên", "Nguyễn Thị Mô Phỏng")
        + _text("MaDoiTuong", "Số định danh cá nhân (12 số)", "045190000001")
        + _text("SoDienThoai", "Số điện thoại", "0912345678")
        + _text("Email", "Thư điện tử", "")
        + _text("DiaChi", "Nơi cư trú", "phường Đông Hà, tỉnh Quảng Trị")
        + '<label for="MaXa">Xã, phường giải quyết <small>(mã đơn vị hành chính)</small></label>'
        f'<input id="MaXa" name="MaXa" list="noi" value="19333"><datalist id="noi">{places}</datalist>'
        '<label for="HinhThucTra">Nhận kết quả</label><select id="HinhThucTra" name="HinhThucTra"><option value="2">Bản điện tử</option>'
        '<option value="0">Tại bộ phận một cửa</option><option value="1">Qua bưu chính công ích</option></select></fieldset>'
    )
    fields = ""
    given = spec.get("form") or {}
    properties = (given.get("schema") or {}).get("properties", {})
    needed = set((given.get("schema") or {}).get("required", []))
    for sheet in given.get("pages", []):
        asked = "".join(
            _field(name, properties[name], name in needed) for name in sheet["fields"] if name in properties
        )
        fields += f"<fieldset><legend>{escape(sheet['title'])}</legend>{asked}</fieldset>"
    papers = "".join(
        f'<label for="tep-{escape(paper["code"])}">{escape(paper["name"])}</label><input type="file" id="tep-{escape(paper["code"])}" name="tep-{escape(paper["code"])}">'
        for paper in spec.get("papers", [])
        if paper.get("source", "upload") == "upload"
    )
    papers = f"<fieldset><legend>Giấy tờ kèm theo</legend>{papers}</fieldset>" if papers else ""
    body = (
        f'<form method="post" enctype="multipart/form-data">{person}{fields}{papers}<button>Nộp hồ sơ</button></form>'
    )
    return page(spec["name"], body)


def _text(name: str, label: str, value: str, kind: str = "text") -> str:
    return f'<label for="{name}">{escape(label)}</label><input id="{name}" name="{name}" type="{kind}" value="{escape(value)}">'


def _field(name: str, schema: dict[str, Any], needed: bool) -> str:
    key, words = (
        f"f-{escape(name)}",
        escape(str(schema.get("title", name))) + ("" if needed else " <small>(nếu có)</small>"),
    )
    labels = schema.get("x-enum-labels", {})
    if schema.get("type") == "boolean":
        return f'<label><input type="checkbox" name="{key}" value="true"> {words}</label>'
    if "enum" in schema:
        options = "".join(
            f'<option value="{escape(str(value))}">{escape(str(labels.get(value, value)))}</option>'
            for value in schema["enum"]
        )
        empty = '<option value=""></option>'
        return f'<label for="{key}">{words}</label><select id="{key}" name="{key}">{empty}{options}</select>'
    kind = "date" if schema.get("format") == "date" else "text"
    return f'<label for="{key}">{words}</label><input id="{key}" name="{key}" type="{kind}">'


def told(portal: Portal, code: str, fields: dict[str, str]) -> dict[str, Any]:
    """What a filled form says, in the fields of the message to the province."""
    spec = _specification(portal, code) or {}
    properties = ((spec.get("form") or {}).get("schema") or {}).get("properties", {})
    answers: dict[str, Any] = {}
    for name, schema in properties.items():
        value = fields.get(f"f-{name}", "").strip()
        if value:
            answers[name] = _typed(value, str(schema.get("type", "string")))
    person = {name: fields.get(name, "").strip() for name in ("HoTen", "MaDoiTuong", "SoDienThoai", "Email", "DiaChi")}
    return {
        "MaTTHC": code,
        "TenTTHC": spec.get("name", ""),
        "MaXa": fields.get("MaXa", "").strip(),
        "ChuHoSo": {"LoaiDoiTuong": "1" if len(person["MaDoiTuong"]) == 12 else "2", **person},
        "HinhThucTra": fields.get("HinhThucTra", "2"),
        "DuLieuBieuMau": answers,
    }


def _typed(value: str, kind: str) -> Any:
    if kind == "boolean":
        return value == "true"
    if kind in ("integer", "number"):
        plain = value.replace(".", "").replace(",", ".")
        try:
            return int(plain) if kind == "integer" else float(plain)
        except ValueError:
            return value
    return value


def dossiers(portal: Portal) -> bytes:
    """Every dossier the portal knows, newest first."""
    rows = "".join(
        f'<tr><td><a href="/ho-so/{escape(number)}">{escape(number)}</a></td><td>{escape(_name(entry))}</td><td>{_state(entry)}</td></tr>'
        for number, entry in reversed(list(portal.dossiers.items())[-300:])
    )
    table = f'<div class="scroll"><table><thead><tr><th>Mã hồ sơ</th><th>Thủ tục</th><th>Trạng thái</th></tr></thead><tbody>{rows}</tbody></table></div>'
    return page("Hồ sơ trên Cổng", table if rows else "<p>Chưa có hồ sơ nào.</p>")


def _name(entry: dict[str, Any]) -> str:
    return str((entry["data"] or entry["filed"] or {}).get("TenTTHC", ""))


def _state(entry: dict[str, Any]) -> str:
    number = str(entry["data"].get("TrangThaiHoSo", "")) if entry["data"] else ""
    return escape(f"{number}. {STATES[number]}" if number in STATES else "Chưa đồng bộ")


def _when(moment: str) -> str:
    return f"{moment[8:10]}:{moment[10:12]} {moment[6:8]}/{moment[4:6]}/{moment[:4]}" if len(moment) == 14 else ""


def dossier(portal: Portal, number: str) -> bytes:
    """One dossier as the portal knows it, and what its person can do."""
    entry = portal.dossiers[number]
    data = entry["data"]
    facts = {
        "Thủ tục": _name(entry),
        "Trạng thái": _state(entry),
        "Mã của tỉnh": entry.get("local") or data.get("SoBienNhan", ""),
        "Đơn vị xử lý": data.get("DonViXuLy", ""),
        "Tiếp nhận": _when(data.get("NgayTiepNhan", "")),
        "Hẹn trả": _when(data.get("NgayHenTra", "")),
        "Gói tin gần nhất đẩy về tỉnh": entry.get("push", ""),
    }
    body = "<dl>" + "".join(f"<dt>{k}</dt><dd>{escape(str(v)) or '—'}</dd>" for k, v in facts.items()) + "</dl>"
    state = str(data.get("TrangThaiHoSo", ""))
    if state == "5":
        asked = [row for row in data.get("DanhSachHoSoBoSung", []) if row.get("TrangThaiBoSung") == "0"]
        words = escape("; ".join(row["NoiDungBoSung"] for row in asked))
        papers = "".join(
            f'<label for="tep-{escape(p["MaThanhPhanHoSo"])}">{escape(p["TenGiayTo"])}</label><input type="file" id="tep-{escape(p["MaThanhPhanHoSo"])}" name="tep-{escape(p["MaThanhPhanHoSo"])}">'
            for row in asked
            for p in row.get("DanhSachGiayToBoSung", [])
        )
        body += (
            f'<h2>Cần bổ sung</h2><p>{words}</p><form method="post" action="/ho-so/{escape(number)}/bo-sung" enctype="multipart/form-data">'
            f'<label for="noi-dung">Nội dung trả lời</label><textarea id="noi-dung" name="noi-dung" rows="3"></textarea>{papers}<button>Gửi bổ sung</button></form>'
        )
    results = "".join(
        f'<li><a href="{escape(row["DuongDanTepTinKetQua"])}">{escape(row["TenGiayTo"])}</a></li>'
        for row in data.get("DanhSachGiayToKetQua", [])
    )
    body += f"<h2>Kết quả</h2><ul>{results}</ul>" if results else ""
    steps = "".join(
        f"<tr><td>{_when(row['ThoiDiemXuLy'])}</td><td>{escape(row['NoiDungXuLy'])}</td><td>{escape(row['NguoiXuLy'])}<br><small>{escape(row['PhongBanXuLy'])}</small></td><td>{escape(row['TrangThai'])}</td></tr>"
        for row in entry["progress"]
    )
    if steps:
        body += f'<h2>Tiến độ</h2><div class="scroll"><table><thead><tr><th>Lúc</th><th>Nội dung</th><th>Người xử lý</th><th>Trạng thái</th></tr></thead><tbody>{steps}</tbody></table></div>'
    if entry["filed"]:
        body += f'<form method="post" action="/ho-so/{escape(number)}/day-lai"><button class="quiet">Đẩy lại gói tin nộp hồ sơ</button></form>'
        if state in ("", "1", "2", "4", "5", "6"):
            body += (
                f'<form method="post" action="/ho-so/{escape(number)}/rut"><label for="ly-do">Lý do rút</label>'
                '<input id="ly-do" name="ly-do"><button class="quiet">Rút hồ sơ</button></form>'
            )
    return page(f"Hồ sơ {number}", body)


def faults(portal: Portal) -> bytes:
    """What should go wrong, how many times, and the last calls of the province."""
    rows = "".join(
        f'<label for="{key}">{escape(words)} <small>(số lần tới)</small></label><input type="number" id="{key}" name="{key}" min="0" value="{max(portal.faults[key], 0)}">'
        for key, words in FAULTS.items()
    )
    calls = "".join(
        f"<tr><td>{escape(name)}</td><td>{escape(code)} {escape(ERRORS.get(code, ''))}</td></tr>"
        for name, code in reversed(portal.calls[-30:])
    )
    table = f'<h2>Tỉnh vừa gọi</h2><div class="scroll"><table><thead><tr><th>Dịch vụ</th><th>Trả lời</th></tr></thead><tbody>{calls}</tbody></table></div>'
    return page("Gây lỗi", f'<form method="post">{rows}<button>Đặt</button></form>{table if calls else ""}')
