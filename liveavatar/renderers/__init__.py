"""Renderers, by the kind an avatar's card names. Imported on use."""

import os
from collections.abc import Callable
from importlib import import_module
from typing import Any

import cv2
from threadpoolctl import threadpool_limits

from liveavatar.avatar.card import Avatar
from liveavatar.avatar.trial import require_tried
from liveavatar.errors import AvatarError, ProviderError
from liveavatar.language import tr
from liveavatar.renderers.package import unfit
from liveavatar.renderers.sessions import candidates
from liveavatar.stages import Renderer

RENDERERS = {
    "gan": "liveavatar.renderers.gan.renderer:GanRenderer",
    "portrait": "liveavatar.renderers.portrait.renderer:PortraitRenderer",
}
"""Kind -> "module:Class" of what draws on the CPU."""
GL_RENDERERS = {"gan": "liveavatar.renderers.gan.gl_renderer:GlRenderer"}
"""Kind -> "module:Class" of what draws with OpenGL what the network gives."""
DRAW = ("auto", "gpu", "cpu")
"""What may put the picture together."""


def open_renderer(
    avatar: Avatar,
    provider: str = "auto",
    threads: int | None = None,
    say: Callable[[str], None] = lambda text: None,
    draw: str = "auto",
    live: bool = False,
) -> Renderer:
    """The renderer for this avatar, loaded, checked against its golden frame and warm. A stranger's avatar is tried in a child
    process first (liveavatar.avatar.trial).

    threads: of the network, where a CPU computes it; None for half of the cores, two at most. say: told what takes a moment.
    draw: "gpu" puts the picture together with OpenGL, "cpu" does not, "auto" does where the pictures are `live`, one after the
    other to be looked at, and a GPU is right and quick: what is not live comes out the same on every machine.
    provider: of the network. Where "auto" finds a GPU build whose GPU does not start, the CPU computes it, and the renderer's
    attribute `fallback` says why.
    Raises AvatarError when the package does not fit, ProviderError when a provider asked for by name does not run."""
    require_playable(avatar)
    require_tried(avatar, say)
    # As many threads as cores, which is cv2's own choice, take from the tracker more than they give: a tenth of the frames,
    # a sixth of the processor's time on two cores (benchmarks/LOG.md, 2026-11-26). So it is with the network's.
    half = max(1, (os.cpu_count() or 2) // 2)
    cv2.setNumThreads(half)
    # A frame's products are small, and OpenBLAS's threads wait for the next one busily: a whole core, all the time.
    threadpool_limits(1, "blas")
    return make_renderer(avatar, provider, threads or min(2, half), draw=draw, live=live, say=say)


def require_playable(avatar: Avatar) -> None:
    """Raise AvatarError for an avatar of a kind that is not known."""
    if avatar.kind not in RENDERERS:
        known = ", ".join(RENDERERS)
        raise AvatarError(
            tr(
                f"avatar {avatar.name!r} is of kind {avatar.kind[:40]!r}; this version plays: {known}. Update liveavatar.",
                f"形象 {avatar.name!r} 的类型为 {avatar.kind[:40]!r}；此版本支持：{known}。请更新 liveavatar。",
            )
        )


def make_renderer(
    avatar: Avatar,
    provider: str,
    threads: int,
    *,
    draw: str = "auto",
    live: bool = False,
    say: Callable[[str], None] = lambda text: None,
) -> Renderer:
    """As open_renderer, for an avatar that needs no trial, or is in it."""
    require_playable(avatar)
    fastest = candidates(provider)[0]
    try:
        return _drawn(avatar, fastest, threads, draw, live, say)
    except ProviderError as error:
        if provider != "auto" or fastest == "cpu":
            raise
        renderer = _drawn(avatar, "cpu", threads, draw, live, say)
        renderer.fallback = str(error)
        return renderer


def _drawn(
    avatar: Avatar, provider: str, threads: int, draw: str, live: bool, say: Callable[[str], None]
) -> Renderer:
    """The renderer with the network on this very provider."""
    bare = not (avatar.parts and avatar.parts.label)  # a GPU draws no labels
    if (draw == "gpu" or (draw == "auto" and live)) and avatar.kind in GL_RENDERERS and bare:
        return _make(GL_RENDERERS, avatar, provider, threads, asked=draw == "gpu", live=live, say=say)
    renderer = _make(RENDERERS, avatar, provider, threads)
    if draw == "gpu":
        renderer.fallback = tr(
            "avatars of this kind, and those with a label, are drawn there only",
            "该类形象以及带标注的形象只能在 CPU 上绘制",
        )
    return renderer


def _make(kinds: dict[str, str], avatar: Avatar, provider: str, threads: int, **options: Any) -> Renderer:
    module, name = kinds[avatar.kind].split(":")
    kind = getattr(import_module(module), name)
    try:
        renderer: Renderer = kind(avatar, provider=provider, threads=threads, **options)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, cv2.error) as error:
        # A package may hold numbers that fit its card and make no picture: a mesh of points in one place, for one.
        raise unfit(avatar, f"{type(error).__name__}: {str(error)[:200]}") from error
    return renderer
