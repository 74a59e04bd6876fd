"""`/`: the portal for people and enterprises."""

from django.urls import path

from .views import begin, filing, known, mine, services, tracking

app_name = "portal"
urlpatterns = [
    path("", services.home, name="home"),
    path("dich-vu", services.services, name="services"),
    path("dich-vu/<str:code>", services.service, name="service"),
    path("dich-vu/<str:code>/nop", begin.start, name="start"),
    path("nop/<uuid:draft_id>", begin.resume, name="resume"),
    path("nop/<uuid:draft_id>/cho-ai", begin.whom, name="whom"),
    path("nop/<uuid:draft_id>/nguoi-duoc-dai-dien", begin.represented, name="represented"),
    path("nop/<uuid:draft_id>/quy-dinh-moi", begin.carry_over, name="carry_over"),
    path("nop/<uuid:draft_id>/noi-giai-quyet", filing.place, name="place"),
    path("nop/<uuid:draft_id>/ban-ghi", known.choose, name="choose_record"),
    path("nop/<uuid:draft_id>/khong-dung/<str:field>", known.contest, name="contest"),
    path("nop/<uuid:draft_id>/giay-to", filing.papers, name="draft_papers"),
    path("nop/<uuid:draft_id>/kiem-tra", filing.check, name="check"),
    path("nop/<uuid:draft_id>/bo", filing.discard, name="discard"),
    path("nop/<uuid:draft_id>/<slug:page_id>", filing.page, name="draft_page"),
    path("huong-dan", services.tour, name="tour"),
    path("ho-so", mine.mine, name="mine"),
    path("ho-so/tra-cuu", tracking.track, name="track"),
    path("giay-to-cua-toi", mine.papers, name="papers"),
    path("ho-so/<str:code>", mine.dossier, name="dossier"),
    path("ho-so/<str:code>/da-nop", filing.filed, name="filed"),
    path("ho-so/<str:code>/bo-sung", mine.supplement, name="supplement"),
    path("ho-so/<str:code>/rut", mine.withdraw, name="withdraw"),
    path("ho-so/<str:code>/giay/<int:paper_id>", mine.issued_paper, name="issued_paper"),
]
