"""`/lam-viec/co-so-du-lieu`: the registers that officials keep."""

from django.urls import path

from .views import certificates, duplicates, exporting, importing, lists, map, record, saved, together, writing

app_name = "records"
urlpatterns = [
    path("", lists.registers, name="registers"),
    path("<str:code>", lists.records, name="records"),
    path("<str:code>/them", writing.create, name="create"),
    path("<str:code>/bo-loc", saved.save_view, name="save_view"),
    path("<str:code>/bo-loc/<int:view_id>", saved.change_view, name="change_view"),
    path("<str:code>/sua-nhieu", together.change_many, name="change_many"),
    path("<str:code>/ban-do", map.show, name="map"),
    path("<str:code>/xuat", exporting.export, name="export"),
    path("<str:code>/nhap", importing.upload, name="upload"),
    path("<str:code>/nhap/<uuid:batch>", importing.show, name="import"),
    path("<str:code>/nhap/<uuid:batch>/cot", importing.map_columns, name="map_import"),
    path("<str:code>/nhap/<uuid:batch>/dung", importing.stop, name="stop_import"),
    path("<str:code>/nhap/<uuid:batch>/tiep", importing.resume, name="resume_import"),
    path("<str:code>/nhap/<uuid:batch>/hoan-tac", importing.undo, name="undo_import"),
    path("<str:code>/<int:record>", record.record, name="record"),
    path("<str:code>/<int:record>/thoa-thuan/<str:agreement>", record.shared, name="shared"),
    path("<str:code>/<int:record>/so-sanh", record.compare, name="compare"),
    path("<str:code>/<int:record>/sua", writing.change, name="change"),
    path("<str:code>/<int:record>/cham-dut", writing.end, name="end"),
    path("<str:code>/<int:record>/trung", duplicates.duplicates, name="duplicates"),
    path("<str:code>/<int:record>/giay/<str:kind>", certificates.perform, name="certificate"),
]
