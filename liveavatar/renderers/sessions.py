"""Opens ONNX Runtime sessions and tells which execution provider really runs. Never falls back silently."""

from pathlib import Path
from typing import Any

from liveavatar.base.provenance import runtimes
from liveavatar.errors import AvatarError, ProviderError
from liveavatar.language import tr

PROVIDERS = {
    "cpu": "CPUExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "tensorrt": "TensorrtExecutionProvider",
    "dml": "DmlExecutionProvider",
}
"""Option name -> ONNX Runtime's name."""

_EXTRAS = {"cuda": "gpu", "tensorrt": "gpu", "dml": "directml", "cpu": "cpu"}


def _onnxruntime() -> Any:
    installed = list(runtimes())
    if len(installed) > 1:
        raise ProviderError(
            tr(
                f"{' and '.join(installed)} are installed together; they overwrite each other and would silently run on "
                f"the CPU. Run: pip uninstall -y {' '.join(installed)} and then install one extra again, "
                'for example: pip install "liveavatar[cpu]"',
                f"同时安装了 {' 和 '.join(installed)}，它们会互相覆盖并悄悄退回 CPU。请运行：pip uninstall -y "
                f'{" ".join(installed)}，然后只安装一个扩展，例如：pip install "liveavatar[cpu]"',
            )
        )
    try:
        import onnxruntime
    except ImportError as error:
        raise ProviderError(
            tr(
                f'ONNX Runtime cannot be imported ({error}). Run: pip install "liveavatar[cpu]" '
                "(or [gpu] for NVIDIA, [directml] for other cards on Windows)",
                f'无法导入 ONNX Runtime（{error}）。请运行：pip install "liveavatar[cpu]"'
                "（NVIDIA 显卡用 [gpu]，Windows 上其他显卡用 [directml]）",
            )
        ) from error
    if hasattr(onnxruntime, "disable_telemetry_events"):
        onnxruntime.disable_telemetry_events()  # what Windows builds trace; see liveavatar/__init__.py for the rest
    return onnxruntime


def available() -> list[str]:
    """Option names of the providers this ONNX Runtime build offers, best first."""
    offered = _onnxruntime().get_available_providers()
    return [name for name in ("tensorrt", "cuda", "dml", "cpu") if PROVIDERS[name] in offered]


def open_session(
    model: Path | bytes,
    provider: str = "auto",
    threads: int = 2,
) -> tuple[Any, str]:
    """Open an ONNX file, or what is in it. Returns the InferenceSession and the option name of the provider that runs it.

    "auto" takes CUDA or DirectML where the installed build offers them and they start, else the CPU (TensorRT only
    on request: building its engine takes minutes). A provider asked for by name runs or raises ProviderError with
    the reason. Raises AvatarError when the file is no valid ONNX graph.
    """
    ort = _onnxruntime()
    names = candidates(provider)
    if any(p in ("cuda", "tensorrt") for p in names) and hasattr(ort, "preload_dlls"):
        ort.preload_dlls()

    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Spinning threads fight cv2's for the same cores: 12.5 ms a frame with, 9.2 ms without on two cores.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.load_model_format", "ONNX")  # never guessed from the bytes
    source = model if isinstance(model, bytes) else str(model)
    shown = tr("the graph", "模型") if isinstance(model, bytes) else str(model)
    if names[0] == "dml":
        options.enable_mem_pattern = False  # DirectML refuses it, and parallel execution
    reasons = []
    for name in names:
        try:
            chosen = (PROVIDERS[name], _options(name))
            # Without enable_fallback=0 a provider that does not start is replaced, and the reason lost.
            session = ort.InferenceSession(source, options, providers=[chosen], enable_fallback=0)
        except Exception as error:  # ONNX Runtime raises many private types
            if name == "cpu":
                raise AvatarError(
                    tr(
                        f"{shown} is not a graph ONNX Runtime can run: {str(error)[:300]}. Install the avatar again.",
                        f"{shown} 不是 ONNX Runtime 能运行的模型：{str(error)[:300]}。请重新安装该形象。",
                    )
                ) from error
            reasons.append(f"{name}: {error}")
            continue
        if session.get_providers()[0] == PROVIDERS[name]:
            return session, name
        started = session.get_providers()[0]
        reasons.append(
            tr(
                f"{name}: ONNX Runtime started {started} instead",
                f"{name}：ONNX Runtime 实际启用了 {started}",
            )
        )
    raise ProviderError(
        tr(
            f"provider {provider!r} does not run: {'; '.join(reasons)}. Check the driver, or use --provider cpu",
            f"provider {provider!r} 无法运行：{'；'.join(reasons)}。请检查驱动，或使用 --provider cpu",
        )
    )


def run_options() -> Any:
    """For InferenceSession.run: `terminate = True`, from any thread, ends the run that goes on, and refuses later ones."""
    options = _onnxruntime().RunOptions()
    options.log_severity_level = 4  # or it says on the terminal that it was ended
    return options


def candidates(provider: str) -> list[str]:
    """The providers to try for this option, in order. Raises ProviderError for one that is unknown or not offered here."""
    ort = _onnxruntime()
    if provider != "auto" and provider not in PROVIDERS:
        raise ProviderError(
            tr(
                f"unknown provider {provider!r}; expected auto, {', '.join(PROVIDERS)}",
                f"未知的 provider {provider!r}；可选 auto, {', '.join(PROVIDERS)}",
            )
        )
    offered = available()
    names: list[str] = (
        [p for p in ("cuda", "dml", "cpu") if p in offered] if provider == "auto" else [provider]
    )
    if names[0] not in offered:
        raise ProviderError(
            tr(
                f"provider {provider!r} was asked for, but the installed ONNX Runtime {ort.__version__} offers only: "
                f'{", ".join(offered)}. Run: pip uninstall -y onnxruntime; pip install "liveavatar[{_EXTRAS[provider]}]", '
                "or use --provider auto",
                f"指定了 provider {provider!r}，但已安装的 ONNX Runtime {ort.__version__} 只提供：{', '.join(offered)}。"
                f'请运行：pip uninstall -y onnxruntime; pip install "liveavatar[{_EXTRAS[provider]}]"，'
                "或使用 --provider auto",
            )
        )
    return names


def _options(name: str) -> dict[str, str]:
    """What ONNX Runtime's documentation names for a small graph run again and again with the same shapes."""
    if name == "cuda":
        # A search of every algorithm takes seconds at the start; the heuristic costs little with graphs this small.
        # TF32 is no quicker here, and 14 dB further from the CPU's picture.
        return {"cudnn_conv_algo_search": "HEURISTIC", "do_copy_in_default_stream": "1", "use_tf32": "0"}
    return {}
