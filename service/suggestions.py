"""Questions to begin with, made from the papers: only such as the service answers from that paper.

Plain patterns over what stands in the papers (who speaks, sums of money, years, headings), each
asked once when an index is taken up.
"""

import logging
import re
import threading
from collections import Counter
from collections.abc import Iterator

from ingest.documents import Document
from ingest.index import Generation
from service.ask import Models, ask
from service.pages import by_date
from service.retrieval import Filters

log = logging.getLogger(__name__)

SUGGESTED = 4
_TRIED = 4  # of each pattern
_OF_A_PAPER = 2
_NAME = re.compile(r"\b[A-Z][\w’'-]+ [A-Z][\w’'-]+$")
_MONEY = re.compile(r"£\d[\d,.]*\d? ?(?:million|billion|m|bn)\b")
_YEAR = re.compile(r"\bin ((?:19|20)\d\d)\b")
_PLURAL_HEADING = re.compile(r"[A-Z][a-z]+ [a-z]{4,}s")


class Suggestions:
    """The questions for the served index. They are found aside; until then there are none."""

    def __init__(self, models: Models) -> None:
        self._models = models
        self._found: tuple[str, tuple[str, ...]] = ("", ())
        self._finding = threading.Lock()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def of(self, generation: Generation) -> tuple[str, ...]:
        """Return the questions that are known for a generation, and see to it that some will be."""
        identity, questions = self._found
        if identity == generation.id:
            return questions
        if not self._closing.is_set() and self._finding.acquire(blocking=False):
            self._thread = threading.Thread(target=self._find, args=(generation,))
            self._thread.start()
        return ()

    def close(self) -> None:
        """Stop finding, and wait for the question that is being asked."""
        self._closing.set()
        if self._thread is not None:
            self._thread.join()

    def _find(self, generation: Generation) -> None:
        try:
            self._found = (generation.id, suggested(generation, self._models, self._closing))
        except Exception:  # the page does without them, and the log says why
            log.exception("no questions to begin with could be made")
            self._found = (generation.id, ())
        finally:
            self._finding.release()


def suggested(
    generation: Generation, models: Models, closing: threading.Event | None = None
) -> tuple[str, ...]:
    """Return up to four questions of different kinds that are answered from different papers.

    Those found so far when `closing` is set.
    """
    by_kind = [
        [
            (confidence, document, candidate)
            for document, candidate in candidates[:_TRIED]
            if not (closing and closing.is_set())
            and (confidence := _sure(generation, models, document, candidate))
        ]
        for candidates in _by_kind(generation)
    ]
    # One of each kind first, the surest; then what is left; two of one paper at most.
    first = [max(found) for found in by_kind if found]
    rest = sorted((one for found in by_kind for one in found if one not in first), reverse=True)
    chosen: list[str] = []
    taken: Counter[str] = Counter()
    for _, document, candidate in [*first, *rest]:
        if taken[document] < _OF_A_PAPER:
            taken[document] += 1
            chosen.append(candidate)
    return tuple(chosen[:SUGGESTED])


def _sure(generation: Generation, models: Models, document: str, question: str) -> float:
    """How surely a question is answered from the paper that it was made from; 0.0 if it is not."""
    answer = ask(generation, models, question, 1, Filters())
    from_there = any(one.document_id == document for one in answer.citations)
    return answer.confidence if from_there else 0.0


def _by_kind(generation: Generation) -> list[list[tuple[str, str]]]:
    """Questions that might do, by kind, each with the paper that it was made from; newest first."""
    documents = by_date(generation)
    kinds = (_of_speakers, _of_money, _of_headings, _of_years)
    found = [[pair for d in documents for pair in kind(generation, d)] for kind in kinds]
    return [
        list({question: (name, question) for name, question in pairs}.values()) for pairs in found
    ]


def _of_speakers(generation: Generation, document: Document) -> Iterator[tuple[str, str]]:
    for who, _ in Counter(generation.speakers[document.id].values()).most_common(2):
        if name := _NAME.search(who):
            yield document.id, f"What did {name.group()} say?"


def _of_money(generation: Generation, document: Document) -> Iterator[tuple[str, str]]:
    for sum_of_money in list(dict.fromkeys(_MONEY.findall(generation.masked[document.id])))[:2]:
        yield document.id, f"What is the {sum_of_money} for?"


def _of_headings(generation: Generation, document: Document) -> Iterator[tuple[str, str]]:
    for block in generation.blocks[document.id]:
        heading = generation.reading(document.id, block.span) if block.kind == "heading" else ""
        if _PLURAL_HEADING.fullmatch(heading):
            yield document.id, f"What are the {heading.lower()}?"


def _of_years(generation: Generation, document: Document) -> Iterator[tuple[str, str]]:
    for year, _ in Counter(_YEAR.findall(generation.masked[document.id])).most_common(2):
        if year != (document.published or "")[:4]:
            yield document.id, f"What was found in {year}?"
