"""Imports point one way, heavy packages load on use, and camera pictures have no way out."""

import ast
import graphlib
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "liveavatar"

STAGES = ("cameras", "trackers", "retargeting", "renderers", "outputs")
LAYERS: tuple[tuple[str, ...], ...] = (
    ("errors", "language", "controls", "types", "stages"),
    ("base",),
    ("media",),
    ("avatar", "audio"),
    STAGES,
    ("landmarks",),
    ("live", "pipeline", "rigs"),
    ("portrait", "fitting"),
    ("training", "bench"),
    ("app",),
    ("cli", "api"),
    ("__main__",),
)
"""Folders and top-level modules, the lowest first. Each imports what is below it, never what stands beside it, but for the words
of the first row. docs/map.md says what is in each."""
PROCESSES = {"avatar.trial": "renderers.trial_process"}
"""Who starts which module in a process of its own, by name."""


def name_of(path: Path) -> str:
    """ "outputs.video" for liveavatar/outputs/video.py; a package's __init__ has the package's name."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


MODULES = {name_of(path): path.read_text(encoding="utf-8") for path in sorted(PACKAGE.rglob("*.py"))}
"""Name without "liveavatar." -> source."""


@cache
def nodes(module: str) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(ast.parse(MODULES[module])))


@cache
def imports(module: str) -> frozenset[str]:
    """Full names of everything the module imports, anywhere in it; "a.b" also for `from a import b`."""
    found = set()
    for node in nodes(module):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(found)


@cache
def inside(module: str) -> frozenset[str]:
    """Modules of liveavatar it imports, "module:Class" strings included, without the package's own name."""
    named = {
        node.value.split(":")[0]
        for node in nodes(module)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    prefix = "liveavatar."
    return frozenset(n.removeprefix(prefix) for n in imports(module) | named if n.startswith(prefix))


def touches(names: frozenset[str], module: str) -> bool:
    return any(name == module or name.startswith(module + ".") for name in names)


def test_the_package_was_found() -> None:
    assert {"types", "live.loop", "outputs", "outputs.video"} <= set(MODULES)


def test_no_relative_imports() -> None:
    assert not [m for m in MODULES for n in nodes(m) if isinstance(n, ast.ImportFrom) and n.level]


def test_only_training_imports_torch_and_only_the_cli_imports_training() -> None:
    others = [m for m in MODULES if not m.startswith("training")]
    assert not [m for m in others if touches(imports(m), "torch")]
    assert [m for m in others if touches(inside(m), "training")] == [
        "cli.gestures",
        "cli.improve",
        "cli.train",
        "cli.train_networks",
        "cli.trainings",
    ]


def test_every_module_has_a_layer() -> None:
    placed = [name for layer in LAYERS for name in layer]
    assert sorted({m.split(".")[0] for m in MODULES} - {"__init__"}) == sorted(placed)


def test_imports_point_down() -> None:
    rank = {name: k for k, layer in enumerate(LAYERS) for name in layer}
    wrong = []
    for module in MODULES:
        own = module.split(".")[0]
        for other in sorted(inside(module) - {PROCESSES.get(module)}):
            top = other.split(".")[0]
            if own == "__init__" or top == own or top not in rank:
                continue
            words = rank[own] == rank[top] == 0
            if rank[top] >= rank[own] and not words:
                wrong.append((module, other))
    assert not wrong


def test_nothing_inside_imports_the_python_api() -> None:
    """It is for programs that use liveavatar; only `import liveavatar` itself hands it out."""
    import liveavatar

    offered = frozenset(liveavatar.__all__)
    others = [m for m in MODULES if m != "__init__"]
    assert not [m for m in others if touches(inside(m), "api") or inside(m) & offered]


def test_no_module_imports_itself_by_way_of_others() -> None:
    """Imports for type checking alone are left out."""

    def runs(module: str) -> set[str]:
        tree = ast.parse(MODULES[module])
        for node in ast.walk(tree):
            if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING":
                node.body = []
        found = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
        return {name.removeprefix("liveavatar.") for name in found} & set(MODULES)

    graphlib.TopologicalSorter({module: runs(module) - {module} for module in MODULES}).prepare()


def test_the_loops_open_no_part_themselves() -> None:
    """They are given what implements the contracts; of the stages' code they know how an avatar idles only."""
    loops = [m for m in MODULES if m.split(".")[0] in ("live", "pipeline")]
    known = {name for m in loops for name in inside(m) if name.split(".")[0] in STAGES}
    assert known <= {"retargeting.idle", "retargeting.idle.idle"}


def test_pyvirtualcam_is_imported_in_one_place() -> None:
    assert [m for m in MODULES if touches(imports(m), "pyvirtualcam")] == ["outputs.virtualcam"]


def test_moderngl_is_imported_in_one_place() -> None:
    assert [m for m in MODULES if touches(imports(m), "moderngl")] == ["base.opengl"]


def test_only_cameras_and_timing_read_the_clock_on_the_live_path() -> None:
    clocks = {f"time.{name}" for name in ("time", "monotonic", "perf_counter", "sleep", "process_time")}

    def reads(module: str) -> set[str]:
        used = {
            f"{node.value.id}.{node.attr}"
            for node in nodes(module)
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
        }
        return clocks & (used | imports(module))

    allowed = ("cameras", "base.timing", "training", "cli.train", "trackers.model_files")
    assert not [m for m in MODULES if not m.startswith(allowed) and reads(m)]


def test_camera_pictures_cannot_reach_an_output() -> None:
    """Only demo.py, which works on files, brings a Frame's picture together with an encoder."""
    outputs = [m for m in MODULES if m.split(".")[0] == "outputs"]
    assert not [m for m in outputs if touches(inside(m), "types.Frame")]
    assert not [m for m in (*outputs, "live.loop", "live.line", "pipeline") if touches(inside(m), "app.demo")]
    assert {m for m in MODULES if touches(inside(m), "media.video_writer")} == {"outputs.video", "app.demo"}


def test_plugins_cannot_see_a_camera_picture() -> None:
    """What other programs may ask is answered from controls, names and the framing."""
    doors = [m for m in MODULES if m.startswith("app.vts")]
    sight = (
        "types.Frame",
        "types.Face",
        "types.AvatarFrame",
        "cameras",
        "trackers",
        "outputs",
        "renderers",
        "media.picture",
    )
    assert doors and not [(m, part) for m in doors for part in sight if touches(inside(m), part)]


def test_the_panel_is_given_the_avatar_alone() -> None:
    """A page sees what is sent: no module of it can name a camera's picture, or a face."""
    modules = [m for m in MODULES if m.startswith("app.panel")]
    sight = ("types.Frame", "types.Face", "cameras", "trackers", "renderers")
    assert modules and not [(m, part) for m in modules for part in sight if touches(inside(m), part)]


def test_only_renderers_make_drawings() -> None:
    """An output may send what it finds in one to a page: nothing that sees the camera may fill it."""
    makers = [
        m
        for m in MODULES
        for n in nodes(m)
        if isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id == "LayersDrawing"
    ]
    assert {m.split(".")[0] for m in makers} == {"renderers"}
    assert not touches(inside("avatar.drawing"), "types.Frame")
    assert not [m for m in MODULES if m.startswith("renderers") and touches(inside(m), "types.Frame")]


def test_bgr_stays_at_cv2s_borders() -> None:
    """Where the running half reads or writes cv2's own colour order; everything between is RGB."""
    running = [m for m in MODULES if m.split(".")[0] not in ("training", "rigs")]
    assert {m for m in running if "COLOR_" in MODULES[m] and "BGR" in MODULES[m]} <= {
        "cameras.webcam",
        "outputs.window",
        "media.compositing",
        "media.png",
    }


def test_no_pickle_and_no_cv2_file_access() -> None:
    """Pickles run code; cv2.imread and imwrite fail on non-ASCII paths on Windows."""
    assert not [m for m in MODULES if {"pickle", "shelve", "dill", "joblib"} & imports(m)]
    assert not [m for m, text in MODULES.items() if "cv2.imread(" in text or "cv2.imwrite(" in text]


def loaded_by(code: str) -> set[str]:
    """Names of the modules in memory after running the code in a fresh interpreter."""
    code += "\nimport sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


HEAVY = {"torch", "mediapipe", "cv2", "onnxruntime", "skia", "av", "matplotlib", "numpy", "pyvirtualcam"}


def test_the_command_line_loads_nothing_heavy() -> None:
    assert not HEAVY & loaded_by("import liveavatar\ndir(liveavatar)")
    assert not HEAVY & loaded_by("import liveavatar.cli")
    assert not HEAVY & loaded_by("from liveavatar.cli import main\nassert main(['--help']) == 0")


def test_the_live_path_never_loads_torch() -> None:
    modules = ("live.loop", "pipeline", "app.demo", "bench.legs", *STAGES)
    code = "\n".join(f"import liveavatar.{module}" for module in modules)
    assert not {"torch", "mediapipe", "pyvirtualcam"} & loaded_by(code)


@pytest.mark.skipif(sys.platform == "win32", reason="needs the resource module")
def test_help_is_quick() -> None:
    import resource

    def cpu() -> float:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    spent = []
    for _ in range(3):  # the best of three: other work on the machine is not what is tested
        before = cpu()
        command = [sys.executable, "-m", "liveavatar", "--help"]
        subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
        spent.append(cpu() - before)
    assert min(spent) < 0.3


def test_pyav_is_imported_in_one_place() -> None:
    """Imported before cv2 it makes cv2's windows hang."""
    assert [m for m in MODULES if touches(imports(m), "av")] == ["media.libav"]


def test_nobody_probes_a_part() -> None:
    """What parts may say or do stands in stages.py, with a default: asking is for systems and foreign packages only."""
    own = [m for m in MODULES if m.split(".")[0] in ("live", "app", "outputs", "bench", "pipeline")]
    probes = [
        (module, ast.unparse(node))
        for module in own
        for node in nodes(module)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("hasattr", "getattr")
    ]
    assert not [
        (m, text) for m, text in probes if not text.startswith(("getattr(import_module", "getattr(signal"))
    ]
