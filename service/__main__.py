"""`python -m service`: serve the index over HTTP, or ask one question in the terminal."""

from ingest.threads import limit_threads

limit_threads()  # before numpy, torch, faiss and onnxruntime are imported

# ruff: noqa: E402 - the imports below come after that on purpose
import argparse
import io
import json
import os
import socket
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.dates import published_in_words
from ingest.generations import IndexRefused, read_pointer, verify_generation
from ingest.models import DEFAULT_ENCODER, ModelError, locate_model
from service.confidence import RiskError
from service.feedback import FeedbackError, FeedbackStore
from service.look import Look

if TYPE_CHECKING:
    from ingest.index import Generation
    from service.answers import Answer, Citation

_USAGE = """\
  python -m service                       serve the page and POST /ask on 127.0.0.1:8000
  python -m service ask "a question"      ask once, in the terminal"""


class ServiceError(Exception):
    """The service cannot start; the message says what to type."""


def main(arguments: Sequence[str]) -> int:
    """Run one command; return 0, 1 after an error that is told on stderr, 130 when stopped."""
    try:
        if "ask" in arguments[1:] and arguments[0] != "ask":
            raise ServiceError("write `ask` first: python -m service ask QUESTION --index …")
        if arguments and arguments[0] == "ask":
            _ask(arguments[1:])
        else:
            _serve(arguments)
        sys.stdout.flush()
    except (IndexRefused, ModelError, FeedbackError, RiskError, ServiceError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # `… | head` has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return 0


def _serve(arguments: Sequence[str]) -> None:
    parser = _parser("python -m service", "Answer questions over HTTP.", _USAGE)
    parser.add_argument("--host", default="127.0.0.1", help="default: %(default)s")
    parser.add_argument("--port", type=int, default=8000, help="default: %(default)s; 0 takes any")
    parser.add_argument(
        "--name",
        default=os.environ.get("SCRUTINEER_NAME", Look().name),
        help="whose papers they are, for the head of each page (default: %(default)s)",
    )
    parser.add_argument(
        "--colour",
        default=os.environ.get("SCRUTINEER_COLOUR", Look().colour),
        help="of links and buttons, dark enough to read on white (default: %(default)s)",
    )
    parser.add_argument(
        "--feedback",
        metavar="FILE",
        type=Path,
        default=os.environ.get("SCRUTINEER_FEEDBACK") or None,
        help="keep what people say of answers in this SQLite file (default: keep nothing)",
    )
    options = parser.parse_args(arguments)
    try:
        look = Look(options.name, options.colour)
    except ValueError as error:
        raise ServiceError(f"--colour: {error}") from error
    with _listen(options.host, options.port) as listener:
        _check_first(options.index)
        feedback = FeedbackStore(options.feedback) if options.feedback is not None else None
        import uvicorn  # the models come with it; an index that is refused need not wait for them

        from service.app import create_app
        from service.ask import load_models
        from service.served import ServedIndex

        model = locate_model(options.encoder)
        served = ServedIndex(options.index, model)
        app = create_app(served, load_models(model), look, feedback)
        host, port = listener.getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host

        class Server(uvicorn.Server):
            """Says where it answers when it does, and not before: Ctrl+C ends it well by then."""

            async def startup(self, sockets: list[socket.socket] | None = None) -> None:
                await super().startup(sockets)
                print(f"Scrutineer answers at http://{shown}:{port}/ (Ctrl+C ends it)", flush=True)

        config = uvicorn.Config(app, log_level="warning", server_header=False)
        Server(config).run(sockets=[listener])


def _ask(arguments: Sequence[str]) -> None:
    parser = _parser("python -m service ask", "Ask one question in the terminal.")
    parser.add_argument("question")
    parser.add_argument(
        "--limit", type=int, help="most citations (default: 3, or 6 of a question about change)"
    )
    parser.add_argument("--json", action="store_true", help="print what POST /ask would return")
    options = parser.parse_args(arguments)
    _check_first(options.index)
    from pydantic import ValidationError

    from ingest.index import load_generation
    from service.ask import load_models
    from service.asking import answer_to
    from service.problems import first_reason
    from service.requests import AskRequest

    try:
        body = AskRequest(question=options.question, limit=options.limit)
    except ValidationError as error:
        raise ServiceError(first_reason(error.errors())) from error
    model = locate_model(options.encoder)
    generation = load_generation(options.index, model)
    answer = answer_to(generation, load_models(model), body)
    if options.json:
        print(json.dumps(asdict(answer), ensure_ascii=False, indent=2))
    else:
        _print_answer(answer, generation)


def _print_answer(answer: "Answer", generation: "Generation") -> None:
    from ingest.sentences import Span

    if answer.status == "not_found":
        print(answer.answer)
        if answer.related:
            print("\nThe nearest passages:")
        for citation in answer.related:
            span = Span(citation.start_char_index, citation.end_char_index)
            reading = generation.reading(citation.document_id, span)
            print(f"\n  {reading}\n    {_source(citation)}")
        for note in answer.notes:
            print(f"\nNote: {note.text}")
        return
    for citation in answer.citations:
        start, end = citation.answer_start_index, citation.answer_end_index
        print(f"{answer.answer[start:end]}\n    {_source(citation)}\n")
    for note in answer.notes:
        print(f"Note: {note.text}")


def _source(citation: "Citation") -> str:
    parts = [citation.document_title, citation.publisher, published_in_words(citation.published)]
    if citation.section:
        parts.append(citation.section)
    return ", ".join(part for part in parts if part)


def _parser(name: str, description: str, epilog: str | None = None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=name,
        description=description,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--index",
        type=Path,
        default=Path(os.environ.get("SCRUTINEER_INDEX", ".index")),
        help="the folder of the index (default: %(default)s)",
    )
    parser.add_argument(
        "--encoder",
        default=os.environ.get("SCRUTINEER_ENCODER", DEFAULT_ENCODER),
        help="the model that the index was built with (default: %(default)s)",
    )
    return parser


def _check_first(index: Path) -> None:
    """Refuse a missing or damaged index at once, before the models are loaded."""
    verify_generation(index, read_pointer(index))


def _listen(host: str, port: int) -> socket.socket:
    """Take the port, or say who to ask for another."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(128)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ServiceError(
            f"cannot listen on {host} port {port} ({reason}): choose another with --port"
        ) from error
    return listener


if __name__ == "__main__":
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal that is not UTF-8
    sys.exit(main(sys.argv[1:]))
