"""How many threads the numeric libraries start, decided before any of them is imported."""

import os

THREADS = min(2, os.cpu_count() or 1)


def limit_threads(count: int = THREADS) -> None:
    """Give OpenMP, BLAS and tokenizers `count` threads unless the environment says otherwise.

    Call it before numpy, torch, faiss or onnxruntime is imported: each reads these once. It also
    keeps the model libraries from asking the network, unless HF_HUB_OFFLINE=0 was set.
    """
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, str(count))
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
