"""`POST /feedback`: what people say of answers, from a form or as JSON."""

import logging
import math
import time
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError

from service.ask import ask
from service.asking import Asking
from service.cross_site import is_cross_site
from service.documented import refusals, takes
from service.feedback import FeedbackError, FeedbackStore, feedback_on
from service.followups import in_full
from service.problems import Problem
from service.requests import (
    FORM,
    JSON,
    FeedbackRequest,
    from_form,
    media_type,
)
from service.state import Current, Loaded
from service.throttle import Rate

log = logging.getLogger(__name__)
router = APIRouter()
EVERYBODY = Rate(burst=30, seconds=2)  # each asks the models a question
EACH = Rate(burst=5, seconds=12)  # a person who reads what they judge is slower


def _kept(request: Request) -> FeedbackStore:
    store: FeedbackStore | None = request.app.state.feedback
    if store is None:
        raise Problem(404, "No feedback is kept: start it with python -m service --feedback FILE.")
    return store


def _is_form(request: Request) -> bool:
    return media_type(request.headers.get("content-type", "")) == FORM


async def _said(request: Request, _: Annotated[FeedbackStore, Depends(_kept)]) -> FeedbackRequest:
    """Read what was posted as JSON or, from a page without JavaScript, as a form."""
    if is_cross_site(request.headers):
        raise Problem(403, "Another site's page sent this. Give feedback on the page of this one.")
    sent = media_type(request.headers.get("content-type", ""))
    if sent not in (JSON, FORM):
        raise Problem(415, f"Send the feedback with Content-Type: {JSON} or {FORM}.")
    raw = await request.body()
    try:
        return from_form(raw) if sent == FORM else FeedbackRequest.model_validate_json(raw)
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from error
    except ValueError as error:
        raise Problem(400, "The body is not a form in UTF-8 with each field once.") from error


Kept = Annotated[FeedbackStore, Depends(_kept)]
Said = Annotated[FeedbackRequest, Depends(_said)]


@router.post(
    "/feedback",
    status_code=204,
    responses={
        204: {"description": "Kept"},
        303: {"description": "Kept; a form is led back to its question"},
        **refusals((400, 403, 404, 413, 415, 422, 429, 503)),
    },
    openapi_extra=takes(FeedbackRequest, JSON, FORM),
)
def post_feedback(
    request: Request, said: Said, store: Kept, generation: Current, models: Loaded
) -> Response:
    """Keep what a person says of an answer, with what is cited now, and nothing about the person.

    The question is asked again here, so that nobody can put words into the papers' mouths. A
    follow-up is kept in full: alone it says nothing.
    """
    if said.paper is not None and said.paper not in generation.documents:
        raise Problem(422, "paper names a document that is not there. GET /documents lists them.")
    _take_turn(request)
    full = in_full(said.question, said.history)
    answer = ask(generation, models, full, None, said.filters.to_filters())
    try:
        store.add(feedback_on(answer, said.verdict, said.paper, said.note))
    except FeedbackError as error:
        log.error("feedback was not kept: %s", error)
        raise Problem(503, "The feedback could not be kept. Try again later.") from error
    if _is_form(request):
        return RedirectResponse(f"/?{_asking(said).query(thanks='1')}", 303)
    return Response(status_code=204)


def _asking(said: FeedbackRequest) -> Asking:
    """What the page asked, to lead back to it."""
    filters = said.filters
    return Asking(
        said.question,
        tuple(said.history),
        next(iter(filters.publishers), ""),
        filters.published_from or "",
        filters.published_to or "",
    )


def _take_turn(request: Request) -> None:
    address = request.client.host if request.client else ""
    seconds = math.ceil(request.app.state.throttle.wait(address, time.monotonic()))
    if seconds > 0:
        raise Problem(
            429,
            f"That was much feedback at once. Try again in {seconds} s.",
            {"Retry-After": str(seconds)},
        )
