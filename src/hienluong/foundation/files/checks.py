"""Looking into a file before it is kept: type by content, bombs, traps. What is refused is told in plain words."""

from __future__ import annotations

import unicodedata
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pikepdf
from django.utils.translation import gettext_lazy as _
from PIL import Image, UnidentifiedImageError

from hienluong.foundation.actions import InvalidInput

MEGABYTE = 1024 * 1024
MAX_PIXELS = 60_000_000
MAX_UNPACKED = 200 * MEGABYTE
MAX_RATIO = 120
MAX_MEMBERS = 2_000


@dataclass(frozen=True)
class Kind:
    """A type we take: its media type, its endings, and the closer look it needs."""

    media_type: str
    endings: tuple[str, ...]
    look: Callable[[Path], None]


def refuse(message: object, code: str) -> InvalidInput:
    """The refusal of a file."""
    return InvalidInput(str(message), code=f"files.{code}", field="file")


def _look_at_image(path: Path) -> None:
    """Read the size from the header first; then prove that the picture can be decoded."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path) as picture:
                if picture.width * picture.height > MAX_PIXELS:
                    raise _too_many_pixels()
                picture.verify()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels() from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise refuse(_("Ảnh này không mở được hoặc bị hỏng. Hãy chụp lại."), "bad_image") from error


def _too_many_pixels() -> InvalidInput:
    return refuse(_("Ảnh quá lớn (trên 60 triệu điểm ảnh). Hãy chụp lại ở cỡ nhỏ hơn."), "image_too_large")


#: Keys, types and kinds of action by which a PDF runs programs, sends data away or carries other files.
_TRAPS = frozenset(
    {
        "/JavaScript",
        "/JS",
        "/Launch",
        "/EmbeddedFile",
        "/EmbeddedFiles",
        "/EF",
        "/RichMedia",
        "/XFA",
        "/GoToE",
        "/ImportData",
        "/SubmitForm",
    }
)
#: How deep arrays and dictionaries may lie in each other; a real document needs far less.
MAX_PDF_DEPTH = 60


def _look_at_pdf(path: Path) -> None:
    """Refuse what does not open, what is locked, and what carries script, programs or files."""
    try:
        with pikepdf.open(path) as pdf:
            if len(pdf.pages) == 0:
                raise refuse(_("Tệp PDF không có trang nào."), "empty_pdf")
            for item in pdf.objects:
                _refuse_traps(item)
    except pikepdf.PasswordError as error:
        raise refuse(_("Tệp PDF có mật khẩu. Hãy bỏ mật khẩu rồi tải lên lại."), "locked_pdf") from error
    except (pikepdf.PdfError, ValueError, RuntimeError) as error:
        raise refuse(_("Tệp PDF bị hỏng, không mở được."), "bad_pdf") from error


def _refuse_traps(item: object, depth: int = 0) -> None:
    """Look through one object and what lies inside it; objects it refers to are looked at on their own."""
    if depth > MAX_PDF_DEPTH:
        raise refuse(_("Tệp PDF bị hỏng, không mở được."), "bad_pdf")
    if isinstance(item, pikepdf.Stream):
        item = item.stream_dict
    if isinstance(item, pikepdf.Dictionary):
        inside = list(item.items())
        named = {key for key, _value in inside} | {str(item.get("/S", "")), str(item.get("/Type", ""))}
        if named & _TRAPS:
            raise refuse(
                _("Tệp PDF có chứa mã lệnh hoặc tệp đính kèm bên trong, không được nhận. Hãy in lại ra PDF thường."),
                "pdf_trap",
            )
        _refuse_traps_in([value for _key, value in inside], depth)
    elif isinstance(item, pikepdf.Array):
        _refuse_traps_in(list(item), depth)


def _refuse_traps_in(values: list[object], depth: int) -> None:
    for value in values:
        if isinstance(value, pikepdf.Dictionary | pikepdf.Array) and not value.is_indirect:
            _refuse_traps(value, depth + 1)


def _look_at_zip(path: Path) -> None:
    """Refuse archives that would unpack to far more than they are, or outside their place."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise refuse(_("Tệp nén bị hỏng, không mở được."), "bad_zip") from error
    total = sum(member.file_size for member in members)
    packed = max(sum(member.compress_size for member in members), 1)
    if len(members) > MAX_MEMBERS or total > MAX_UNPACKED or total / packed > MAX_RATIO:
        raise refuse(_("Tệp nén bung ra quá lớn, không được nhận."), "zip_bomb")
    for member in members:
        if member.filename.startswith("/") or ".." in Path(member.filename).parts:
            raise refuse(_("Tệp nén có đường dẫn lạ, không được nhận."), "zip_path")
        if member.filename.lower().endswith((".zip", ".jar", ".7z", ".rar")):
            raise refuse(_("Tệp nén chứa tệp nén khác, không được nhận."), "zip_nested")
        if Path(member.filename).name.lower() == "vbaproject.bin":
            raise refuse(_("Tệp có chứa macro, không được nhận. Hãy lưu lại thành .docx hoặc .xlsx thường."), "macro")


_OFFICE = "application/vnd.openxmlformats-officedocument."
PDF = Kind("application/pdf", (".pdf",), _look_at_pdf)
JPEG = Kind("image/jpeg", (".jpg", ".jpeg"), _look_at_image)
PNG = Kind("image/png", (".png",), _look_at_image)
WEBP = Kind("image/webp", (".webp",), _look_at_image)
DOCX = Kind(f"{_OFFICE}wordprocessingml.document", (".docx",), _look_at_zip)
XLSX = Kind(f"{_OFFICE}spreadsheetml.sheet", (".xlsx",), _look_at_zip)
TAKEN = _("Chỉ nhận PDF, ảnh JPEG, PNG, WEBP, Word (.docx) hoặc Excel (.xlsx).")


#: Brands of pictures in HEIF containers: what iPhones store unless told otherwise.
_HEIC = frozenset((b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"))


def kind_of(path: Path) -> Kind:
    """The type found in the content. Raises InvalidInput for anything we do not take."""
    with path.open("rb") as stream:
        head = stream.read(1024)
    if head.startswith(b"%PDF-"):
        return PDF
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if head.startswith(b"PK\x03\x04"):
        return _office_kind(path)
    if head[4:8] == b"ftyp" and head[8:12] in _HEIC:
        raise refuse(
            _(
                "Ảnh HEIC của iPhone chưa nhận được. Vào Cài đặt → Camera → Định dạng, chọn “Tương thích nhất” "
                "rồi chụp lại; hoặc gửi ảnh chụp màn hình."
            ),
            "heic",
        )
    raise refuse(TAKEN, "type")


def _office_kind(path: Path) -> Kind:
    _look_at_zip(path)
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
    if "word/document.xml" in names:
        return DOCX
    if "xl/workbook.xml" in names:
        return XLSX
    raise refuse(TAKEN, "type")


def examine(path: Path, name: str) -> Kind:
    """Everything about one file: type, ending, traps. Returns its kind, or raises InvalidInput saying why not."""
    if path.stat().st_size == 0:
        raise refuse(_("Tệp “%(name)s” trống (0 byte).") % {"name": clean_name(name)}, "empty")
    kind = kind_of(path)
    ending = Path(name).suffix.lower()
    if ending and ending not in kind.endings:
        raise refuse(_("Tệp “%(name)s” có đuôi không khớp nội dung bên trong.") % {"name": clean_name(name)}, "ending")
    kind.look(path)
    return kind


def clean_name(name: str) -> str:
    """A file name that is safe to keep and show: composed letters, no path, no control characters, at most 150."""
    plain = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(ch for ch in plain if unicodedata.category(ch)[0] != "C").strip(" .")
    stem, dot, ending = plain.rpartition(".")
    if dot and len(plain) > 150:
        plain = f"{stem[: 149 - len(ending)]}.{ending}"
    return plain[:150] or "tep"
