"""What this place says about itself to the rest. See core/contexts.py."""

from legedialog.core.contexts import About, Chapter
from legedialog.integrations.prescriptions import story

ABOUT = About(story=(Chapter(160, story.play),))
