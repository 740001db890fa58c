"""A card as an Avatar. A card is untrusted: whatever it holds, it becomes an avatar or one AvatarError."""

import json
from pathlib import Path
from typing import Any

from liveavatar.avatar.card import (
    CARD,
    FORMATS,
    Avatar,
    Control,
    GanParts,
    Golden,
    Layer,
    Parts,
    Patch,
    PortraitParts,
)
from liveavatar.avatar.fields import Fields, WrongForm
from liveavatar.avatar.limits import MAX_LAYERS, MAX_PATCHES
from liveavatar.avatar.rules import broken_rule
from liveavatar.controls import CONTROLS
from liveavatar.errors import AvatarError
from liveavatar.language import tr


def read_card(card: Any, folder: Path) -> Avatar:
    """Check what stands in an avatar.json and build the avatar. Raises AvatarError naming the file and the field."""
    try:
        # What no file could hold is none: lone surrogates, NaN, other types than JSON's.
        json.dumps(card, ensure_ascii=False, allow_nan=False).encode()
        avatar = _avatar(Fields(card), folder)
        broken = broken_rule(avatar)
        if not broken:
            return avatar
    except KeyError as error:
        broken = tr(f"the field {error} is missing", f"缺少字段 {error}")
    except WrongForm as error:
        broken = str(error)
    except (TypeError, ValueError, RecursionError) as error:
        broken = tr(f"a field has the wrong form ({error})", f"字段格式错误（{error}）")
    where = folder / CARD
    raise AvatarError(
        tr(f"{where}: {broken}. Install the avatar again.", f"{where}：{broken}。请重新安装该形象。")
    )


def _avatar(card: Fields, folder: Path) -> Avatar:
    kind = card.text("kind")
    if kind in FORMATS:
        card.require_format(FORMATS[kind])
    return Avatar(
        name=card.text("name"),
        kind=kind,
        size=card.size("size"),
        controls=tuple(_control(c) for c in card.objects("controls", len(CONTROLS))),
        golden=_golden(card.inner("golden")),
        files=card.texts("files"),
        licence=card.text("licence"),
        credits=card.text("credits"),
        consent=card.text("consent"),
        detail=card.whole("detail") if "detail" in card else 1,
        parts=_parts(kind, card),
        background=card.text("background") if "background" in card else "",  # most have none
        made_with=card.anything("made_with"),
        figures=card.anything("figures"),
        folder=folder,
    )


def _parts(kind: str, card: Fields) -> Parts | None:
    if kind == "gan":
        return GanParts(
            layers=tuple(_layer(x) for x in card.objects("layers", MAX_LAYERS)),
            patches=tuple(_patch(p) for p in card.objects("patches", MAX_PATCHES)),
            generator=card.text("generator"),
            decoder=card.text("decoder"),
            label=card.text("label") if "label" in card else "",  # those that `new` makes have none
        )
    if kind == "portrait":
        return PortraitParts(
            sheet=card.text("sheet"),
            rig=card.text("rig"),
            label=card.text("label"),
            refiner=card.text("refiner") if "refiner" in card else "",  # older cards have none
            likeness=card.text("likeness") if "likeness" in card else "",
        )
    return None


def _control(c: Fields) -> Control:
    return Control(name=c.text("name"), minimum=c.number("minimum"), maximum=c.number("maximum"))


def _golden(g: Fields) -> Golden:
    return Golden(controls=g.numbers("controls"), file=g.text("file"), tolerance=g.number("tolerance"))


def _layer(x: Fields) -> Layer:
    return Layer(
        name=x.text("name"),
        file=x.text("file"),
        source=x.box("source"),
        target=x.box("target"),
        span=x.box("span"),
        laid_out=x.flag("laid_out"),
    )


def _patch(p: Fields) -> Patch:
    return Patch(
        name=p.text("name"),
        layer=p.text("layer"),
        box=p.box("box"),
        low=p.text("low"),
        high=p.text("high"),
    )
