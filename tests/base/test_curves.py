"""The curve by which things begin and end softly."""

import numpy as np
import pytest

from liveavatar.base.curves import smoothstep


def test_flat_ends_and_the_middle_between() -> None:
    assert [smoothstep(x) for x in (-1.0, 0.0, 0.5, 1.0, 2.0)] == [0.0, 0.0, 0.5, 1.0, 1.0]
    assert smoothstep(0.001) < 1e-5
    assert smoothstep(0.999) > 1 - 1e-5


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_an_array_is_read_value_by_value_and_keeps_its_dtype(dtype: type) -> None:
    x = np.linspace(-0.5, 1.5, 12, dtype=dtype).reshape(3, 4)
    y = smoothstep(x)
    assert y.dtype == dtype
    assert y.ravel().tolist() == pytest.approx([smoothstep(float(v)) for v in x.ravel()], abs=1e-6)
