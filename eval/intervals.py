"""How far a figure can be trusted: intervals, and tests of a difference.

Questions about one document succeed or fail together, so a bootstrap draws documents, not
questions (Cameron, Gelbach and Miller 2008; with as few as five documents it is rough). All draws
come from one fixed seed: the same files give the same figures.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

DRAWS = 10_000
SEED = 20_261_122
Z = 1.959964  # of the normal distribution, for 95%
ALONE = "\uffff"  # before the name of a cluster of one question that belongs to no document
_AT_ONCE = 500  # draws whose weights are held in memory together


def wilson(right: float, n: int) -> tuple[float, float]:
    """Return the 95% interval of a rate, 0 to 1 (Wilson 1927); (0, 1) for n = 0."""
    if n == 0:
        return 0.0, 1.0
    rate = right / n
    middle = rate + Z * Z / (2 * n)
    half = Z * math.sqrt(rate * (1 - rate) / n + Z * Z / (4 * n * n))
    whole = 1 + Z * Z / n
    return max(0.0, (middle - half) / whole), min(1.0, (middle + half) / whole)


def bootstrap(
    clusters: Sequence[str], statistic: Callable[[Floats], Floats]
) -> tuple[float, float]:
    """Return the 95% percentile interval of a statistic over resampled clusters (Efron 1979).

    `clusters` names each question's cluster, (n,). Questions that belong to no document stand
    alone, their names marked by ALONE, and are drawn beside the documents, not in their place: the
    mix of both stays as it is. `statistic` takes how often each question was drawn, (draws, n), and
    returns its value for each draw, (draws,); NaN where it has none, which is left out.
    """
    names, members = np.unique(np.array(clusters), return_inverse=True)
    drawn = _draws(*_alone_last(names))
    values = [
        statistic(drawn[start : start + _AT_ONCE, members].astype(np.float64))
        for start in range(0, DRAWS, _AT_ONCE)
    ]
    return _middle_95(np.concatenate(values))


def bootstrap_mean(clusters: Sequence[str], values: Sequence[float]) -> tuple[float, float]:
    """Return what `bootstrap` returns for the mean of values, (n,), from each cluster's sum."""
    names, members = np.unique(np.array(clusters), return_inverse=True)
    drawn = _draws(*_alone_last(names)).astype(np.float64)
    sums = np.bincount(members, weights=np.array(values, dtype=np.float64))
    return _middle_95(divided(drawn @ sums, drawn @ np.bincount(members)))


def divided(above: Floats, below: Floats) -> Floats:
    """Return a quotient, NaN where it would divide by zero."""
    result = np.full(np.broadcast(above, below).shape, np.nan)
    np.divide(above, below, out=result, where=below > 0)
    return result


def _alone_last(names: NDArray[np.str_]) -> tuple[int, int]:
    """How many of the sorted names are documents, and how many stand alone: ALONE sorts last."""
    alone = int(np.char.startswith(names, ALONE).sum())
    return len(names) - alone, alone


@lru_cache(maxsize=32)
def _draws(documents: int, alone: int) -> NDArray[np.int16]:
    """How often each cluster is in each draw, (draws, documents + alone)."""
    random = np.random.default_rng(SEED)
    strata = [random.multinomial(n, np.full(n, 1 / n), size=DRAWS) for n in (documents, alone) if n]
    return np.concatenate(strata, axis=1).astype(np.int16)


def _middle_95(values: Floats) -> tuple[float, float]:
    found = values[~np.isnan(values)]
    if not len(found):
        return math.nan, math.nan
    low, high = np.percentile(found, [2.5, 97.5])
    return float(low), float(high)


def randomisation_p(differences: Sequence[float]) -> float:
    """Return the two-sided p-value of a mean paired difference (Fisher; Smucker et al. 2007).

    The signs of the differences are flipped at random 10,000 times; the observed one counts too.
    """
    changed = np.array([value for value in differences if value != 0.0])
    if not len(changed):
        return 1.0
    random = np.random.default_rng(SEED)
    observed = abs(changed.sum())
    as_large = 0
    for _ in range(DRAWS // _AT_ONCE):
        signs = random.integers(0, 2, size=(_AT_ONCE, len(changed))) * 2 - 1
        as_large += int((np.abs(signs @ changed) >= observed - 1e-12).sum())
    return (as_large + 1) / (DRAWS + 1)


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """Return p-values adjusted for being several (Holm 1979), in the order given."""
    ordered = sorted(p_values, key=lambda name: p_values[name])
    adjusted, largest = {}, 0.0
    for place, name in enumerate(ordered):
        largest = max(largest, min(1.0, (len(ordered) - place) * p_values[name]))
        adjusted[name] = largest
    return {name: adjusted[name] for name in p_values}


def smallest_difference(differences: Sequence[float]) -> float:
    """Return the mean difference that this many pairs show with 80% power at 5%.

    2.80 standard errors: 1.96 for the level and 0.84 for the power (Cohen 1988).
    """
    if len(differences) < 2:
        return math.inf
    deviation = float(np.std(np.array(differences), ddof=1))
    return (Z + 0.841621) * deviation / math.sqrt(len(differences))
