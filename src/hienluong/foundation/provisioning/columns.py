"""The sheet of officials: its columns, the template to fill in, and reading a filled one."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import xlsxwriter
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hienluong.foundation.actions import InvalidInput
from hienluong.foundation.files import tables
from hienluong.foundation.files.tables import Limits
from hienluong.foundation.search.text import fold

#: A province has some thousands of officials; some hold several posts, a row each.
LIMITS = Limits(rows=20_000, columns=60)
_NAMES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Column:
    """A column: its name in the code, its heading, what to write there, and other headings it is known by."""

    name: str
    heading: Promise
    help: Promise
    required: bool = False
    aliases: tuple[str, ...] = ()
    width: int = 18


COLUMNS: tuple[Column, ...] = (
    Column(
        "code",
        gettext_lazy("Mã cán bộ"),
        gettext_lazy("Mã cố định của mỗi người, không đổi khi nhập lại. Chữ không dấu, chữ số, gạch nối."),
        True,
        ("ma", "ma so", "ma cong chuc", "code"),
    ),
    Column(
        "full_name",
        gettext_lazy("Họ và tên"),
        gettext_lazy("Viết đủ họ, tên đệm, tên."),
        True,
        ("ho ten", "full name"),
        28,
    ),
    Column(
        "email",
        gettext_lazy("Thư điện tử"),
        gettext_lazy("Thư công vụ. Lời mời đặt mật khẩu gửi tới đây."),
        aliases=("email", "thu dien tu cong vu"),
        width=30,
    ),
    Column(
        "phone",
        gettext_lazy("Điện thoại"),
        gettext_lazy("Không bắt buộc."),
        aliases=("so dien thoai", "phone"),
        width=14,
    ),
    Column(
        "organization",
        gettext_lazy("Cơ quan"),
        gettext_lazy("Mã định danh (H50.08) hoặc tên đầy đủ."),
        True,
        ("ma co quan", "don vi", "ma dinh danh", "organization"),
        34,
    ),
    Column("title", gettext_lazy("Chức vụ"), gettext_lazy("Như trong quyết định."), True, ("chuc danh", "title"), 26),
    Column(
        "role",
        gettext_lazy("Vai trò"),
        gettext_lazy("Mã hoặc tên vai trò, xem trang Vai trò."),
        True,
        ("role",),
        24,
    ),
    Column(
        "is_primary",
        gettext_lazy("Chức vụ chính"),
        gettext_lazy("Có hoặc không. Để trống là có."),
        aliases=("la chuc vu chinh", "chinh"),
        width=14,
    ),
    Column(
        "valid_from",
        gettext_lazy("Từ ngày"),
        gettext_lazy("ngày/tháng/năm. Để trống là hôm nay."),
        aliases=("ngay bat dau",),
        width=14,
    ),
    Column(
        "valid_to",
        gettext_lazy("Đến hết ngày"),
        gettext_lazy("Ngày cuối cùng giữ chức vụ. Để trống nếu chưa định."),
        aliases=("den ngay", "ngay ket thuc"),
        width=14,
    ),
    Column(
        "username",
        gettext_lazy("Tên đăng nhập"),
        gettext_lazy("Để trống thì lấy mã cán bộ, chữ thường."),
        aliases=("tai khoan", "username"),
        width=20,
    ),
)
BY_NAME = {column.name: column for column in COLUMNS}
#: What a sheet must not hold: it would be read by everybody through whose hands it goes.
_SECRETS = {"mat khau", "password", "pass"}


@dataclass(frozen=True)
class Read:
    """A filled sheet: the headings as written by column, and each row with its number in the file."""

    headings: dict[str, str]
    rows: list[tuple[int, dict[str, str]]]


def read(name: str, content: bytes) -> Read:
    """The rows of an Excel or CSV file; InvalidInput says in words what is no such sheet."""
    ending = name.rsplit(".", 1)[-1].lower()
    if ending == "xlsx":
        table = tables.read_excel(content, LIMITS)
    elif ending == "csv":
        table = tables.read_csv(content, LIMITS)
    else:
        raise InvalidInput(_("Chỉ nhận tệp .xlsx hoặc .csv."), code="provisioning.bad_ending", field="file")
    if not table:
        raise InvalidInput(_("Tệp không có dòng nào."), code="provisioning.empty", field="file")
    places = _places(table[0])
    rows = [
        (number, {column: row[place][:300] if place < len(row) else "" for column, place in places.items()})
        for number, row in enumerate(table[1:], 2)
        if any(cell.strip() for cell in row)
    ]
    if not rows:
        raise InvalidInput(_("Tệp chỉ có tên cột, chưa có dòng nào."), code="provisioning.empty", field="file")
    return Read({column: table[0][place][:200] for column, place in places.items()}, rows)


def _places(headings: Sequence[str]) -> dict[str, int]:
    known = {alias: c.name for c in COLUMNS for alias in (fold(str(c.heading)), c.name, *c.aliases)}
    places: dict[str, int] = {}
    for place, heading in enumerate(headings):
        plain = fold(re.sub(r"[*(].*$", "", heading))
        if plain in _SECRETS:
            raise InvalidInput(
                _("Tệp có cột mật khẩu. Hãy xóa cột đó: mỗi người tự đặt mật khẩu bằng liên kết trong thư mời."),
                code="provisioning.password_column",
                field="file",
            )
        if plain in known:
            if known[plain] in places:
                raise InvalidInput(
                    _("Hai cột cùng tên “%(name)s”.") % {"name": heading}, code="provisioning.two_columns", field="file"
                )
            places[known[plain]] = place
    missing = [str(c.heading) for c in COLUMNS if c.required and c.name not in places]
    if missing:
        raise InvalidInput(
            _("Thiếu cột: %(names)s. Hãy dùng tệp mẫu.") % {"names": ", ".join(missing)},
            code="provisioning.missing_columns",
            field="file",
        )
    return places


def template(roles: Iterable[tuple[str, str]], organisations: Iterable[tuple[str, str]]) -> bytes:
    """The sheet to fill in, with a list of the roles and one of the organisations to choose from."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet(_("Cán bộ"))
    bold = book.add_format({"bold": True, "bg_color": "#DDEBEE", "text_wrap": True, "valign": "top"})
    text = book.add_format({"num_format": "@"})
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    for place, column in enumerate(COLUMNS):
        dated = column.name in ("valid_from", "valid_to")
        sheet.set_column(place, place, column.width, day if dated else text)
        sheet.write(0, place, str(column.heading) + (" *" if column.required else ""), bold)
        sheet.write_comment(0, place, str(column.help))
    sheet.freeze_panes(1, 0)
    listed = list(roles)
    _listed(book, _("Vai trò"), (_("Mã"), _("Tên")), listed, bold)
    places = list(organisations)
    _listed(book, _("Cơ quan"), (_("Mã"), _("Tên")), places, bold)
    place = next(number for number, column in enumerate(COLUMNS) if column.name == "role")
    letter = _NAMES[place]
    if listed:
        source = f"='{_('Vai trò')}'!$A$2:$A${len(listed) + 1}"
        sheet.data_validation(f"{letter}2:{letter}{LIMITS.rows}", {"validate": "list", "source": source})
    book.close()
    return out.getvalue()


def _listed(
    book: xlsxwriter.Workbook, name: str, heads: Sequence[str], rows: Sequence[Sequence[str]], bold: object
) -> None:
    sheet = book.add_worksheet(name)
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 1, 60)
    for place, head in enumerate(heads):
        sheet.write(0, place, head, bold)
    for line, row in enumerate(rows, 1):
        for place, cell in enumerate(row):
            sheet.write_string(line, place, cell)
