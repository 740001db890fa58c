"""Options that say what a character from noise is like: for every command that draws one."""

from typing import TYPE_CHECKING, Annotated

import typer

from liveavatar.language import tr

if TYPE_CHECKING:
    from liveavatar.rigs.generated.recipe import Recipe

HairOption = Annotated[
    str | None, typer.Option(help=tr('colour of the hair: "#8fd", mint', "发色：“#8fd”、绿色"))
]
EyesOption = Annotated[str | None, typer.Option(help=tr("colour of the eyes", "瞳色"))]
SkinOption = Annotated[str | None, typer.Option(help=tr("skin: fair, tan, #c98", "肤色：白皙、小麦色"))]
CutOption = Annotated[str | None, typer.Option(help=tr("haircut: bob, ponytail", "发型：马尾、短发"))]
OutfitOption = Annotated[str | None, typer.Option(help=tr("kimono, hoodie", "服装：和服、连帽衫"))]
StyleOption = Annotated[str | None, typer.Option(help=tr("cel, painted, pencil", "画风：赛璐璐、厚涂"))]
SpeciesOption = Annotated[str | None, typer.Option(help=tr("human, cat, elf, robot", "种族：人类、猫、精灵"))]
WearOption = Annotated[
    str | None, typer.Option(help=tr("on the head: glasses,beret or none", "头饰：眼镜,贝雷帽 或 none"))
]
SliderOption = Annotated[
    list[str] | None,
    typer.Option(help=tr("NAME=-1..1, repeatable: age=0.5", "名称=-1..1，可重复：age=0.5")),
]


def asked_of(
    hair: str | None,
    eyes: str | None,
    skin: str | None,
    cut: str | None,
    outfit: str | None,
    style: str | None,
    species: str | None,
    wear: str | None,
) -> dict[str, str]:
    """What was asked, for Recipe.asked."""
    given = {
        "hair": hair, "eyes": eyes, "skin": skin, "cut": cut, "outfit": outfit, "style": style, "species": species,
        "wear": wear,
    }  # fmt: skip
    return {name: value for name, value in given.items() if value is not None}


def sliders_of(given: list[str] | None) -> dict[str, float]:
    """The positions of --slider NAME=AMOUNT, for Recipe.sliders. Raises BadParameter."""
    found = {}
    for text in given or []:
        name, _, amount = text.partition("=")
        try:
            found[name.strip()] = float(amount)
        except ValueError as error:
            raise typer.BadParameter(
                tr(
                    f"expected NAME=AMOUNT such as age=0.5, got {text!r}",
                    f"应为 名称=数值，例如 age=0.5，得到 {text!r}",
                ),
                param_hint="--slider",
            ) from error
    return found


def between_of(text: str) -> tuple[int, float]:
    """Seed and way of --between SEED,T. Raises BadParameter."""
    seed, _, way = text.partition(",")
    try:
        found = int(seed), float(way)
        if not 0.0 <= found[1] <= 1.0:
            raise ValueError(way)
    except ValueError as error:
        raise typer.BadParameter(
            tr(
                f"expected SEED,T such as 8,0.3 (another seed, and how far towards it, 0 to 1), got {text!r}",
                f"应为 种子,位置，例如 8,0.3（另一种子，及靠近它的程度 0 到 1），得到 {text!r}",
            ),
            param_hint="--between",
        ) from error
    return found


def changed(recipe: "Recipe", asked: dict[str, str], sliders: dict[str, float]) -> "Recipe":
    """A recipe with more asked of it. Raises TrainingError."""
    from dataclasses import replace

    return replace(recipe, asked={**recipe.asked, **asked}, sliders={**recipe.sliders, **sliders})
