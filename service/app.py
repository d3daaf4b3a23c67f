"""The HTTP face: `POST /ask`, the documents, the pages for people, and health."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, PlainTextResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from ingest.documents import Document
from ingest.index import Generation
from ingest.sentences import Span
from service.answers import Answer
from service.ask import Models
from service.asking import Asked, answer_to
from service.chat import router as chat
from service.documented import example
from service.feedback import FeedbackStore
from service.links import document_url, where_now
from service.look import Look
from service.metrics import Metrics
from service.middleware import EveryResponse
from service.pages import by_date, render
from service.papers import faults, matching, publishers_of, wanted_from
from service.problems import (
    LARGEST_BODY,
    Problem,
    from_http,
    from_validation,
    problem_response,
    wants_page,
)
from service.reading import read
from service.requests import AskRequest
from service.served import ServedIndex
from service.state import Counted, Current, Loaded, Shown
from service.suggestions import Suggestions
from service.throttle import Throttle
from service.trail import trail_of
from service.verdicts import EACH, EVERYBODY
from service.verdicts import router as verdicts

router = APIRouter()


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """What is known about a document beside its text. None where it is not known."""

    id: str
    title: str
    publisher: str | None
    kind: str | None
    published: str | None
    published_evidence: str | None
    characters: int
    url: str
    text_url: str


@dataclass(frozen=True, slots=True)
class Health:
    """How the service is, and which generation it answers from."""

    status: Literal["live", "ready"]
    generation: str | None = None


class _App(FastAPI):
    """FastAPI, with `EveryResponse` around even its own error handling."""

    def build_middleware_stack(self) -> ASGIApp:
        return EveryResponse(super().build_middleware_stack(), self.state.metrics)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    yield
    app.state.suggestions.close()


def create_app(
    served: ServedIndex,
    models: Models,
    look: Look | None = None,
    feedback: FeedbackStore | None = None,
) -> FastAPI:
    """Return the application over an index that is loaded and models that are ready.

    Without `feedback`, none is kept.
    """
    app = _App(
        title="Scrutineer",
        version="0.1.0",
        description="Answers questions from a council's own papers, with exact quotes.",
        max_body_size=LARGEST_BODY,
        lifespan=_lifespan,
        docs_url=None,  # those pages load scripts from another host
        redoc_url=None,
    )
    app.state.served = served
    app.state.models = models
    app.state.feedback = feedback
    app.state.throttle = Throttle(EVERYBODY, EACH)
    app.state.metrics = Metrics()
    app.state.look = look or Look()
    app.state.suggestions = Suggestions(models)
    app.include_router(router)
    app.include_router(chat)
    app.include_router(verdicts)
    app.mount("/static", StaticFiles(packages=[("service", "static")]), name="static")
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(Exception, _on_failure)
    return app


@router.post("/ask", responses=example("ask", refuses=(400, 413, 422)))
def post_ask(body: AskRequest, generation: Current, models: Loaded, metrics: Counted) -> Answer:
    """Ask one question. The answer is made of quotes, or `not_found` when the papers do not say."""
    _check_filters(generation, body)
    answer = answer_to(generation, models, body)
    metrics.answered(answer)
    return answer


@router.get("/documents", responses=example("documents"))
def get_documents(generation: Current) -> list[DocumentInfo]:
    """List the papers, newest first."""
    return [_info(document) for document in by_date(generation)]


@router.get(
    "/documents/{document_id}/text",
    response_class=PlainTextResponse,
    responses=example("text", "text/plain", refuses=(404, 422)),
)
def get_text(document_id: str, generation: Current) -> PlainTextResponse:
    """The exact text of a document, which all offsets count, in code points."""
    return PlainTextResponse(_document(generation, document_id).text)


@router.get(
    "/documents/{document_id}",
    response_class=HTMLResponse,
    responses=example("page", "text/html", refuses=(404, 422)),
)
def get_document(
    document_id: str,
    asking: Asked,
    generation: Current,
    models: Loaded,
    look: Shown,
    start: int | None = None,
    end: int | None = None,
    words: str | None = None,
    n: str | None = None,
) -> HTMLResponse:
    """A page for people: the whole document, with `[start, end)` marked where it is given.

    `words` is a checksum of what stood there when it was quoted. If something else does now, these
    words are marked where they have moved to, or nothing is, and the page says so.
    With the question `q`, asked as on `/`, the page leads back to its answer, and from citation
    `n` of it to the ones before and after.
    """
    document = _document(generation, document_id)
    cited = _span(document, start, end, words)
    values = {
        "document": document,
        "gone": cited is None and start is not None,
        "reading": read(generation, document, cited),
        "trail": trail_of(generation, models, document.id, cited, asking, n),
    }
    return HTMLResponse(render("document.html", look, **values))


@router.get(
    "/papers",
    response_class=HTMLResponse,
    responses=example("papers", "text/html", refuses=(422,)),
)
def get_papers(
    generation: Current,
    look: Shown,
    title: str = "",
    publisher: str = "",
    first: Annotated[str, Query(alias="from")] = "",
    last: Annotated[str, Query(alias="to")] = "",
) -> HTMLResponse:
    """A page for people: the papers, newest first, narrowed by title, publisher and years."""
    documents = by_date(generation)
    publishers = publishers_of(documents)
    wanted = wanted_from(title, publisher, first, last)
    wrong = faults(wanted, publishers)
    values = {
        "wanted": wanted,
        "publishers": publishers,
        "faults": wrong,
        "of_how_many": len(documents),
        "documents": [] if wrong else matching(documents, wanted),
    }
    return HTMLResponse(render("papers.html", look, **values), 422 if wrong else 200)


@router.get("/livez", responses=example("livez"))
def get_livez() -> Health:
    """Answers while the process runs."""
    return Health("live")


@router.get("/readyz", responses=example("readyz"))
def get_readyz(generation: Current) -> Health:
    """Answers once questions can be asked, with the generation that answers them."""
    return Health("ready", generation.id)


@router.get(
    "/metrics", response_class=PlainTextResponse, responses=example("metrics", "text/plain")
)
def get_metrics(generation: Current, metrics: Counted) -> Response:
    """Counts and times in Prometheus' text format."""
    return Response(metrics.text(generation), media_type="text/plain; version=0.0.4")


def _document(generation: Generation, document_id: str) -> Document:
    if document_id not in generation.documents:
        raise Problem(404, "There is no document of that id. GET /documents lists them.")
    return generation.documents[document_id]


def _info(document: Document) -> DocumentInfo:
    fields = asdict(document)
    characters = len(fields.pop("text"))
    url = document_url(document.id)
    return DocumentInfo(**fields, characters=characters, url=url, text_url=f"{url}/text")


def _span(document: Document, start: int | None, end: int | None, words: str | None) -> Span | None:
    if start is None and end is None:
        return None
    if start is None or end is None:
        raise Problem(422, "start and end go together.")
    if words is not None and 0 <= start < end:
        return where_now(document.text, start, end, words)
    if not 0 <= start < end <= len(document.text):
        raise Problem(422, f"start must be before end, and both within 0 and {len(document.text)}.")
    return Span(start, end)


def _check_filters(generation: Generation, body: AskRequest) -> None:
    if not set(body.filters.document_ids) <= set(generation.documents):
        raise Problem(
            422,
            "filters.document_ids names a document that is not there. GET /documents lists them.",
        )
    known = {(document.publisher or "").casefold() for document in generation.documents.values()}
    if not {publisher.casefold() for publisher in body.filters.publishers} <= known:
        raise Problem(
            422, "filters.publishers names one that is not there. GET /documents lists them."
        )


_PASSED_ON = ("allow", "retry-after")  # headers of a problem that its page has too


def _page_or_problem(request: Request, response: Response) -> Response:
    """The same error as a page, where a person's browser asked."""
    if not wants_page(request):
        return response
    content = json.loads(bytes(response.body))
    page = render(
        "error.html", request.app.state.look, title=content["title"], detail=content["detail"]
    )
    headers = {name: response.headers[name] for name in _PASSED_ON if name in response.headers}
    return HTMLResponse(page, response.status_code, headers)


async def _on_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    response = problem_response(error.status, error.detail)
    response.headers.update(error.headers)
    return _page_or_problem(request, response)


async def _on_validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return _page_or_problem(request, from_validation(error.errors()))


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _page_or_problem(request, from_http(error))


async def _on_failure(request: Request, _: Exception) -> Response:
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    detail = "Something went wrong here, and it was logged. Asking again may help."
    return _page_or_problem(request, problem_response(status, detail))
