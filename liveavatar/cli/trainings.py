"""What the commands that train share: their options, how they get ready, and how they stop."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from liveavatar.app.console import ProgressBars
from liveavatar.language import tr

StepsOption = Annotated[int, typer.Option(min=1, max=10**8, help=tr("optimizer steps", "优化步数"))]
BatchOption = Annotated[int, typer.Option(min=1, max=4096, help=tr("pictures a step", "每步图片数"))]
SeedOption = Annotated[
    int, typer.Option(min=0, max=2**63 - 1, help=tr("seed of everything random", "随机种子"))
]
WorkersOption = Annotated[
    int | None,
    typer.Option(min=1, max=256, help=tr("drawing processes (cores)", "绘制进程数 （核心数）")),
]
RunOption = Annotated[
    Path | None, typer.Option(help=tr("folder of this run (cache)", "本次训练的文件夹 （缓存）"))
]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help=tr("print the plan and exit", "只打印计划"))]


def get_ready() -> None:
    """Before torch is loaded. Raises TrainingError where the train extra is missing."""
    from liveavatar.training import require

    # Waiting threads spin for a moment only: spinning on, steps would take several times as long where other programs run
    # too, and without any, half as long again.
    os.environ.setdefault("GOMP_SPINCOUNT", "20000")
    require()


@contextmanager
def work_kept(folder: Path, bars: ProgressBars) -> Iterator[None]:
    """On Ctrl-C it is told that a run's folder has all work so far."""
    try:
        yield
    except KeyboardInterrupt:
        bars.say(
            tr(
                f"stopped; all work so far is kept in {folder}. The same command goes on from there.",
                f"已停止；目前的进度保存在 {folder}。再次运行同一命令即可继续。",
            )
        )
        raise


def going_on(step: int) -> str:
    """What is said of a training that was stopped before."""
    return tr(f"going on at step {step}", f"从第 {step} 步继续")
