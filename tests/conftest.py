"""What many tests share: the tiny avatar, and the face model where it can be had."""

import os
import shutil
from pathlib import Path

import pytest

from liveavatar.app import remote
from liveavatar.avatar.card import Avatar
from liveavatar.avatar.library import load_avatar
from liveavatar.base import server
from liveavatar.errors import TrackerError
from tests.helpers.running import GENEROUS

os.environ["LIVEAVATAR_LANG"] = "en"  # tests match English messages

TINY = Path(__file__).parent / "data" / "tiny"


@pytest.fixture(autouse=True, scope="session")
def state_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Notes of recordings that tests break off are not the user's; for subprocesses too."""
    os.environ["XDG_STATE_HOME"] = str(tmp_path_factory.mktemp("state"))


@pytest.fixture(autouse=True, scope="session")
def patience() -> None:
    """Clients and servers of one process wait for each other, however busy the machine is."""
    remote.SAYS_WHO = server.HANDSHAKE = GENEROUS


@pytest.fixture
def tiny_folder(tmp_path: Path) -> Path:
    """A copy of the tiny avatar's package that a test may damage."""
    return Path(shutil.copytree(TINY, tmp_path / "tiny"))


@pytest.fixture(scope="session")
def tiny() -> Avatar:
    """The tiny avatar, as it stands in the repository."""
    return load_avatar(TINY)


@pytest.fixture(scope="session")
def model() -> Path:
    """The face landmark model: found on this machine, else fetched once (announced, sha256-checked)."""
    from liveavatar.trackers.model_files import find_model

    try:
        return find_model(fetch=True)
    except TrackerError as error:
        pytest.skip(str(error))
