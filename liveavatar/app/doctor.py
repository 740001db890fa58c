"""Says what works on this machine and what does not, with what to do about it. Changes nothing unless asked to."""

import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import replace

from liveavatar.app.checks import CHECKS, FAILURE, OK, WARNING, Finding
from liveavatar.base.files import expanded
from liveavatar.base.messages import say
from liveavatar.base.plain_text import plain
from liveavatar.errors import LiveAvatarError
from liveavatar.language import Text, tr

STATES = {OK: Text("ok", "正常"), WARNING: Text("note", "注意"), FAILURE: Text("FAIL", "失败")}
PARTS = {
    "libraries": Text("libraries", "系统库"),
    "reports": Text("reports", "上报"),
    "model": Text("face model", "人脸模型"),
    "avatar": Text("avatar", "形象"),
    "provider": Text("provider", "计算设备"),
    "gpu": Text("GPU", "显卡"),
    "running": Text("running", "正在运行"),
    "camera": Text("camera", "摄像头"),
    "virtual camera": Text("virtual camera", "虚拟摄像头"),
    "virtual cable": Text("virtual cable", "虚拟声卡"),
}
"""What parts are called on the page; others by their own names."""


def examine() -> Iterator[Finding]:
    """Look at one thing after the other. A check that itself fails becomes a FAILURE.

    The texts may be pasted anywhere: the user's folder, which holds a name, is ~ in them."""
    for part, check in CHECKS:
        try:
            for finding in check():
                yield replace(finding, text=_nameless(finding.text), remedy=_nameless(finding.remedy))
        except LiveAvatarError as error:
            yield Finding(part, FAILURE, _nameless(str(error)))
        except Exception as error:  # whatever a broken installation throws is a finding
            yield Finding(part, FAILURE, _nameless(f"{type(error).__name__}: {error}"))


def _nameless(text: str) -> str:
    home = str(expanded("~"))
    return text.replace(home, "~") if len(home) > 1 else text


def line_of(finding: Finding) -> str:
    """A finding for the terminal, in columns; further lines of its text are indented."""
    from rich.cells import set_cell_size

    state, part = STATES[finding.state], PARTS.get(finding.part, Text(finding.part, finding.part))
    text = plain(finding.text).replace("\n", f"\n{'':<22}")
    return set_cell_size(tr(state.en, state.zh), 6) + set_cell_size(tr(part.en, part.zh), 16) + text


def repair(findings: Iterable[Finding]) -> bool:
    """Do what the findings bring as remedies, naming each first. Returns whether there was any."""
    repaired = False
    for finding in findings:
        if finding.fix is None:
            continue
        repaired = True
        say(tr(f"fixing {finding.part}: {finding.remedy}", f"正在修复 {finding.part}：{finding.remedy}"))
        try:
            finding.fix()
        except (LiveAvatarError, OSError, subprocess.SubprocessError) as error:
            say(tr(f"that failed: {error}", f"修复失败：{error}"))
    return repaired
