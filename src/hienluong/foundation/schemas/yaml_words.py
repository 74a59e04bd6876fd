"""What the parser of YAML found wrong, in words for people who do not read English; its own words follow for engineers."""

from __future__ import annotations

import yaml
from yaml.reader import Reader

#: Parts of what the parsers say (the one in C and the one in Python have different words), and ours. The first that fits.
_WORDS = (
    (
        "mapping values are not allowed",
        "dấu hai chấm không được đứng ở đây: chữ có “: ” phải để trong ngoặc kép, hoặc dòng thụt sai",
    ),
    (
        "cannot start any token",
        "ký tự này không mở đầu được một giá trị; hãy thụt dòng bằng dấu cách hoặc để trong ngoặc kép",
    ),
    ("tab character", "thụt dòng bằng dấu cách, không bằng phím Tab"),
    ("control characters are not allowed", "có ký tự điều khiển không nhìn thấy được"),
    ("special characters are not allowed", "có ký tự điều khiển không nhìn thấy được"),
    ("block sequence entries are not allowed", "dấu gạch đầu dòng không được đứng ở đây"),
    ("mapping keys are not allowed", "khóa không được đứng ở đây"),
    ("',' or ']'", "danh sách mở bằng “[” thiếu dấu phẩy hoặc “]”"),
    ("',' or '}'", "nhóm mở bằng “{” thiếu dấu phẩy hoặc “}”"),
    ("find expected ':'", "thiếu dấu hai chấm sau khóa"),
    ("'-' indicator", "các mục của danh sách phải thụt vào như nhau và bắt đầu bằng “- ”"),
    ("expected key", "thụt dòng không đúng: khóa này không thẳng hàng với các khóa cùng nhóm"),
    ("<block end>", "thụt dòng không đúng: dòng này không thẳng hàng với các dòng cùng nhóm"),
    ("unexpected end of stream", "ngoặc kép mở ra mà không đóng lại"),
    ("unknown escape character", "ký tự sau dấu “\\” trong ngoặc kép không dùng được"),
    ("expected hex", "mã ký tự sau dấu “\\” không đúng"),
    ("expected node content", "thiếu giá trị ở đây"),
    ("a single document", "tệp chỉ được có một tài liệu (một dấu “---”)"),
    ("document", "dấu “---”, “...” hoặc “%” không được đứng ở đây"),
    ("comment or line break", "sau “|” hoặc “>” phải xuống dòng"),
    (
        "alphabetic or numeric character",
        "tên sau “&” hoặc “*” không đúng; chữ bắt đầu bằng các dấu này phải để trong ngoặc kép",
    ),
    ("tag", "thẻ bắt đầu bằng “!” không đúng"),
    ("alias", "không dùng bí danh (&, *) trong tệp khai báo"),
    ("anchor", "không dùng bí danh (&, *) trong tệp khai báo"),
)
_ELSE = "chỗ này không theo cú pháp YAML"


def explained(error: yaml.YAMLError, text: str) -> tuple[int, str]:
    """The line of what the parser refused (1 is the first), and what is wrong there, with the column."""
    problem = str(getattr(error, "problem", None) or getattr(error, "reason", None) or error)
    line, column = _place(error, text)
    words = next((ours for part, ours in _WORDS if part in problem), _ELSE)
    begun = getattr(error, "context_mark", None)
    since = f"; phần này bắt đầu ở dòng {begun.line + 1}" if begun and begun.line + 1 < line else ""
    return line, f"cột {column}: {words}{since} (bộ đọc YAML: {problem})"


def _place(error: yaml.YAMLError, text: str) -> tuple[int, int]:
    """Line and column, both from 1; for a character that cannot be read the parser tells none."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark:
        return mark.line + 1, mark.column + 1
    strange = Reader.NON_PRINTABLE.search(text)
    if strange is None:
        return 1, 1
    before = text[: strange.start()]
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
