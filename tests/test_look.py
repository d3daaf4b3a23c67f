"""What a council may set of the pages."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from ingest.models import ModelFiles
from service.app import create_app
from service.ask import Models
from service.look import Look, contrast_with_white
from service.served import ServedIndex

PAPER = "/documents/mercury-2021-good-rating"


def test_contrast_is_that_of_wcag() -> None:
    assert contrast_with_white("#000000") == pytest.approx(21)
    assert contrast_with_white("#ffffff") == pytest.approx(1)
    assert contrast_with_white("#767676") == pytest.approx(4.54, abs=0.005)  # its known example


@pytest.mark.parametrize("colour", ["#ffcc00", "red", "#12345", "#0b4a8f; } body { x: y"])
def test_a_colour_that_cannot_be_read_or_is_none_is_refused(colour: str) -> None:
    with pytest.raises(ValueError, match="colour"):
        Look("Council", colour)


def test_name_and_colour_are_shown_and_escaped(
    built_index: Path, model: ModelFiles, models: Models
) -> None:
    look = Look("Papers of <b>Harrow</b> & Co", "#7a1f5c")
    app = create_app(ServedIndex(built_index, model), models, look)
    with TestClient(app) as client:
        for path in ("/", "/papers", "/accessibility", "/nothing", PAPER):
            page = client.get(path, headers={"accept": "text/html"}).text
            assert "Papers of &lt;b&gt;Harrow&lt;/b&gt; &amp; Co</a>" in page, path
        assert client.get("/look.css").text == ":root { --brand: #7a1f5c; }\n"
