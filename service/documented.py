"""What the OpenAPI document shows of each route: real examples, and how it may refuse."""

import json
from collections.abc import Sequence
from http import HTTPStatus
from importlib.resources import files
from typing import Any

from pydantic import BaseModel

from service.problems import MEDIA_TYPE

EXAMPLES: dict[str, Any] = json.loads((files("service") / "examples.json").read_text("utf-8"))


def example(
    name: str, media_type: str = "application/json", *, refuses: Sequence[int] = ()
) -> dict[int | str, dict[str, Any]]:
    """The documented responses of a route: a real one, and a problem for each way to be refused."""
    return {200: {"content": {media_type: {"example": EXAMPLES[name]}}}, **refusals(refuses)}


def refusals(refuses: Sequence[int]) -> dict[int | str, dict[str, Any]]:
    """The documented ways in which a route may refuse, by status."""
    problem = {MEDIA_TYPE: {"example": EXAMPLES["problem"]}}
    return {
        status: {"description": HTTPStatus(status).phrase, "content": problem} for status in refuses
    }


def takes(body: type[BaseModel], *media_types: str) -> dict[str, Any]:
    """The documented body of a route that reads it itself."""
    schema = body.model_json_schema()
    shown = {"schema": schema, "example": schema["examples"][0]}
    return {"requestBody": {"required": True, "content": dict.fromkeys(media_types, shown)}}
