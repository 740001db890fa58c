"""Commands about training avatars of drawn characters: train, export, evaluate."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from liveavatar.app.console import ProgressBars, ending_politely
from liveavatar.base.messages import say
from liveavatar.cli.options import require_file, require_writable
from liveavatar.cli.trainings import (
    BatchOption,
    DryRunOption,
    RunOption,
    SeedOption,
    StepsOption,
    WorkersOption,
    get_ready,
    going_on,
    work_kept,
)
from liveavatar.language import tr

if TYPE_CHECKING:
    from liveavatar.training.progress import Progress
    from liveavatar.training.schedule import Options
    from liveavatar.training.trainer import Trainer


RigOption = Annotated[str, typer.Option(help=tr("character to learn from", "要学习的角色"))]
NameOption = Annotated[
    str | None, typer.Option(help=tr("name of the avatar (the rig's)", "形象名称 （默认同角色）"))
]
OutputOption = Annotated[
    Path | None,
    typer.Option(help=tr("folder for the package (user data)", "形象包文件夹 （用户数据目录）")),
]
FramesOption = Annotated[int, typer.Option(min=8, max=10**6, help=tr("training pictures", "训练图片数"))]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command(help=tr("Train an avatar from a drawn character.", "用绘制的角色训练形象。"))(train)
    app.command(help=tr("Write a training run's avatar package.", "把训练结果导出为形象包。"))(export)
    app.command(help=tr("Measure an avatar against its teacher.", "对照教师画面评估形象质量。"))(evaluate)


def train(
    rig: RigOption = "hoshi",
    name: NameOption = None,
    output: OutputOption = None,
    frames: FramesOption = 1500,
    steps: StepsOption = 800,
    batch: BatchOption = 8,
    seed: SeedOption = 1,
    workers: WorkersOption = None,
    run: RunOption = None,
    dry_run: DryRunOption = False,
) -> None:
    """Render pairs, train (resumes by itself), export, check, and write the avatar package."""
    from liveavatar.rigs import open_rig

    get_ready()
    from liveavatar.training.evaluate import default_workers, save_figures
    from liveavatar.training.evaluate import evaluate as measure
    from liveavatar.training.schedule import Options

    workers = workers or default_workers()
    options = Options(rig=rig, frames=frames, steps=steps, batch=batch, seed=seed, workers=workers, run=run)
    open_rig(rig)
    if dry_run:
        _print_plan(options)
        return
    _require_place(name or rig, output)
    with ProgressBars(keep=True) as bars, ending_politely():
        trainer = taught(options, bars)
        avatar = _write(trainer, name or rig, output)
        bars.say(tr("measuring on held-out expressions", "用未训练过的表情评估"))
        result = measure(avatar, None, 1, workers, None, bars.task(tr("teacher", "教师画面")))
    save_figures(avatar, result)
    _print(result)


def taught(options: "Options", bars: ProgressBars) -> "Trainer":
    """Train to the last step, from wherever an earlier call was stopped. Raises TrainingError."""
    from liveavatar.training.prepared import prepare
    from liveavatar.training.trainer import Trainer

    with work_kept(options.folder(), bars):
        progress = _progress(bars)
        trainer = Trainer(prepare(options, progress), progress)
        if trainer.step:
            bars.say(going_on(trainer.step))
        trainer.run()
    return trainer


def export(
    rig: Annotated[str, typer.Option(help=tr("character of the run", "训练的角色"))] = "hoshi",
    name: Annotated[
        str | None, typer.Option(help=tr("name of the avatar (the rig's)", "形象名称 （默认同角色）"))
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(help=tr("folder for the package (user data)", "形象包文件夹 （用户数据目录）")),
    ] = None,
    run: Annotated[
        Path | None, typer.Option(help=tr("folder of the run (cache)", "训练文件夹 （缓存）"))
    ] = None,
) -> None:
    """Write the package from the last checkpoint, finished or not."""
    import json

    from liveavatar.errors import TrainingError
    from liveavatar.training import require

    require()
    from liveavatar.training.prepared import prepare
    from liveavatar.training.schedule import Options
    from liveavatar.training.trainer import Trainer

    folder = Options(rig=rig, run=run).folder()
    if not (folder / "checkpoint.safetensors").is_file():
        raise TrainingError(
            tr(
                f"no checkpoint in {folder}. Run `liveavatar train --rig {rig}` first, or give --run.",
                f"{folder} 中没有检查点。请先运行 `liveavatar train --rig {rig}`，或指定 --run。",
            )
        )
    _require_place(name or rig, output)
    stored = json.loads((folder / "options.json").read_text(encoding="utf-8"))
    with ProgressBars(keep=True) as bars:
        trainer = Trainer(prepare(Options(**stored, run=run), _progress(bars)))
    _write(trainer, name or rig, output)


def evaluate(
    avatar: Annotated[str, typer.Option(help=tr("name or folder", "名称或文件夹"))] = "hoshi",
    clip: Annotated[
        Path | None,
        typer.Option(help=tr("use the conditions tracked from this video", "使用此视频跟踪到的控制量")),
    ] = None,
    every: Annotated[
        int, typer.Option(min=1, help=tr("take each N-th frame of the clip", "视频每 N 帧取一帧"))
    ] = 1,
    sheet: Annotated[Path | None, typer.Option(help=tr("PNG of the worst frames", "最差帧的 PNG"))] = None,
    workers: Annotated[
        int | None,
        typer.Option(min=1, max=256, help=tr("drawing processes (cores)", "绘制进程数 （核心数）")),
    ] = None,
    json_only: Annotated[
        bool, typer.Option("--json", help=tr("print the JSON line only", "只输出 JSON 行"))
    ] = False,
) -> None:
    """PSNR, SSIM and sharpness against the teacher, on held-out conditions or on a real clip's."""
    from liveavatar.avatar.library import find_avatar
    from liveavatar.training import require

    require()
    from liveavatar.training.evaluate import default_workers
    from liveavatar.training.evaluate import evaluate as measure

    found = find_avatar(avatar)
    if sheet is not None:
        require_file(sheet)
    with ProgressBars(keep=True, quiet=json_only) as bars:
        result = measure(
            found, clip, every, workers or default_workers(), sheet, bars.task(tr("teacher", "教师画面"))
        )
    _print(result, json_only)


def _print(result: dict[str, Any], json_only: bool = False) -> None:
    """The table, then the JSON line."""
    import json

    if not json_only:
        for key, value in result["psnr"].items():
            typer.echo(f"PSNR {key:12} {value:6.2f} dB")
        figures = result["ssim_head"], result["sharpness"], result["render_ms"]
        typer.echo(tr(f"SSIM head         {figures[0]:.4f}", f"SSIM 头部         {figures[0]:.4f}"))
        typer.echo(tr(f"sharpness         {figures[1]:.4f}", f"清晰度            {figures[1]:.4f}"))
        typer.echo(tr(f"render            {figures[2]:.2f} ms", f"渲染              {figures[2]:.2f} 毫秒"))
    typer.echo(json.dumps(result, ensure_ascii=False))


def _require_place(name: str, output: Path | None) -> None:
    """Raise AvatarError or OutputError now, not after an hour, where the package could not be written."""
    from liveavatar.avatar.library import avatar_folders, require_place
    from liveavatar.base.names import check_name
    from liveavatar.errors import AvatarError

    check_name(name, AvatarError)
    if output is not None:
        require_place(output)
    elif any((folder / name).is_dir() for folder in avatar_folders()[1:]):
        say(
            tr(
                f"{name!r} comes with liveavatar, too: the new one will be shown whenever that name is asked for, until "
                f"`liveavatar avatars remove {name}`. --name gives it another name.",
                f"{name!r} 也是 liveavatar 自带的形象：该名称将指向新的形象，直到运行 `liveavatar avatars remove {name}`。"
                "用 --name 可另取名称。",
            )
        )
    require_writable(output.absolute().parent if output is not None else avatar_folders()[0])


def _write(trainer: Any, name: str, output: Path | None) -> Any:
    from liveavatar.training.package import write_package

    avatar, parity = write_package(trainer, name, output)
    size = sum(f.stat().st_size for f in avatar.folder.iterdir()) / 1e6
    typer.echo(
        tr(
            f"avatar {avatar.name!r} written to {avatar.folder} ({size:.1f} MB); within {parity:.1f} dB of torch",
            f"形象 {avatar.name!r} 已写入 {avatar.folder}（{size:.1f} MB）；与 torch 的差异为 {parity:.1f} dB",
        )
    )
    return avatar


def _print_plan(options: "Options") -> None:
    """What a training would draw, do and write."""
    from liveavatar.fitting.layout import layout_for
    from liveavatar.fitting.sampling import sample
    from liveavatar.rigs import open_rig
    from liveavatar.training.prepared import LEAST_STILLS, STILLS, bytes_on_disk
    from liveavatar.training.schedule import STAGES

    name, frames, steps, size = options.rig, options.frames, options.steps, options.size
    rig = open_rig(name)
    layout = layout_for(rig, sample(frames, options.seed), size)
    stills = max(STILLS * frames, LEAST_STILLS)
    each, much = f"{frames} x {size}x{size}", f"{bytes_on_disk(layout, frames) / 1e9:.1f} GB"
    typer.echo(tr(f"rig          {name}: {len(rig.controls)} controls, {len(rig.LAYERS)} layers",
                  f"角色         {name}：{len(rig.controls)} 个控制量，{len(rig.LAYERS)} 个图层"))  # fmt: skip
    typer.echo(tr(f"data set     {each}, {stills} of eyes and mouth, {much}, {options.workers} processes",
                  f"数据集       {each}，眼和嘴的画面 {stills} 幅，{much}，{options.workers} 个进程"))  # fmt: skip
    typer.echo(tr(f"training     {steps} steps of {options.batch}: ", f"训练         {steps} 步，每步 {options.batch} 幅：")
               + ", ".join(f"{s[0]} {round(s[1] * steps)}" for s in STAGES))  # fmt: skip
    typer.echo(tr(f"run folder   {options.folder()}", f"训练文件夹   {options.folder()}"))


def _progress(bars: ProgressBars) -> "Progress":
    """What a training tells, as bars."""
    from liveavatar.training.progress import Progress

    course = bars.task("")
    return Progress(
        rendering=bars.task(tr("drawing", "绘制")),
        motion=bars.task(tr("motion", "运动")),
        patches=bars.task(tr("patches", "局部贴图")),
        training=lambda step, steps, stage: course(step, steps, tr(f"training: {stage}", f"训练：{stage}")),
    )
