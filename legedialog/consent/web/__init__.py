"""What other contexts' views use: the doors that age and consent open."""

from legedialog.consent.web.guards import adult_required, basis_required, services_required, watch

__all__ = ["adult_required", "basis_required", "services_required", "watch"]
