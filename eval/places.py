"""Places in the papers, and whether what stands there states a fact."""

from dataclasses import dataclass

from eval.questions import Evidence, Fact
from service.answers import Citation


@dataclass(frozen=True, slots=True)
class Place:
    """A span `[start, end)` of a document, in code points."""

    document_id: str
    start: int
    end: int


def cited_place(citation: Citation) -> Place:
    """Return the place that a citation quotes."""
    return Place(citation.document_id, citation.start_char_index, citation.end_char_index)


def context_place(citation: Citation) -> Place:
    """Return the place of the passage around a citation."""
    return Place(
        citation.document_id,
        citation.context_start_char_index,
        citation.context_end_char_index,
    )


def states(place: Place, fact: Fact) -> bool:
    """True when what stands at a place states a fact.

    It does when it covers at least half of one of the fact's spans, or lies inside one.
    """
    return any(_covers(place, evidence) for evidence in fact.spans)


def _covers(place: Place, evidence: Evidence) -> bool:
    if place.document_id != evidence.document_id:
        return False
    common = min(place.end, evidence.end) - max(place.start, evidence.start)
    inside = evidence.start <= place.start and place.end <= evidence.end
    return common > 0 and (inside or 2 * common >= evidence.end - evidence.start)
