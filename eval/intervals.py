"""How far a figure can be trusted: intervals, and tests of a difference.

Questions about one document succeed or fail together, so the bootstrap draws documents, then
questions within each (Davison and Hinkley 1997, 3.8; with as few as five documents it is rough).
All draws come from one fixed seed: the same files give the same figures.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import groupby

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
    """Return the 95% percentile interval of a statistic over resampled questions (Efron 1979).

    `clusters` names each question's document, (n,). Questions that belong to none stand alone,
    their names marked by ALONE, and are drawn beside the documents, not in their place: the mix of
    both stays as it is. `statistic` takes how often each question was drawn, (draws, n), and
    returns its value for each draw, (draws,); NaN where it has none, which is left out.
    """
    order = sorted(range(len(clusters)), key=lambda place: clusters[place])
    named = [clusters[place] for place in order if not clusters[place].startswith(ALONE)]
    sizes = tuple(len(list(group)) for _, group in groupby(named))
    drawn = _draws(sizes, len(clusters) - len(named))
    column = np.argsort(order)
    values = [
        statistic(drawn[start : start + _AT_ONCE, column].astype(np.float64))
        for start in range(0, DRAWS, _AT_ONCE)
    ]
    found = np.concatenate(values)
    found = found[~np.isnan(found)]
    if not len(found):
        return math.nan, math.nan
    low, high = np.percentile(found, [2.5, 97.5])
    return float(low), float(high)


def bootstrap_mean(clusters: Sequence[str], values: Sequence[float]) -> tuple[float, float]:
    """Return what `bootstrap` returns for the mean of values, (n,)."""
    fixed = np.array(values, dtype=np.float64)
    return bootstrap(clusters, lambda weights: divided(weights @ fixed, weights.sum(axis=1)))


def divided(above: Floats, below: Floats) -> Floats:
    """Return a quotient, NaN where it would divide by zero."""
    result = np.full(np.broadcast(above, below).shape, np.nan)
    np.divide(above, below, out=result, where=below > 0)
    return result


@lru_cache(maxsize=80)  # as many shapes as the groups and metrics of one run have
def _draws(sizes: tuple[int, ...], alone: int) -> NDArray[np.uint8]:
    """How often each question is in each draw, (draws, n), document by document, then those alone.

    A document of n questions that was drawn c times gives c times n draws of its questions.
    """
    random = np.random.default_rng(SEED)
    times = random.multinomial(len(sizes), [1 / len(sizes)] * len(sizes), DRAWS) if sizes else None
    parts = [
        random.multinomial(times[:, place] * size, [1 / size] * size)
        for place, size in enumerate(sizes)
        if times is not None
    ]
    if alone:
        parts.append(random.multinomial(alone, [1 / alone] * alone, DRAWS))
    return np.concatenate(parts, axis=1).astype(np.uint8)


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

    2.80 standard errors: 1.96 for the level and 0.84 for the power (Cohen 1988), taking questions
    as independent. NaN where nothing differs: then there is nothing to estimate it from.
    """
    if len(differences) < 2 or len(set(differences)) == 1:
        return math.nan
    deviation = float(np.std(np.array(differences), ddof=1))
    return (Z + 0.841621) * deviation / math.sqrt(len(differences))
