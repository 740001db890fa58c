"""The commands that show and measure: cameras, avatars, doctor, bench."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from liveavatar.base.files import expanded
from liveavatar.base.messages import say
from liveavatar.base.plain_text import plain
from liveavatar.bench.tables import bench_table, comparison_table
from liveavatar.cli.options import AvatarOption, ModelOption, ProviderOption
from liveavatar.language import tr


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command(help=tr("List the cameras.", "列出摄像头。"))(cameras)
    avatars = typer.Typer(help=tr("The avatars there are.", "查看已有形象。"), no_args_is_help=True)
    avatars.command("list", help=tr("List names and folders.", "列出名称和文件夹。"))(list_)
    avatars.command("info", help=tr("Show an avatar's card.", "显示形象的说明。"))(info)
    avatars.command(
        "install", help=tr("Install an avatar from a folder or .zip.", "从文件夹或 .zip 安装形象。")
    )(install_)
    avatars.command("remove", help=tr("Delete an avatar you installed.", "删除你安装的形象。"))(remove_)
    app.add_typer(avatars, name="avatars")
    app.command(
        help=tr("Say what works on this machine and what does not.", "检查这台电脑上什么正常、什么不正常。")
    )(doctor)
    app.command(help=tr("Measure speed, latency and memory.", "测量速度、延迟和内存。"))(bench)


def cameras() -> None:
    """List the cameras."""
    from liveavatar.cameras import describe_cameras, list_cameras

    typer.echo(describe_cameras(list_cameras()))


def list_() -> None:
    """List the avatars."""
    from liveavatar.avatar.library import list_avatars

    for name, folder in list_avatars():
        typer.echo(plain(f"{name}\t{folder}"))


def install_(
    source: Annotated[Path, typer.Argument(help=tr("folder or .zip", "文件夹或 .zip"))],
    replace: Annotated[
        bool, typer.Option("--replace", help=tr("in place of one of the same name", "替换同名形象"))
    ] = False,
) -> None:
    """Install an avatar."""
    from liveavatar.avatar.install import install

    avatar = install(source, replace=replace, say=say)
    typer.echo(plain(f"{avatar.name}\t{avatar.folder}"))


def remove_(name: Annotated[str, typer.Argument(help=tr("name", "名称"))]) -> None:
    """Delete an avatar."""
    from liveavatar.avatar.install import remove

    place = remove(name)
    typer.echo(plain(tr(f"removed {place}", f"已删除 {place}")))


def info(
    name: Annotated[str | None, typer.Argument(help=tr("name or folder", "名称或文件夹"))] = None,
) -> None:
    """Show an avatar's card."""
    from liveavatar.avatar.library import find_avatar

    avatar = find_avatar(*([name] if name else []))
    head = {control: f"{low:+.2f} .. {high:+.2f} rad" for control, (low, high) in avatar.head_range.items()}
    megabytes = sum((avatar.folder / f).stat().st_size for f in avatar.files) / 1e6
    rows: list[tuple[str, Any]] = [
        (tr("name", "名称"), avatar.name),
        (tr("kind", "类型"), avatar.kind),
        (tr("folder", "文件夹"), avatar.folder),
        (tr("size", "尺寸"), f"{avatar.size[0]}x{avatar.size[1]}"),
        (
            tr("files", "文件"),
            tr(f"{megabytes:.2f} MB, sha256 as on the card", f"{megabytes:.2f} MB，sha256 与说明一致"),
        ),
        (tr("controls", "控制量"), len(avatar.controls)),
        (tr("head range", "头部范围"), head),
        (tr("licence", "许可"), avatar.licence),
        (tr("credits", "署名"), avatar.credits),
        (tr("consent", "肖像同意"), avatar.consent),
        (tr("made with", "制作方式"), avatar.made_with),
        (tr("figures", "实测数据"), avatar.figures),
    ]
    for label, value in rows:
        if isinstance(value, dict):
            typer.echo(f"{label}:")
            for key, entry in value.items():
                shown = entry if isinstance(entry, str) else json.dumps(entry, ensure_ascii=False)
                typer.echo(plain(f"  {key}: {shown}"))
        else:
            typer.echo(plain(f"{label}: {value}"))


def bench(
    clip: Annotated[
        Path | None, typer.Option(help=tr("video file with a face (built-in)", "含人脸的视频（内置）"))
    ] = None,
    seconds: Annotated[
        float, typer.Option(min=1, max=3600, help=tr("length of each long leg", "每项长测的秒数"))
    ] = 20.0,
    quick: Annotated[bool, typer.Option("--quick", help=tr("5 seconds each", "每项 5 秒"))] = False,
    json_only: Annotated[
        bool, typer.Option("--json", help=tr("the JSON line only", "只输出 JSON 行"))
    ] = False,
    avatar: AvatarOption = None,
    provider: ProviderOption = "auto",
    model: ModelOption = None,
    compared: Annotated[
        tuple[Path, Path] | None,
        typer.Option("--compare", help=tr("two reports side by side", "并排比较两份报告"), metavar="A B"),
    ] = None,
) -> None:
    """Measure; a table, then one JSON line."""
    if compared is not None:
        from liveavatar.bench.compare import compare, read_report

        comparison_table(compared, *compare(*(read_report(path) for path in compared)))
        return
    from liveavatar.avatar.library import find_avatar
    from liveavatar.bench import legs as measuring
    from liveavatar.cameras import SYNTHETIC
    from liveavatar.trackers.model_files import find_model

    parts = measuring.Parts(
        expanded(clip or SYNTHETIC),
        find_avatar(*([avatar] if avatar else [])),
        find_model(model),
        provider,
    )
    result = measuring.bench(
        parts,
        5.0 if quick else seconds,
        (lambda leg: None) if json_only else (lambda leg: say(f"... {leg}")),
    )
    if not json_only:
        bench_table(result)
    typer.echo(json.dumps(result, ensure_ascii=False, separators=(",", ":")))


def doctor(
    fix: Annotated[
        bool, typer.Option("--fix", help=tr("repair what can be repaired", "修复能修复的问题"))
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help=tr("one JSON line only", "只输出一行 JSON"))
    ] = False,
) -> None:
    """Examine; exit status 1 if something needed is broken."""
    import subprocess

    from rich.cells import set_cell_size

    from liveavatar.app.doctor import FAILURE, OK, WARNING, Finding, examine
    from liveavatar.errors import LiveAvatarError

    words = {OK: tr("ok", "正常"), WARNING: tr("note", "注意"), FAILURE: tr("FAIL", "失败")}
    parts = {
        "libraries": tr("libraries", "系统库"), "reports": tr("reports", "上报"), "model": tr("face model", "人脸模型"),
        "avatar": tr("avatar", "形象"), "provider": tr("provider", "计算设备"), "running": tr("running", "正在运行"),
        "camera": tr("camera", "摄像头"), "virtual camera": tr("virtual camera", "虚拟摄像头"),
    }  # fmt: skip

    def show(finding: Finding) -> None:
        if not as_json:
            part = parts.get(finding.part, finding.part)
            lines = plain(finding.text).replace("\n", f"\n{'':<22}")
            typer.echo(set_cell_size(words[finding.state], 6) + set_cell_size(part, 16) + lines)

    findings = []
    for finding in examine():
        show(finding)
        findings.append(finding)
    if fix:
        for finding in (f for f in findings if f.fix):
            say(tr(f"fixing {finding.part}: {finding.remedy}", f"正在修复 {finding.part}：{finding.remedy}"))
            assert finding.fix is not None
            try:
                finding.fix()
            except (LiveAvatarError, OSError, subprocess.SubprocessError) as error:
                say(tr(f"that failed: {error}", f"修复失败：{error}"))
        if any(f.fix for f in findings):
            findings = list(examine())
            for finding in findings:
                show(finding)
    if as_json:
        rows = [{"part": f.part, "state": f.state, "text": f.text, "remedy": f.remedy} for f in findings]
        typer.echo(json.dumps(rows, ensure_ascii=False))
    elif not fix and any(f.fix for f in findings):
        say(
            tr(
                "`liveavatar doctor --fix` can repair some of this.",
                "`liveavatar doctor --fix` 可以修复其中一部分。",
            )
        )
    if any(f.state == FAILURE for f in findings):
        raise typer.Exit(1)
