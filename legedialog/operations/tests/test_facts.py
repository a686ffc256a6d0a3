"""Where a rule comes from can be read: each place of docs/ that the code names is there, and nothing outside is named.

Other sources are technical: a standard, or the published description of what we speak with. They are named where they
are used. What the law, the tariff and the practice of care say stands in docs/facts.md.
"""

import re
from pathlib import Path

from legedialog.operations.tests.test_named_files import ROOT

KINDS = ("py", "md", "html", "js", "mjs", "typ", "tsv", "sh", "toml")
FOLDERS = ("legedialog", "tests", "bench", "docs", "deploy")
PLACE = re.compile(r"docs/([\w./-]+\.md)#([\w-]+)((?:(?:,| and| to) #[\w-]+)*)")
NOT_OURS = re.compile(r"\b(?:domain|design|lessons|speed|style)\.md\b|\bvectors/|Sources?: \d+(?:\.\d+)*\b")

SOURCE = re.compile(r"\bSources?: ([^\n]+)")
TECHNICAL = re.compile(
    r"RFC \d|NIST SP|ISO \d|3GPP|draft-|OpenID|Logout 1\.0|SOAP 1\.2|FHIR R4|hl7\.org|no-basis-|PostgreSQL|httpx|clamd"
    r"|eicar|sched-stats|Språkrådet|Skatteetaten|Digdir|docs\.digdir\.no|service descriptions"
)


def files() -> list[Path]:
    found = [*ROOT.glob("*.md"), *ROOT.glob("*.py")]
    found += [file for folder in FOLDERS for kind in KINDS for file in (ROOT / folder).glob(f"**/*.{kind}")]
    return [file for file in found if file != Path(__file__)]


def anchors(page: Path) -> set[str]:
    """As they are made of headings: small letters, hyphens for spaces, no other signs."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def test_each_place_that_is_given_as_a_source_is_there() -> None:
    named, gone = 0, []
    for file in files():
        for page, first, more in PLACE.findall(file.read_text(encoding="utf-8")):
            for place in (first, *re.findall(r"#([\w-]+)", more)):
                named += 1
                if not (ROOT / "docs" / page).exists() or place not in anchors(ROOT / "docs" / page):
                    gone.append(f"{file.relative_to(ROOT)} names docs/{page}#{place}")
    assert not gone, "\n".join(["", *gone])
    assert named > 100


def test_each_source_is_a_place_of_docs_or_technical() -> None:
    sources = [
        (file.relative_to(ROOT), source)
        for file in files()
        for source in SOURCE.findall(file.read_text(encoding="utf-8"))
    ]
    bare = [f"{file}: {source}" for file, source in sources if "docs/" not in source and not TECHNICAL.search(source)]
    assert not bare, "\n".join(["", "Let docs/facts.md say it, and name the place:", *bare])


def test_nothing_is_named_that_stands_outside_the_repository() -> None:
    dead = [
        f"{file.relative_to(ROOT)}: {found}"
        for file in files()
        for found in NOT_OURS.findall(file.read_text(encoding="utf-8"))
    ]
    assert not dead, "\n".join(["", *dead])


def test_each_decision_that_is_named_is_there() -> None:
    decisions = {file.name[:4] for file in (ROOT / "docs" / "adr").glob("*.md")}
    gone = [
        f"{file.relative_to(ROOT)} names decision {number}"
        for file in files()
        if file.parent.name != "adr"  # they tell of their day, and of those that are on their way
        for number in re.findall(r"\bADR (\d+)", file.read_text(encoding="utf-8"))
        if number.zfill(4) not in decisions
    ]
    assert not gone, "\n".join(["", *gone])
