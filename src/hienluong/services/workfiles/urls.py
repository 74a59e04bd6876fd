"""`/lam-viec/ho-so-cong-viec/`: work files, the archive of an agency."""

from django.urls import path

from .views import destroying, files, handing

app_name = "workfiles"
_ONE = "ho-so/<str:code>"
urlpatterns = [
    path("", files.files, name="files"),
    path("moi", files.new, name="new"),
    path("dua-vao/<uuid:uid>", files.place, name="place"),
    path("danh-muc", files.planned, name="planned"),
    path("danh-muc/them", files.plan, name="plan"),
    path("giao-nop", handing.handovers, name="handovers"),
    path("giao-nop/moi", handing.new, name="hand_over"),
    path("giao-nop/<int:number>", handing.show, name="handover"),
    path("giao-nop/<int:number>/nhan", handing.receive, name="receive"),
    path("giao-nop/<int:number>/rut", handing.withdraw, name="withdraw"),
    path("giao-nop/<int:number>/xong", handing.complete, name="complete"),
    path("giao-nop/<int:number>/<str:code>/ket-luan", handing.judge, name="judge"),
    path("huy", destroying.lists, name="destructions"),
    path("huy/moi", destroying.propose, name="propose"),
    path("huy/<int:number>", destroying.show, name="destruction"),
    path("huy/<int:number>/quyet-dinh", destroying.decide, name="decide"),
    path("huy/<int:number>/thuc-hien", destroying.carry_out, name="carry_out"),
    path(_ONE, files.show, name="file"),
    path(f"{_ONE}/sua", files.change, name="change"),
    path(f"{_ONE}/muc-luc.pdf", files.contents, name="contents"),
    path(f"{_ONE}/them-van-ban", files.add_document, name="add_document"),
    path(f"{_ONE}/them-tep", files.add_file, name="add_file"),
    path(f"{_ONE}/tai-lieu/<int:item_id>", files.item, name="item"),
    path(f"{_ONE}/nguoi-cung-lap", files.members, name="members"),
    path(f"{_ONE}/ket-thuc", files.close, name="close"),
    path(f"{_ONE}/mo-lai", files.reopen, name="reopen"),
]
