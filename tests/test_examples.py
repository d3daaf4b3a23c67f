"""The examples in the OpenAPI document are what the service really answers.

`UPDATE_EXAMPLES=1 python -m pytest tests/test_examples.py` writes them anew after a change.
"""

import json
import os
from typing import Any

import pytest
from conftest import ROOT
from starlette.testclient import TestClient

FILE = ROOT / "service" / "examples.json"


def real_answers(client: TestClient) -> dict[str, Any]:
    ask = client.post("/ask", json={"question": "why was publication delayed?", "limit": 1}).json()
    ask |= {"id": "3f2c8e0d9b714a55a1c6d20f4e7b8a91", "took_ms": 200}  # these differ each time
    ask["index"]["built_at"] = "2026-01-31T09:00:00+00:00"
    ask["related"] = ask["related"][:1]
    text = client.get("/documents/council-2025-scrutiny-report/text").text
    return {
        "ask": ask,
        "documents": client.get("/documents").json()[:1],
        "text": text[:200],
        "page": client.get("/documents/mercury-2021-good-rating").text[:400],
        "papers": client.get("/papers").text[:400],
        "livez": client.get("/livez").json(),
        "readyz": client.get("/readyz").json(),
        "metrics": client.get("/metrics").text.split("\n")[0],
        "problem": client.post("/ask", json={"question": ""}).json(),
    }


def test_every_example_is_a_real_answer(client: TestClient) -> None:
    found = real_answers(client)
    if os.environ.get("UPDATE_EXAMPLES"):
        FILE.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        pytest.skip("wrote service/examples.json")
    shown = json.loads(FILE.read_text(encoding="utf-8"))
    # int8 arithmetic differs a little between processors
    assert shown["ask"].pop("confidence") == pytest.approx(found["ask"].pop("confidence"), abs=0.1)
    assert shown == found


def test_openapi_shows_an_example_for_every_route(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    assert set(paths) == {
        "/",
        "/ask",
        "/documents",
        "/documents/{document_id}",
        "/documents/{document_id}/text",
        "/feedback",
        "/papers",
        "/livez",
        "/readyz",
        "/metrics",
    }
    for path, methods in paths.items():
        for method, operation in methods.items():
            # what returns nothing shows what it takes
            shown = operation["responses"].get("200") or operation["requestBody"]
            for content in shown["content"].values():
                assert content.get("example"), f"{method} {path} has no example"
