"""Whoever was named last is still speaking when a quotation runs on."""

from ingest.speakers import continued_speech
from ingest.structure import mask, read_structure

TEXT = """City mayor Peter Soulsby announced a review on Monday of this week.

He said: “Fortunately, we were able to act. We did it swiftly.

“We invested in a fund.

“I am pleased with it.” It was welcomed by all.

The report was published later. It is long.

"However, we could not take part," Ms Russell said.

"We are experienced in this.

'Next'

"Nobody knows who says this."
"""


def test_each_quoted_paragraph_after_the_first_has_its_speaker() -> None:
    blocks = read_structure(TEXT)
    found = continued_speech(mask(TEXT, blocks), blocks)
    assert {TEXT[start:].partition(".")[0]: speaker for start, speaker in found.items()} == {
        "He said: “Fortunately, we were able to act": "Peter Soulsby",
        "We did it swiftly": "Peter Soulsby",
        "“We invested in a fund": "Peter Soulsby",
        "“I am pleased with it": "Peter Soulsby",
        '"We are experienced in this': "Ms Russell",
    }
