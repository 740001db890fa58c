"""A folder that runs liveavatar where no Python is installed: python scripts/bundle.py [FOLDER]

Needs `pip install ".[cpu]" pyinstaller` in the environment it runs in, best a fresh one: what is installed beside may get in.
Builds FOLDER/liveavatar (dist/liveavatar), starts the demo from it and prints one JSON line: its size, the seconds of `--version`
and of the demo. PyInstaller builds for the system it runs on.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).resolve().parent.parent
EXCLUDED = (
    "torch",
    "skia",
    "onnx",
    "safetensors",
    "jax",
    "scipy",
    "tkinter",
    "IPython",
    "pytest",
)
"""What training and development need, and what libraries ask for that is not used live."""
START = """import multiprocessing, runpy, sys

multiprocessing.freeze_support()
if sys.argv[1:2] == ["-m"]:  # liveavatar starts processes of its own as `python -m MODULE` and `python -c CODE`
    sys.argv = sys.argv[2:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
elif sys.argv[1:2] == ["-c"]:
    exec(sys.argv[2], {"__name__": "__main__"})
else:
    from liveavatar.__main__ import program

    program()
"""


def build(folder: Path) -> Path:
    """The bundle's folder, freshly built in `folder`."""
    separator = os.pathsep
    with tempfile.TemporaryDirectory() as work:
        start = Path(work) / "start.py"
        start.write_text(START, encoding="utf-8")
        command = [
            sys.executable, "-m", "PyInstaller", "--noconfirm", "--onedir", "--console", "--name", "liveavatar",
            "--distpath", str(folder), "--workpath", work, "--specpath", work, "--paths", str(ROOT),
            "--collect-submodules", "liveavatar", "--collect-all", "mediapipe",
            "--collect-binaries", "onnxruntime", "--hidden-import", "cv2_enumerate_cameras",
            "--add-data", f"{ROOT / 'liveavatar' / 'assets'}{separator}liveavatar/assets",
            "--add-data", f"{ROOT / 'weights'}{separator}liveavatar/weights",
            *(word for name in EXCLUDED for word in ("--exclude-module", name)), str(start),
        ]  # fmt: skip
        subprocess.run(command, check=True)
    return folder / "liveavatar"


def start(bundle: Path, *arguments: str, timeout: float = 600) -> float:
    """Seconds that the bundled program took; raises where it fails."""
    begun = perf_counter()
    program = bundle / ("liveavatar.exe" if sys.platform == "win32" else "liveavatar")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    subprocess.run(
        [str(program), *arguments], check=True, timeout=timeout, env=environment, cwd=bundle.parent
    )
    return perf_counter() - begun


def main() -> None:
    bundle = build(Path(sys.argv[1] if len(sys.argv) > 1 else "dist").resolve())
    size = sum(file.stat().st_size for file in bundle.rglob("*") if file.is_file() and not file.is_symlink())
    first, again = start(bundle, "--version"), start(bundle, "--version")
    with tempfile.TemporaryDirectory() as folder:
        clip = Path(folder) / "demo.mp4"
        demo = start(bundle, "demo", "--output", str(clip))
        assert clip.stat().st_size > 100_000
    report = {
        "bundle": str(bundle),
        "mb": round(size / 1e6),
        "first_s": first,
        "start_s": again,
        "demo_s": demo,
    }
    print(json.dumps({name: round(v, 2) if isinstance(v, float) else v for name, v in report.items()}))


if __name__ == "__main__":
    main()
