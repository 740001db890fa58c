"""The map of the code, docs/map.md, and scripts/README.md, from the first sentences of the modules: python scripts/map.py"""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CODE = ("liveavatar", "benchmarks", "scripts", "examples")
WIDTH = 120
"""Characters of a description."""

ENGLISH = """# Map of the code

[中文](map.zh-CN.md)

Where a frame goes: `cameras/` -> `trackers/` -> `retargeting/` -> `renderers/` -> `outputs/`, joined by `live/` or `pipeline.py`.
Where an avatar comes from: `portrait/` makes one of a picture; `fitting/` fits one to a teacher in `rigs/`, `training/` learns
it; all write what `avatar/` reads. Read first: `types.py`, `stages.py`, `controls.py`, `pipeline.py`. Why it lies so:
[design.md](design.md#layout).
`tests/` mirrors `liveavatar/`; beside it lie contracts/, architecture/, hostile/, e2e/ (a virtual machine) and helpers/.
`weights/` holds the avatars that ship, each with [a page](avatars/hoshi.md).

Made by `python scripts/map.py` from the first sentence of each file; a test says when it is not current.
"""
CHINESE = """# 代码地图

[English](map.md)

一帧画面的去向：`cameras/` -> `trackers/` -> `retargeting/` -> `renderers/` -> `outputs/`，由 `live/` 或 `pipeline.py` 连接。
形象的来历：`portrait/` 由一张图片制作；`fitting/` 按 `rigs/` 中的教师拟合，`training/` 向其学习；写出的都由 `avatar/` 读取。
先读：`types.py`、`stages.py`、`controls.py`、`pipeline.py`。为何如此布局：[design.zh-CN.md](design.zh-CN.md#布局)。
`tests/` 与 `liveavatar/` 对应；另有 contracts/、architecture/、hostile/、e2e/（虚拟机）和 helpers/。
`weights/` 存放随附的形象，各有[一页介绍](avatars/hoshi.zh-CN.md)。

由 `python scripts/map.py` 取每个文件说明的第一句生成（因此下面是英文）；过时的话，测试会指出。
"""
SCRIPTS = """# Scripts

Run from a checkout: `python scripts/NAME.py`. Nothing here is needed to play or train avatars.
在源码目录中运行：`python scripts/NAME.py`。使用或训练形象都不需要它们。

"""


def said(path: Path) -> str:
    """The first sentence of a module's docstring, without the command that runs it."""
    text = " ".join((ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").split())
    text = re.split(r"(?<=[^.])[.:;] (?=[A-Z]|python )|: (?=`?python )", text)[0].removesuffix(".")
    return text if len(text) <= WIDTH else text[: WIDTH - 3].rsplit(" ", 1)[0] + " ..."


def tree(folder: Path, depth: int = 0) -> list[str]:
    """A line for each folder and each module in it, folders last."""
    init = folder / "__init__.py"
    lines = [line(folder.name + "/", depth, said(init) if init.is_file() else "")]
    for path in sorted(folder.glob("*.py")):
        if path != init:
            lines.append(line(path.name, depth + 1, said(path)))
    for path in sorted(p for p in folder.iterdir() if p.is_dir() and any(p.rglob("*.py"))):
        lines += tree(path, depth + 1)
    return lines


def line(name: str, depth: int, description: str) -> str:
    """ "  name.py   what it is": names in one column, the descriptions beside them."""
    indented = "    " * depth + name
    return f"{indented:<30}  {description}".rstrip()


def pages() -> dict[Path, str]:
    """Every file that this script writes, with its text."""
    trees = "\n\n".join("```\n" + "\n".join(tree(ROOT / name)) + "\n```" for name in CODE)
    rows = [f"- `{p.name}`: {said(p)}" for p in sorted((ROOT / "scripts").glob("*.py"))]
    packages = sorted(p.parent for p in (ROOT / "scripts").glob("*/__init__.py"))
    rows += [f"- `{p.name}/`: {said(p / '__init__.py')}" for p in packages]
    return {
        ROOT / "docs" / "map.md": f"{ENGLISH}\n{trees}\n",
        ROOT / "docs" / "map.zh-CN.md": f"{CHINESE}\n{trees}\n",
        ROOT / "scripts" / "README.md": SCRIPTS + "\n".join(rows) + "\n",
    }


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
        print(path.relative_to(ROOT))
