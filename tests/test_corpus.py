"""The corpus that ships is the one that was meant."""

import hashlib

from conftest import CORPUS

SHA256 = {
    "bbc-2025-council-hits-back.txt": "d768e8a3ed247ce9d65751b887311f1f11f31ad8c69164da507fff825714f853",
    "council-2017-sustained-progress.txt": "d9356fec63930271812a7693144847a7b90980efca6cee7556f19bc0c89bf80b",
    "council-2025-scrutiny-report.txt": "1b65525059dc186e11d2a08b81c2fb2250d9c01d86c67d260479030758bbb3a5",
    "documents.toml": "86bb2d8b5fdd78e3e98fbc64ff081fd1788583ed7c365ee972f3e6e5c2e5701d",
    "mercury-2021-good-rating.txt": "db3e2415393824ce2d71d1d18d3a3b0aef8ddc335ff22c2634b2a04c22245418",
    "news-2025-failing-ofsted-report.txt": "1479bc16d0c2d53f5496a4515ccc395b3581e40aec3ecbe6ee3a41b395ce00eb",
}


def test_the_five_papers_and_what_is_known_of_them_are_unchanged_to_the_byte() -> None:
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in CORPUS.iterdir()
        if path.suffix in (".txt", ".toml")
    }
    assert found == SHA256
