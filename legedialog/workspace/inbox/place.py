"""Where in the inbox one stands: tab, kind and page, in the address of everything that is opened from it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from legedialog.dialogues.office import Tab


@dataclass(frozen=True, slots=True)
class Place:
    tab: Tab = Tab.OFFICE
    kind: str = ""
    after: str = ""  # the last row of the page before

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "Place":
        """Whatever the address says: what is not known is the first tab, from the top."""
        tab = query.get("fane", "")
        return cls(Tab(tab) if tab in set(Tab) else Tab.OFFICE, query.get("type", ""), query.get("etter", ""))

    def query(self) -> str:
        values = {"fane": self.tab.value, "type": self.kind, "etter": self.after}
        return urlencode({name: value for name, value in values.items() if value})

    def on(self, tab: Tab) -> "Place":
        return replace(self, tab=tab, after="")

    def of_kind(self, kind: str) -> "Place":
        return replace(self, kind=kind, after="")

    def from_(self, after: str) -> "Place":
        return replace(self, after=after)
