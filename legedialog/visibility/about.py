"""What this context says about itself to the rest. See core/contexts."""

from legedialog.core.contexts import About
from legedialog.visibility import rules

ABOUT = About(pages={"visibility.md": rules.page})
