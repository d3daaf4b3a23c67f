"""The page to ask on: a conversation in the browser, and each answer as a card.

It works as a plain form. The script only saves loading the page: it asks for the card alone.
"""

import json
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import ValidationError

from ingest.documents import Document
from ingest.index import Generation
from service.answers import Answer
from service.asking import MOST_REMEMBERED, Asked, Asking, answer_to
from service.documented import example
from service.pages import by_date, quotations, render
from service.papers import faults, publishers_of, wanted_from
from service.problems import first_reason
from service.requests import AskRequest
from service.state import Counted, Current, Loaded, Served, Shown

router = APIRouter()


@router.get(
    "/", response_class=HTMLResponse, responses=example("page", "text/html", refuses=(422,))
)
def get_home(
    request: Request,
    asking: Asked,
    generation: Current,
    models: Loaded,
    metrics: Counted,
    served: Served,
    g: str = "",
    thanks: str = "",
) -> HTMLResponse:
    """The page to ask on; with `q`, the question and its answer.

    `g` is the generation that a permanent link was made from: where the papers have changed since,
    what they say now is shown beside what they said then, as long as that is kept.
    """
    if asking.question is None:
        return _page(request, generation, asking)
    then = served.earlier(g) if g and g != generation.id else None
    try:
        body = _checked([generation, then] if then else [generation], asking)
    except ValueError as error:
        return _page(request, generation, asking, 422, error=str(error))
    answer = answer_to(generation, models, body)
    metrics.answered(answer)
    values: dict[str, Any] = {"turn": card(generation, asking, answer), "thanks": bool(thanks)}
    if g and g != generation.id:
        old = then and card(then, asking, answer_to(then, models, body))
        values |= {"changed": True, "then": old}
    return _page(request, generation, asking, **values)


@router.get("/answer", response_class=HTMLResponse, include_in_schema=False)
def get_card(
    request: Request,
    asking: Asked,
    generation: Current,
    models: Loaded,
    metrics: Counted,
    look: Shown,
) -> Response:
    """The card of an answer alone, for the page's script. Takes what the page takes."""
    try:
        body = _checked([generation], asking)
    except ValueError as error:
        return Response(str(error), 422, media_type="text/plain")
    answer = answer_to(generation, models, body)
    metrics.answered(answer)
    turn = card(generation, asking, answer)
    documents = by_date(generation)
    feedback = _takes_feedback(request)
    return HTMLResponse(
        render("card.html", look, turn=turn, documents=documents, feedback=feedback)
    )


@router.get("/accessibility", response_class=HTMLResponse, include_in_schema=False)
def get_accessibility(look: Shown) -> HTMLResponse:
    """What the pages do for people who use them in other ways, and what is not tested yet."""
    return HTMLResponse(render("accessibility.html", look))


@router.get("/look.css", response_class=Response, include_in_schema=False)
def get_look(look: Shown) -> Response:
    """The council's colour, for light and dark."""
    return Response(f":root {{ --brand: {look.colour}; }}\n", media_type="text/css")


def card(generation: Generation, asking: Asking, answer: Answer) -> dict[str, Any]:
    """Return what the card of an answer shows."""
    return {
        "question": asking.question,
        "asking": asking,
        "history": json.dumps(asking.history),
        "answer": answer,
        "asked_as": next((n.text for n in answer.notes if n.kind == "understood"), None),
        "notes": [note for note in answer.notes if note.kind != "understood"],
        "citations": quotations(generation, answer.citations, asking, numbered=True),
        "related": quotations(generation, answer.related, asking, numbered=False),
        "link": f"/?{asking.query(g=generation.id)}",
    }


def _page(
    request: Request, generation: Generation, asking: Asking, status: int = 200, **values: Any
) -> HTMLResponse:
    documents = by_date(generation)
    history = [*asking.history, asking.question] if values.get("turn") else asking.history
    page = render(
        "home.html",
        request.app.state.look,
        asking=asking,
        history=history[-MOST_REMEMBERED:],
        documents=documents,
        publishers=publishers_of(documents),
        span_of_time=_span_of_time(documents),
        suggestions=request.app.state.suggestions.of(generation),
        feedback=_takes_feedback(request),
        **values,
    )
    return HTMLResponse(page, status)


def _takes_feedback(request: Request) -> bool:
    return request.app.state.feedback is not None


def _span_of_time(documents: Sequence[Document]) -> str:
    """The years of the papers: "2017 to 2025", "2025", or nothing when no date is known."""
    years = sorted(document.published[:4] for document in documents if document.published)
    return " to ".join(dict.fromkeys((years[0], years[-1]))) if years else ""


def _checked(generations: Sequence[Generation], asking: Asking) -> AskRequest:
    """Return what is asked of one of the generations.

    Raises ValueError with a sentence for people where it cannot be.
    """
    wanted = wanted_from("", asking.publisher, asking.year_from, asking.year_to)
    documents = [document for one in generations for document in one.documents.values()]
    for fault in faults(wanted, publishers_of(documents)).values():
        raise ValueError(fault)
    try:
        return asking.request()
    except ValidationError as error:
        raise ValueError(f"Your {first_reason(error.errors())}.") from error
