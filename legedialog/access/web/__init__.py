"""What other contexts' views use: the guards."""

from legedialog.access.web.guards import citizen_required, operator_required, staff_required

__all__ = ["citizen_required", "operator_required", "staff_required"]
