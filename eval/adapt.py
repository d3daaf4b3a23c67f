"""Learn the question adapter: two linear maps that put a question near what answers it.

Each question of the training papers is to stand nearer to the passages that answer it than to the
others of its papers, and so with sentences: InfoNCE (van den Oord et al. 2018) over all of them.
The vectors of passages stay the encoder's, so that no index need be built again.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import normalize

from eval.lessons import TRAINING, is_held_out, which_answer
from eval.questions import Question, read_questions
from eval.sets import write_some
from ingest.build import build
from ingest.encoder import Encoder, SentenceEncoder, Vectors
from ingest.index import Generation, load_generation
from ingest.models import DEFAULT_ENCODER, locate_model
from ingest.progress import track
from service.adapter import moved
from service.gist import as_a_question, without_courtesies

# Collections of each kind, drawn by a hash: to embed these takes an hour. Recall rises by half a
# point each time that they are doubled.
TAUGHT = {"collections": 500, "guidance": 150}
KEPT = {"collections": 50, "guidance": 20}  # held out, to measure on
STEPS, AT_ONCE = 1500, 64
RATE, DECAY = 1e-3, 0.1
TEMPERATURE = 0.05


@dataclass(frozen=True, slots=True)
class Example:
    """A question's vector, (dimensions,), and places of its papers: passages and sentences.

    Those are rows of the vectors of all, (n,) int64, with which of them answer, (n,) bool.
    """

    question: Vectors
    passages: NDArray[np.int64]
    passages_answer: NDArray[np.bool_]
    sentences: NDArray[np.int64]
    sentences_answer: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Examples:
    """Examples of one kind of papers, and the vectors that their rows are of, (rows, dimensions).

    `owners` says which passage each sentence is of, (sentences,).
    """

    all: Sequence[Example]
    passages: Vectors
    sentences: Vectors
    owners: NDArray[np.int64]


def read_examples(name: str, most: int, held_out: bool, work: Path) -> Examples:
    """Return the answered questions of up to `most` training collections as examples.

    Their papers are embedded in `work`, unless they are known from a time before.
    """
    questions = [
        one
        for one in read_questions(TRAINING / f"{name}.jsonl")
        if one.answerable and is_held_out(one.within[0]) is held_out
    ]
    collections = {one.within[0] for one in questions}
    drawn = set(sorted(collections, key=lambda one: hashlib.sha256(one.encode()).digest())[:most])
    questions = [one for one in questions if one.within[0] in drawn]
    papers = work / "sets" / f"{name}-{'kept' if held_out else 'taught'}"
    write_some(TRAINING / name, (paper for one in questions for paper in one.within), papers)
    files = locate_model(DEFAULT_ENCODER)
    index = work / "lessons" / papers.name
    build(papers, index, files, lambda texts: track(texts, f"embedding {papers.name}"))
    generation = load_generation(index, files)
    passages, sentences = generation.vectors, generation.sentence_vectors
    return Examples(
        examples_of(generation, SentenceEncoder(files), track(questions, f"asking {papers.name}")),
        passages.reconstruct_n(0, passages.ntotal),
        sentences.reconstruct_n(0, sentences.ntotal),
        generation.passage_of_sentence,
    )


def examples_of(
    generation: Generation, encoder: Encoder, questions: Iterable[Question]
) -> list[Example]:
    """Return questions as examples, each held against all passages of its papers."""
    of_paper: dict[str, list[int]] = {}
    for row, passage in enumerate(generation.passages):
        of_paper.setdefault(passage.document_id, []).append(row)
    first_sentence = np.searchsorted(
        generation.passage_of_sentence, np.arange(len(generation.passages))
    )
    found = []
    for question in questions:
        rows = [row for paper in question.within for row in of_paper[paper]]
        sentences: list[int] = []
        answer: list[bool] = []
        for row in rows:
            own = which_answer(generation.passages[row], question)
            sentences += range(first_sentence[row], first_sentence[row] + len(own))
            answer += own
        owners = generation.passage_of_sentence[sentences]
        answering = set(owners[np.array(answer)].tolist())
        if answering:  # a fact may be longer than any sentence of it
            found.append(
                Example(
                    encoder.encode_question(as_a_question(without_courtesies(question.question))),
                    np.array(rows),
                    np.array([row in answering for row in rows]),
                    np.array(sentences),
                    np.array(answer),
                )
            )
    return found


def learn(sources: Sequence[Examples], steps: int = STEPS) -> NDArray[np.float32]:
    """Return the maps for passages and for sentences, (2, dimensions, dimensions).

    A question's vector times a map is what is added to it. Each kind of papers is drawn from as
    often as it has examples.
    """
    draw = np.random.default_rng(1)
    dimensions = sources[0].passages.shape[1]
    maps = torch.zeros(2, dimensions, dimensions, requires_grad=True)
    optimiser = torch.optim.AdamW([maps], lr=RATE, weight_decay=DECAY)
    shares = np.array([len(source.all) for source in sources], dtype=np.float64)
    for step in range(steps):
        source = sources[draw.choice(len(sources), p=shares / shares.sum())]
        examples = [source.all[at] for at in draw.integers(len(source.all), size=AT_ONCE)]
        for group in optimiser.param_groups:
            group["lr"] = RATE * (1 - step / steps)
        loss = _loss(maps, source, examples)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    return maps.detach().numpy()


def _loss(maps: torch.Tensor, source: Examples, examples: Sequence[Example]) -> torch.Tensor:
    questions = torch.from_numpy(np.stack([one.question for one in examples]))
    for_passages, for_sentences = normalize(questions + questions @ maps, dim=-1)
    among_passages = [(one.passages, one.passages_answer) for one in examples]
    among_sentences = [(one.sentences, one.sentences_answer) for one in examples]
    return _nce(for_passages, source.passages, among_passages) + _nce(
        for_sentences, source.sentences, among_sentences
    )


def _nce(
    questions: torch.Tensor,
    vectors: Vectors,
    among: Sequence[tuple[NDArray[np.int64], NDArray[np.bool_]]],
) -> torch.Tensor:
    """The mean of minus the log of the share that what answers has of the softmax over all."""
    most = max(len(rows) for rows, _ in among)
    places = np.array([np.pad(rows, (0, most - len(rows))) for rows, _ in among])
    there = np.array([np.arange(most) < len(rows) for rows, _ in among])
    answers = np.array([np.pad(right, (0, most - len(right))) for _, right in among])
    near = torch.einsum("bd,bnd->bn", questions, torch.from_numpy(vectors[places])) / TEMPERATURE
    every = near.masked_fill(~torch.from_numpy(there), -torch.inf).logsumexp(1)
    right = near.masked_fill(~torch.from_numpy(answers), -torch.inf).logsumexp(1)
    return (every - right).mean()


def recall(source: Examples, maps: NDArray[np.float32] | None, deep: int) -> tuple[float, float]:
    """Return the share of questions with an answer among the first `deep` passages of each search.

    By the vectors of passages, and by those of their sentences; None for questions as they are.
    """
    by_passages, by_sentences = [], []
    for one in source.all:
        turned = moved(one.question, maps) if maps is not None else [one.question] * 2
        near = source.passages[one.passages] @ turned[0]
        best = one.passages[np.argsort(-near, kind="stable")[:deep]]
        answering = one.passages[one.passages_answer]
        by_passages.append(bool(np.isin(best, answering).any()))
        near = source.sentences[one.sentences] @ turned[1]
        owners = source.owners[one.sentences[np.argsort(-near, kind="stable")]]
        best = np.array(list(dict.fromkeys(owners.tolist()))[:deep])
        by_sentences.append(bool(np.isin(best, answering).any()))
    return float(np.mean(by_passages)), float(np.mean(by_sentences))


def save(maps: NDArray[np.float32], out: Path) -> None:
    """Write maps as `service/adapter.py` reads them, in half precision."""
    np.save(out, maps.astype(np.float16), allow_pickle=False)
