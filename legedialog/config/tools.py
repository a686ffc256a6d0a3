"""The settings of the tests, for tools that need settings and no server: mypy, makemigrations, generated pages."""

import legedialog.operations.pytest_plugin  # noqa: F401  sets the environment before the settings read it
from legedialog.config.settings import *  # noqa: F403
