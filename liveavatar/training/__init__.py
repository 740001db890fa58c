"""Teaches generators. The only package that imports torch; nothing on the live path imports it."""

from liveavatar.errors import TrainingError
from liveavatar.language import tr


def require() -> None:
    """Raise TrainingError with the line to type when the [train] extra is missing."""
    for module in ("torch", "onnx", "safetensors", "matplotlib"):
        try:
            __import__(module)
        except ImportError as error:
            raise TrainingError(
                tr(
                    f'training needs {module} ({error}). Run: pip install "liveavatar[train]"',
                    f'训练需要 {module}（{error}）。请运行：pip install "liveavatar[train]"',
                )
            ) from error
