"""The Retargeter: one person's face in, a person-independent expression out."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from liveavatar.avatar.card import Avatar
    from liveavatar.retargeting.profile import Profile
    from liveavatar.retargeting.retargeter import FaceRetargeter


def open_retargeter(avatar: "Avatar", profile: "Profile | None" = None) -> "FaceRetargeter":
    """A retargeter that knows nobody, or the profile's person, for what the avatar was trained on."""
    from liveavatar.retargeting.retargeter import FaceRetargeter

    return FaceRetargeter(head_range=avatar.head_limits, profile=profile)


def open_bare_retargeter(avatar: "Avatar") -> "FaceRetargeter":
    """The same for faces without landmarks."""
    from liveavatar.retargeting.bare import BareRetargeter

    return BareRetargeter(head_range=avatar.head_limits)
