"""Sentences end where they end, and nowhere else."""

import pytest

from ingest.sentences import split_sentences


def sentences(text: str) -> list[str]:
    return [" ".join(text[s.start : s.end].split()) for s in split_sentences(text, 0, len(text))]


@pytest.mark.parametrize(
    "whole",
    [
        "Deputy mayor Coun. Sarah Russell spoke to Cllr. Dempster and Sir P. Soulsby.",
        "It is set out in No. 3 of the list and in para. 2.1 of Fig. 4.",
        "The Rt. Hon. Ann Kay put the cost at £500 excl. VAT in chap. 3.",
        "Services: • Care at The Willows for adults • Meals on The Green each day.",
        "It ran from Mon. 4 Sept. 2017 to 22.01.2025 and cost £2.6m.",
        "See Ofsted's guidance (it changed in December 2025. Nobody said so) for more.",
        "“What did they find?” he asked.",
        "The rating was “good.” in one area only.",
        "It is at www.example.gov.uk/a.html and costs 3.5 per cent.",
        "It was led by Mr J.P. Morgan, Ms A.B. Smith and Ald. Jones for the U.S. Government.",
        "The i.e. and e.g. of it did not matter.",
    ],
)
def test_an_abbreviation_a_date_or_a_quotation_does_not_end_a_sentence(whole: str) -> None:
    assert sentences(f"{whole} The next one began.") == [whole, "The next one began."]


def test_wrapped_lines_do_not_end_a_sentence() -> None:
    assert sentences("It was made\nby the local\r\nauthority. Then\nit ended.") == [
        "It was made by the local authority.",
        "Then it ended.",
    ]


def test_a_closing_quotation_mark_stays_with_the_sentence_it_closes() -> None:
    assert sentences("“We know. We are delighted.” She left. 'Good.' \"Yes!\" (Really?) End.") == [
        "“We know.",
        "We are delighted.”",
        "She left.",
        "'Good.'",
        '"Yes!"',
        "(Really?)",
        "End.",
    ]


def test_a_lost_space_does_not_join_two_sentences() -> None:
    assert sentences("In September 2024.This was short.") == [
        "In September 2024.",
        "This was short.",
    ]


def test_a_list_that_was_run_together_ends_where_a_new_sentence_begins() -> None:
    text = "It covers: « help * care « leavers They also evaluate: * leaders ¢ quality One is this."
    assert sentences(text) == [
        "It covers: « help * care « leavers",
        "They also evaluate: * leaders ¢ quality",
        "One is this.",
    ]


def test_a_label_is_part_of_the_sentence_after_it() -> None:
    assert sentences("It ended. 2. The funding came. Q4. Why is it so?") == [
        "It ended.",
        "2. The funding came.",
        "Q4. Why is it so?",
    ]


def test_a_number_ends_a_sentence_and_no_does_too() -> None:
    assert sentences("There were 600. The answer was no. Appendix A. The end.") == [
        "There were 600.",
        "The answer was no.",
        "Appendix A.",
        "The end.",
    ]


def test_every_character_of_the_papers_that_is_not_space_is_in_one_sentence(
    documents: dict[str, object],
) -> None:
    for document in documents.values():
        text = document.text  # type: ignore[attr-defined]
        spans = split_sentences(text, 0, len(text))
        covered = "".join(text[span.start : span.end] for span in spans)
        assert "".join(covered.split()) == "".join(text.split())
        assert list(spans) == sorted(spans)
