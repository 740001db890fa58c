"""What is behind OpenGL, and what a driver that fails does to the program: nothing."""

import sys

import pytest

from liveavatar.base import opengl
from liveavatar.base.opengl import is_software, open_context, probe
from liveavatar.errors import ProviderError
from tests.helpers.opengl import require_opengl


def test_a_child_process_says_what_there_is() -> None:
    require_opengl()
    context, name = open_context()
    context.release()
    assert probe() == name


def test_a_context_follows_the_thread_that_enters_it() -> None:
    require_opengl()
    context, _ = open_context()
    with context:
        buffer = context.buffer(b"abcd")
    with context:
        assert buffer.read() == b"abcd"
    context.release()


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("import os; os.abort()", "the graphics driver failed when it was tried"),
        ("print('no display'); raise SystemExit(1)", "no display"),
        ("import time; time.sleep(60)", "nothing after 1 s"),
    ],
)
def test_a_driver_that_fails_is_told(code: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("moderngl")
    monkeypatch.setattr(opengl, "SECONDS", 1)
    with pytest.raises(ProviderError, match=told):
        probe((sys.executable, "-c", code))


@pytest.mark.parametrize(
    ("name", "software"),
    [
        ("llvmpipe (LLVM 15.0.6, 256 bits)", True),
        (
            "ANGLE (Google, Vulkan 1.3.0 (SwiftShader Device (Subzero) (0x0000C0DE)), SwiftShader driver)",
            True,
        ),
        ("Microsoft Basic Render Driver", True),
        ("GDI Generic", True),
        ("D3D12 (Microsoft Basic Render Driver)", True),
        ("NVIDIA GeForce GTX 1650/PCIe/SSE2", False),
        ("Mesa Intel(R) UHD Graphics 620 (KBL GT2)", False),
        ("AMD Radeon Graphics (radeonsi, renoir, LLVM 15.0.6)", False),
        ("Apple M1", False),
    ],
)
def test_software_is_recognised(name: str, software: bool) -> None:
    assert is_software(name) == software
