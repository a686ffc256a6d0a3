#!/usr/bin/env python
"""Django's own commands, for who develops: with the demo's database, which starts and stops by itself.

People who use or run the product type `legedialog` and `make`.
"""

import os
import sys

from django.core.management import execute_from_command_line

TOOLS = "legedialog.config.tools"  # settings for what asks no database
WITHOUT_DATABASE = {"makemigrations", "check", "diffsettings", "sqlmigrate", "help", "--help"}

if __name__ == "__main__":
    if not WITHOUT_DATABASE.isdisjoint(sys.argv[1:2]) or len(sys.argv) == 1:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", TOOLS)
    if os.environ.get("DJANGO_SETTINGS_MODULE") == TOOLS:
        execute_from_command_line(sys.argv)
    else:
        from legedialog.operations import environment

        os.environ.setdefault("LEGEDIALOG_MODE", "demo")
        with environment.ready():
            execute_from_command_line(sys.argv)
