"""Whether a browser sends something on behalf of another site's page."""

from collections.abc import Mapping
from urllib.parse import urlsplit


def is_cross_site(headers: Mapping[str, str]) -> bool:
    """True when a browser says that the page of another site sends this. Names in lower case.

    `Sec-Fetch-Site` counts first: browsers send it to https and localhost, and no proxy changes
    it. Without it, `Origin` must name the `Host`. What sends neither is no browser, and passes:
    there is no login that another page could misuse. (As CrossOriginProtection of Go's net/http.)
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = headers.get("origin")
    if origin is None:
        return False
    try:
        host = urlsplit(origin).netloc
    except ValueError:
        return True
    return not host or host.casefold() != headers.get("host", "").casefold()
