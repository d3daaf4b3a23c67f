"""The generation that is served now. A new one is taken up whole, between two questions."""

import logging
import re
import threading
from pathlib import Path

from ingest.generations import POINTER, IndexRefused, pointer_to
from ingest.index import Generation, load_generation
from ingest.models import ModelFiles

log = logging.getLogger(__name__)
_IDENTITY = re.compile(r"[0-9a-f]{16}")


class ServedIndex:
    """Holds one generation, and swaps it when the folder points to another.

    Whoever asks works with the generation that `current` returned to the end, so that an answer
    comes from exactly one. A new one that is refused is logged once; the old one stays.
    """

    def __init__(self, folder: Path, model: ModelFiles) -> None:
        """Load the served generation. Raises IndexRefused, saying what to type."""
        self.folder = folder
        self._model = model
        self._seen = self._stamp()
        self._generation = load_generation(folder, model)
        self._loading = threading.Lock()
        self._earlier: Generation | None = None

    def current(self) -> Generation:
        """Return the generation to answer from, after a look at whether there is a newer one."""
        if self._stamp() != self._seen and self._loading.acquire(blocking=False):
            try:
                self._take_up()
            finally:
                self._loading.release()
        return self._generation

    def earlier(self, identity: str) -> Generation | None:
        """Return the generation of that id: the current one, or one still kept on disk, or None.

        The last one asked for stays loaded.
        """
        if identity == (now := self._generation).id:
            return now
        if not _IDENTITY.fullmatch(identity):
            return None
        with self._loading:  # those who wait for it find it loaded
            for known in (self._generation, self._earlier):
                if known is not None and known.id == identity:
                    return known
            try:
                pointer = pointer_to(self.folder, identity)
                found = self._earlier = load_generation(self.folder, self._model, pointer)
            except (OSError, ValueError, IndexRefused):
                return None
        return found

    def _take_up(self) -> None:
        self._seen = self._stamp()
        try:
            self._generation = load_generation(self.folder, self._model)
        except IndexRefused as refusal:
            log.error("still serving generation %s: %s", self._generation.id, refusal)
        else:
            log.warning("now serving generation %s", self._generation.id)

    def _stamp(self) -> tuple[int, int] | None:
        """What changes when the pointer is replaced: its inode and the time of its writing."""
        try:
            status = (self.folder / POINTER).stat()
        except OSError:
            return None
        return status.st_ino, status.st_mtime_ns
