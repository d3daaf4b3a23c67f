"""`python -m eval`: ask the gold questions, and print how good and how fast the answers are."""

from ingest.threads import limit_threads

limit_threads()  # before numpy, torch, faiss and onnxruntime are imported

# ruff: noqa: E402 - the imports below come after that on purpose
import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.progress import track

from eval.measure import Rate, Speed, measure
from eval.questions import GoldError
from ingest.generations import IndexRefused
from ingest.models import DEFAULT_ENCODER, ModelError


def main(arguments: Sequence[str]) -> int:
    """Measure; return 0, or 1 after an error that is told on stderr."""
    parser = argparse.ArgumentParser(prog="python -m eval", description="Ask the gold questions.")
    index = os.environ.get("SCRUTINEER_INDEX", ".index")
    parser.add_argument("--index", type=Path, default=Path(index), help="default: %(default)s")
    encoder = os.environ.get("SCRUTINEER_ENCODER", DEFAULT_ENCODER)
    parser.add_argument("--encoder", default=encoder, help="default: %(default)s")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args(arguments)
    console = Console(stderr=True)
    try:
        rates, speed = measure(
            options.index,
            options.encoder,
            lambda questions: track(
                questions, "asking", console=console, disable=not console.is_terminal
            ),
        )
    except (GoldError, IndexRefused, ModelError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    if options.json:
        figures = [asdict(rate) | {"interval": rate.interval()} for rate in rates]
        print(json.dumps({"rates": figures, "speed": asdict(speed)}))
    else:
        _print(rates, speed)
    return 0


def _print(rates: Sequence[Rate], speed: Speed) -> None:
    for rate in rates:
        low, high = rate.interval()
        share = rate.right / rate.n if rate.n else 0.0
        print(f"{rate.name:52} {share:.2f}  [{low:.2f}, {high:.2f}]  {rate.right} of {rate.n}")
    print(
        f"\nloaded in {speed.load_seconds:.1f} s; first answer {speed.first_ms:.0f} ms, "
        f"median {speed.median_ms:.0f} ms, 95th percentile {speed.p95_ms:.0f} ms; "
        f"{speed.memory_mib} MiB of memory at most"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
