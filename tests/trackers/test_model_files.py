"""Where the face model comes from. A web server of our own stands for the internet."""

import hashlib
import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from liveavatar.errors import TrackerError
from liveavatar.trackers import model_files


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder, and the address it is served at."""
    folder = tmp_path / "site"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield folder, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No model on this computer, no way out, no proxy. Returns where a fetched model would go."""
    home = tmp_path / "家 home" / model_files.FACE.name
    unreachable = replace(model_files.FACE, official="http://127.0.0.1:9/face_landmarker.task")
    monkeypatch.setattr(model_files, "user_model", lambda model: home.with_name(model.name))
    monkeypatch.setattr(model_files, "FACE", unreachable)
    monkeypatch.setitem(model_files.find_model.__kwdefaults__, "model", unreachable)
    monkeypatch.delenv(model_files.FACE.variable, raising=False)
    monkeypatch.delenv(model_files.MATTE.variable, raising=False)
    monkeypatch.delenv(model_files.MIRROR_VARIABLE, raising=False)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    return home


def test_nothing_is_fetched_unless_asked(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_files, "_sources", lambda: pytest.fail("looked for sources"))
    with pytest.raises(TrackerError, match="liveavatar demo") as caught:
        model_files.find_model()
    assert str(bare) in str(caught.value)


def test_option_wins_over_variable_and_is_checked(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(model_files.FACE.variable, str(tmp_path / "other.task"))
    assert model_files.find_model(model) == model
    with pytest.raises(TrackerError, match=model_files.FACE.variable):
        model_files.find_model()
    wrong = tmp_path / "wrong.task"
    wrong.write_bytes(model.read_bytes()[:-1])
    with pytest.raises(TrackerError, match=r"--model.*wrong content"):
        model_files.find_model(wrong)


def test_variable_names_the_model(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(model_files.FACE.variable, str(model))
    assert model_files.find_model() == model


def test_every_place_tried_is_named(
    bare: Path, site: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, address = site
    (folder / model_files.FACE.name).write_bytes(b"something else")
    monkeypatch.setenv(model_files.MIRROR_VARIABLE, address)
    said: list[str] = []
    with pytest.raises(TrackerError) as caught:
        model_files.find_model(fetch=True, announce=said.append)
    message = str(caught.value)
    for place in (
        str(bare),
        model_files.FACE.official,
        f"{address}/{model_files.FACE.name}: wrong content",
        model_files.FACE.wheel,
    ):
        assert place in message
    assert len(said) == 3
    assert all("3.8 MB" in line for line in said)
    assert not bare.exists()


def test_a_mirror_serves_it_and_it_is_kept(
    model: Path, bare: Path, site: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, address = site
    (folder / model_files.FACE.name).write_bytes(model.read_bytes())
    monkeypatch.setenv(model_files.MIRROR_VARIABLE, f"{address}/")
    said: list[str] = []
    assert model_files.find_model(fetch=True, announce=said.append) == bare
    assert bare.read_bytes() == model.read_bytes()
    assert [path.name for path in bare.parent.iterdir()] == [
        model_files.FACE.name
    ]  # no half-written file is left
    assert model_files.find_model() == bare
    assert said[0].endswith(model_files.FACE.official)


def test_a_source_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    monkeypatch.setattr(model_files, "STALL_S", 0.4)
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        pytest.raises(OSError, match=r"nothing came|timed out"),
    ):
        model_files._download(f"http://127.0.0.1:{silent.getsockname()[1]}/x", 1000)


def test_a_damaged_kept_model_is_replaced(
    model: Path, bare: Path, site: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bare.parent.mkdir(parents=True)
    bare.write_bytes(b"half")
    with pytest.raises(TrackerError, match="wrong content"):
        model_files.find_model()
    folder, address = site
    (folder / model_files.FACE.name).write_bytes(model.read_bytes())
    monkeypatch.setenv(model_files.MIRROR_VARIABLE, address)
    assert model_files.find_model(fetch=True, announce=lambda line: None).read_bytes() == model.read_bytes()


def test_the_matte_model_follows_the_same_rules(
    bare: Path, site: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, address = site
    content = b"a model of another name"
    other = replace(
        model_files.MATTE,
        official="http://127.0.0.1:9/x.tflite",
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )
    with pytest.raises(
        TrackerError, match=r"matte model selfie_segmentation\.tflite was not found(?s:.)*liveavatar create"
    ):
        model_files.find_model(model=other)
    (folder / other.name).write_bytes(content)
    monkeypatch.setenv(model_files.MIRROR_VARIABLE, address)
    found = model_files.find_model(model=other, fetch=True, announce=lambda line: None)
    assert found == bare.with_name(other.name) and found.read_bytes() == content
    # The address of the face model's file serves no other.
    monkeypatch.setenv(model_files.MIRROR_VARIABLE, f"{address}/face.task")
    assert not any(address in name for name, _ in model_files._sources(other))
    monkeypatch.setenv(other.variable, str(folder / "none.tflite"))
    with pytest.raises(TrackerError, match=f"{other.variable} cannot be used"):
        model_files.find_model(model=other)
