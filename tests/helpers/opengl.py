"""OpenGL for tests: Mesa's llvmpipe will do, which is slow and right."""

import pytest

from liveavatar.base.opengl import open_context
from liveavatar.errors import ProviderError


def require_opengl() -> None:
    """Skip the test where there is no context to be had."""
    try:
        context, _ = open_context()
    except ProviderError as error:
        pytest.skip(str(error))
    context.release()
