"""What a reader is trained on: questions, passages that they find, the sentences that answer."""

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
from service.gist import with_circumstances
from service.reader import Page, page_of
from service.retrieval import Filters, retrieve

TRAINING = Path(__file__).parent / "training"  # written for this; see its README
OWN = ("papers", "collections", "guidance")  # its folders: questions of one paper, and of several
PUBLIC = ("squad2-dev", "clapnq-dev", "doc2dial-val")
FOUND = 8  # passages that a question finds in its paper, from which lessons are drawn
FOUND_IN_SEVERAL = 12  # and in its collection
MOST_PUBLIC = 3000  # questions of one public set, so that ours are as many
HELD_OUT = 5  # one paper or collection in so many is never trained on


@dataclass(frozen=True, slots=True)
class Marked:
    """A page, and the numbers of its sentences that answer the question of the lesson."""

    page: Page
    answering: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Lesson:
    """A question with the passages that it finds in its paper or collection, best first.

    `within` is the first paper's name. A page that answers is always among them; when none does,
    the papers do not.
    """

    source: str
    question: str
    within: str
    pages: tuple[Marked, ...]

    @property
    def answerable(self) -> bool:
        """True when a page answers."""
        return any(page.answering for page in self.pages)

    @property
    def held_out(self) -> bool:
        """True for papers that are kept for measuring, by a hash of the name."""
        return is_held_out(self.within)


def is_held_out(paper: str) -> bool:
    """True when the reader is never trained on that paper, or on the collection it begins."""
    return int(hashlib.sha256(paper.encode()).hexdigest(), 16) % HELD_OUT == 0


def read_lessons(datasets: Path, work: Path) -> list[Lesson]:
    """Return the lessons of the project's training papers and of the public sets in `datasets`.

    Indexes are made in `work`. A public set that is not there is left out.
    """
    sources = [(name, TRAINING / name, read_questions(TRAINING / f"{name}.jsonl")) for name in OWN]
    for name in PUBLIC:
        if not is_public_set(datasets / name):
            continue
        corpus = work / "sets" / name
        write_corpus(datasets / name, corpus)
        only = "first_turn" if name.startswith("doc2dial") else None
        questions = read_set(datasets / name, only=only, within=True)
        draw = random.Random(1)  # noqa: S311 - the same questions each time
        sample = draw.sample(questions, min(MOST_PUBLIC, len(questions)))
        sources.append((name, corpus, sample))
    return [lesson for source in sources for lesson in _lessons_of(*source, work)]


def _lessons_of(
    source: str, corpus: Path, questions: Sequence[Question], work: Path
) -> Iterable[Lesson]:
    files = locate_model(DEFAULT_ENCODER)
    index = work / "lessons" / source
    build(corpus, index, files, lambda texts: track(texts, f"embedding {source}"))
    generation, encoder = load_generation(index, files), SentenceEncoder(files)
    for question in track(questions, f"finding {source}"):
        asked = with_circumstances(question.question)
        most = FOUND if len(question.within) == 1 else FOUND_IN_SEVERAL
        found = retrieve(generation, encoder, asked, Filters(question.within), most)
        passages = [one.passage for one in found]
        passages += [p for p in _stating(generation, question) if p not in passages]
        pages = tuple(marked(generation, passage, question) for passage in passages)
        lesson = Lesson(source, asked, question.within[0], pages)
        if pages and lesson.answerable == question.answerable:
            yield lesson


def marked(generation: Generation, passage: Passage, question: Question) -> Marked:
    """Return a passage's page with the sentences that state a vital fact."""
    answers = enumerate(which_answer(passage, question))
    return Marked(page_of(generation, passage), tuple(number for number, right in answers if right))


def which_answer(passage: Passage, question: Question) -> list[bool]:
    """Return for each sentence of a passage whether it states a vital fact."""
    return [
        any(states(Place(passage.document_id, span.start, span.end), one) for one in question.vital)
        for span in passage.sentences
    ]


def _stating(generation: Generation, question: Question) -> list[Passage]:
    """The passages of its papers that hold evidence, found or not."""
    evidence = [one for fact in question.vital for one in fact.spans]
    return [
        passage
        for passage in generation.passages
        if any(
            one.document_id == passage.document_id
            and one.start < passage.end
            and passage.start < one.end
            for one in evidence
        )
    ]
