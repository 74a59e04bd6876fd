"""SCIM 2.0 below ``/scim/v2``."""

from django.urls import path

from . import views

app_name = "scim"
urlpatterns = [
    path("ServiceProviderConfig", views.configuration, name="configuration"),
    path("Schemas", views.schemas, name="schemas"),
    path("Schemas/<str:key>", views.schemas, name="schema"),
    path("ResourceTypes", views.resource_types, name="resource_types"),
    path("ResourceTypes/<str:key>", views.resource_types, name="resource_type"),
    path("Users", views.user_list, name="users"),
    path("Users/.search", views.user_search, name="search_users"),
    path("Users/<str:pk>", views.user, name="user"),
    path("Groups", views.group_list, name="groups"),
    path("Groups/.search", views.group_search, name="search_groups"),
    path("Groups/<str:key>", views.group, name="group"),
    path("Bulk", views.not_offered, name="bulk"),
    path("Me", views.not_offered, name="me"),
    path(".search", views.not_offered, name="search"),
    path("", views.not_offered, name="all"),
    path("<path:rest>", views.unknown, name="unknown"),
]
