"""What a form or a link asks, as text: it stands in the addresses of pages, and leads back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Query

from ingest.index import Generation
from service.answers import Answer
from service.ask import Models, ask
from service.requests import AskFilters, AskRequest, typed_filters

MOST_REMEMBERED = 10  # earlier questions that a form or a link carries


@dataclass(frozen=True, slots=True)
class Asking:
    """A question, those before it, oldest first, and which papers it is asked of; not yet checked.

    An empty string leaves all papers in, None is no question.
    """

    question: str | None
    history: tuple[str, ...] = ()
    publisher: str = ""
    year_from: str = ""
    year_to: str = ""

    def request(self) -> AskRequest:
        """Return what it asks. Raises ValidationError."""
        return AskRequest(
            question=self.question or "",
            history=list(self.history),
            filters=AskFilters(**typed_filters(self.publisher, self.year_from, self.year_to)),
        )

    def query(self, **more: str) -> str:
        """Return it, and `more`, as the query of an address."""
        fields = [("q", self.question or ""), *(("h", earlier) for earlier in self.history)]
        narrowed = {"publisher": self.publisher, "from": self.year_from, "to": self.year_to}
        fields += [(name, value) for name, value in (narrowed | more).items() if value]
        return urlencode(fields)


def answer_to(generation: Generation, models: Models, request: AskRequest) -> Answer:
    """Answer what a request asks, as it asks it."""
    filters = request.filters.to_filters()
    return ask(generation, models, request.question, request.limit, filters, request.history)


def _asking(
    q: str | None = None,
    h: Annotated[Sequence[str], Query()] = (),
    publisher: str = "",
    year_from: Annotated[str, Query(alias="from")] = "",
    year_to: Annotated[str, Query(alias="to")] = "",
) -> Asking:
    return Asking(q, tuple(h)[-MOST_REMEMBERED:], publisher, year_from, year_to)


Asked = Annotated[Asking, Depends(_asking)]
