"""The morpher mends drafts, goes on where it stopped, is the same as a graph, and is trained by several processes."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from liveavatar.training.morpher import graph, pairs
from liveavatar.training.morpher.pairs import Pairs
from liveavatar.training.morpher.trainer import Course, Trainer, finished

SIZE = 24


@pytest.fixture
def crops() -> Pairs:
    """Squares whose drafts are too dark: how light they are shows in the source."""
    random = np.random.default_rng(1)
    light = random.integers(80, 220, 16)
    source = np.full((16, SIZE, SIZE, 4), 255, np.uint8)
    source[..., :3] = light[:, None, None, None]
    of = np.arange(48) % 16
    truth = np.zeros((48, SIZE, SIZE, 4), np.uint8)
    truth[:, 6:18, 6:18] = 255
    draft = truth.copy()
    truth[:, 6:18, 6:18, :3] = light[of][:, None, None, None]
    draft[:, 6:18, 6:18, :3] = 60
    return Pairs(("jawOpen",), source, of, draft, truth, random.random((48, 1)).astype(np.float32))


def test_it_mends_what_drafts_lack_and_goes_on(crops: Pairs, tmp_path: Path) -> None:
    course = Course(tmp_path, steps=60, batch=4, held=4, alone=0.5)
    trainer = Trainer(crops, course)
    trainer.run()
    found = trainer.judge()
    assert found["psnr"] > found["psnr_draft"] + 3
    again = Trainer(crops, course)
    assert again.step == 60
    assert again.judge()["psnr"] == pytest.approx(found["psnr"], abs=0.01)


def test_pairs_are_read_back(crops: Pairs, tmp_path: Path) -> None:
    crops.save(tmp_path)
    read = pairs.load(tmp_path).part(4, 8)
    assert set(read.of) == {0, 1, 2, 3}
    assert (read.truth == crops.truth[(crops.of >= 4) & (crops.of < 8)]).all()


def test_the_graph_draws_the_same_at_any_size(crops: Pairs, tmp_path: Path) -> None:
    network = Trainer(crops, Course(tmp_path, held=4)).average
    with torch.no_grad():
        network.leave.weight.normal_(0, 0.05)
    graph.write(network, 4, 1, tmp_path / "m.onnx")
    draft, source, condition = torch.rand(1, 4, 32, 48), torch.rand(1, 4, 32, 48), torch.rand(1, 1)
    session = onnxruntime.InferenceSession(tmp_path / "m.onnx")
    names = {"draft": draft, "source": source, "condition": condition}
    (made,) = session.run(None, {name: value.numpy() for name, value in names.items()})
    with torch.no_grad():
        wanted = finished(network(draft, source, condition)).numpy()
    assert np.abs(np.asarray(made) - wanted).max() < 0.01


TWO = """
import sys
from pathlib import Path
import torch
from liveavatar.training.morpher import pairs
from liveavatar.training.morpher.trainer import Course, Trainer, join_others
join_others()
folder = Path(sys.argv[1])
trainer = Trainer(pairs.load(folder / "pairs"), Course(folder / "run", steps=6, batch=2, held=4, alone=0.2))
trainer.run()
values = torch.cat([p.detach().flatten() for p in (*trainer.network.parameters(), *trainer.critic.parameters())])
others = [torch.empty_like(values) for _ in range(trainer.workers)]
torch.distributed.all_gather(others, values)
assert trainer.workers == 2 and (others[0] == others[1]).all() and (trainer.step == 6)
"""


def test_two_processes_learn_the_same(crops: Pairs, tmp_path: Path) -> None:
    crops.save(tmp_path / "pairs")
    script = tmp_path / "two.py"
    script.write_text(TWO, encoding="utf-8")
    start = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    done = subprocess.run([*start, str(script), str(tmp_path)], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    assert (tmp_path / "run" / "checkpoint.safetensors").is_file()
