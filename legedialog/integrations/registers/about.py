"""What this place says about itself to the rest. See core/contexts."""

from legedialog.core.contexts import About
from legedialog.integrations.registers import schema_page

ABOUT = About(pages={"registers.md": schema_page.page})
