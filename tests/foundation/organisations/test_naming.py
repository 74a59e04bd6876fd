from hienluong.foundation.organisations.naming import person_key, sort_name


def test_vietnamese_letters_sort_in_their_own_order() -> None:
    names = ["Đông Hà", "Dakrông", "Ái Tử", "Ăn", "An", "Ân", "Ba Lòng", "Ơn", "On", "Ôn", "Ưng", "Ung"]
    assert sorted(names, key=sort_name) == [
        "Ái Tử", "An", "Ăn", "Ân", "Ba Lòng", "Dakrông", "Đông Hà", "On", "Ôn", "Ơn", "Ung", "Ưng",
    ]  # fmt: skip


def test_tones_break_ties_between_equal_letters() -> None:
    assert sorted(["Mạ", "Má", "Mã", "Mả", "Mà", "Ma"], key=sort_name) == ["Ma", "Mà", "Mả", "Mã", "Má", "Mạ"]


def test_people_sort_by_given_name() -> None:
    assert sorted(["Trần Văn Bình", "Lê Thị An"], key=person_key)[0] == "Lê Thị An"
