"""What the results page is made of."""

from typing import Any

from liveavatar.language import tr


def table(heading: list[str], rows: list[list[Any]]) -> str:
    """A Markdown table; None is shown as not measured."""
    lines = [heading, ["---"] * len(heading), *rows]
    return "\n".join("| " + " | ".join(cell(value) for value in line) + " |" for line in lines)


def cell(value: Any) -> str:
    """Text that breaks no table."""
    text = tr("not measured", "未测量") if value is None else str(value)
    return text.replace("|", "\\|").replace("\n", " ")


def spread(values: dict[str, float]) -> str:
    """Values side by side, to a tenth."""
    return " / ".join(f"{value:.1f}" for value in values.values())
