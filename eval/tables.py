"""Figures as text: for the terminal, and as Markdown for a README."""

import math
from collections.abc import Sequence

from eval.compare import Difference
from eval.gate import Verdict
from eval.score import OF_A_PERFECT_ONE, Figure, Scores, reported_group

HEADLINE = (
    "success@1",
    "success@3",
    "fact recall",
    "citation precision",
    "citation F1",
    "false answers",
    "false abstentions",
    "truthfulness",
    "nDCG@10",
    "RR@10",
    "character F1",
    "cited characters",
    "AUROC",
    "risk-coverage area",
    "coverage at 5% wrong",
    "calibration error",
    OF_A_PERFECT_ONE,
)


def figure(scores: Scores, group: str, name: str) -> Figure | None:
    """Return one figure of a group, None where the group has it not."""
    return next((one for one in scores.groups.get(group, ()) if one.name == name), None)


def shown(one: Figure | None) -> str:
    """Return a figure as `.885 [.82, .93]`, with `–` where it has no value."""
    if one is None or math.isnan(one.value):
        return "–"
    if abs(one.value) > 1.5:  # characters, not a share
        return f"{one.value:.0f} [{one.low:.0f}, {one.high:.0f}]"
    return f"{_short(one.value, 3)} [{_short(one.low, 2)}, {_short(one.high, 2)}]"


def main_groups(scores: Scores) -> list[str]:
    """Return the groups of a run that are not one kind of question."""
    return [name for name in scores.groups if not name.startswith("kind")]


def headline_table(systems: Sequence[Scores]) -> str:
    """Return the headline figures of several systems side by side."""
    group = reported_group(systems[0].scored)
    rows = _headline_rows(systems, group)
    rows.append(["median, p95 ms", *(f"{one.median_ms:.0f}, {one.p95_ms:.0f}" for one in systems)])
    return f"{counts(systems[0], group)}\n\n{_columns(rows)}"


def markdown_table(systems: Sequence[Scores]) -> str:
    """Return the same table in Markdown."""
    group = reported_group(systems[0].scored)
    head, *rows = _headline_rows(systems, group)
    lines = [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows)]
    return f"{counts(systems[0], group)}\n\n" + "\n".join(lines)


def scores_text(scores: Scores) -> str:
    """Return all figures of a run, its groups side by side, its invariants and its speed."""
    main = main_groups(scores)
    names = [one.name for one in scores.groups["all"]]
    parts = []
    for columns in (main[:3], main[3:6], main[6:9], main[9:12]):
        if columns:
            head = [f"{name} ({_of(scores, name)})" for name in columns]
            rows = [["", *head]]
            rows += [[name, *(shown(figure(scores, g, name)) for g in columns)] for name in names]
            parts.append(_columns(rows))
    kinds = [name for name in scores.groups if name.startswith("kind")]
    rows = [["by kind", "n", "success@1", "fact recall", "false answers", "false abstentions"]]
    rows += [
        [
            kind.removeprefix("kind: "),
            str(_of(scores, kind)),
            *(shown(figure(scores, kind, name)) for name in rows[0][2:]),
        ]
        for kind in kinds
    ]
    parts.append(_columns(rows))
    rows = [["confidence", "questions", "said", "right"]]
    rows += [
        [f"{place / 10:.1f} to {(place + 1) / 10:.1f}", str(n), _short(said, 2), _short(right, 2)]
        for place, (n, said, right) in enumerate(scores.reliability)
        if n
    ]
    parts.append(_columns(rows))
    parts.append(
        "\n".join(
            f"{'held' if not one.broken else 'BROKEN'}: {one.name} ({one.checked} checked)"
            + (f": {', '.join(one.broken[:10])}" if one.broken else "")
            for one in scores.invariants
        )
    )
    setting = scores.run.manifest.setting
    speed = f"an answer takes {scores.median_ms:.0f} ms (median), {scores.p95_ms:.0f} ms (p95)"
    if "load_seconds" in setting and "memory_mib" in setting:
        speed += f"; loaded in {setting['load_seconds']} s, {setting['memory_mib']} MiB at most"
    return "\n\n".join([*parts, speed])


def change_text(one: Difference) -> str:
    """Return a paired difference with its interval, as "+0.010 [-0.002, +0.022]"."""
    return f"{one.change:+.3f} [{one.low:+.3f}, {one.high:+.3f}]"


def verdict_text(verdict: Verdict) -> str:
    """Return what the gate found, for a person who has to mend it or to accept it."""
    lines = [f"gate: {reason}" for reason in verdict.reasons] or ["gate: passed"]
    lines += [
        f"  {one.metric:20} {one.first:.3f} → {one.second:.3f}  {change_text(one)}"
        for one in verdict.differences
        if one.change
    ]
    lines += [f"  {one.id}: {one.before} → {one.after}: {one.question}" for one in verdict.flips]
    if verdict.unknown:
        lines.append(f"  {len(verdict.unknown)} questions are new to the baseline")
    return "\n".join(lines)


def _headline_rows(systems: Sequence[Scores], group: str) -> list[list[str]]:
    head = ["", *(one.run.name for one in systems)]
    return [head] + [
        [name, *(shown(figure(one, group, name)) for one in systems)] for name in HEADLINE
    ]


def counts(scores: Scores, group: str) -> str:
    """Return a line that says how many questions a group has, of what set."""
    members = [one for one in scores.scored if group in ("all", one.split)]
    answerable = sum(one.answerable for one in members)
    return (
        f"{scores.run.manifest.inputs['questions']}, {group}: {answerable} questions that the "
        f"papers answer, {len(members) - answerable} that they do not; 95% intervals"
    )


def _of(scores: Scores, group: str) -> int:
    """How many questions a group has: truthfulness counts every one."""
    return next(one.n for one in scores.groups[group] if one.name == "truthfulness")


def _columns(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def _short(value: float, digits: int) -> str:
    """Return .885 for 0.885, and 1 with its digits."""
    return f"{value:.{digits}f}".replace("0.", ".", 1)
