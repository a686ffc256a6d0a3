"""What this place says about itself to the rest. See core/contexts."""

from legedialog.core.contexts import DOCTORS, About

ABOUT = About(finer={"workspace:caution-restrict": DOCTORS})
