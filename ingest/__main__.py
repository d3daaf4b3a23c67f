"""`python -m ingest`: build an index, verify one, or show what was understood of a document."""

from ingest.threads import limit_threads

limit_threads()  # before numpy, torch and faiss are imported: each reads its setting once

# ruff: noqa: E402 - the imports below come after that on purpose
import argparse
import io
import json
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from ingest.build import BuildError, build
from ingest.documents import CorpusError, notes_on_corpus, read_corpus
from ingest.generations import IndexRefused, read_pointer, verify_generation
from ingest.models import DEFAULT_ENCODER, ModelError, locate_model
from ingest.progress import track

_COMMANDS = ("verify", "show")
_USAGE = """\
  python -m ingest [CORPUS]          build the index of a folder of papers, or bring it up to date
  python -m ingest verify            check every file of the index
  python -m ingest show DOCUMENT     show what was understood of one paper"""


def main(arguments: Sequence[str]) -> int:
    """Run one command; return 0, 1 after an error that is told on stderr, 130 when stopped."""
    command = arguments[0] if arguments and arguments[0] in _COMMANDS else "build"
    rest = arguments[1:] if command != "build" else arguments
    try:
        if command == "build" and (late := set(arguments[1:]) & set(_COMMANDS)):
            raise BuildError(f"write `{late.pop()}` right after `python -m ingest`")
        {"build": _build, "verify": _verify, "show": _show}[command](rest)
    except (CorpusError, BuildError, IndexRefused, ModelError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped: what was served before is served still", file=sys.stderr)
        return 130
    return 0


def _build(arguments: Sequence[str]) -> None:
    parser = _parser("python -m ingest", "Build the index of a folder of papers.", epilog=_USAGE)
    _add_corpus(parser, "corpus", nargs="?")
    _add_index(parser)
    parser.add_argument(
        "--encoder",
        default=os.environ.get("SCRUTINEER_ENCODER", DEFAULT_ENCODER),
        help="a sentence-transformers model, by name or folder (default: %(default)s)",
    )
    parser.add_argument("--json", action="store_true", help="print the summary as JSON")
    options = parser.parse_args(arguments)
    summary = build(options.corpus, options.index, locate_model(options.encoder), _embedding)
    for note in notes_on_corpus(options.corpus):
        print(f"note: {note}", file=sys.stderr)
    if options.json:
        print(json.dumps(asdict(summary)))
        return
    counts = (
        f"{summary.documents} documents, {summary.sections} sections, {summary.passages} passages"
    )
    if summary.changed:
        print(f"{counts}; {summary.embedded} embedded in {summary.seconds:.1f} s")
        print(f"published generation {summary.generation} in {options.index}")
    else:
        print(f"nothing changed: generation {summary.generation} ({counts})")


def _verify(arguments: Sequence[str]) -> None:
    parser = _parser("python -m ingest verify", "Check every file of an index.")
    _add_index(parser)
    index = parser.parse_args(arguments).index
    manifest = verify_generation(index, read_pointer(index))
    print(
        f"generation {manifest['generation']} is whole: {len(manifest['files'])} files agree with "
        f"their manifest ({manifest['documents']} documents, {manifest['passages']} passages)"
    )


def _show(arguments: Sequence[str]) -> None:
    from ingest.show import show_document

    parser = _parser("python -m ingest show", "Show what was understood of one paper.")
    parser.add_argument("document", help="its id: the file's name without .txt")
    _add_corpus(parser, "--corpus")
    options = parser.parse_args(arguments)
    documents = {document.id: document for document in read_corpus(options.corpus)}
    if options.document not in documents:
        raise CorpusError(
            f"there is no document {options.document!r} in {options.corpus}: "
            f"there are {', '.join(documents)}"
        )
    show_document(documents[options.document], Console(highlight=False))


def _parser(name: str, description: str, epilog: str | None = None) -> argparse.ArgumentParser:
    return argparse.ArgumentParser(
        prog=name,
        description=description,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def _add_corpus(parser: argparse.ArgumentParser, name: str, nargs: str | None = None) -> None:
    parser.add_argument(
        name,
        nargs=nargs,
        type=Path,
        default=Path(os.environ.get("SCRUTINEER_CORPUS", "corpus")),
        help="the folder of papers (default: %(default)s)",
    )


def _add_index(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--index",
        type=Path,
        default=Path(os.environ.get("SCRUTINEER_INDEX", ".index")),
        help="the folder of the index (default: %(default)s)",
    )


def _embedding(texts: Sequence[str]) -> Iterable[str]:
    return track(texts, "embedding")


if __name__ == "__main__":
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal that is not UTF-8
    sys.exit(main(sys.argv[1:]))
