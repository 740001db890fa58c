"""Sleeves and their hems. Canvas units on the body that shapes are drafted for."""

from typing import Any

from liveavatar.rigs.drawn.garment import Dye, Fold, Panel, Patch, Studs, Trim
from liveavatar.rigs.drawn.geometry import Points
from liveavatar.rigs.population.wear.cloth import cut, fallen, on_side, shoulder
from liveavatar.rigs.population.wear.wearer import Wearer


def sleeve(
    w: Wearer,
    dye: Dye,
    side: int,
    *,
    full: float = 0.2,
    end: float = 1064.0,
    cap: float = 0.0,
    bands: tuple[Trim, ...] = (),
    prints: tuple[Patch, ...] = (),
    trims: tuple[Trim, ...] = (),
    studs: tuple[Studs, ...] = (),
    start: float = 214.0,
    folds: float = 1.0,
) -> Panel:
    """A sleeve: `full` 0 close .. 1 wide, `end` the y of its hem, `cap` how far it stands up at the shoulder (a puff)."""
    low = min(end, 1064.0)
    hang = (low - 880.0) / 184.0
    x0 = 512.0 - start
    outer = [
        (x0 + 10, shoulder(start - 10) - 2 - 8 * cap - 2 * full),
        (x0 - 22, shoulder(start) + 7 - 18 * cap - 4 * full),
        (258 - 16 * full - 8 * cap, 866 - 20 * cap),
        (238 - 30 * full - 12 * cap, 880 + 0.28 * (low - 880)),
        (229 - 42 * full - 8 * cap, 880 + 0.64 * (low - 880)),
    ]
    short = low < 1060
    tight = 18 * cap * short
    wrist = (222 + 8 * (1 - hang) - 48 * full + tight, low)
    inner = (318 - tight * 0.4 - 4 * full, low - 14 * short)
    outline = cut(
        (x0 + 40, shoulder(start - 40) + 2, 1),
        *outer,
        (*wrist, 1),
        *([((wrist[0] + inner[0]) / 2, low + 9)] if short else []),
        (*inner, 1),
        (322, min(960, low - 30)),
        (322, 894),
        (x0 + 44, 850),
    )
    mid = 880 + 0.5 * (low - 880)
    shades = [
        cut((318, 866), (296, 910), (286, mid + 10), (284, 1070, 1), (324, 1070, 1), (324, 940)),
        cut(
            (wrist[0] - 4, low - 40),
            (wrist[0] + 22, low - 30),
            (wrist[0] + 30, low + 14, 1),
            (wrist[0] - 12, low + 14, 1),
        ),
    ]
    creases = [
        Fold(((312, 902), (284, 938), (246, 950)), 17, 2.8),
        Fold(((310, 936), (276, 966), (240, 966)), 14, 2.6),
        Fold(((232 - 36 * full, 968), (262, 950), (292, 958)), 13, 2.6, 0.3),
        Fold(((226 - 40 * full, 1008), (262, 994), (288, 1006)), 15, 2.4, 0.3),
        Fold(((308, 990), (278, 1020), (248, 1024)), 14, 2.6),
        Fold(((226 - 44 * full, 1044), (254, 1030), (280, 1040)), 12, 2.2, 0.3),
        Fold(((300, 846), (284, 878), (264, 890)), 10, 2.0),
    ]
    gathers = [
        Fold(
            (
                (x0 - 16 + 6 * i, shoulder(start) + 12 + i),
                (258 + 9 * i - 6 * cap, 872),
                (250 + 12 * i, 900 + 5 * i),
            ),
            7,
            2.0,
            0.3,
        )
        for i in range(5)
    ]
    hems = [
        Fold(
            (
                (wrist[0] + 12 + 15 * i, low),
                (wrist[0] + 8 + 16 * i, low - 26),
                (wrist[0] + 6 + 17 * i, low - 50),
            ),
            8,
            2.0,
            0.25,
        )
        for i in range(5)
    ]
    chosen = [f for f in creases if max(y for _, y in f.spine) < low + 6]
    count = round(len(chosen) * min(0.25 + 0.35 * folds, 1.0))
    chosen = [chosen[i] for i in sorted(w.random.permutation(len(chosen))[:count].tolist())]
    if cap > 0.3:
        chosen = gathers + (hems if short else chosen)
    return Panel(
        on_side(outline, side),
        dye,
        axis=((200.0, 900.0), (330.0, 960.0)) if side < 0 else ((700.0, 940.0), (850.0, 960.0)),
        prints=prints,
        bands=bands,
        studs=studs,
        shades=tuple(on_side(piece, side) for piece in shades),
        glow=(on_side(cut((286, 838), (258, 872), (246, 922), (262, 892), (282, 858)), side),)
        if side < 0
        else (on_side(cut((280, 842), (258, 872), (250, 900), (264, 882)), side),),
        folds=tuple(fallen(w, fold, side, 4) for fold in chosen),
        trims=trims,
    )


def sleeves(w: Wearer, dye: Dye, **shape: Any) -> tuple[Panel, Panel]:
    """Both of one kind."""
    return sleeve(w, dye, -1, **shape), sleeve(w, dye, 1, **shape)


def hem_line(full: float, end: float, side: int, up: float = 10.0) -> Points:
    """Along the hem of a short sleeve, `up` above it."""
    return on_side(cut((224 - 46 * full, end - up), (266, end + 8 - up), (312, end - 14 - up)), side)
