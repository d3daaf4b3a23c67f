"""Errors as RFC 9457 problem details. They say what is wrong and never echo what was sent."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from service.requests import FORM, media_type

MEDIA_TYPE = "application/problem+json"
LARGEST_BODY = 64 * 1024  # bytes; a question of 1,000 characters with its history fits
TOO_LARGE = "The body is too large: 64 KiB is the most."


class Problem(Exception):
    """An error to answer a request with: an HTTP status, and one sentence that says what to do."""

    def __init__(
        self, status: int, detail: str, headers: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers


def problem_response(status: int, detail: str, errors: Sequence[dict[str, str]] = ()) -> Response:
    """Return a problem document; `errors` are the fields that are wrong, each with its reason."""
    content: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    if errors:
        content["errors"] = list(errors)
    return JSONResponse(content, status, media_type=MEDIA_TYPE)


def from_validation(failures: Sequence[Any]) -> Response:
    """A request whose body or parameters do not fit: the first reason in words, all as fields."""
    if any(failure["type"] == "json_invalid" for failure in failures):
        return problem_response(400, "The body is not valid JSON.")
    errors = [{"field": _field(failure), "reason": _reason(failure)} for failure in failures[:20]]
    return problem_response(422, f"{first_reason(failures)}.", errors)


def first_reason(failures: Sequence[Any]) -> str:
    """Return what is wrong first, in words: `question must not be empty`."""
    return f"{_field(failures[0])} {_reason(failures[0])}"


def from_http(error: HTTPException) -> Response:
    """What the framework refuses: a path that is not there, a method, a body that is too large."""
    details = {
        413: TOO_LARGE,
        400: "The body is not valid JSON in UTF-8.",
        404: "There is nothing at this address. GET /openapi.json lists what there is.",
        405: "This address does not take that method. GET /openapi.json lists what it takes.",
    }
    detail = details.get(error.status_code, HTTPStatus(error.status_code).phrase)
    response = problem_response(error.status_code, detail)
    response.headers.update(error.headers or {})
    return response


def wants_page(request: Request) -> bool:
    """True for a browser that navigates or posts a form: it names text/html, scripts do not."""
    is_form = media_type(request.headers.get("content-type", "")) == FORM
    navigates = request.method in ("GET", "HEAD") or is_form
    return navigates and "text/html" in request.headers.get("accept", "")


_REASONS = {
    "missing": "is missing",
    "extra_forbidden": "is not a field of this request; GET /openapi.json lists them",
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "list_type": "must be a list",
    "int_parsing": "must be a whole number",
    "string_unicode": "must be text in valid Unicode",
    "model_attributes_type": "must be a JSON object",
    "model_type": "must be a JSON object",
}
_KNOWN_FIELDS = frozenset(
    """
    question limit filters history document_ids publishers published_from published_to start end q
    verdict paper note
    """.split()
)


def _field(failure: dict[str, Any]) -> str:
    path = [part for part in failure["loc"] if part not in ("body", "query", "path")]
    return ".".join(_known(part) for part in path) or "the body"


def _known(part: str | int) -> str:
    """A field's own name; one that the sender made up is not repeated."""
    return str(part) if isinstance(part, int) or part in _KNOWN_FIELDS else "(unknown field)"


def _reason(failure: dict[str, Any]) -> str:
    limits = failure.get("ctx", {})
    match failure["type"]:
        case "string_too_long":
            return f"must be at most {limits['max_length']:,} characters"
        case "string_too_short":
            return "must not be empty"
        case "too_long":
            return f"must hold at most {limits['max_length']} entries"
        case "greater_than_equal":
            return f"must be at least {limits['ge']}"
        case "literal_error":
            return f"must be {limits['expected']}"
        case "less_than_equal":
            return f"must be at most {limits['le']}"
        case "model_attributes_type" if failure["loc"] == ("body",):
            return "must be a JSON object, sent with Content-Type: application/json"
        case "value_error":
            return str(limits["error"])
        case kind:
            return _REASONS.get(kind, "does not fit")
