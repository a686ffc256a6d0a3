"""What other contexts' views use: the doors that age, representation and consent open."""

from legedialog.consent.web.guards import (
    adult_required,
    anything_required,
    area_required,
    basis_required,
    home_required,
    services_required,
    watch,
)

__all__ = [
    "adult_required",
    "anything_required",
    "area_required",
    "basis_required",
    "home_required",
    "services_required",
    "watch",
]
