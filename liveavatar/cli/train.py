"""Commands that train: train and its kin, export, evaluate. The only door to liveavatar.training."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Protocol

import typer

from liveavatar.app.console import ProgressBars, ending_politely
from liveavatar.base.messages import say
from liveavatar.cli.options import require_file, require_writable
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
NetworkOption = Annotated[
    Path | None,
    typer.Option(help=tr("file of the network (in the run's folder)", "网络文件 （训练文件夹中）")),
]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help=tr("print the plan and exit", "只打印计划"))]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command(help=tr("Train an avatar from a drawn character.", "用绘制的角色训练形象。"))(train)
    app.command(
        "train-identity",
        help=tr("Train the generator of new characters.", "训练生成新角色的生成器。"),
    )(train_identity)
    app.command(
        "train-landmarks",
        help=tr("Train the finder of drawn faces.", "训练插画面部定位网络。"),
    )(train_landmarks)
    app.command(
        "train-eyes",
        help=tr(
            "Train what takes drawn eyes apart and finishes their lids.", "训练拆分插画眼部并补全眼睑的网络。"
        ),
    )(train_eyes)
    app.command(
        "train-mouth",
        help=tr("Train the network that mends mouths of drawings.", "训练修整插画嘴部的网络。"),
    )(train_mouth)
    app.command(
        "train-layers",
        help=tr("Train what takes drawings apart into layers.", "训练把插画拆分为图层的网络。"),
    )(train_layers)
    app.command(
        "train-voice",
        help=tr("Train the generator of voices on a folder of speech.", "用语音文件夹训练人声生成器。"),
    )(train_voice)
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


def get_ready() -> None:
    """Before torch is loaded. Raises TrainingError where the train extra is missing."""
    from liveavatar.training import require

    # Waiting threads spin for a moment only: spinning on, steps would take several times as long where other programs run
    # too, and without any, half as long again.
    os.environ.setdefault("GOMP_SPINCOUNT", "20000")
    require()


def taught(options: "Options", bars: ProgressBars) -> "Trainer":
    """Train to the last step, from wherever an earlier call was stopped. Raises TrainingError."""
    from liveavatar.training.prepared import prepare
    from liveavatar.training.trainer import Trainer

    with _work_kept(options.folder(), bars):
        progress = _progress(bars)
        trainer = Trainer(prepare(options, progress), progress)
        if trainer.step:
            bars.say(_going_on(trainer.step))
        trainer.run()
    return trainer


def train_identity(
    steps: StepsOption = 4000,
    characters: Annotated[
        int, typer.Option(min=96, max=10**6, help=tr("characters to learn from", "学习的角色数"))
    ] = 10_000,
    batch: Annotated[int, typer.Option(min=6, max=3 * 1024, help=tr("characters a step", "每步角色数"))] = 96,
    seed: SeedOption = 1,
    run: RunOption = None,
    output: Annotated[
        Path | None,
        typer.Option(help=tr("file of the generator (in the run's folder)", "生成器文件 （训练文件夹中）")),
    ] = None,
    dry_run: DryRunOption = False,
) -> None:
    """Draw characters of the population, train a generator and its critics against them, write the generator."""
    get_ready()
    from liveavatar.training.identity.sheets import write_generator
    from liveavatar.training.identity.trainer import Options as Course
    from liveavatar.training.identity.trainer import Trainer

    course = Course(steps, characters, batch // 3 * 3, seed, run)
    file = output or course.folder() / "identity-gan.npz"
    if dry_run:
        _print_course(course.folder(), characters, steps, course.batch)
        typer.echo(tr(f"generator    {file}", f"生成器       {file}"))
        return
    require_file(file)
    with _training(course.folder()) as bars:
        trainer = Trainer(course, bars.task(tr("population", "角色")))
        _go_on(trainer, bars)
        write_generator(trainer, file)
    typer.echo(tr(f"generator written to {file}", f"生成器已写入 {file}"))


def train_landmarks(
    steps: StepsOption = 1600,
    characters: Annotated[
        int, typer.Option(min=1, max=10**5, help=tr("characters to learn from", "学习的角色数"))
    ] = 420,
    batch: Annotated[int, typer.Option(min=1, max=1024, help=tr("faces a step", "每步面部数"))] = 8,
    seed: SeedOption = 1,
    workers: WorkersOption = None,
    run: RunOption = None,
    output: Annotated[
        Path | None,
        typer.Option(help=tr("folder for the networks (the run's)", "网络文件夹 （训练文件夹）")),
    ] = None,
    dry_run: DryRunOption = False,
) -> None:
    """Draw characters with true points, train on them in ever other hands and weathers, write the networks."""
    get_ready()
    from liveavatar.training.evaluate import default_workers
    from liveavatar.training.landmarks.faces import EACH
    from liveavatar.training.landmarks.onnx import write_onnx
    from liveavatar.training.landmarks.trainer import VIEWS, Trainer
    from liveavatar.training.landmarks.trainer import Options as Course

    course = Course(steps, characters, batch, seed, run)
    folder = output or course.folder()
    if dry_run:
        pictures, views = characters * EACH, VIEWS * batch
        typer.echo(
            tr(
                f"data set     {characters} characters, {pictures} pictures",
                f"数据集       {characters} 个角色，{pictures} 张图片",
            )
        )
        typer.echo(
            tr(
                f"training     {steps} steps of {views} faces and {batch} scenes",
                f"训练         {steps} 步，每步 {views} 张面部与 {batch} 个场景",
            )
        )
        typer.echo(tr(f"run folder   {course.folder()}", f"训练文件夹   {course.folder()}"))
        typer.echo(tr(f"networks     {folder}", f"网络         {folder}"))
        return
    require_writable(folder)
    with _training(course.folder()) as bars:
        trainer = Trainer(course, workers or default_workers(), bars.task(tr("drawing", "绘制")))
        _go_on(trainer, bars)
        paths = write_onnx(trainer.averages, folder)
    for path in paths:
        typer.echo(tr(f"network written to {path}", f"网络已写入 {path}"))


def train_layers(
    steps: StepsOption = 3000,
    characters: Annotated[
        int, typer.Option(min=24, max=10**6, help=tr("characters to learn from", "学习的角色数"))
    ] = 3000,
    batch: Annotated[int, typer.Option(min=1, max=1024, help=tr("pictures a step", "每步图片数"))] = 8,
    seed: SeedOption = 1,
    run: RunOption = None,
    output: NetworkOption = None,
    dry_run: DryRunOption = False,
) -> None:
    """Draw characters of the population in layers, train a network to find these in pictures, write it."""
    get_ready()
    from liveavatar.training.layers.trainer import Options as Course
    from liveavatar.training.layers.trainer import Trainer

    course = Course(steps, characters, batch, seed, run)
    file = output or course.folder() / "layers.onnx"
    if dry_run:
        _print_course(course.folder(), characters, steps, batch)
        typer.echo(tr(f"network      {file}", f"网络         {file}"))
        return
    require_file(file)
    with _training(course.folder()) as bars:
        trainer = Trainer(course, bars.task(tr("population", "角色")))
        _go_on(trainer, bars)
        trainer.write_network(file)
        for name, figure in trainer.quality().items():
            typer.echo(f"{name:12} {figure:.3f}")
    typer.echo(tr(f"network written to {file}", f"网络已写入 {file}"))


def train_eyes(
    steps: StepsOption = 1000,
    characters: Annotated[
        int, typer.Option(min=16, max=10**6, help=tr("characters to learn from", "学习的角色数"))
    ] = 500,
    batch: Annotated[int, typer.Option(min=1, max=1024, help=tr("eyes a step", "每步眼睛数"))] = 12,
    seed: SeedOption = 1,
    run: RunOption = None,
    output: Annotated[
        Path | None,
        typer.Option(help=tr("folder for the two networks (the run's)", "两个网络的文件夹 （训练文件夹）")),
    ] = None,
    dry_run: DryRunOption = False,
) -> None:
    """Train a network to take drawn eyes apart, then, against a critic, the one that finishes lids drawn of such parts."""
    get_ready()
    from liveavatar.training.eyes.lids import taught as lids_taught
    from liveavatar.training.eyes.trainer import Options as Course
    from liveavatar.training.eyes.trainer import Trainer
    from liveavatar.training.morpher.trainer import join_others

    course = Course(steps, characters, batch, seed, run)
    place = output or course.folder()
    apart, lids = place / "eyes.onnx", place / "eyelids.onnx"
    if dry_run:
        _print_course(course.folder(), characters, steps, batch)
        typer.echo(tr(f"networks     {apart}, {lids}", f"网络         {apart}、{lids}"))
        return
    require_writable(place)
    join_others()
    with _training(course.folder()) as bars:
        trainer = Trainer(course, bars.task(tr("population", "角色")))
        _go_on(trainer, bars, tr("taking apart", "拆分"))
        trainer.write_network(apart)
        lids_taught(course, apart, lids, bars.task(tr("lids", "眼睑")))
        for name, figure in trainer.quality().items():
            typer.echo(f"{name:12} {figure:.3f}")
    typer.echo(tr(f"networks written to {place}", f"网络已写入 {place}"))


def train_mouth(
    steps: StepsOption = 3000,
    characters: Annotated[
        int, typer.Option(min=64, max=10**6, help=tr("characters to learn from", "学习的角色数"))
    ] = 350,
    batch: Annotated[int, typer.Option(min=2, max=1024, help=tr("mouths a step", "每步嘴部数"))] = 6,
    seed: SeedOption = 1,
    run: RunOption = None,
    output: NetworkOption = None,
    dry_run: DryRunOption = False,
) -> None:
    """Draw pairs of mouths of the population, then train against a critic the network that mends drafts of them."""
    get_ready()
    from liveavatar.training.dataset import cache_folder
    from liveavatar.training.morpher import mouths
    from liveavatar.training.morpher.trainer import Course

    course = Course(run or cache_folder() / "runs" / "mouth", steps, batch, seed)
    file = output or course.run / "mouth.onnx"
    if dry_run:
        _print_course(course.run, characters, steps, batch)
        typer.echo(tr(f"network      {file}", f"网络         {file}"))
        return
    require_file(file)
    with _training(course.run) as bars:
        found = mouths.taught(course, characters, file, bars.task(tr("population", "角色")))
    for name, figure in found.items():
        typer.echo(f"{name:12} {figure:.3f}")
    typer.echo(tr(f"network written to {file}", f"网络已写入 {file}"))


def train_voice(
    data: Annotated[
        Path,
        typer.Option(
            help=tr(
                "folder of speech: a sound file, or a folder, for each speaker",
                "语音文件夹：每位说话人一个声音文件或一个文件夹",
            )
        ),
    ],
    steps: StepsOption = 12_000,
    batch: Annotated[
        int, typer.Option(min=2, max=1024, help=tr("pieces of speech a step", "每步语音段数"))
    ] = 4,
    seed: SeedOption = 1,
    run: RunOption = None,
    output: NetworkOption = None,
    dry_run: DryRunOption = False,
) -> None:
    """Read speech, hear its features, train a generator to speak from them against critics, write it."""
    get_ready()
    from liveavatar.training.voice.corpus import prepared
    from liveavatar.training.voice.onnx import write_network
    from liveavatar.training.voice.speech import sounds_in
    from liveavatar.training.voice.trainer import Options as Course
    from liveavatar.training.voice.trainer import Trainer

    course = Course(data.expanduser(), steps, batch, seed, run)
    file = output or course.folder() / "voice.onnx"
    speakers = sounds_in(course.data)
    if dry_run:
        typer.echo(tr(f"speakers     {', '.join(speakers)}", f"说话人       {'、'.join(speakers)}"))
        typer.echo(tr(f"training     {steps} steps of {batch}", f"训练         {steps} 步，每步 {batch} 段"))
        typer.echo(tr(f"run folder   {course.folder()}", f"训练文件夹   {course.folder()}"))
        typer.echo(tr(f"network      {file}", f"网络         {file}"))
        return
    require_file(file)
    require_writable(course.folder(), "--run")
    with _training(course.folder()) as bars:
        trainer = Trainer(
            course, prepared(course.data, course.folder(), bars.task(tr("listening", "读取语音")))
        )
        _go_on(trainer, bars)
        write_network(trainer.average, file)
        for name, figure in trainer.quality().items():
            typer.echo(f"{name:12} {figure:.3f}")
    typer.echo(tr(f"network written to {file}", f"网络已写入 {file}"))


def _print_course(folder: Path, characters: int, steps: int, batch: int) -> None:
    """What a training against the population would do."""
    typer.echo(
        tr(f"data set     {characters} characters of the population", f"数据集       {characters} 个角色")
    )
    typer.echo(tr(f"training     {steps} steps of {batch}", f"训练         {steps} 步，每步 {batch} 个"))
    typer.echo(tr(f"run folder   {folder}", f"训练文件夹   {folder}"))


@contextmanager
def _training(folder: Path) -> Iterator[ProgressBars]:
    """Within it a training against the population works, in this folder."""
    with ProgressBars(keep=True) as bars, ending_politely(), _work_kept(folder, bars):
        yield bars


@contextmanager
def _work_kept(folder: Path, bars: ProgressBars) -> Iterator[None]:
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


def _going_on(step: int) -> str:
    return tr(f"going on at step {step}", f"从第 {step} 步继续")


class _Resumable(Protocol):
    step: int

    def run(self, tell: Callable[[int, int], None]) -> None: ...


def _go_on(trainer: _Resumable, bars: ProgressBars, what: str | None = None) -> None:
    """Train to the last step, from where an earlier run stopped."""
    if trainer.step:
        bars.say(_going_on(trainer.step))
    trainer.run(bars.task(what or tr("training", "训练")))


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
