"""A running service as the target of a run: `POST /ask` at an address, nothing else of it."""

import json
import urllib.error
import urllib.parse
import urllib.request
from http.client import HTTPException
from typing import Any

from pydantic import TypeAdapter, ValidationError

from eval.places import cited_place
from eval.questions import Question
from eval.records import EvalError, first_fault
from eval.run import Target
from eval.systems import Attempt, shown_first
from ingest.documents import Document
from service.answers import Answer

SECONDS = 60  # to wait for one answer
_ANSWER = TypeAdapter(Answer)


def over_http(url: str, limit: int | None = None) -> Target:
    """Read a service's papers, and answer by asking it. Raises EvalError when it does not serve.

    Only the passages that it shows are known: its ranking is as deep as citations and related go,
    and where it abstained the first of them stands for what it would have cited.
    """
    try:
        parts = urllib.parse.urlsplit(url)
    except ValueError:
        parts = urllib.parse.SplitResult("", "", "", "", "")
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise EvalError(f"{url!r} is not an address: give one like http://127.0.0.1:8000")
    base = url.rstrip("/")
    documents = _documents(base)

    def ask(question: Question) -> Attempt:
        body = {
            "question": question.question,
            "limit": limit,
            "filters": {"document_ids": list(question.within)},
            "history": list(question.history),
        }
        said = _get(f"{base}/ask", json.dumps(body).encode(), f"question {question.id}")
        try:
            answer = _ANSWER.validate_json(said)
        except ValidationError as error:
            raise EvalError(
                f"{base} answered question {question.id} with something that is not an answer "
                f"({first_fault(error)}): is it a Scrutineer of this version?"
            ) from error
        found = shown_first(answer)
        first = [cited_place(one) for one in answer.citations] or found
        return Attempt(answer, next(iter(first), None), found)

    return Target(ask, documents, {"system": "url", "url": base, "limit": limit}, {})


def _documents(base: str) -> dict[str, Document]:
    try:
        listed = json.loads(_get(f"{base}/documents", None, "its list of documents"))
        return {
            one["id"]: Document(
                one["id"],
                _get(
                    urllib.parse.urljoin(f"{base}/", one["text_url"].lstrip("/")),
                    None,
                    f"the text of {one['id']}",
                ).decode(),
                one["title"],
            )
            for one in listed
        }
    except (ValueError, TypeError, KeyError) as error:
        raise EvalError(
            f"{base}/documents is not a list of documents: is it a Scrutineer?"
        ) from error


def _get(url: str, body: bytes | None, what: str) -> bytes:
    request = urllib.request.Request(  # noqa: S310 - over_http lets only http and https pass
        url, body, {"content-type": "application/json", "accept": "application/json, text/plain"}
    )
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as response:  # noqa: S310
            content: Any = response.read()
            return bytes(content)
    except urllib.error.HTTPError as error:
        raise EvalError(
            f"{url} refused {what}: {error.code} {error.reason}. What was answered is kept: "
            "the same command goes on"
        ) from error
    except (OSError, HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        raise EvalError(
            f"{url} did not answer {what} ({reason}): is the service running? "
            "What was answered is kept: the same command goes on"
        ) from error
