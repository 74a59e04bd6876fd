"""What the plan of a pack tells those who decide on it."""

from __future__ import annotations

import pytest
from django.utils import timezone

from hienluong.services.packs.new_parts import facts_of_new

from .sample import bundle

pytestmark = pytest.mark.django_db
LIST, REGISTER, PROCEDURE = "codelists/forest-trees.yaml", "registers/rung.yaml", "procedures/1.900001.yaml"
CERTIFICATE = """\
certificate:
  title: Giấy công nhận cây di sản
  number: so_giay
  series: CDS-{year}-{n:04}
  holder: name
  issued: ngay_cap
  expires: het_han
  standing: tinh_trang
  validity: {years: 5}
rules:
"""
FIELDS = """\
    so_giay: {x-kind: text, title: Số giấy}
    ngay_cap: {x-kind: date, title: Ngày cấp}
    het_han: {x-kind: date, title: Hết hạn}
    tinh_trang: {x-kind: text, title: Tình trạng}
"""


def facts(file: str, *changes: tuple[str, str, str]) -> dict[str, str]:
    return {each["key"]: each["value"] for each in facts_of_new(bundle(*changes).pack, file)}


def test_a_new_register_tells_its_rules_and_how_its_certificate_is_numbered_and_lasts() -> None:
    plain = facts(REGISTER)
    assert plain == {"Số trường": "6", "Quy tắc kiểm tra": "1 quy tắc: Cây phải cao hơn 1 m."}
    place = ("    place: {", f"{FIELDS}    place: {{")
    year = timezone.localdate().year
    with_certificate = facts(REGISTER, (REGISTER, "rules:\n", CERTIFICATE), (REGISTER, *place))
    assert with_certificate == plain | {
        "Số trường": "10",
        "Giấy chứng nhận": "Giấy công nhận cây di sản",
        "Số của giấy": f"lần lượt, ví dụ CDS-{year}-0001",
        "Thời hạn của giấy": "5 năm",
    }
    forever = facts(REGISTER, (REGISTER, "rules:\n", CERTIFICATE), (REGISTER, *place), (REGISTER, "  validity: {years: 5}\n", ""), (REGISTER, "  expires: het_han\n", ""))  # fmt: skip
    assert forever["Thời hạn của giấy"] == "không thời hạn"


def test_a_new_procedure_tells_its_conditions_its_rules_and_what_it_gives() -> None:
    told = facts(
        PROCEDURE,
        (PROCEDURE, "cao: {type: number, title: Cao}", "cao: {type: number, title: Cao, x-when: loai == 'a'}"),
        (PROCEDURE, "template: results/giay.html", "template: results/giay.html\n    number_suffix: CDS\n    valid_months: 36"),
        (PROCEDURE, "    - {when: cao", "".join(f"    - {{when: so != '{n}', field: so, message: Số {n}.}}\n" for n in range(4)) + "    - {when: cao"),
    )  # fmt: skip
    assert told["Số câu hỏi"] == "4, trong đó 1 chỉ hỏi khi có điều kiện"
    assert told["Quy tắc kiểm tra"] == "5 quy tắc: Số 0. · Số 1. · Số 2. …"
    assert told["Kết quả"] == "Giấy công nhận (số dạng 1/CDS, có giá trị 36 tháng)"


def test_a_new_list_tells_how_many_codes_it_has_and_from_which_day() -> None:
    assert facts(LIST) == {"Danh mục 2020": "3 mã, dùng từ 01/01/2020"}
