"""The list of papers: which of them a reader wants to see, and what cannot be wanted."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from ingest.dates import Interval, parse_published
from ingest.documents import Document
from service.retrieval import Filters

LONGEST_TITLE = 300  # characters; as long as a publisher's name may be in `POST /ask`
_YEAR = re.compile(r"(?!0000)[0-9]{4}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list is narrowed to, as it was typed. An empty string leaves all in."""

    title: str = ""
    publisher: str = ""
    first: str = ""
    last: str = ""

    @property
    def is_all(self) -> bool:
        """True when nothing is narrowed."""
        return self == Wanted()

    @property
    def asks_of_fewer(self) -> bool:
        """True when questions can be asked of fewer papers than all: of titles they cannot."""
        return bool(self.publisher or self.first or self.last)

    @property
    def ask_address(self) -> str:
        """The address of the page that asks of these papers, whatever their titles."""
        typed = {"publisher": self.publisher, "from": self.first, "to": self.last}
        query = urlencode({name: value for name, value in typed.items() if value})
        return f"/?{query}" if query else "/"

    @property
    def in_words(self) -> str:
        """Which papers `ask_address` asks of: `from Leicester City Council, published in 2025`."""
        years = ""
        if self.first and self.last:
            years = f"from {self.first} to {self.last}"
            if self.first == self.last:
                years = f"in {self.first}"
        elif self.first or self.last:
            years = f"in {self.first} or later" if self.first else f"in {self.last} or earlier"
        parts = [f"from {self.publisher}"] if self.publisher else []
        return ", ".join([*parts, f"published {years}"] if years else parts)


def wanted_from(title: str, publisher: str, first: str, last: str) -> Wanted:
    """Return what a form's fields ask for, without the white space around them."""
    return Wanted(title.strip(), publisher.strip(), first.strip(), last.strip())


def publishers_of(documents: Iterable[Document]) -> list[str]:
    """Return the names of all publishers that are known, in alphabetical order."""
    found = {document.publisher for document in documents if document.publisher}
    return sorted(found, key=lambda name: (name.casefold(), name))


def is_publisher(name: str, publishers: Iterable[str]) -> bool:
    """True for one of the publishers, whatever its case, and for none given."""
    return not name or name.casefold() in {known.casefold() for known in publishers}


def faults(wanted: Wanted, publishers: Iterable[str]) -> dict[str, str]:
    """Return what is wrong with what is wanted, in a sentence for each field; empty if nothing."""
    found = {}
    if len(wanted.title) > LONGEST_TITLE:
        found["title"] = f"Words in the title must be at most {LONGEST_TITLE} characters."
    if not is_publisher(wanted.publisher, publishers):
        found["publisher"] = "No paper here is from that publisher: choose one from the list."
    for field, name, year in (("from", "From", wanted.first), ("to", "To", wanted.last)):
        if year and not _YEAR.fullmatch(year):
            found[field] = f"{name} year must be four digits, such as 2021."
    are_years = not found.keys() & {"from", "to"}
    if are_years and wanted.first and wanted.last and wanted.last < wanted.first:
        found["to"] = "To year must not be before the from year."
    return found


def matching(documents: Sequence[Document], wanted: Wanted) -> list[Document]:
    """Return the documents that are wanted, in their order; what is wanted must have no fault.

    Each word must stand in the title, whatever its case and apostrophes. A year leaves out what
    is of unknown date, and keeps a paper that may be of that year.
    """
    publishers = (wanted.publisher.casefold(),) if wanted.publisher else ()
    years = None
    if wanted.first or wanted.last:
        first = parse_published(wanted.first or "0001").first
        years = Interval(first, parse_published(wanted.last or "9999").last)
    filters = Filters(publishers=publishers, published=years)
    words = _plain(wanted.title).split()
    return [
        document
        for document in documents
        if filters.allow(document) and all(word in _plain(document.title) for word in words)
    ]


def _plain(text: str) -> str:
    return text.casefold().replace("’", "'")
