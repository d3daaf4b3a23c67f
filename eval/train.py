"""Train the reader: from the cross-encoder's weights, or its own, to an int8 ONNX file.

The reader gives each token of a passage a logit: how much it belongs to the answer. A sentence's
is the logarithm of the mean of its tokens' exponentials; 0 stands for "no sentence answers". All
passages of a question are judged together (shared normalisation: Clark and Gardner 2018), and each
alone as well, so that a logit means the same whatever stands beside it.
"""

import copy
import math
import random
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import nn
from transformers import BertConfig, BertModel

from eval.lessons import Lesson, Marked
from eval.rewordings import REWORDINGS
from ingest.models import DEFAULT_RERANKER, locate_model
from service.pairs import pair_tokenizer
from service.reader import CUT_OFF, LONGEST, WEIGHTS, Page, sentence_of_each_token

LAYERS = 12  # all of the cross-encoder's; under 30 MB as int8, the words' vectors in four bits
HEADS_ON = (9, 12)  # layers whose tokens speak; the upper three were added to a reader of nine
IN_ONE_SCALE = 32  # numbers of a word's vector that are rounded together
LESSONS_A_STEP = 8
RATE = 6e-5
WARM_UP = 60  # steps
REWORDED = 0.3  # of the questions, each time they are read
# Tokens that are blanked each time they are read, of questions and of pages: what is seen often
# would else be known by heart (first right .9 to .995 of papers learnt from, .8 of those held out).
BLANKED = (0.04, 0.08)
BLANK = 103  # [MASK] of the cross-encoder's tokenizer
_WORDS = "bert.embeddings.word_embeddings"
_IN_FOUR_BITS = ("packed", "scales")
_SORTED_TOGETHER = 256  # lessons, cut into steps of about the same length


class FourBits(nn.Module):
    """Vectors of words in four bits each number, with a scale for every IN_ONE_SCALE of them."""

    packed: torch.Tensor
    scales: torch.Tensor

    def __init__(self, weight: torch.Tensor) -> None:
        """Round them; `weight` is (words, dimensions), its dimensions a multiple of 64."""
        super().__init__()
        grouped = weight.reshape(len(weight), -1, IN_ONE_SCALE)
        scales = (grouped.abs().amax(2) / 7).clamp_min(1e-4).half()
        numbers = (grouped / scales.float().unsqueeze(2)).round().clamp(-8, 7) + 8
        low, high = numbers.flatten(1).to(torch.uint8).chunk(2, dim=1)
        self.register_buffer("packed", low + 16 * high)
        self.register_buffer("scales", scales)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Return the vectors of words, float32, (..., dimensions)."""
        return unpacked(self.packed[ids], self.scales[ids])


def unpacked(packed: torch.Tensor, scales: torch.Tensor) -> torch.Tensor:
    """Return vectors, float32, (..., dimensions); uint8 (..., half of them), float16 scales."""
    both = packed.float()
    high = torch.floor(both / 16)
    numbers = torch.cat([both - 16 * high, high], -1) - 8
    grouped = numbers.reshape(*scales.shape, IN_ONE_SCALE)
    return (grouped * scales.float().unsqueeze(-1)).flatten(-2)


class RowByRow(nn.Linear):
    """A layer that puts each token's row into [-1, 1] first, and its outcome back.

    The same numbers; but int8 gives all tokens one scale, and a few with large numbers (up to
    twelve times the others', after GELU) would leave the rest a few of its 256 steps.
    """

    def __init__(self, layer: nn.Linear) -> None:
        """Take a layer's weights."""
        super().__init__(layer.in_features, layer.out_features)
        self.weight, self.bias = layer.weight, layer.bias

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """Return what the layer makes of rows, float32, (..., features)."""
        largest = rows.abs().amax(-1, keepdim=True).clamp_min(1e-6)
        return nn.functional.linear(rows * (1 / largest), self.weight) * largest + self.bias


class Reader(nn.Module):
    """The encoder, and a logit for each token: its own plus that of the passage (its first).

    Both are sums of what the heads on two of its layers say.
    """

    def __init__(self) -> None:
        """Make one with random weights."""
        super().__init__()
        self.bert = BertModel(
            BertConfig(
                num_hidden_layers=LAYERS,
                hidden_size=384,
                num_attention_heads=12,
                intermediate_size=1536,
                hidden_dropout_prob=0.0,  # costs a third of the time on a CPU, and wins nothing
                attention_probs_dropout_prob=0.0,
                _attn_implementation="eager",  # type: ignore[call-arg] # fused: 3 times slower back
            ),
            add_pooling_layer=False,
        )
        self.dropout = nn.Dropout(0.1)
        heads = [nn.Linear(384, 2) for _ in HEADS_ON]
        for head in heads:
            nn.init.normal_(head.weight, std=0.02)
            head.bias.data = torch.tensor([0.0, -1.0])  # most passages do not answer
        self.heads = nn.ModuleList(heads)

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor
    ) -> torch.Tensor:
        """Return float32 logits, (pairs, tokens)."""
        hidden = self.bert(
            input_ids=input_ids,
            attention_mask=attention_mask,
            token_type_ids=token_type_ids,
            output_hidden_states=True,
        ).hidden_states
        said = [
            head(self.dropout(hidden[layer].float()))
            for head, layer in zip(self.heads, HEADS_ON, strict=True)
        ]
        both = torch.stack(said).sum(0)
        logits: torch.Tensor = both[:, :, 0] + both[:, :1, 1]
        return logits


def from_reranker() -> Reader:
    """Return a reader that begins with the layers of the cross-encoder."""
    return _beginning_with(dequantised(Path(locate_model(DEFAULT_RERANKER).source) / "model.onnx"))


def from_served() -> Reader:
    """Return the reader that is served, to be trained further."""
    return _beginning_with(dequantised(WEIGHTS))


def _beginning_with(known: Mapping[str, NDArray[np.float32]]) -> Reader:
    """A reader with the weights that are known; its heads are new where they have none.

    The vectors of words are rounded as they will be kept, and stay as they are.
    """
    reader = Reader()
    state = reader.state_dict()
    for name in state:
        if name.startswith("bert.") or name in known:
            state[name] = torch.tensor(known[name])
    words = FourBits(state[f"{_WORDS}.weight"])
    state[f"{_WORDS}.weight"] = unpacked(words.packed, words.scales)
    reader.load_state_dict(state)
    for parameter in reader.bert.embeddings.parameters():
        parameter.requires_grad = False
    return reader


def dequantised(path: Path) -> dict[str, NDArray[np.float32]]:
    """Return the weights of an int8 BERT as floats, by their names before it was made ONNX."""
    import onnx  # only training needs it
    from onnx import numpy_helper

    graph = onnx.load(path).graph
    stored = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    weights = {name: value for name, value in stored.items() if value.dtype == np.float32}
    for name, value in stored.items():
        if name.endswith("_quantized"):
            bare = name.removesuffix("_quantized")
            zero = stored[f"{bare}_zero_point"].astype(np.float32)
            weights[bare] = (value.astype(np.float32) - zero) * stored[f"{bare}_scale"]
    for node in graph.node:  # matrices have lost their names; the nodes that use them have not
        for name in node.input:
            bare = name.removesuffix("_quantized")
            if bare.startswith("onnx::MatMul") and bare in weights:
                place = node.name.strip("/").split("/MatMul")[0].replace("/", ".")
                weights[f"{place}.weight"] = weights[bare].T.copy()
    if f"{_WORDS}.packed" in stored:
        packed, scales = (torch.tensor(stored[f"{_WORDS}.{name}"]) for name in _IN_FOUR_BITS)
        weights[f"{_WORDS}.weight"] = unpacked(packed, scales).numpy()
    return weights


# --- what it sees -------------------------------------------------------------------------------


def reader_tokenizer() -> Tokenizer:
    """Return the cross-encoder's tokenizer, set for the reader's pairs."""
    return pair_tokenizer(Path(locate_model(DEFAULT_RERANKER).source) / "tokenizer.json", LONGEST)


def encode(
    tokenizer: Tokenizer, question: str, page: Page
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return token ids, token types, and for each token its sentence (-1: in none); (tokens,)."""
    pair = tokenizer.encode(question, page.text)
    return np.array(pair.ids), np.array(pair.type_ids), sentence_of_each_token(pair, page)


def sentence_logits(tokens: torch.Tensor, places: torch.Tensor, sentences: int) -> torch.Tensor:
    """Return a logit for each sentence of a passage, (sentences,), from its tokens', (tokens,)."""
    found = []
    for number in range(sentences):
        own = tokens[places == number]
        found.append(
            torch.logsumexp(own, 0) - math.log(len(own)) if len(own) else torch.tensor(CUT_OFF)
        )
    return torch.stack(found)


# --- training -----------------------------------------------------------------------------------


def train(reader: Reader, lessons: Sequence[Lesson], minutes: float, say: Any = print) -> Reader:
    """Train a reader for so many minutes; the rate falls to nothing towards their end."""
    torch.manual_seed(1)
    draw = random.Random(1)  # noqa: S311 - the same lessons in the same order
    tokenizer = reader_tokenizer()
    learning = [one for one in reader.parameters() if one.requires_grad]
    optimiser = torch.optim.AdamW(learning, lr=RATE, weight_decay=0.01)
    began, losses = time.monotonic(), []
    reader.train()
    for step, batch in enumerate(_batches(lessons, tokenizer, draw)):
        done = (time.monotonic() - began) / (60 * minutes)
        if done >= 1:
            break
        for group in optimiser.param_groups:
            group["lr"] = RATE * min(1.0, step / WARM_UP) * (1 - done)
        loss = loss_of(reader, batch)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(learning, 1.0)
        optimiser.step()
        losses.append(loss.item())
        if step % 100 == 99:
            say(f"step {step + 1}, {done:.0%} done: loss {np.mean(losses[-100:]):.3f}")
    return reader.eval()


_Pair = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]
_Encoded = list[tuple[Marked, _Pair]]


def _batches(
    lessons: Sequence[Lesson], tokenizer: Tokenizer, draw: random.Random
) -> Iterator[list[_Encoded]]:
    """Yield the lessons over and over in another order each time, those of one length together."""
    order = list(lessons)
    while True:
        draw.shuffle(order)
        for at in range(0, len(order), _SORTED_TOGETHER):
            part = [_drawn(one, tokenizer, draw) for one in order[at : at + _SORTED_TOGETHER]]
            part.sort(key=lambda pages: max(len(encoded[0]) for _, encoded in pages))
            steps = [part[n : n + LESSONS_A_STEP] for n in range(0, len(part), LESSONS_A_STEP)]
            draw.shuffle(steps)
            yield from steps


def _drawn(lesson: Lesson, tokenizer: Tokenizer, draw: random.Random) -> _Encoded:
    question = lesson.question
    if draw.random() < REWORDED:
        question = draw.choice(list(REWORDINGS.values()))(question)
    return [
        (one, blanked(encode(tokenizer, question, one.page), draw))
        for one in drawn_pages(lesson, draw)
    ]


def blanked(encoded: _Pair, draw: random.Random) -> _Pair:
    """Return what `encode` returned with some token ids replaced by BLANK; (tokens,) each.

    The tokens that begin, part and end question and page stay: they alone have lower ids.
    """
    ids, types, places = encoded
    rates = np.array(BLANKED)[types]
    hit = np.array([draw.random() for _ in ids]) < rates
    return np.where(hit & (ids > BLANK), BLANK, ids), types, places


def drawn_pages(lesson: Lesson, draw: random.Random) -> list[Marked]:
    """Return one page that answers, if any does, and some of those that were found and do not.

    They are a third of its pages, so that a question asked of several papers is set against more.
    """
    answering = [page for page in lesson.pages if page.answering]
    others = [page for page in lesson.pages if not page.answering]
    wanted = min(len(others), max(2, len(lesson.pages) // 3))
    first = [draw.choice(answering)] if answering else others[:1]
    rest = others if answering else others[1:]
    return first + draw.sample(rest, min(len(rest), wanted - (not answering)))


def loss_of(reader: Reader, lessons: Sequence[_Encoded]) -> torch.Tensor:
    """Return the mean loss of lessons: of all their pages together, and half that of each alone."""
    ids, mask, types, places = _padded([encoded for pages in lessons for _, encoded in pages])
    with torch.autocast("cpu", dtype=torch.bfloat16):
        tokens = reader(ids, mask, types).float()
    total, row = torch.zeros(()), 0
    for pages in lessons:
        logits, answering, alone = [], [], torch.zeros(())
        for marked, _ in pages:
            found = sentence_logits(tokens[row], places[row], len(marked.page.sentences))
            right = found[list(marked.answering)]
            alone = alone + _surprise(found, right)
            logits.append(found)
            answering.append(right)
            row += 1
        total = total + _surprise(torch.cat(logits), torch.cat(answering)) + alone / len(pages) / 2
    return total / len(lessons)


def _surprise(logits: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """Minus the log probability of the right sentences or, without any, of "none" (logit 0)."""
    everything = torch.logsumexp(torch.cat([torch.zeros(1), logits]), 0)
    return everything - (torch.logsumexp(right, 0) if len(right) else 0.0)


def _padded(
    encoded: Sequence[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]],
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    shape = (len(encoded), max(len(one[0]) for one in encoded))
    ids, mask, types = (np.zeros(shape, dtype=np.int64) for _ in range(3))
    places = np.full(shape, -1, dtype=np.int64)
    for row, (own_ids, own_types, own_places) in enumerate(encoded):
        length = len(own_ids)
        ids[row, :length], mask[row, :length] = own_ids, 1
        types[row, :length], places[row, :length] = own_types, own_places
    return (torch.tensor(ids), torch.tensor(mask), torch.tensor(types), torch.tensor(places))


# --- measuring and keeping ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Best:
    """What the reader makes of a lesson: its highest sentence logit, and whether that is right."""

    confidence: float
    answerable: bool
    right: bool


@torch.inference_mode()
def best_sentences(reader: Reader, lessons: Sequence[Lesson]) -> list[Best]:
    """Return the best sentence of each lesson, over all its pages."""
    tokenizer, found = reader_tokenizer(), []
    for lesson in lessons:
        encoded = [encode(tokenizer, lesson.question, one.page) for one in lesson.pages]
        ids, mask, types, places = _padded(encoded)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            tokens = reader(ids, mask, types).float()
        logit, right = max(
            (logit, number in one.answering)
            for row, one in enumerate(lesson.pages)
            for number, logit in enumerate(
                sentence_logits(tokens[row], places[row], len(one.page.sentences)).tolist()
            )
        )
        found.append(Best(logit, lesson.answerable, right))
    return found


def export(reader: Reader, path: Path) -> None:
    """Write a reader as int8 ONNX: three inputs of int64 (pairs, tokens), `token_logits` out."""
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    reader = copy.deepcopy(reader).eval()
    embeddings = reader.bert.embeddings
    small = FourBits(embeddings.word_embeddings.weight.detach())
    embeddings.word_embeddings = small  # type: ignore[assignment] # in place of 32 bits
    for name, layer in list(reader.bert.named_modules()):
        if isinstance(layer, nn.Linear):
            reader.bert.set_submodule(name, RowByRow(layer))
    whole = path.with_suffix(".float32.onnx")
    example = torch.ones((1, 8), dtype=torch.int64)
    names = ["input_ids", "attention_mask", "token_type_ids"]
    with warnings.catch_warnings():
        # This exporter is to go one day; the newer one needs two more packages.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            reader,
            (example, example, torch.zeros_like(example)),
            str(whole),
            input_names=names,
            output_names=["token_logits"],
            dynamic_axes={name: {0: "pairs", 1: "tokens"} for name in [*names, "token_logits"]},
            dynamo=False,
        )
    graph = onnx.load(whole).graph
    packed = {f"{_WORDS}.{name}" for name in _IN_FOUR_BITS}
    done = [node.name for node in graph.node if not packed.isdisjoint(node.input)]
    quantize_dynamic(
        whole, path, per_channel=True, weight_type=QuantType.QInt8, nodes_to_exclude=done
    )
    whole.unlink()
