"""Believable Vietnamese names, from lists and a fixed seed."""

from __future__ import annotations

import random

SURNAMES = (
    "Nguyễn",
    "Trần",
    "Lê",
    "Phạm",
    "Hoàng",
    "Phan",
    "Võ",
    "Đặng",
    "Bùi",
    "Đỗ",
    "Hồ",
    "Ngô",
    "Dương",
    "Lý",
    "Mai",
    "Cao",
)
MIDDLE_MALE = ("Văn", "Đức", "Minh", "Quang", "Hữu", "Quốc", "Xuân", "Thanh", "Công")
MIDDLE_FEMALE = ("Thị", "Thị Thu", "Thị Ngọc", "Thị Thanh", "Thị Minh", "Thị Kim")
GIVEN_MALE = (
    "An",
    "Bình",
    "Cường",
    "Dũng",
    "Đạt",
    "Giang",
    "Hải",
    "Hùng",
    "Khánh",
    "Long",
    "Nam",
    "Phúc",
    "Quân",
    "Sơn",
    "Tuấn",
    "Vinh",
)
GIVEN_FEMALE = (
    "Anh",
    "Bích",
    "Chi",
    "Dung",
    "Hà",
    "Hằng",
    "Hoa",
    "Hương",
    "Lan",
    "Liên",
    "Mai",
    "Nga",
    "Nhung",
    "Oanh",
    "Thảo",
    "Yến",
)


def person(chance: random.Random) -> tuple[str, str]:
    """A full name and the sex (``male`` or ``female``)."""
    surname = chance.choice(SURNAMES)
    if chance.random() < 0.5:
        return f"{surname} {chance.choice(MIDDLE_MALE)} {chance.choice(GIVEN_MALE)}", "male"
    return f"{surname} {chance.choice(MIDDLE_FEMALE)} {chance.choice(GIVEN_FEMALE)}", "female"
