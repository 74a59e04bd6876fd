"""Building procedures, below the draft that they belong to."""

from django.urls import path

from .views import form_builder, outcomes, procedures, results, taking

_ONE = "<str:name>/thu-tuc/<str:stem>"

urlpatterns = [
    path("<str:name>/thu-tuc-moi", procedures.begin, name="begin_procedure"),
    path(_ONE, procedures.show, name="procedure"),
    path(f"{_ONE}/thong-tin", procedures.about, name="about"),
    path(f"{_ONE}/muc/<str:part>", procedures.item, name="procedure_item"),
    path(f"{_ONE}/muc/<str:part>/<int:number>", procedures.item, name="procedure_item"),
    path(f"{_ONE}/bieu-mau", form_builder.form, name="form"),
    path(f"{_ONE}/bieu-mau/lay-tu", taking.take, name="take"),
    path(f"{_ONE}/bieu-mau/thu", form_builder.trial, name="trial"),
    path(f"{_ONE}/bieu-mau/cau-hoi/<str:field>", form_builder.field, name="field"),
    path(f"{_ONE}/bieu-mau/trang/<str:page>", form_builder.page, name="page"),
    path(f"{_ONE}/bieu-mau/quy-tac", form_builder.rule, name="rule"),
    path(f"{_ONE}/bieu-mau/quy-tac/<int:number>", form_builder.rule, name="rule"),
    path(f"{_ONE}/quy-trinh", outcomes.process, name="process"),
    path(f"{_ONE}/ket-qua", results.result, name="result"),
    path(f"{_ONE}/ket-qua/giay", results.paper, name="paper"),
    path(f"{_ONE}/ghi", outcomes.effect, name="effect"),
    path(f"{_ONE}/ghi/<int:number>", outcomes.effect, name="effect"),
]
