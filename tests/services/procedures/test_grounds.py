"""Documents of law as the grounds of a paper name them."""

from __future__ import annotations

from datetime import date

import pytest
from django.template import Context, Template

from hienluong.services.procedures.grounds import ground
from hienluong.services.procedures.spec import LegalBasis


@pytest.mark.once
@pytest.mark.parametrize(
    ("number", "title", "day", "said"),
    [
        (
            "13/2020/NĐ-CP",
            "Nghị định hướng dẫn chi tiết Luật Chăn nuôi",
            None,
            "Nghị định số 13/2020/NĐ-CP hướng dẫn chi tiết Luật Chăn nuôi",
        ),
        (
            "30/2020/NĐ-CP",
            "Về công tác văn thư",
            date(2020, 3, 5),
            "Nghị định số 30/2020/NĐ-CP ngày 05 tháng 3 năm 2020 về công tác văn thư",
        ),
        (
            "32/2018/QH14",
            "Luật Chăn nuôi",
            date(2018, 11, 19),
            "Luật Chăn nuôi số 32/2018/QH14 ngày 19 tháng 11 năm 2018",
        ),
        ("91/2015/QH13", "Bộ luật Dân sự", None, "Bộ luật Dân sự số 91/2015/QH13"),
        ("202/2025/QH15", "Nghị quyết về sắp xếp", None, "Nghị quyết số 202/2025/QH15 về sắp xếp"),
        (
            "04/2020/TT-BTP",
            "Quy định chi tiết",
            date(2020, 2, 1),
            "Thông tư số 04/2020/TT-BTP ngày 01 tháng 02 năm 2020 quy định chi tiết",
        ),
        ("18/2025/QĐ-UBND", "Quyết định ban hành Quy chế", None, "Quyết định số 18/2025/QĐ-UBND ban hành Quy chế"),
        ("07/2025/NQ-HĐND", "Mức thu phí", None, "Nghị quyết số 07/2025/NQ-HĐND Mức thu phí"),
        ("VB 12", "Hướng dẫn nghiệp vụ", None, "VB 12: Hướng dẫn nghiệp vụ"),
        ("60/2014/QH13", "Luật Hộ tịch số 60/2014/QH13", None, "Luật Hộ tịch số 60/2014/QH13"),
    ],
)
def test_a_document_is_named_by_type_number_day_and_matter(
    number: str, title: str, day: date | None, said: str
) -> None:
    assert ground(number, title, day) == said


def test_a_result_without_a_template_of_its_own_names_its_grounds_so() -> None:
    spec = {
        "legal_basis": [LegalBasis(number="30/2020/NĐ-CP", title="Về công tác văn thư", issued_on=date(2020, 3, 5))]
    }
    template = Template("{% load dossiers %}{% for basis in spec.legal_basis %}{{ basis|ground }}{% endfor %}")
    said = "Nghị định số 30/2020/NĐ-CP ngày 05 tháng 3 năm 2020 về công tác văn thư"
    assert template.render(Context({"spec": spec})) == said
