"""A form field on screen: its words, its faults, and what describes what."""

from __future__ import annotations

from datetime import date

import pytest
from django import forms
from django.template import Context, Template

from hienluong.foundation.organisations.models import Organization
from hienluong.ui.widgets import DatePartsField, MoneyField, WholeField


class Dates(forms.Form):
    born_on = DatePartsField(label="Ngày sinh")


class Fields(forms.Form):
    name = forms.CharField(label="Họ và tên", help_text="Viết có dấu.")
    way = forms.ChoiceField(
        label="Cách nhận", widget=forms.RadioSelect, choices=[("a", "Tại quầy"), ("b", "Bưu chính")]
    )
    fee = MoneyField(label="Số tiền", min_value=1000, max_value=5_000_000)
    note = forms.CharField(label="Ghi chú", required=False, max_length=20, widget=forms.Textarea)


class Chosen(forms.Form):
    whom = forms.ModelChoiceField(label="Cán bộ", queryset=Organization.objects.none())
    where = forms.ModelChoiceField(label="Nơi", queryset=Organization.objects.none(), required=False)
    other = forms.ModelChoiceField(label="Khác", queryset=Organization.objects.none(), empty_label="Tất cả")


def render(text: str, **context: object) -> str:
    return Template(text).render(Context(context))


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({}, "Nhập ngày, tháng, năm."),
        ({"born_on_month": "2", "born_on_year": "1990"}, "Nhập ngày."),
        ({"born_on_day": "2", "born_on_year": "1990"}, "Nhập tháng."),
        ({"born_on_day": "2", "born_on_month": "3"}, "Nhập năm."),
        ({"born_on_day": "31", "born_on_month": "2", "born_on_year": "1990"}, "Nhập ngày có thật"),
        ({"born_on_day": "x", "born_on_month": "2", "born_on_year": "1990"}, "Nhập ngày có thật"),
        ({"born_on_day": "²", "born_on_month": "2", "born_on_year": "1990"}, "Nhập ngày có thật"),
        ({"born_on_day": "1", "born_on_month": "2", "born_on_year": "90"}, "Năm phải có 4 chữ số."),
        ({"born_on_day": "1", "born_on_month": "9" * 30, "born_on_year": "1990"}, "Nhập ngày có thật"),
        ({"born_on_day": "9" * 5000, "born_on_month": "2", "born_on_year": "1990"}, "Nhập ngày có thật"),
        ({"born_on": "1/2/3/4"}, "Nhập ngày có thật"),
    ],
)
def test_a_wrong_date_says_what_is_wrong_with_it(typed: dict[str, str], message: str) -> None:
    form = Dates(typed)
    assert not form.is_valid()
    assert message in str(form.errors["born_on"])


@pytest.mark.parametrize("typed", ["23/11/1990", "23-11-1990", "23.11.1990", "1990-11-23", " 23/11/1990 "])
def test_a_whole_date_is_understood_too(typed: str) -> None:
    form = Dates({"born_on": typed})
    assert form.is_valid(), form.errors
    assert form.cleaned_data["born_on"] == date(1990, 11, 23)


def test_a_date_is_shown_again_as_it_was_typed() -> None:
    html = render("{% ui_field form.born_on %}", form=Dates({"born_on_day": "<b>", "born_on_month": "2"}))
    assert 'name="born_on_day"' in html
    assert "&lt;b&gt;" in html
    assert 'aria-invalid="true"' in html


def test_a_missing_answer_says_what_to_do() -> None:
    form = Fields({})
    html = render("{% ui_error_summary form %}", form=form)
    assert '<a href="#id_name">Nhập họ và tên</a>' in html
    assert '<a href="#id_way_0">Chọn cách nhận</a>' in html


def test_hint_and_error_describe_the_control() -> None:
    html = render("{% ui_field form.name %}", form=Fields({}))
    assert 'aria-describedby="id_name-hint id_name-error"' in html
    assert 'id="id_name-hint"' in html
    assert 'id="id_name-error"' in html
    assert 'class="govuk-input govuk-input--error"' in html


def test_a_list_begins_with_words() -> None:
    html = render("{% for field in form %}{% ui_field field %}{% endfor %}", form=Chosen())
    assert "-----" not in html
    assert [html.count(f">{words}</option>") for words in ("Chọn…", "Không chọn", "Tất cả")] == [1, 1, 1]


def test_what_was_typed_is_escaped_and_kept() -> None:
    html = render("{% ui_field form.name %}", form=Fields({"name": '"><script>alert(1)</script>'}))
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_an_optional_field_says_so_and_counts_its_letters() -> None:
    html = render("{% ui_field form.note %}", form=Fields())
    assert "(không bắt buộc)" in html
    assert 'data-maxlength="20"' in html
    assert 'maxlength="20"' not in html.replace('data-maxlength="20"', "")


def test_money_has_its_unit_and_its_limits() -> None:
    assert 'govuk-input__suffix" aria-hidden="true">đ' in render("{% ui_field form.fee %}", form=Fields())
    form = Fields({"fee": "9.000.000"})
    assert "5.000.000" in str(form.errors["fee"])
    assert Fields({"name": "A", "way": "a", "fee": "5.000.000 đ"}).is_valid()


def test_a_form_without_faults_has_no_summary() -> None:
    assert render("{% ui_error_summary form %}", form=Fields()) == ""


def test_a_missing_date_says_which_one_at_the_top_of_the_page() -> None:
    page = render("{% ui_error_summary form %}", form=Dates({}))
    label = str(Dates.base_fields["born_on"].label)
    assert f"{label}: nhập ngày, tháng, năm." in page


@pytest.mark.parametrize("typed", ["300000", "300.000", "300 000", "300\N{NO-BREAK SPACE}000"])
def test_a_whole_number_is_read_as_it_is_grouped(typed: str) -> None:
    assert WholeField().clean(typed) == 300_000


@pytest.mark.parametrize("typed", ["300.5", "1.500,000", "0.300", "3.00"])
def test_a_whole_number_that_could_mean_two_things_is_refused(typed: str) -> None:
    with pytest.raises(forms.ValidationError):
        WholeField().clean(typed)
