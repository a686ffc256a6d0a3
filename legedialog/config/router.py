from typing import Any


class MigrationsRunAsOwner:
    """Only the owner of the tables may change them. See docs/adr/0004-two-database-roles.md."""

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == "owner"
