import re
from pathlib import Path

import pytest

import liveavatar
from liveavatar.base import provenance


def test_what_a_report_names() -> None:
    machine, versions = provenance.machine(), provenance.versions()
    assert machine["cpu"] and machine["cores"] >= 1
    assert versions["liveavatar"] == liveavatar.__version__ and "numpy" in versions


def test_the_commit_in_a_checkout_or_else_the_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert re.fullmatch(r"[0-9a-f]{12}\+?|v.+", provenance.commit())
    monkeypatch.setattr(provenance, "PACKAGE", tmp_path / "liveavatar")
    assert provenance.commit() == f"v{liveavatar.__version__}"
