"""What was understood of a document, coloured for a person to check."""

from rich.console import Console
from rich.markup import escape

from ingest.documents import Document
from ingest.passages import split
from ingest.structure import mask, read_structure, reading_form, sections


def show_document(document: Document, console: Console) -> None:
    """Print headings, numbered paragraphs, furniture (dim) and where passages begin, in order."""
    blocks = read_structure(document.text)
    masked = mask(document.text, blocks)
    passages = split(document, blocks)
    begins = {passage.start: number for number, passage in enumerate(passages, start=1)}
    console.print(f"[bold]{escape(document.title)}[/bold]")
    console.print(
        f"{document.id}: {len(sections(blocks))} sections, {len(passages)} passages, "
        f"{sum(len(block.sentences) for block in blocks)} sentences"
    )
    number = None
    for block in blocks:
        span = f"[dim]{block.span.start}-{block.span.end}[/dim]"
        if block.kind in ("furniture", "caption"):
            text = " ".join(document.text[block.span.start : block.span.end].split())
            console.print(f"\n[dim]{block.kind}: {escape(text)}[/dim] {span}")
            continue
        if block.kind == "heading":
            text = escape(reading_form(masked, block.span))
            console.print(f"\n[bold yellow]{block.number or ''} {text}[/bold yellow] {span}")
            number = block.number
            continue
        label = f"[bold green]{block.number}[/bold green] " if block.number != number else ""
        number = block.number
        console.print(f"\n{label}{span}")
        for sentence in block.sentences:
            mark = begins.get(sentence.start)
            if mark:
                console.print(f"  [cyan]passage {mark}[/cyan]")
            console.print(f"    {escape(reading_form(masked, sentence))}")
        for hole in block.omitted:
            left_out = " ".join(document.text[hole.start : hole.end].split())
            console.print(f"  [dim]left out inside: {escape(left_out)}[/dim]")
