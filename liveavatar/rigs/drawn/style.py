"""How a character is drawn: the pen, colours, shading, eyes and the surface drawn on, all as numbers."""

from dataclasses import dataclass, replace

from liveavatar.rigs.drawn.colour import Tone, mix

_FEATURES = ("eyes", "mouth", "lashes", "brows")
_INK = Tone(0.24, 0.035, 300)


@dataclass(frozen=True)
class Style:
    """One way to draw. The defaults are a clean drawing with coloured lines and soft shading."""

    weight: float = 1.0
    """Width of lines, as a share."""
    line: float = 1.0
    """Density of lines: 0 for a picture without outlines .. 1."""
    ink: float = 0.0
    """How far lines leave the colour of what they surround for that of the ink, 0..1."""
    ink_tone: Tone = _INK
    pale: float = 0.0
    """How far fills go to white, 0..1; lines stay."""
    chroma: float = 1.0
    """Of fills, as a share."""
    flat: float = 0.0
    """How even gradients are: 1 one tone each."""
    shade: float = 1.0
    """Density of shadows, as a share."""
    soft: float = 0.0
    """Blur of the edges of shadows, a sigma in canvas units."""
    crisp: float = 0.0
    """How far edges harden that are else blurred, 0..1."""
    form: float = 0.0
    """Shading that gives the face its volume, 0..1."""
    gleam: float = 1.0
    """Strength of the lights on hair, as a share."""
    air: float = 1.0
    """Strength of airbrushed light and shade on hair, as a share."""
    iris: float = 1.0
    """Contrast of an iris between its dark top and its bright bottom, as a share."""
    gloss: float = 1.0
    """Strength of the lights in eyes, as a share."""
    lash: float = 1.0
    """Weight of lashes, as a share."""
    grain: float = 0.0
    """Tooth of the paper, 0..1."""
    wash: float = 0.0
    """Watercolour: pigment that runs to the edges and dries in blotches, 0..1."""
    hatch: float = 0.0
    """Pencil strokes in what is dark, 0..1."""
    bristle: float = 0.0
    """Traces of a wide brush, 0..1."""

    def pen(self, tone: Tone) -> Tone:
        """The tone of a line."""
        inked = mix(tone, self.ink_tone._replace(alpha=tone.alpha), self.ink) if self.ink else tone
        return inked.faded(self.line) if self.line < 1.0 else inked

    def fill(self, tone: Tone) -> Tone:
        """The tone of a fill."""
        # what is dark stays so, or nothing would stand out
        light = tone.light + (1.0 - tone.light) * self.pale * min(0.2 + 1.1 * tone.light, 1.0)
        return Tone(light, tone.chroma * self.chroma * (1.0 - 0.45 * self.pale), tone.hue, tone.alpha)

    def of(self, layer: str) -> "Style":
        """The style of one layer: eyes, brows and mouth are drawn out, whatever is left loose around them; skin stays clean."""
        if self is PLAIN:
            return self
        if layer == "face":
            return replace(self, wash=0.45 * self.wash, hatch=0.6 * self.hatch, grain=0.7 * self.grain)
        if layer not in _FEATURES:
            return self
        return replace(
            self,
            pale=0.3 * self.pale,
            chroma=0.5 + 0.5 * self.chroma,
            flat=0.0,
            soft=0.0,
            line=1.0,
            wash=0.2 * self.wash,
            hatch=0.3 * self.hatch,
            grain=0.5 * self.grain,
            bristle=0.0,
        )

    @property
    def surface(self) -> bool:
        """Whether the surface shows."""
        return max(self.grain, self.wash, self.hatch, self.bristle) > 0.0


PLAIN = Style()
