"""What this place says about itself to the rest. See core/contexts."""

from legedialog.core.contexts import About, Chapter
from legedialog.integrations.prescriptions import schema, story

ABOUT = About(story=(Chapter(160, story.play),), pages={"prescriptions-import.md": schema.page})
