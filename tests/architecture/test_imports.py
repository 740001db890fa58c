"""Imports point one way, heavy packages load on use, and camera pictures have no way out."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "liveavatar"
FILES = sorted(PACKAGE.rglob("*.py"))

STAGES = ("cameras", "trackers", "renderers", "outputs")
COMMANDS = ("cli", "cli_running", "cli_training", "demo", "bench", "doctor", "__main__")
BASICS = (
    "types", "stages", "errors", "controls", "language", "mailbox", "timing", "smoothing", "springs", "idle",
    "compositing", "encoding", "provenance",
)  # fmt: skip


def name_of(path: Path) -> str:
    """ "outputs.video" for liveavatar/outputs/video.py; a package's __init__ has the package's name."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


def imports(path: Path) -> set[str]:
    """Full names of everything the file imports, anywhere in it; "a.b" also for `from a import b`."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def strings(path: Path) -> set[str]:
    """Modules named in "module:Class" strings, which are imported on use."""
    return {
        node.value.split(":")[0]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value.startswith("liveavatar.")
    }


def inside(path: Path) -> set[str]:
    """Modules of liveavatar the file imports, without the package's own name."""
    names = imports(path) | strings(path)
    return {name.removeprefix("liveavatar.") for name in names if name.startswith("liveavatar.")}


def touches(names: set[str], module: str) -> bool:
    return any(name == module or name.startswith(module + ".") for name in names)


def ids(path: Path) -> str:
    return name_of(path)


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_no_relative_imports(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        assert not (isinstance(node, ast.ImportFrom) and node.level)


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_only_training_imports_torch_and_only_the_cli_imports_training(path: Path) -> None:
    name = name_of(path)
    if not name.startswith("training"):
        assert not touches(imports(path), "torch")
        if name != "cli_training":
            assert not touches(inside(path), "training")


@pytest.mark.parametrize("stage", STAGES)
def test_stages_never_import_each_other_nor_what_uses_them(stage: str) -> None:
    above = ("live", "pipeline", *COMMANDS, *(other for other in STAGES if other != stage))
    for path in (PACKAGE / stage).glob("*.py"):
        assert not [module for module in above if touches(inside(path), module)], path.name


@pytest.mark.parametrize("module", ["live", "pipeline"])
def test_the_loops_know_stages_and_basics_only(module: str) -> None:
    known = inside(PACKAGE / f"{module}.py")
    assert {name.split(".")[0] for name in known} <= set(BASICS)


@pytest.mark.parametrize("module", BASICS)
def test_basics_import_basics_only(module: str) -> None:
    path = PACKAGE / f"{module}.py"
    assert {name.split(".")[0] for name in inside(path)} <= set(BASICS)


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_nothing_imports_the_commands(path: Path) -> None:
    if name_of(path) not in COMMANDS:
        assert not [command for command in COMMANDS if touches(inside(path), command)]


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_pyvirtualcam_is_imported_in_one_place(path: Path) -> None:
    assert touches(imports(path), "pyvirtualcam") == (name_of(path) == "outputs.virtualcam")


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_only_cameras_and_timing_read_the_clock(path: Path) -> None:
    name = name_of(path)
    if name.startswith(("cameras", "training")) or name in ("timing", "models", "cli_training"):
        return
    reads = {f"time.{clock}" for clock in ("time", "monotonic", "perf_counter", "sleep", "process_time")}
    used = {
        f"{node.value.id}.{node.attr}"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }
    assert not reads & (used | imports(path))


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_camera_pictures_cannot_reach_an_output(path: Path) -> None:
    """Only demo.py, which works on files, brings a Frame's picture together with an encoder."""
    name = name_of(path)
    if name.startswith("outputs"):
        assert not touches(inside(path), "types.Frame") and not touches(inside(path), "demo")
    if name in ("live", "pipeline"):
        assert not touches(inside(path), "encoding") and not touches(inside(path), "demo")
    if touches(inside(path), "encoding"):
        assert name in ("outputs.video", "demo")


def loaded_by(code: str) -> set[str]:
    """Names of the modules in memory after running the code in a fresh interpreter."""
    code += "\nimport sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


HEAVY = {"torch", "mediapipe", "cv2", "onnxruntime", "skia", "av", "matplotlib", "numpy", "pyvirtualcam"}


def test_the_command_line_loads_nothing_heavy() -> None:
    assert not HEAVY & loaded_by("import liveavatar.cli")
    assert not HEAVY & loaded_by("from liveavatar.cli import main\nassert main(['--help']) == 0")


@pytest.mark.parametrize(
    "module", ["live", "pipeline", "demo", "bench", "cameras", "trackers", "renderers", "outputs"]
)
def test_the_live_path_never_loads_torch(module: str) -> None:
    assert not {"torch", "mediapipe", "pyvirtualcam"} & loaded_by(f"import liveavatar.{module}")


@pytest.mark.skipif(sys.platform == "win32", reason="needs the resource module")
def test_help_is_quick() -> None:
    import resource

    def cpu() -> float:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    spent = []
    for _ in range(3):
        before = cpu()
        subprocess.run(
            [sys.executable, "-m", "liveavatar", "--help"], cwd=ROOT, capture_output=True, check=True
        )
        spent.append(cpu() - before)
    assert min(spent) < 0.3
