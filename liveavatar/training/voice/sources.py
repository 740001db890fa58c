"""What the generator is given of sounds, and a whole sound spoken by it."""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from liveavatar.audio.excitation import BINS, Excitation, shaped
from liveavatar.audio.features import Features, spread
from liveavatar.training.voice.networks import VoiceNet, compose, sound_of


class Sources(NamedTuple):
    """What the generator is given of some crops: see VoiceNet and compose()."""

    features: Tensor
    pulses: Tensor
    voiced: Tensor
    noise: Tensor
    gain: Tensor


def sources(features: Features, excitation: Excitation) -> list[np.ndarray]:
    """Of one sound; see Sources."""
    pulses, noise = excitation.frames(features.pitch)
    voiced, coloured = shaped(features, pulses, noise)
    gain = np.exp(0.5 * features.envelope @ spread(BINS))
    return [features.joined(), np.concatenate([pulses.real, pulses.imag], 1), voiced, coloured, gain]


def stacked(crops: list[list[np.ndarray]]) -> Sources:
    """Of some of the same length."""
    return Sources(*(torch.from_numpy(np.stack(parts)) for parts in zip(*crops, strict=True)))


def spoken(net: VoiceNet, features: Features, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """(n,) float32 each, a whole sound without the network, and with it; the first sample is the first frame's."""
    given = stacked([sources(features, Excitation(seed))])
    with torch.no_grad():
        parts, _ = net(given.features, given.pulses, net.body.start(1))
        made = sound_of(compose(parts, given.voiced, given.noise, given.gain))
    return sound_of(given.voiced + given.noise)[0].numpy(), made[0].numpy()
