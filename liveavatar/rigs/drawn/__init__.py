"""Characters drawn in code: an identity record in, frames with exact labels and true alpha out."""

from liveavatar.rigs.drawn.characters.hoshi import HOSHI
from liveavatar.rigs.drawn.identity import Identity
from liveavatar.rigs.drawn.rig import DrawnRig
from liveavatar.rigs.drawn.roster import identity

__all__ = ["HOSHI", "DrawnRig", "Identity", "identity"]
