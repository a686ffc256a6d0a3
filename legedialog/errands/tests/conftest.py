from legedialog.workspace.conftest import now, office

__all__ = ["now", "office"]
