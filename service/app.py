"""The HTTP face: `POST /ask`, the documents, the pages for people, and health."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from http import HTTPStatus
from importlib.resources import files
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, PlainTextResponse, Response
from fastapi.staticfiles import StaticFiles
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from ingest.documents import Document
from ingest.index import Generation
from ingest.sentences import Span
from service.answers import Answer, document_url
from service.ask import Models, ask
from service.metrics import Metrics
from service.middleware import EveryResponse
from service.pages import by_date, quotations, readable, render
from service.problems import (
    LARGEST_BODY,
    MEDIA_TYPE,
    Problem,
    first_reason,
    from_http,
    from_validation,
    problem_response,
    wants_page,
)
from service.requests import AskRequest
from service.served import ServedIndex

router = APIRouter()
EXAMPLES: dict[str, Any] = json.loads((files("service") / "examples.json").read_text("utf-8"))


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


def create_app(served: ServedIndex, models: Models) -> FastAPI:
    """Return the application over an index that is loaded and models that are ready."""
    app = _App(
        title="Scrutineer",
        version="0.1.0",
        description="Answers questions from a council's own papers, with exact quotes.",
        max_body_size=LARGEST_BODY,
        docs_url=None,  # those pages load scripts from another host
        redoc_url=None,
    )
    app.state.served = served
    app.state.models = models
    app.state.metrics = Metrics()
    app.include_router(router)
    app.mount("/static", StaticFiles(packages=[("service", "static")]), name="static")
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(Exception, _on_failure)
    return app


def _current(request: Request) -> Generation:
    generation: Generation = request.app.state.served.current()
    return generation


def _models(request: Request) -> Models:
    models: Models = request.app.state.models
    return models


def _metrics(request: Request) -> Metrics:
    metrics: Metrics = request.app.state.metrics
    return metrics


Current = Annotated[Generation, Depends(_current)]
Loaded = Annotated[Models, Depends(_models)]
Counted = Annotated[Metrics, Depends(_metrics)]


def _example(
    name: str, media_type: str = "application/json", *, refuses: Sequence[int] = ()
) -> dict[int | str, dict[str, Any]]:
    """The documented responses of a route: a real one, and a problem for each way to be refused."""
    problem = {MEDIA_TYPE: {"example": EXAMPLES["problem"]}}
    refusals: dict[int | str, dict[str, Any]] = {
        status: {"description": HTTPStatus(status).phrase, "content": problem} for status in refuses
    }
    return {200: {"content": {media_type: {"example": EXAMPLES[name]}}}, **refusals}


@router.post("/ask", responses=_example("ask", refuses=(400, 413, 422)))
def post_ask(body: AskRequest, generation: Current, models: Loaded, metrics: Counted) -> Answer:
    """Ask one question. The answer is made of quotes, or `not_found` when the papers do not say."""
    _check_filters(generation, body)
    answer = ask(generation, models, body.question, body.limit, body.filters.to_filters())
    metrics.answered(answer)
    return answer


@router.get("/documents", responses=_example("documents"))
def get_documents(generation: Current) -> list[DocumentInfo]:
    """List the papers, newest first."""
    return [_info(document) for document in by_date(generation)]


@router.get(
    "/documents/{document_id}/text",
    response_class=PlainTextResponse,
    responses=_example("text", "text/plain", refuses=(404, 422)),
)
def get_text(document_id: str, generation: Current) -> PlainTextResponse:
    """The exact text of a document, which all offsets count, in code points."""
    return PlainTextResponse(_document(generation, document_id).text)


@router.get(
    "/documents/{document_id}",
    response_class=HTMLResponse,
    responses=_example("page", "text/html", refuses=(404, 422)),
)
def get_document(
    document_id: str, generation: Current, start: int | None = None, end: int | None = None
) -> HTMLResponse:
    """A page for people: the whole document, with `[start, end)` marked where it is given."""
    document = _document(generation, document_id)
    cited = _span(document, start, end)
    blocks = readable(generation, document, cited)
    return HTMLResponse(render("document.html", document=document, blocks=blocks))


@router.get(
    "/", response_class=HTMLResponse, responses=_example("page", "text/html", refuses=(422,))
)
def get_home(
    generation: Current, models: Loaded, metrics: Counted, q: str | None = None
) -> HTMLResponse:
    """The page to ask on; with `q`, the question and its answer."""
    values: dict[str, Any] = {"question": q or "", "documents": by_date(generation)}
    if q is None:
        return HTMLResponse(render("home.html", **values))
    try:
        body = AskRequest(question=q)
    except ValidationError as error:
        values["error"] = f"Your {first_reason(error.errors())}."
        return HTMLResponse(render("home.html", **values), 422)
    answer = ask(generation, models, body.question, body.limit, body.filters.to_filters())
    metrics.answered(answer)
    values |= {
        "answer": answer,
        "citations": quotations(generation, answer.citations),
        "related": quotations(generation, answer.related),
    }
    return HTMLResponse(render("home.html", **values))


@router.get("/livez", responses=_example("livez"))
def get_livez() -> Health:
    """Answers while the process runs."""
    return Health("live")


@router.get("/readyz", responses=_example("readyz"))
def get_readyz(generation: Current) -> Health:
    """Answers once questions can be asked, with the generation that answers them."""
    return Health("ready", generation.id)


@router.get(
    "/metrics", response_class=PlainTextResponse, responses=_example("metrics", "text/plain")
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


def _span(document: Document, start: int | None, end: int | None) -> Span | None:
    if start is None and end is None:
        return None
    if start is None or end is None:
        raise Problem(422, "start and end go together.")
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


def _page_or_problem(request: Request, response: Response) -> Response:
    """The same error as a page, where a person's browser asked."""
    if not wants_page(request):
        return response
    content = json.loads(bytes(response.body))
    page = render("error.html", title=content["title"], detail=content["detail"])
    return HTMLResponse(page, response.status_code)


async def _on_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return _page_or_problem(request, problem_response(error.status, error.detail))


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
