"""What the tests share: the corpus indexed once, the models loaded once, the application."""

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import CHROMIUM, FLAGS
from playwright.sync_api import Browser, sync_playwright

from ingest.threads import limit_threads

limit_threads()
os.environ["HF_HUB_OFFLINE"] = "1"
# In a shell's background SIGINT is ignored, and so it would be by the processes started here.
signal.signal(signal.SIGINT, signal.default_int_handler)

from starlette.testclient import TestClient  # noqa: E402

from eval.questions import QUESTIONS, read_questions  # noqa: E402
from eval.run import in_process, run  # noqa: E402
from eval.score import Scores, score  # noqa: E402
from ingest.build import build  # noqa: E402
from ingest.documents import Document, read_corpus  # noqa: E402
from ingest.index import Generation, load_generation  # noqa: E402
from ingest.models import DEFAULT_ENCODER, ModelFiles, locate_model  # noqa: E402
from service.app import create_app  # noqa: E402
from service.ask import Models, load_models  # noqa: E402
from service.served import ServedIndex  # noqa: E402

ROOT = Path(__file__).parent.parent
CORPUS = ROOT / "corpus"


@pytest.fixture(scope="session")
def documents() -> dict[str, Document]:
    return {document.id: document for document in read_corpus(CORPUS)}


@pytest.fixture(scope="session")
def model() -> ModelFiles:
    return locate_model(DEFAULT_ENCODER)


@pytest.fixture(scope="session")
def built_index(tmp_path_factory: pytest.TempPathFactory, model: ModelFiles) -> Path:
    """An index of the whole corpus. Never write to it: take `index` for that."""
    index = tmp_path_factory.mktemp("built") / "index"
    build(CORPUS, index, model)
    return index


@pytest.fixture
def index(built_index: Path, tmp_path: Path) -> Path:
    """A copy of the built index to damage or change."""
    return Path(shutil.copytree(built_index, tmp_path / "index"))


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A copy of the corpus to damage or change."""
    return Path(shutil.copytree(CORPUS, tmp_path / "corpus"))


@pytest.fixture(scope="session")
def generation(built_index: Path, model: ModelFiles) -> Generation:
    return load_generation(built_index, model)


@pytest.fixture(scope="session")
def models(model: ModelFiles) -> Models:
    return load_models(model)


@pytest.fixture(scope="session")
def client(built_index: Path, model: ModelFiles, models: Models) -> Iterator[TestClient]:
    """The real application, asked in process."""
    with TestClient(create_app(ServedIndex(built_index, model), models)) as client:
        yield client


@pytest.fixture(scope="session")
def runs(built_index: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The gold asked of the full system and of plainer ones, as `make eval` does."""
    folder = tmp_path_factory.mktemp("runs")
    found = {name: folder / name for name in ("full", "fused", "bm25", "dense")}
    for name, out in found.items():
        target = in_process(built_index, DEFAULT_ENCODER, name)
        run(target, QUESTIONS, read_questions(), out, restart=False, track=iter)
    return found


@pytest.fixture(scope="session")
def scores(runs: dict[str, Path]) -> dict[str, Scores]:
    return {name: score(folder) for name, folder in runs.items()}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()
