from legedialog.workspace.conftest import doctor, manager, now, office, stranger

__all__ = ["doctor", "manager", "now", "office", "stranger"]
