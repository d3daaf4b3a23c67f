"""What happens to every response: it is counted, and it tells browsers to load nothing foreign."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.metrics import Metrics
from service.problems import MEDIA_TYPE, TOO_LARGE, problem_response

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src data:; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # Not "no-referrer": browsers then send `Origin: null` with this site's own forms, too.
    "Referrer-Policy": "same-origin",
}
_TOO_LARGE_BODY = bytes(problem_response(413, TOO_LARGE).body)
_METHODS = frozenset(("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))


class EveryResponse:
    """Stands outside of all else: counts each response and adds the security headers.

    It answers HEAD as GET without the body, and says 413 as a problem document, where the
    framework's own limit says it as plain text.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        too_large = False
        only_head = scope["method"] == "HEAD"
        if only_head:  # FastAPI's routes answer GET alone
            scope = {**scope, "method": "GET"}

        async def send_changed(message: Message) -> None:
            nonlocal too_large
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(_HEADERS)
                self._count(scope, message["status"])
                too_large = message["status"] == 413 and "problem" not in headers["content-type"]
                if too_large:
                    headers["content-type"] = MEDIA_TYPE
                    headers["content-length"] = str(len(_TOO_LARGE_BODY))
            elif too_large and message["type"] == "http.response.body":
                message = {**message, "body": _TOO_LARGE_BODY}
            if only_head and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self._app(scope, receive, send_changed)

    def _count(self, scope: Scope, status: int) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self._metrics.request(method, getattr(scope.get("route"), "path", "other"), status)
