"""What a council may set of the pages: whose papers they are, and a colour."""

import re
from dataclasses import dataclass

LEAST_CONTRAST = 4.5  # of text on its ground: WCAG 2.2, 1.4.3
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True, slots=True)
class Look:
    """The name in the head of each page, and the colour (#rrggbb) of links and buttons on white."""

    name: str = "Scrutineer"
    colour: str = "#0b4a8f"

    def __post_init__(self) -> None:
        """Raise ValueError for a colour that cannot be read on white, or is none."""
        if not _COLOUR.fullmatch(self.colour):
            raise ValueError(f"{self.colour!r} is not a colour: write one like #0b4a8f")
        if (contrast := contrast_with_white(self.colour)) < LEAST_CONTRAST:
            raise ValueError(
                f"{self.colour} on white has a contrast of {contrast:.1f}, and people need "
                f"{LEAST_CONTRAST}: choose a darker colour"
            )


def contrast_with_white(colour: str) -> float:
    """Return the contrast of #rrggbb with white, 1 to 21 (WCAG 2.2, relative luminance)."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    luminance = sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
    return 1.05 / (luminance + 0.05)
