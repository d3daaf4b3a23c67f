"""`python -m eval`: ask the gold questions, score the citations, compare, report."""

from ingest.threads import limit_threads

limit_threads()  # before numpy, torch, faiss and onnxruntime are imported

# ruff: noqa: E402 - the imports below come after that on purpose
import argparse
import hashlib
import importlib.util
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from eval.ablation import PARTS, first_right, milliseconds, remembering_pairs, without
from eval.compare import as_text, compare
from eval.feedback import candidates, folded, write_candidates
from eval.gate import BASELINE, judge, read_baseline, write_baseline
from eval.lessons import read_lessons
from eval.questions import (
    QUESTIONS,
    GoldError,
    Question,
    faults_in,
    read_questions,
    with_offsets,
)
from eval.records import EvalError
from eval.remote import over_http
from eval.report import write_report
from eval.rewordings import REWORDINGS, cost_of, reworded
from eval.run import Target, in_process, run
from eval.score import score, to_json
from eval.selective import Auroc, once
from eval.sets import is_public_set, read_qrels, read_set, write_corpus, write_crowd
from eval.systems import SYSTEMS
from eval.tables import change_text, headline_table, scores_text, verdict_text
from eval.whole import build_whole
from ingest.build import BuildError, build
from ingest.documents import CorpusError, read_corpus
from ingest.generations import IndexRefused
from ingest.models import DEFAULT_ENCODER, ModelError, locate_model
from ingest.progress import track
from service.confidence import RiskError
from service.feedback import FeedbackError, read_feedback

CORPUS = Path("corpus")
DATASETS = Path("../shared/datasets")  # public sets, where they are
CROWD, CROWD_FROM = 300, ("doc2dial-val", "squad2-dev")  # papers that have nothing to do with it
CALIBRATION = Path("service/calibration.json")
WORK = Path(".eval")  # indexes and runs that can be made again


def main(arguments: Sequence[str]) -> int:
    """Run one command; return 0, 1 after an error told on stderr or a failed gate, 130 stopped."""
    options = _parser().parse_args(arguments)
    try:
        code = int(options.command(options))
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        print("stopped: the same command goes on from here", file=sys.stderr)
        return 130
    except BrokenPipeError:  # `… | head` has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (
        EvalError, GoldError, CorpusError, BuildError, IndexRefused, ModelError,
        FeedbackError, RiskError,
    ) as error:  # fmt: skip
        print(f"error: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"error: {error.filename} cannot be used: {error.strerror}", file=sys.stderr)
        return 1


# --- the commands -------------------------------------------------------------------------------


def _all(options: argparse.Namespace) -> int:
    """Run every system on one set, score them, and write the report of the full one."""
    found = []
    for system in SYSTEMS:
        options.system, options.out = system, options.runs / system
        _run(options)
        found.append(score(options.out))
    written = write_report(found[0], found[1:], options.runs)
    print(headline_table(found))
    print(f"\nreport: {written}")
    if options.set != QUESTIONS or not BASELINE.exists():
        return 0
    plainer = [one for one in found if one.run.name in ("bm25", "dense")]
    verdict = judge(found[0], read_baseline(), plainer)
    print(verdict_text(verdict))
    return 1 if verdict.reasons else 0


def _run(options: argparse.Namespace) -> int:
    gold, questions, corpus = _set(options)
    if options.alone:
        questions = [replace(question, history=()) for question in questions]
    if options.rewording in REWORDINGS:
        questions = reworded(questions, options.rewording)
    target = _target(options, corpus)
    with without(options.without):
        manifest = run(
            target,
            gold,
            questions,
            options.out,
            options.restart,
            lambda rest: track(rest, f"asking {target.inputs['system']}"),
        )
    print(f"{options.out}: {manifest.questions} questions asked")
    return 0


def _target(options: argparse.Namespace, corpus: Path) -> Target:
    if options.url is not None:
        return over_http(options.url, options.limit)
    whole = "-whole" if options.whole else ""
    index = options.index or WORK / "indexes" / f"{_short_name(corpus)}{whole}"
    _progress(f"reading {corpus}")
    make = build_whole if options.whole else build
    encoder = locate_model(options.encoder)
    make(corpus, index, encoder, lambda texts: track(texts, "embedding"))
    target = in_process(index, options.encoder, options.system, options.limit)
    if options.without is None:
        return target
    return replace(target, inputs={**target.inputs, "without": options.without})


def _score(options: argparse.Namespace) -> int:
    scores = score(options.run)
    print(json.dumps(to_json(scores)) if options.json else scores_text(scores))
    return 1 if any(one.broken for one in scores.invariants) else 0


def _compare(options: argparse.Namespace) -> int:
    comparison = compare(score(options.first), score(options.second))
    print(json.dumps(asdict(comparison)) if options.json else as_text(comparison))
    return 0


def _report(options: argparse.Namespace) -> int:
    others = [score(folder) for folder in options.beside]
    print(write_report(score(options.run), others, options.run))
    return 0


def _gate(options: argparse.Namespace) -> int:
    scores = score(options.run)
    if options.update and not options.baseline.exists():
        write_baseline(scores, options.baseline)
        print(f"{options.baseline} is new")
        return 0
    verdict = judge(scores, read_baseline(options.baseline), [score(one) for one in options.beside])
    print(verdict_text(verdict))
    if options.update and verdict.missing:
        raise EvalError(
            f"{options.baseline} has questions that {options.run} has not: name another file with "
            "--baseline or, if they are meant to go, remove it first"
        )
    if options.update:
        write_baseline(scores, options.baseline)
        print(f"\n{options.baseline} is now this run: commit it with the lines above")
        return 0
    return 1 if verdict.reasons else 0


def _validate(options: argparse.Namespace) -> int:
    documents = {document.id: document for document in read_corpus(options.corpus)}
    faults: list[str] = []
    if options.fill:
        text, faults = with_offsets(options.file, documents)
        beside = options.file.with_name(f"{options.file.name}.part")
        beside.write_text(text, encoding="utf-8")
        beside.replace(options.file)
    questions, others = faults_in(options.file, documents)
    told = {fault.split(":")[0] for fault in faults}
    faults += [fault for fault in others if fault.split(":")[0] not in told]
    for fault in faults:
        print(f"{options.file}: {fault}")
    if faults:
        return 1
    unanswerable = sum(not one.answerable for one in questions)
    dev = sum(one.split == "dev" for one in questions)
    print(
        f"{options.file}: {len(questions)} questions are right ({len(questions) - unanswerable} "
        f"answerable, {unanswerable} not; {dev} dev, {len(questions) - dev} test)"
    )
    return 0


def _feedback(options: argparse.Namespace) -> int:
    """List what people said of answers, and write candidates for the gold."""
    said = read_feedback(options.file)
    if not said:
        print(f"{options.file} holds no feedback yet")
        return 0
    print(f"{options.file}: {len(said)} verdicts, {said[0].when[:10]} to {said[-1].when[:10]}")
    for one in said:
        paper = f" (in {one.paper})" if one.paper else ""
        note = f" (note: {one.note})" if one.note.strip() else ""
        print(f"  {one.verdict:9}  {_on_one_line(f'{one.question}{paper}{note}')}")
    gold = {folded(question.question) for question in read_questions()}
    found = candidates(said)
    new = [question for question in found if folded(question.question) not in gold]
    if len(new) < len(found):
        print(f"{len(found) - len(new)} of the questions are in {QUESTIONS.name} already: left out")
    if not new:
        return 0
    write_candidates(options.out, new)
    filled = sum(question.answerable for question in new)
    print(
        f"{options.out}: {len(new)} candidates, {filled} with evidence to check, "
        f"{len(new) - filled} without\n"
        "next: correct each by the papers, give what answers it as [document_id, quote], take out "
        "names of people, then\n"
        f"  python -m eval validate {options.out} --fill\n"
        f"and add the lines that are right to eval/{QUESTIONS.name}"
    )
    return 0


def _on_one_line(text: str) -> str:
    """What strangers wrote, without what could move a terminal's cursor or turn its text."""
    folded_text = " ".join(text.split())
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in folded_text)


def _robustness(options: argparse.Namespace) -> int:
    """Ask the questions as they are, in each rewording, and among other papers: what that costs."""
    found, written = {}, options.out
    crowd, sets = f"among {CROWD} other papers", [options.datasets / name for name in CROWD_FROM]
    ways = ["as written", *REWORDINGS]
    if all(map(is_public_set, sets)):
        ways.append(crowd)
    else:
        print(f"{crowd}: left out, {options.datasets} does not hold {', '.join(CROWD_FROM)}")
    for how in ways:
        options.rewording, options.out = how, written / how.replace(" ", "-")
        if how == crowd:
            write_crowd(options.corpus, sets, written / "corpus", CROWD)
            options.corpus = written / "corpus"
        _run(options)
        found[how] = score(options.out)
    print(f"{'':24} success@1                         no false answer")
    for how in ways[1:]:
        cost = {one.metric: one for one in cost_of(found["as written"], found[how])}
        shown = [
            f"{one.second:.3f} ({change_text(one)})"
            for name in ("success@1", "no false answer")
            if (one := cost.get(name))
        ]
        print(f"{how:24} {'   '.join(shown)}")
    return 0


def _ablation(options: argparse.Namespace) -> int:
    """Ask the questions of the whole system and without each of its parts: what that costs."""
    _, questions, corpus = _set(options)
    _progress("timing")
    taken, written = milliseconds(_target(options, corpus), questions), options.out
    found = {}
    with remembering_pairs():
        for part in (None, *PARTS):
            options.without = part
            options.out = written / re.sub(r"\W+", "-", part or "whole")
            _run(options)
            found[part] = score(options.out)
    whole = found.pop(None)
    print(f"{'without':32} {'first':6} {'success@1, citation F1, no false answer':62} ms")
    print(f"{'':32} {first_right(whole):.3f}  {'':62} {taken[None]:.0f}")
    for part, scores in found.items():
        cost = {one.metric: one for one in cost_of(whole, scores)}
        shown = "  ".join(
            change_text(one)
            for name in ("success@1", "citation F1", "no false answer")
            if (one := cost.get(name))
        )
        print(f"{part:32} {first_right(scores):.3f}  {shown:62} {taken[part] - taken[None]:+.0f}")
    return 0


def _train(options: argparse.Namespace) -> int:
    from eval.train import (  # torch takes a second
        best_sentences,
        export,
        from_reranker,
        from_served,
        train,
    )

    if importlib.util.find_spec("onnx") is None:
        raise EvalError("training needs the package onnx: pip install -e '.[train]'")
    lessons = read_lessons(options.datasets, WORK)
    learnt = [lesson for lesson in lessons if not lesson.held_out]
    sources = Counter(lesson.source for lesson in learnt)
    print(f"{len(learnt)} lessons: " + ", ".join(f"{n} {name}" for name, n in sources.items()))
    start = from_served() if options.further else from_reranker()
    reader = train(start, learnt, options.minutes)
    options.out.mkdir(parents=True, exist_ok=True)
    export(reader, options.out / "reader.onnx")
    print(f"{options.out / 'reader.onnx'}, and on papers held out:")
    for source in sources:
        kept = [one for one in lessons if one.held_out and one.source == source]
        best = best_sentences(reader, kept)
        answerable = sum(one.answerable for one in best)
        auroc = float(Auroc(best)(once(len(best)))[0])
        right = sum(one.right for one in best) / answerable
        print(
            f"  {source}: first sentence right {right:.3f} of {answerable}, AUROC against "
            f"{len(best) - answerable} unanswerable {auroc:.3f}"
        )
    return 0


def _adapt(options: argparse.Namespace) -> int:
    from eval.adapt import KEPT, TAUGHT, learn, read_examples, recall, save  # torch takes a second

    taught = [read_examples(name, most, False, WORK / "adapt") for name, most in TAUGHT.items()]
    maps = learn(taught)
    save(maps, options.out)
    print(f"{options.out}: recall of passages and of sentences, on papers held out")
    for name, most in KEPT.items():
        kept = read_examples(name, most, True, WORK / "adapt")
        for deep in (4, 16):
            before, after = recall(kept, None, deep), recall(kept, maps, deep)
            print(
                f"  {name}, {len(kept.all)} questions, at {deep}: without {before[0]:.3f}, "
                f"{before[1]:.3f}; with {after[0]:.3f}, {after[1]:.3f}"
            )
    return 0


def _calibrate(options: argparse.Namespace) -> int:
    from eval.calibrate import calibrate  # the models take a second

    calibration, by_source = calibrate(options.corpus, options.datasets, WORK)
    print(by_source)
    options.out.write_text(json.dumps(calibration, indent=2) + "\n", encoding="utf-8")
    print(f"wrote {options.out}; `python -m eval all` shows what it does to the answers")
    return 0


# --- what they are given ------------------------------------------------------------------------


def _set(options: argparse.Namespace) -> tuple[Path, list[Question], Path]:
    """Return where the questions stand, the questions, and the folder of the papers."""
    if not options.set.is_dir():
        for name in ("sample", "only", "within", "whole"):
            if getattr(options, name):
                raise EvalError(f"--{name} is for public sets: {options.set} is a file")
        return options.set, read_questions(options.set), options.corpus
    if not is_public_set(options.set):
        raise EvalError(f"{options.set} is not a set: it needs docs.jsonl and questions.jsonl")
    corpus = WORK / "sets" / options.set.name
    write_corpus(options.set, corpus)
    if options.whole:
        return options.set, read_qrels(options.set, corpus), corpus
    return options.set, read_set(options.set, options.sample, options.only, options.within), corpus


def _short_name(corpus: Path) -> str:
    place = hashlib.sha256(str(corpus.resolve()).encode()).hexdigest()[:8]
    return f"{corpus.resolve().name}-{place}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m eval",
        description="Ask questions, score the citations of the answers, compare, report.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    add = commands.add_parser("all", help="run every system, score them, report, hold the gate")
    _add_set(add)
    add.add_argument("--runs", type=Path, default=WORK / "gold", help="default: %(default)s")
    add.set_defaults(command=_all, url=None, restart=True)

    add = commands.add_parser("run", help="ask every question and keep what comes back")
    _add_set(add)
    add.add_argument(
        "--system", choices=tuple(SYSTEMS), default="full", help="default: %(default)s"
    )
    add.add_argument("--url", help="ask a running service instead, at this address")
    add.add_argument("--out", type=Path, required=True, help="the folder of the run")
    add.add_argument("--restart", action="store_true", help="begin anew when it holds another run")
    add.set_defaults(command=_run)

    _add_costs(commands)

    add = commands.add_parser("score", help="a run's figures, from its files alone")
    add.add_argument("run", type=Path)
    add.add_argument("--json", action="store_true")
    add.set_defaults(command=_score)

    add = commands.add_parser("compare", help="two runs: what differs, and whether by chance")
    add.add_argument("first", type=Path)
    add.add_argument("second", type=Path)
    add.add_argument("--json", action="store_true")
    add.set_defaults(command=_compare)

    add = commands.add_parser("report", help="a page with every figure and every question")
    add.add_argument("run", type=Path)
    add.add_argument("--beside", type=Path, nargs="*", default=[], help="runs to show beside it")
    add.set_defaults(command=_report)

    add = commands.add_parser("gate", help="hold a run against the committed baseline")
    add.add_argument("run", type=Path)
    add.add_argument("--beside", type=Path, nargs="*", default=[], help="runs it must beat")
    add.add_argument("--baseline", type=Path, default=BASELINE)
    add.add_argument("--update", action="store_true", help="make this run the baseline")
    add.set_defaults(command=_gate)

    add = commands.add_parser("validate", help="what is wrong with a file of questions")
    add.add_argument("file", type=Path)
    add.add_argument("--corpus", type=Path, default=CORPUS, help="default: %(default)s")
    add.add_argument("--fill", action="store_true", help="write offsets for [document, quote]")
    add.set_defaults(command=_validate)

    add = commands.add_parser("feedback", help="what people said of answers, as gold candidates")
    add.add_argument("file", type=Path, help="what `python -m service --feedback FILE` wrote")
    add.add_argument(
        "--out", type=Path, default=Path("candidates.jsonl"), help="default: %(default)s"
    )
    add.set_defaults(command=_feedback)

    _add_making(commands)
    return parser


def _add_costs(commands: Any) -> None:
    """The commands that ask in many ways, and say what each costs."""
    add = commands.add_parser("robustness", help="ask misspelt, in capitals …: what that costs")
    _add_set(add)
    add.add_argument("--out", type=Path, default=WORK / "robustness", help="default: %(default)s")
    add.add_argument("--datasets", type=Path, default=DATASETS, help="default: %(default)s")
    add.set_defaults(command=_robustness, url=None, system="full", restart=True)

    add = commands.add_parser("ablation", help="ask without each part: what it is worth and takes")
    _add_set(add)
    add.add_argument("--out", type=Path, default=WORK / "ablation", help="default: %(default)s")
    add.set_defaults(command=_ablation, url=None, system="full", restart=True)


def _add_making(commands: Any) -> None:
    """The commands that make what the service ships with."""
    add = commands.add_parser("train", help="train the reader, on training/ and public sets")
    add.add_argument("--datasets", type=Path, default=DATASETS)
    add.add_argument("--minutes", type=float, default=35, help="default: %(default)s")
    add.add_argument("--further", action="store_true", help="begin with the reader as it is served")
    add.add_argument("--out", type=Path, required=True, help="the folder for reader.onnx")
    add.set_defaults(command=_train)

    add = commands.add_parser("adapt", help="learn to put questions near what answers them")
    add.add_argument("--out", type=Path, required=True, help="the file, adapter.npy")
    add.set_defaults(command=_adapt)

    add = commands.add_parser("calibrate", help="fit the confidence, on dev and held-out papers")
    add.add_argument("--corpus", type=Path, default=CORPUS, help="default: %(default)s")
    add.add_argument("--datasets", type=Path, default=DATASETS)
    add.add_argument("--out", type=Path, default=CALIBRATION, help="default: %(default)s")
    add.set_defaults(command=_calibrate)


def _add_set(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--set", type=Path, default=QUESTIONS, help="a .jsonl file, or the folder of a public set"
    )
    parser.add_argument("--corpus", type=Path, default=CORPUS, help="default: %(default)s")
    parser.add_argument("--index", type=Path, help="default: one made in .eval/indexes")
    encoder = os.environ.get("SCRUTINEER_ENCODER", DEFAULT_ENCODER)
    parser.add_argument("--encoder", default=encoder, help="default: %(default)s")
    parser.add_argument(
        "--limit",
        type=int,
        choices=range(1, 11),
        metavar="1-10",
        help="most citations (default: as served)",
    )
    parser.set_defaults(rewording=None, without=None)
    parser.add_argument("--sample", type=_positive, help="of a public set, this many questions")
    parser.add_argument("--only", help="of a public set, those whose meta says so: first_turn")
    parser.add_argument(
        "--within", action="store_true", help="ask within the document a question belongs to"
    )
    parser.add_argument(
        "--alone", action="store_true", help="ask follow-ups without what was asked before them"
    )
    parser.add_argument(
        "--whole",
        action="store_true",
        help="of a public set in BEIR's form: documents as passages, judged by its qrels",
    )


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a number from 1")
    return int(text)


def _progress(text: str) -> None:
    if sys.stderr.isatty():
        print(text, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
