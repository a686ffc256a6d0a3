"""What other contexts' views use: the guards."""

from legedialog.access.web.guards import (
    citizen_or_proxy_required,
    citizen_required,
    instead,
    operator_required,
    staff_required,
)

__all__ = ["citizen_or_proxy_required", "citizen_required", "instead", "operator_required", "staff_required"]
