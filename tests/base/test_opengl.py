"""What is behind OpenGL, and what a driver that fails does to the program: nothing."""

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from liveavatar.base import opengl
from liveavatar.base.opengl import is_software, open_context, probe, shared_opengl
from liveavatar.errors import ProviderError
from tests.helpers.opengl import require_opengl


def test_a_child_process_says_what_there_is() -> None:
    require_opengl()
    context, name = open_context()
    context.release()
    assert probe() == name


def test_one_context_serves_all_threads_and_forgets_what_nobody_needs() -> None:
    require_opengl()
    shared = shared_opengl()
    assert shared_opengl() is shared
    with shared as context:
        kept = [context.buffer(b"abcd")]

    def read() -> bytes:
        with shared:
            content: bytes = kept[0].read()
            return content

    with ThreadPoolExecutor(1) as other:
        assert other.submit(read).result() == b"abcd"
    kept.clear()
    assert len(context.objects) == 1
    with shared:
        assert not context.objects


def test_a_thread_that_does_not_leave_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    require_opengl()
    monkeypatch.setattr(opengl, "PATIENCE", 0.05)
    shared = shared_opengl()
    with shared, ThreadPoolExecutor(1) as other, pytest.raises(TimeoutError, match="hangs"):
        other.submit(shared.__enter__).result()
    with shared:
        pass


def test_where_it_is_lost_there_is_a_new_one() -> None:
    require_opengl()
    first = shared_opengl()
    first.lost = True
    second = shared_opengl()
    assert second is not first
    with second as context:
        assert context.error == "GL_NO_ERROR"


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
