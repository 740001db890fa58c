"""Makes the pictures of docs/panel.md: the panel in a browser and as a dock, in both languages. Needs Chromium

    python scripts/panel_pictures.py

Chinese letters need a font that has them.
"""

import base64
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from tests.helpers.chromium import Page

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "pictures"
SIZE = {"page": (1280, 860), "dock": (300, 860)}
LOOK = {"page": "light", "dock": "dark"}
GAP = 24
CALM = "!document.querySelector('#alerts').textContent"
"""A browser that starts takes so much that less is tracked for a while, which is told."""
PANEL = r"http://127\.0\.0\.1:8786/\S+"
FILES = {"en": "panel.webp", "zh": "panel.zh-CN.webp"}


def shots(address: str) -> list[np.ndarray]:
    """(H, W, 3) uint8 RGB of the panel at this address, for each of SIZE."""
    taken = []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        page = Page(address, Path(profile), SIZE["page"])
        try:
            page.resize(*SIZE["page"])
            page.wait("window.liveavatar && liveavatar.state && liveavatar.state.health.age")
            page.wait("document.querySelectorAll('#gallery .there').length >= 5")
            page.wait(CALM)
            page.click("[data-emote=joy]")
            page.wait("liveavatar.state.emote === 'joy'")
            for name, size in SIZE.items():
                page.run(f"document.documentElement.dataset.theme = '{LOOK[name]}'")
                page.resize(*size)
                time.sleep(3)
                page.wait(CALM)
                png = base64.b64decode(page.call("Page.captureScreenshot", format="png")["data"])
                taken.append(cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)[..., ::-1])
        finally:
            page.close()
    return taken


def both(language: str) -> np.ndarray:
    """The page and, to its right, the dock, of a run of its own."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        environment = {**os.environ, "LIVEAVATAR_LANG": language, "XDG_CONFIG_HOME": home}
        command = ["run", "--camera", "synthetic", "--output", "browser", "--panel"]
        run = subprocess.Popen(
            [sys.executable, "-m", "liveavatar", *command], stderr=subprocess.PIPE, text=True, env=environment
        )
        try:
            assert run.stderr is not None
            address = next(found[0] for line in run.stderr if (found := re.search(PANEL, line)))
            page, dock = shots(address)
        finally:
            run.terminate()
            run.wait()
    gap = np.full((len(page), GAP, 3), 255, np.uint8)
    return np.hstack([page, gap, dock])


if __name__ == "__main__":
    for language, file in FILES.items():
        Image.fromarray(both(language)).save(PICTURES / file, quality=86, method=6)
