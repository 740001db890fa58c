"""Parts of graphs: what is left gives what the whole gave."""

import numpy as np
import pytest

from liveavatar.avatar.card import Avatar
from liveavatar.avatar.graph import check_graph
from liveavatar.avatar.graph_part import part_for, read_tensors
from liveavatar.avatar.protobuf import GraphError
from liveavatar.renderers.gan.renderer import GanRenderer
from liveavatar.renderers.sessions import open_session


def test_part_of_a_decoder_gives_the_same(tiny: Avatar) -> None:
    whole = tiny.read(tiny.gan.decoder)
    name = f"patch.{tiny.gan.patches[0].name}"
    part = part_for(whole, [name])
    check_graph(part)
    with pytest.raises(GraphError, match="lacks modes"):
        read_tensors(part, ["modes"])
    sessions = [open_session(data, "cpu")[0] for data in (whole, part)]
    assert [x.name for x in sessions[1].get_outputs()] == [name]
    (given,) = sessions[0].get_inputs()
    coefficients = np.random.default_rng(3).uniform(-1, 1, given.shape).astype(np.float32)
    one, other = (s.run([name], {given.name: coefficients})[0] for s in sessions)
    assert one.std() > 1 and np.array_equal(one, other)


def test_motion_is_what_the_decoder_defines(tiny: Avatar) -> None:
    decoder, _ = open_session(tiny.read(tiny.gan.decoder), "cpu")
    dictionaries = GanRenderer(tiny, "cpu").dictionaries
    coefficients = np.random.default_rng(4).normal(size=dictionaries.length).astype(np.float32)
    (wanted,) = decoder.run(["motion"], {"coefficients": coefficients[None]})
    assert wanted.std() > 0.1
    assert np.allclose(dictionaries.motion(dictionaries.split(coefficients)[0]), wanted, atol=1e-3)
