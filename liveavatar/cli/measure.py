"""The commands that look at this machine: cameras, doctor, bench."""

import json
from pathlib import Path
from typing import Annotated

import typer

from liveavatar.base.files import expanded
from liveavatar.base.messages import say
from liveavatar.bench.tables import bench_table, comparison_table
from liveavatar.cli.options import AvatarOption, DrawOption, ModelOption, ProviderOption, SizeOption, draw_of
from liveavatar.language import tr


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command(help=tr("List the cameras.", "列出摄像头。"))(cameras)
    app.command(
        help=tr("Say what works on this machine and what does not.", "检查这台电脑上什么正常、什么不正常。")
    )(doctor)
    app.command(help=tr("Measure speed, latency and memory.", "测量速度、延迟和内存。"))(bench)


def cameras() -> None:
    """List the cameras."""
    from liveavatar.cameras import describe_cameras, list_cameras

    typer.echo(describe_cameras(list_cameras()))


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
    draw: DrawOption = "auto",
    size: SizeOption = None,
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
    from liveavatar.media.compositing import parse_size
    from liveavatar.trackers.model_files import find_model

    parts = measuring.Parts(
        expanded(clip or SYNTHETIC),
        find_avatar(*([avatar] if avatar else [])),
        find_model(model),
        provider,
        draw_of(draw),
        parse_size(size) if size else None,
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
    from liveavatar.app.doctor import FAILURE, Finding, examine, line_of, repair

    def examined() -> list[Finding]:
        findings = []
        for finding in examine():
            if not as_json:
                typer.echo(line_of(finding))
            findings.append(finding)
        return findings

    findings = examined()
    if fix and repair(findings):
        findings = examined()
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
