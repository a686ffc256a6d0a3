"""How hard a text is to read: LIX, words for each sentence and how many of a hundred words are long (C.-H. Björnsson,
Läsbarhet, 1968)."""

import re
from html.parser import HTMLParser

HARDEST = 35  # for everybody
LEAST = 80  # words: of fewer names and addresses say more than sentences do
BLOCKS = {"p", "li", "h1", "h2", "h3", "dd", "dt", "div", "td", "th", "label", "legend", "summary", "button", "br"}


def lix(text: str) -> float:
    words = _words(text)
    ends = len(re.findall(r"[.:!?]+(?=\s|$)", text))
    return len(words) / max(ends, 1) + 100 * sum(len(word) > 6 for word in words) / len(words)


def of_page(html: str) -> float | None:
    """Of what is said in sentences in its main part; None where that is little."""
    prose = Prose()
    prose.feed(html)
    prose.ends()
    said = " ".join(block for block in prose.blocks if block.endswith((".", "!", "?")))
    return lix(said) if len(_words(said)) >= LEAST else None


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", text)


class Prose(HTMLParser):
    """The blocks of the main part, without what people wrote (`|written`)."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[str] = []
        self._is_main, self._others, self._now = False, 0, ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._is_main |= tag == "main"
        self._others += tag == "bdi"
        if tag in BLOCKS:
            self.ends()

    def handle_endtag(self, tag: str) -> None:
        self._others -= tag == "bdi"
        if tag in BLOCKS:
            self.ends()
        self._is_main &= tag != "main"

    def handle_data(self, data: str) -> None:
        if self._is_main and not self._others:
            self._now += data

    def ends(self) -> None:
        self.blocks.append(" ".join(self._now.split()))
        self._now = ""
