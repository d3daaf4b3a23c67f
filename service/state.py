"""What the routes are given: the served generation, the models, the counters, the page's look."""

from typing import Annotated

from fastapi import Depends, Request

from ingest.index import Generation
from service.ask import Models
from service.look import Look
from service.metrics import Metrics
from service.served import ServedIndex


def _served(request: Request) -> ServedIndex:
    served: ServedIndex = request.app.state.served
    return served


def _current(request: Request) -> Generation:
    return _served(request).current()


def _models(request: Request) -> Models:
    models: Models = request.app.state.models
    return models


def _metrics(request: Request) -> Metrics:
    metrics: Metrics = request.app.state.metrics
    return metrics


def _look(request: Request) -> Look:
    look: Look = request.app.state.look
    return look


Served = Annotated[ServedIndex, Depends(_served)]
Current = Annotated[Generation, Depends(_current)]
Loaded = Annotated[Models, Depends(_models)]
Counted = Annotated[Metrics, Depends(_metrics)]
Shown = Annotated[Look, Depends(_look)]
