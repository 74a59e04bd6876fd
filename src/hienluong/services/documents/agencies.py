"""Agencies, as documents speak of them: see :mod:`hienluong.foundation.organisations.agencies`."""

from hienluong.foundation.organisations.agencies import AGENCY_KINDS, agencies_at, agencies_of_actor, agency_of

__all__ = ["AGENCY_KINDS", "agencies_at", "agencies_of_actor", "agency_of"]
