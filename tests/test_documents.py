"""A folder of papers is read exactly, or refused with the file's name and what to do."""

from pathlib import Path

import pytest

from ingest.documents import CorpusError, Document, notes_on_corpus, read_corpus


def write(folder: Path, name: str, content: bytes = b"Some text.\n") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def refusal(folder: Path) -> str:
    with pytest.raises(CorpusError) as caught:
        read_corpus(folder)
    return str(caught.value)


def test_text_is_the_file_itself_but_for_a_byte_order_mark(tmp_path: Path) -> None:
    raw = "\ufeff  Title\r\n\r\ncafe\u0301 £2.6m\u00a0“quoted”\x0c\n".encode()
    write(tmp_path, "paper.txt", raw)
    (document,) = read_corpus(tmp_path)
    assert document.text == "  Title\r\n\r\ncafe\u0301 £2.6m\u00a0“quoted”\x0c\n"


def test_a_file_without_an_entry_takes_its_title_from_its_first_line_of_text(
    tmp_path: Path,
) -> None:
    write(tmp_path, "paper.txt", b"\nSkip to content\n\nA new library\n\nIt opens soon.\n")
    assert read_corpus(tmp_path) == [
        Document("paper", "\nSkip to content\n\nA new library\n\nIt opens soon.\n", "A new library")
    ]


def test_only_text_files_are_papers_and_subfolders_count(tmp_path: Path) -> None:
    for name in ("b.txt", "2024/a.TXT", "README.md", "notes.pdf", ".hidden/c.txt", ".d.txt"):
        write(tmp_path, name)
    assert [document.id for document in read_corpus(tmp_path)] == ["a", "b"]


def test_tomls_own_dates_and_bare_years_are_dates(tmp_path: Path) -> None:
    write(tmp_path, "a.txt")
    write(tmp_path, "b.txt")
    write(
        tmp_path,
        "documents.toml",
        b"\xef\xbb\xbf[a]\npublished = 2017-09-04\n[b]\npublished = 2021\n",
    )
    assert [document.published for document in read_corpus(tmp_path)] == ["2017-09-04", "2021"]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    assert "there is no folder" in refusal(tmp_path / "nowhere")


def test_an_empty_folder_says_what_to_put_there(tmp_path: Path) -> None:
    assert "holds no .txt file" in refusal(tmp_path)


@pytest.mark.parametrize("content", [b"", b" \n\t\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_named(tmp_path: Path, content: bytes) -> None:
    write(tmp_path, "blank.txt", content)
    assert "blank.txt is empty" in refusal(tmp_path)


def test_a_file_that_is_not_utf_8_is_named_with_the_byte(tmp_path: Path) -> None:
    write(tmp_path, "old.txt", b"It cost \xa32m.\n")
    message = refusal(tmp_path)
    assert "old.txt is not UTF-8: byte 8 is 0xa3" in message
    assert "iconv" in message


def test_two_files_with_one_stem_are_both_named(tmp_path: Path) -> None:
    write(tmp_path, "2024/report.txt")
    write(tmp_path, "2025/Report.txt")
    message = refusal(tmp_path)
    assert "2024/report.txt" in message
    assert "2025/Report.txt" in message


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        (b"[gone]\ntitle = 'x'\n", "describes 'gone', but there is no gone.txt"),
        (b"[paper]\npublished = '2021-13'\n", "[paper] published = '2021-13' is not a day"),
        (b"[paper]\npublished = 'soon'\n", "[paper] published = 'soon' is not a date"),
        (b"[paper]\npublshed = '2021'\n", "unknown field 'publshed'"),
        (b"[paper]\ntitle = 5\n", "title must be text in quotes, not 5"),
        (b"[paper]\ntitle = ''\n", "title must be text in quotes, not ''"),
        (b"title = 'x'\n", "'title' stands outside a table; write [the document's id]"),
        (b"[paper.txt]\ntitle = 'x'\n", "leave .txt out of a name"),
        (b"[paper\n", "is not TOML"),
        (b"[paper]\ntitle = '\xff'\n", "is not UTF-8"),
    ],
)
def test_what_is_wrong_in_documents_toml_is_said(tmp_path: Path, toml: bytes, said: str) -> None:
    write(tmp_path, "paper.txt")
    write(tmp_path, "documents.toml", toml)
    message = refusal(tmp_path)
    assert said in message
    assert "documents.toml" in message


def test_what_is_left_out_of_subfolders_is_said_too(tmp_path: Path) -> None:
    for name in ("a.txt", "2024/b.txt", "2024/c.pdf", "2024/documents.toml", "2024/.d/e.pdf"):
        write(tmp_path, name)
    said = notes_on_corpus(tmp_path)
    assert [note.split(":")[0] for note in said] == [
        "b.txt has no entry in documents.toml",
        "a.txt has no entry in documents.toml",
        "2024/c.pdf was left out",
        "2024/documents.toml was left out",
    ]
