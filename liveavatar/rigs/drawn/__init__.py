"""Characters drawn in code: an identity record in, frames with exact labels and true alpha out."""

from liveavatar.rigs.drawn.identity import HOSHI, Identity, identity
from liveavatar.rigs.drawn.rig import DrawnRig

__all__ = ["HOSHI", "DrawnRig", "Identity", "identity"]
