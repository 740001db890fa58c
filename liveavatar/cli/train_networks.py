"""Commands that train the networks that all avatars share: train-identity, -landmarks, -eyes, -mouth, -layers, -voice."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Protocol

import typer

from liveavatar.app.console import ProgressBars, ending_politely
from liveavatar.cli.options import require_file, require_writable
from liveavatar.cli.trainings import (
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

NetworkOption = Annotated[
    Path | None,
    typer.Option(help=tr("file of the network (in the run's folder)", "网络文件 （训练文件夹中）")),
]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
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
    steps: StepsOption = 7_000,
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
    with ProgressBars(keep=True) as bars, ending_politely(), work_kept(folder, bars):
        yield bars


class _Resumable(Protocol):
    step: int

    def run(self, tell: Callable[[int, int], None]) -> None: ...


def _go_on(trainer: _Resumable, bars: ProgressBars, what: str | None = None) -> None:
    """Train to the last step, from where an earlier run stopped."""
    if trainer.step:
        bars.say(going_on(trainer.step))
    trainer.run(bars.task(what or tr("training", "训练")))
