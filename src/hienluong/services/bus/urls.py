"""`/quan-tri/truc-du-lieu`: data services and who may call them; `/dich-vu-du-lieu`: the same for engineers, open to all."""

from django.urls import path

from .views import agreements, catalogue, declaring, portal, proofs, reports, translating, trying, watching

app_name = "bus"
_SERVICE = "quan-tri/truc-du-lieu/dich-vu/<str:code>"
urlpatterns = [
    path("quan-tri/truc-du-lieu", catalogue.listing, name="services"),
    path("quan-tri/truc-du-lieu/khai-bao", declaring.declare, name="declare"),
    path("quan-tri/truc-du-lieu/thoa-thuan", agreements.listing, name="agreements"),
    path("quan-tri/truc-du-lieu/thoa-thuan/<str:code>", agreements.show, name="agreement"),
    path("quan-tri/truc-du-lieu/theo-doi", watching.show, name="watch"),
    path("quan-tri/truc-du-lieu/canh-bao", watching.alerts, name="alerts"),
    path("quan-tri/truc-du-lieu/bao-cao", reports.listing, name="reports"),
    path("quan-tri/truc-du-lieu/bao-cao/<str:day>/<str:code>", reports.show, name="report"),
    path("quan-tri/truc-du-lieu/bang-chung", proofs.listing, name="proofs"),
    path("quan-tri/truc-du-lieu/bang-chung/<uuid:uid>", proofs.show, name="proof"),
    path(_SERVICE, catalogue.show, name="service"),
    path(f"{_SERVICE}/sua", declaring.change, name="change"),
    path(f"{_SERVICE}/phien-ban", declaring.add_version, name="add_version"),
    path(f"{_SERVICE}/v<int:major>", catalogue.show, name="version"),
    path(f"{_SERVICE}/v<int:major>/mo-ta", declaring.describe, name="describe"),
    path(f"{_SERVICE}/v<int:major>/dia-chi", declaring.serve, name="serve"),
    path(f"{_SERVICE}/v<int:major>/de-nghi", agreements.ask, name="ask"),
    path(f"{_SERVICE}/v<int:major>/thao-tac/<str:name>", translating.show, name="translate"),
    path(f"{_SERVICE}/v<int:major>/<str:verb>", declaring.step, name="step"),
    path("dich-vu-du-lieu", portal.listing, name="portal"),
    path("dich-vu-du-lieu/<str:code>", portal.show, name="portal_service"),
    path("dich-vu-du-lieu/<str:code>/v<int:major>", portal.show, name="portal_version"),
    path("dich-vu-du-lieu/<str:code>/v<int:major>/thu", trying.try_out, name="try_out"),
    path("dich-vu-du-lieu/<str:code>/v<int:major>/openapi.json", portal.description, name="openapi"),
]
