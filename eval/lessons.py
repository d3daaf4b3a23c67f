"""What a reader is trained on: questions, passages of one paper, and the sentences that answer."""

import hashlib
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.places import Place, states
from eval.questions import Question, read_questions
from eval.sets import is_public_set, read_set, write_corpus
from ingest.build import build
from ingest.encoder import SentenceEncoder
from ingest.index import Generation, load_generation
from ingest.models import DEFAULT_ENCODER, locate_model
from ingest.passages import Passage
from ingest.progress import track
from service.ask import what_is_asked
from service.retrieval import Filters, retrieve

TRAINING = Path(__file__).parent / "training"  # papers/ and questions.jsonl, written for this
PUBLIC = ("squad2-dev", "clapnq-dev", "doc2dial-val")
FOUND = 8  # passages of the paper that a question finds, from which lessons are drawn
MOST = 5000  # questions of one set
HELD_OUT = 5  # one paper in so many is never trained on


@dataclass(frozen=True, slots=True)
class Page:
    """A passage as the reader sees it: its context line before it, and where its sentences stand.

    `sentences` are `[start, end)` in `text`. `answering` are the places in it of those that answer.
    """

    text: str
    sentences: tuple[tuple[int, int], ...]
    answering: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Lesson:
    """A question with the passages of its paper that it finds, best first.

    A page that answers is always among them; when none answers, the paper does not.
    """

    source: str
    question: str
    paper: str
    pages: tuple[Page, ...]

    @property
    def answerable(self) -> bool:
        """True when a page answers."""
        return any(page.answering for page in self.pages)

    @property
    def held_out(self) -> bool:
        """True for a paper that is kept for measuring, by a hash of its name."""
        return int(hashlib.sha256(self.paper.encode()).hexdigest(), 16) % HELD_OUT == 0


def read_lessons(datasets: Path, work: Path) -> list[Lesson]:
    """Return the lessons of the project's training papers and of the public sets in `datasets`.

    Indexes are made in `work`. A public set that is not there is left out.
    """
    sources = [("training", TRAINING / "papers", read_questions(TRAINING / "questions.jsonl"))]
    for name in PUBLIC:
        if not is_public_set(datasets / name):
            continue
        corpus = work / "sets" / name
        write_corpus(datasets / name, corpus)
        only = "first_turn" if name.startswith("doc2dial") else None
        sources.append((name, corpus, read_set(datasets / name, only=only, within=True)))
    return [lesson for source in sources for lesson in _lessons_of(*source, work)]


def _lessons_of(
    source: str, corpus: Path, questions: Sequence[Question], work: Path
) -> Iterable[Lesson]:
    files = locate_model(DEFAULT_ENCODER)
    index = work / "lessons" / source
    build(corpus, index, files, lambda texts: track(texts, f"embedding {source}"))
    generation, encoder = load_generation(index, files), SentenceEncoder(files)
    draw = random.Random(1)  # noqa: S311 - the same questions each time
    sample = draw.sample(list(questions), min(MOST, len(questions)))
    for question in track(sample, f"finding {source}"):
        (paper,) = question.within
        asked = what_is_asked(question.question)
        found = retrieve(generation, encoder, asked, Filters(document_ids=(paper,)), FOUND)
        passages = [one.passage for one in found]
        passages += [p for p in _stating(generation, question, paper) if p not in passages]
        pages = tuple(page_of(generation, passage, question) for passage in passages)
        lesson = Lesson(source, asked, paper, pages)
        if pages and lesson.answerable == question.answerable:
            yield lesson


def page_of(generation: Generation, passage: Passage, question: Question) -> Page:
    """Return a passage as the reader sees it, with the sentences that state a vital fact."""
    text = generation.in_context(passage, "")
    places, answering = [], []
    for number, span in enumerate(passage.sentences):
        reading = generation.reading(passage.document_id, span)
        text += " " if number else ""
        places.append((len(text), len(text) + len(reading)))
        text += reading
        place = Place(passage.document_id, span.start, span.end)
        if any(states(place, fact) for fact in question.vital):
            answering.append(number)
    return Page(text, tuple(places), tuple(answering))


def _stating(generation: Generation, question: Question, paper: str) -> list[Passage]:
    """The passages of a paper that hold evidence, found or not."""
    evidence = [one for fact in question.vital for one in fact.spans if one.document_id == paper]
    return [
        passage
        for passage in generation.passages
        if passage.document_id == paper
        and any(one.start < passage.end and passage.start < one.end for one in evidence)
    ]
