"""The faces: each app brings its own urls; this file only says where they are mounted."""

from django.urls import include, path

from . import errors
from .api import api
from .metrics.views import show as metrics

handler400 = "hienluong.house.errors.bad_request"
handler403 = "hienluong.house.errors.forbidden"
handler404 = "hienluong.house.errors.not_found"
handler500 = "hienluong.house.errors.server_error"

urlpatterns = [
    path("song", errors.alive),
    path("metrics", metrics, name="metrics"),
    # First what machines ask most: an address is looked for from the top.
    path("", include("hienluong.foundation.sso.urls")),
    path("api/v1/", api.urls),
    path("", include("hienluong.house.failures.urls")),
    path("", include("hienluong.house.bus_tour")),
    path("", include("hienluong.foundation.identity.urls")),
    path("", include("hienluong.foundation.signin.urls")),
    path("", include("hienluong.foundation.eid.urls")),
    path("", include("hienluong.foundation.recovery.urls")),
    path("", include("hienluong.foundation.counter.urls")),
    path("", include("hienluong.foundation.merging.urls")),
    path("", include("hienluong.foundation.mandates.urls")),
    path("", include("hienluong.foundation.signin.allauth_urls")),
    path("", include("hienluong.foundation.provisioning.urls")),
    path("", include("hienluong.foundation.powers.urls")),
    path("scim/v2/", include("hienluong.foundation.provisioning.scim.urls")),
    path("", include("hienluong.foundation.consents.urls")),
    path("", include("hienluong.foundation.privacy.urls")),
    path("", include("hienluong.foundation.organisations.urls")),
    path("", include("hienluong.foundation.calendars.urls")),
    path("", include("hienluong.foundation.codelists.urls")),
    path("", include("hienluong.services.procedures.urls")),
    path("", include("hienluong.ui.urls")),
    path("", include("hienluong.foundation.notifications.urls")),
    path("", include("hienluong.foundation.files.urls")),
    path("", include("hienluong.foundation.transparency.urls")),
    path("", include("hienluong.capabilities.signing.urls")),
    path("", include("hienluong.capabilities.payments.urls")),
    path("", include("hienluong.services.national.urls")),
    path("", include("hienluong.services.adapters.urls")),
    path("", include("hienluong.services.exchange.urls")),
    path("", include("hienluong.services.surveys.urls")),
    path("", include("hienluong.services.lookups.urls")),
    path("", include("hienluong.services.breaches.urls")),
    path("", include("hienluong.services.corrections.urls")),
    path("", include("hienluong.services.portal.urls")),
    path("co-so-du-lieu/", include("hienluong.services.records.public_urls")),
    path("lam-viec/co-so-du-lieu/", include("hienluong.services.records.urls")),
    path("", include("hienluong.services.records.sharing_urls")),
    path("quan-tri/su-kien/", include("hienluong.services.streams.urls")),
    path("", include("hienluong.services.agentnode.urls")),
    path("", include("hienluong.services.flows.urls")),
    path("", include("hienluong.services.bus.urls")),
    path("quan-tri/goi-nganh/", include("hienluong.services.packs.urls")),
    path("quan-tri/xuong-khai-bao/", include("hienluong.services.building.urls")),
    path("lam-viec/an-toan-thuc-pham/", include("hienluong.sectors.health.food_safety.urls")),
    path("lam-viec/cham-diem/", include("hienluong.services.assessments.urls")),
    path("lam-viec/giao-viec/", include("hienluong.services.assignments.urls")),
    path("lam-viec/ho-so-cong-viec/", include("hienluong.services.workfiles.urls")),
    path("lam-viec/van-ban/", include("hienluong.services.documents.urls")),
    path("lam-viec/van-ban/", include("hienluong.services.documents.outgoing_urls")),
    path("lam-viec/", include("hienluong.services.workplace.urls")),
    path("", include("hienluong.services.oversight.urls")),
]
