"""The modes of a layer's motion: principal components of its points, spread over its cells as a thin plate that they bend."""

import numpy as np

from liveavatar.base.box import Box

MODES = 32
"""Of each layer's motion: the rigs' points are within .05 pixels of so many (benchmarks/LOG.md, 2026-11-25)."""
BENDING = 0.03
"""What a bend of the motion between cells costs, against a miss of a pixel at one point."""
STRETCHING = 3e-3
"""What a difference between cells costs: three cells from the last point, the motion runs out level."""
ITERATIONS = 8
LEVEL = 1e-7
"""What a field costs that is the same everywhere: next to nothing, so that the form has an inverse."""


class ThinPlate:
    """Fields on cells x cells that bend as little as they can (Duchon 1977)."""

    def __init__(self, cells: int) -> None:
        self.cells = cells
        one = np.eye(cells)
        step, bend = (np.diff(one, order, axis=0) for order in (1, 2))
        step, bend = step.T @ step, bend.T @ bend
        plate = np.kron(one, bend) + np.kron(bend, one) + 2 * np.kron(step, step)
        cost = BENDING * plate + STRETCHING * (np.kron(one, step) + np.kron(step, one))
        self._cost = cost + LEVEL * np.eye(cells**2)
        """Of what bends of and differences in a field cost, as a form (cells * cells, cells * cells)."""

    def through(self, points: np.ndarray, values: np.ndarray) -> np.ndarray:
        """The fields (cells * cells, K) of least squares: sampled bilinearly at points (n, 2), in cells, they come close to
        values (n, K), and bend as little as they can elsewhere."""
        at = np.clip(points - 0.5, 0, self.cells - 1 - 1e-9)
        corner = np.floor(at).astype(int)
        part = at - corner
        shares = [
            ((corner[:, 1] + down) * self.cells + corner[:, 0] + right, share_x * share_y)
            for down, share_y in ((0, 1 - part[:, 1]), (1, part[:, 1]))
            for right, share_x in ((0, 1 - part[:, 0]), (1, part[:, 0]))
        ]
        form, wanted = self._cost.copy(), np.zeros((self.cells**2, values.shape[1]))
        for cell, share in shares:
            np.add.at(wanted, cell, share[:, None] * values)
            for other, its in shares:
                np.add.at(form, (cell, other), share * its)
        return _solve_banded(form, wanted, 2 * self.cells)


def _solve_banded(form: np.ndarray, wanted: np.ndarray, width: int) -> np.ndarray:
    """Solve form (n, n), positive definite, whose entries lie within `width` of the diagonal, for wanted (n, K): elimination by
    blocks, of which each touches its neighbours only."""
    blocks = [slice(start, start + width) for start in range(0, len(form), width)]
    ahead: list[np.ndarray] = []
    solved: list[np.ndarray] = []
    for k, here in enumerate(blocks):
        pivot, right = form[here, here], wanted[here]
        after = form[here, blocks[k + 1]] if k + 1 < len(blocks) else form[here, :0]
        if k:
            before = form[here, blocks[k - 1]]
            pivot, right = pivot - before @ ahead[-1], right - before @ solved[-1]
        both = np.linalg.solve(pivot, np.concatenate([after, right], 1))
        ahead.append(both[:, : after.shape[1]])
        solved.append(both[:, after.shape[1] :])
    for k in range(len(blocks) - 2, -1, -1):
        solved[k] = solved[k] - ahead[k] @ solved[k + 1]
    return np.concatenate(solved)


def modes_of(moved: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Principal components, not centred, of one layer's points: moved (N, n, 2) -> amounts (N, MODES) and modes
    (MODES, n, 2). Scaled so that an amount of 1 moves the points by a pixel, root mean square."""
    flat = moved.reshape(len(moved), -1).astype(np.float32)
    modes = _principal(flat.T @ flat, MODES).T * moved.shape[1] ** 0.5
    modes = np.concatenate([modes, np.zeros((MODES - len(modes), flat.shape[1]))])
    amounts = flat @ modes.T / moved.shape[1]
    return amounts.astype(np.float32), modes.reshape(MODES, -1, 2)


def _principal(form: np.ndarray, count: int) -> np.ndarray:
    """The principal vectors (n, count) of a symmetric form, by subspace iteration: quicker than all of them, and those that
    matter are exact."""
    form = form.astype(np.float64)
    count = min(count, len(form))
    wide = min(count + 16, len(form))
    vectors = np.random.default_rng(0).normal(size=(len(form), wide))
    for _ in range(ITERATIONS):
        vectors = np.linalg.qr(form @ vectors)[0]
    turned = np.linalg.eigh(vectors.T @ form @ vectors)[1]
    return np.asarray(vectors @ turned[:, ::-1][:, :count])


def fit_modes(
    points: np.ndarray, rest: np.ndarray, counts: tuple[int, ...], spans: tuple[Box, ...], cells: int
) -> tuple[np.ndarray, np.ndarray]:
    """Every layer's modes on its cells, (L, MODES, 2, cells, cells) float32 pixels, and how far each goes, (N, L, MODES) float32.

    points: (N, P, 2) in pixels, `counts` of them for each layer; rest: (P, 2), where these lie on the textures; spans: of the
    layers."""
    plate = ThinPlate(cells)
    start, fields, how_far = 0, [], []
    for (x, y, w, h), count in zip(spans, counts, strict=True):
        part = slice(start, start + count)
        amounts, modes = modes_of(points[:, part] - rest[part])
        on_span = (rest[part].astype(np.float64) - (x, y)) / (w, h) * cells
        field = plate.through(on_span, modes.transpose(1, 0, 2).reshape(count, -1))
        fields.append(field.reshape(cells, cells, MODES, 2).transpose(2, 3, 0, 1).astype(np.float32))
        how_far.append(amounts)
        start += count
    return np.stack(fields), np.stack(how_far, 1)
