"""What `POST /ask` and `POST /feedback` take, and what it must hold."""

import re
from typing import Annotated, Any, Self
from urllib.parse import parse_qs

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from ingest.dates import Interval, parse_published
from service.feedback import Verdict
from service.retrieval import Filters

LONGEST_QUESTION = 1_000
MOST_HISTORY = 50
LONGEST_NOTE = 1_000
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
_MOST_FIELDS = 20  # of a form; more are not counted out
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
FeedbackNote = Annotated[str, Field(max_length=LONGEST_NOTE), AfterValidator(_readable)]
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


def typed_filters(publisher: str, first: str, last: str) -> dict[str, Any]:
    """Return the fields of AskFilters for what a form's fields hold; empty ones leave all in."""
    return {
        "publishers": [publisher] if publisher else [],
        "published_from": first or None,
        "published_to": last or None,
    }


class AskRequest(_Strict):
    """One question. `history` are the earlier ones of its conversation, oldest first.

    `limit` is the most citations wanted; without it 3, or one for each of up to 6 years where the
    question is about change.
    """

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"question": "why was publication delayed?"}]}
    )

    question: Question
    limit: Annotated[int, Field(ge=1, le=10)] | None = None
    filters: AskFilters = AskFilters()
    history: list[Question] = Field(default=[], max_length=MOST_HISTORY)


class FeedbackRequest(_Strict):
    """What a person says of the answer to a question. What was cited is not taken from them.

    `filters` and `history` are those that the question was asked with. `paper` is the id of the
    document that holds the answer; `elsewhere` needs it.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "question": "why was publication delayed?",
                    "verdict": "elsewhere",
                    "paper": "council-2025-scrutiny-report",
                    "note": "Paragraph 2.1 says it.",
                }
            ]
        }
    )

    question: Question
    verdict: Verdict
    paper: Name | None = None
    note: FeedbackNote = ""
    filters: AskFilters = AskFilters()
    history: list[Question] = Field(default=[], max_length=MOST_HISTORY)

    @model_validator(mode="after")
    def _names_the_paper(self) -> Self:
        if self.verdict == "elsewhere" and not self.paper:
            raise ValueError("must name the paper, as its id, when the verdict is elsewhere")
        return self


def media_type(content_type: str) -> str:
    """Return a Content-Type without its parameters, in lower case."""
    return content_type.partition(";")[0].strip().lower()


def from_form(raw: bytes) -> FeedbackRequest:
    """Read a form's fields. Raises ValidationError, and ValueError when it is no form in UTF-8.

    An empty `paper` is what a list sends of which nothing was chosen. Browsers send line ends as
    two characters and count them as one.
    """
    fields = parse_qs(
        raw.decode(), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS
    )
    history = fields.pop("h", [])
    if any(len(values) > 1 for values in fields.values()):
        raise ValueError("a field stands in the form twice")
    values = {name: value.replace("\r\n", "\n") for name, (value,) in fields.items()}
    publisher, first, last, paper = (
        values.pop(name, "") for name in ("publisher", "from", "to", "paper")
    )
    filters = typed_filters(publisher, first, last)
    more = {"filters": filters, "history": history, "paper": paper or None}
    return FeedbackRequest.model_validate(values | more)
