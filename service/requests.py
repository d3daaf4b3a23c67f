"""What `POST /ask` takes, and what it must hold."""

import re
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from ingest.dates import Interval, parse_published
from service.retrieval import Filters

LONGEST_QUESTION = 1_000
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def _readable(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError("must not hold control characters or halves of surrogate pairs")
    return text


def _question(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be empty")
    return _readable(text)


def _date(text: str) -> str:
    try:
        parse_published(text)
    except ValueError as error:
        raise ValueError("must be a date: YYYY, YYYY-MM or YYYY-MM-DD") from error
    return text


Question = Annotated[
    str, Field(min_length=1, max_length=LONGEST_QUESTION), AfterValidator(_question)
]
Name = Annotated[str, Field(max_length=300), AfterValidator(_readable)]
IsoDate = Annotated[str, Field(max_length=10), AfterValidator(_date)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class AskFilters(_Strict):
    """Which documents to search. Empty lists and null leave all in."""

    document_ids: list[Name] = Field(default=[], max_length=100)
    publishers: list[Name] = Field(default=[], max_length=100)
    published_from: IsoDate | None = None
    published_to: IsoDate | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        self.interval()
        return self

    def interval(self) -> Interval | None:
        """The days asked for, None for all. Raises ValueError when they end before they begin."""
        if self.published_from is None and self.published_to is None:
            return None
        first = parse_published(self.published_from or "0001").first
        last = parse_published(self.published_to or "9999").last
        if first > last:
            raise ValueError("published_from must not be after published_to")
        return Interval(first, last)

    def to_filters(self) -> Filters:
        """Return the filters as retrieval takes them."""
        publishers = tuple(publisher.casefold() for publisher in self.publishers)
        return Filters(tuple(self.document_ids), publishers, self.interval())


class AskRequest(_Strict):
    """One question. `history` is accepted for follow-up questions, and not used yet."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"question": "why was publication delayed?"}]}
    )

    question: Question
    limit: Annotated[int, Field(ge=1, le=10)] = 3
    filters: AskFilters = AskFilters()
    history: list[Question] = Field(default=[], max_length=50)
