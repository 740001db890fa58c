"""Renderers, by the kind an avatar's card names. Imported on use."""

from importlib import import_module

from liveavatar.avatar import Avatar
from liveavatar.errors import AvatarError
from liveavatar.language import tr
from liveavatar.stages import Renderer

RENDERERS = {"gan": "liveavatar.renderers.gan:GanRenderer"}
"""Kind -> "module:Class"."""


def open_renderer(avatar: Avatar, provider: str = "auto", threads: int = 2) -> Renderer:
    """The renderer for this avatar, loaded, checked against its golden frame and warm.

    Raises AvatarError when the package does not fit, ProviderError when the provider does not run."""
    if avatar.kind not in RENDERERS:
        known = ", ".join(RENDERERS)
        raise AvatarError(
            tr(
                f"avatar {avatar.name!r} is of kind {avatar.kind!r}; this version plays: {known}. Update liveavatar.",
                f"形象 {avatar.name!r} 的类型为 {avatar.kind!r}；此版本支持：{known}。请更新 liveavatar。",
            )
        )
    module, name = RENDERERS[avatar.kind].split(":")
    renderer: Renderer = getattr(import_module(module), name)(avatar, provider=provider, threads=threads)
    return renderer
