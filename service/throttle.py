"""How often something may be done: token buckets, with the time given by whoever asks.

A bucket is one number, when it will be full again; that is the virtual scheduling form of the
generic cell rate algorithm (ITU-T I.371, annex A), and equal to counting tokens.
"""

import hashlib
import ipaddress
import secrets
import threading
from dataclasses import dataclass

_OF_A_PERSON = 64  # bits of an IPv6 address: what one connection to the internet is given


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `burst` at once, and one more every `seconds`."""

    burst: int
    seconds: float


class Throttle:
    """One bucket for everybody together and one for each address, all in memory.

    Addresses are held only as hashes under a salt that is drawn anew with each process. A bucket
    that is full again is forgotten, so there are never more than `everybody` can have emptied:
    its burst, and what it gives while one bucket of `each` fills up.
    """

    def __init__(self, everybody: Rate, each: Rate) -> None:
        self.everybody = everybody
        self.each = each
        self._salt = secrets.token_bytes(16)
        self._full_at = float("-inf")
        self._each_full_at: dict[bytes, float] = {}
        self._taking = threading.Lock()

    def __len__(self) -> int:
        """Return how many addresses are remembered."""
        return len(self._each_full_at)

    def wait(self, address: str, now: float) -> float:
        """Take a token for an address at `now`, in seconds of a clock that never goes back.

        Returns 0.0, or the seconds until there will be one; then none was taken.
        """
        key = hashlib.blake2b(_network(address).encode(), key=self._salt, digest_size=16).digest()
        with self._taking:
            kept = {one: full for one, full in self._each_full_at.items() if full > now}
            self._each_full_at = kept
            full_at = max(self._full_at, now) + self.everybody.seconds
            each_full_at = kept.get(key, now) + self.each.seconds
            lacking = max(
                full_at - now - self.everybody.burst * self.everybody.seconds,
                each_full_at - now - self.each.burst * self.each.seconds,
            )
            if lacking > 0:
                return lacking
            self._full_at = full_at
            kept[key] = each_full_at
        return 0.0


def _network(address: str) -> str:
    """What stands for one person: an address, of IPv6 its first half; other names as they are."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or ipaddress.ip_network((int(found), _OF_A_PERSON), strict=False))
