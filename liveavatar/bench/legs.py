"""Measures the running half on one clip: throughput against tracking alone, age, stages, memory, jitter.

Every leg uses the parts that `run` uses. In the age leg the governor acts as it does there. In the others nothing is skipped or
cached: each frame of the throughput legs is decoded and tracked, and in the full leg rendered and composited.
"""

import itertools
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from liveavatar import pipeline
from liveavatar.base import provenance
from liveavatar.base.heap import share
from liveavatar.base.timing import now, percentile, process_seconds
from liveavatar.bench.parts import FPS, Meter, Parts
from liveavatar.bench.smoothness import smoothness
from liveavatar.errors import TrackerError
from liveavatar.language import tr
from liveavatar.live.governor import Governor
from liveavatar.live.loop import Live
from liveavatar.stages import Camera, Renderer, Tracker
from liveavatar.types import AvatarFrame, Expression, Frame

CHUNK = 90
"""Frames between two changes of leg: both legs meet the same moods of the machine."""
SENSOR_NOISE = 3.0
"""Standard deviation in levels of 255 of the noise added to a still picture: a webcam indoors."""


def bench(
    parts: Parts, seconds: float = 20.0, on_leg: Callable[[str], None] = lambda leg: None
) -> dict[str, Any]:
    """The whole report, ready for JSON. seconds: of each long leg. on_leg: called as a leg starts."""
    share()
    on_leg("age")  # first: the only leg that must begin cold
    result = age(parts, seconds)
    on_leg("60 fps")
    result["fps60"] = smoothness(parts, seconds)
    loaded = now()
    tracker, renderer = parts.tracker(), parts.renderer()
    try:
        result["model_load_s"] = round(now() - loaded, 3)
        result["provider"] = renderer.provider
        on_leg("throughput")
        result |= throughput(parts, tracker, renderer, seconds)
        on_leg("stages")
        measured, expressions = stages(parts, tracker, renderer, frames=round(15 * seconds))
        result |= measured
        if not any(expression.tracked for expression in expressions):
            raise TrackerError(
                tr(
                    f"no face was found in {parts.clip}; figures without one mean nothing. Give a clip with a face.",
                    f"{parts.clip} 中没有找到人脸，测得的数据没有意义。请提供有人脸的视频。",
                )
            )
        on_leg("rendering")
        result |= rendering(parts, renderer, expressions)
        on_leg("rest")
        result |= {"draw": renderer.draw, "gpu": renderer.gpu if renderer.draw == "gpu" else ""}
        result["jitter"] |= jitter_at_rest(parts, tracker)
    finally:
        tracker.close()
        renderer.close()
    result["peak_rss_mb"] = provenance.peak_rss_mb()
    result["avatar"] = parts.avatar.name
    result["size"] = list(parts.avatar.size)
    result["output_size"] = list(parts.output_size)
    result["precision"] = parts.avatar.made_with.get("precision", "")
    result["clip"] = parts.clip.name
    result["machine"] = provenance.machine()
    result["versions"] = provenance.versions()
    result["commit"] = provenance.commit()
    return result


def age(parts: Parts, seconds: float) -> dict[str, Any]:
    """The live loop with a 30 fps source and the null output: age, drops, stalls, evenness, first frame."""
    meter = Meter(seconds)
    live = Live(
        open_camera=parts.webcam,
        open_tracker=parts.tracker,
        retargeter=parts.retargeter(),
        open_renderer=parts.renderer,
        output=parts.output(),
        size=parts.avatar.size,
        fps=FPS,
        governor=Governor(),
        on_status=lambda report: live.stop() if meter.over(report) else None,
    )
    report = live.run()
    return {
        "age_ms": report.ages.summary(),
        "age_frames": report.driven,
        "sent_fps": round(report.sent / report.seconds, 2),
        "drops": report.drops,
        "repeated": report.repeated,
        "stalls": report.stalls,
        "lowered_s": round(report.governor.seconds, 1),
        "cores": round(meter.cores, 2),
        "first_frame_s": round(report.first_driven or 0.0, 3),
        "jitter": {"interval_ms": report.intervals.summary()},
    }


def throughput(parts: Parts, tracker: Tracker, renderer: Renderer, seconds: float) -> dict[str, Any]:
    """Frames per second of the whole line against decoding and tracking alone, in alternating chunks."""
    output, retargeter = parts.output(), parts.retargeter()
    spent = {"full": 0.0, "tracker": 0.0}
    frames = {"full": 0, "tracker": 0}
    cpu = 0.0
    source = _Chunks(parts)

    def track_only() -> None:
        for frame in source:
            tracker.track(frame)

    def full() -> None:
        for picture in pipeline.animate(source, tracker, retargeter, renderer, overlap=True):
            output.send(picture)

    for warm in (track_only, full):  # first calls allocate
        source.count = 15
        warm()
    source.count = CHUNK
    for leg in itertools.cycle(("tracker", "full", "full", "tracker")):
        start, cpu_start = now(), process_seconds()
        full() if leg == "full" else track_only()
        spent[leg] += now() - start
        frames[leg] += source.count
        cpu += process_seconds() - cpu_start if leg == "full" else 0.0
        if sum(spent.values()) >= seconds and frames["full"] == frames["tracker"]:
            break
    fps = {leg: frames[leg] / spent[leg] for leg in spent}
    return {
        "throughput_ratio": round(fps["full"] / fps["tracker"], 4),
        "fps": round(fps["full"], 2),
        "tracker_fps": round(fps["tracker"], 2),
        "throughput_frames": frames["full"],
        "cpu_s_per_frame": round(cpu / frames["full"], 5),
    }


def stages(
    parts: Parts, tracker: Tracker, renderer: Renderer, frames: int
) -> tuple[dict[str, Any], list[Expression]]:
    """Milliseconds of each stage, one after the other in one thread; and the expressions it met."""
    output, retargeter = parts.output(), parts.retargeter()
    times: dict[str, list[float]] = {
        name: [] for name in ("decode", "track", "retarget", "render", "composite")
    }
    expressions = []
    source = _Chunks(parts)
    source.count = frames
    pictures = iter(source)
    while True:
        marks = [now()]
        frame = next(pictures, None)
        if frame is None:
            break
        marks.append(now())
        face = tracker.track(frame)
        marks.append(now())
        expression = retargeter.retarget(face, frame.time)
        marks.append(now())
        picture: AvatarFrame = renderer.render(expression)
        marks.append(now())
        output.send(picture)
        marks.append(now())
        expressions.append(expression)
        for values, start, end in zip(times.values(), marks, marks[1:], strict=False):
            values.append(end - start)
    return {"stage_ms": {name: _ms(values) for name, values in times.items()}}, expressions


def rendering(parts: Parts, renderer: Renderer, expressions: list[Expression]) -> dict[str, Any]:
    """Milliseconds of network and compositor, alone and while another thread tracks without pause."""
    output = parts.output()

    def timed() -> dict[str, float]:
        spent = []
        for expression in expressions:
            start = now()
            output.send(renderer.render(expression))
            spent.append(now() - start)
        return _ms(spent)

    result: dict[str, Any] = {"render_ms": timed()}
    done, ready = threading.Event(), threading.Event()

    def track() -> None:
        tracker = parts.tracker()  # its own: trackers are not shared between threads
        try:
            for frame in parts.camera():
                tracker.track(frame)
                ready.set()
                if done.is_set():
                    break
        finally:
            ready.set()
            tracker.close()

    thread = threading.Thread(target=track, name="track")
    thread.start()
    try:
        ready.wait()
        result["render_ms_while_tracking"] = timed()
    finally:
        done.set()
        thread.join()
    return result


def jitter_at_rest(parts: Parts, tracker: Tracker, frames: int = 90) -> dict[str, float]:
    """How much the avatar trembles when the person does not move: standard deviations of the controls.

    Shows the clip's first picture with fresh sensor noise each time (fixed seed); the later two thirds count.
    Controls that move by themselves (breath, hair, sway) are left out."""
    from liveavatar.controls import CONTROLS, SECONDARY

    noise = np.random.default_rng(0)
    retargeter = parts.retargeter()
    still = next(iter(parts.camera())).image.astype(np.float32)
    start = 1e6  # after everything this tracker saw
    controls = []
    for i in range(frames):
        image = still + noise.normal(0, SENSOR_NOISE, still.shape).astype(np.float32)
        frame = Frame(image.round().clip(0, 255).astype(np.uint8), start + i / FPS, i)
        controls.append(retargeter.retarget(tracker.track(frame), frame.time).controls)
    kept = [i for i, name in enumerate(CONTROLS) if name not in SECONDARY]
    deviation = np.std(np.array(controls)[frames // 3 :, kept], axis=0)
    return {"rest_mean": round(float(deviation.mean()), 5), "rest_worst": round(float(deviation.max()), 5)}


class _Chunks(Camera):
    """A camera whose every iteration gives `count` frames from the clip's start, with times running on."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._start = 1000.0
        self.count = CHUNK
        camera = parts.camera()
        self.size, self.fps = camera.size, camera.fps
        camera.close()

    def __iter__(self) -> Iterator[Frame]:
        camera = self._parts.camera()
        last = start = self._start
        try:
            for frame in itertools.islice(camera, self.count):
                last = start + frame.time
                yield replace(frame, time=last)
        finally:
            camera.close()
            self._start = last + 1.0

    def close(self) -> None:
        """Each iteration closes its own camera."""


def _ms(seconds: list[float]) -> dict[str, float]:
    return {
        "median": round(1000 * percentile(seconds, 50), 3),
        "p95": round(1000 * percentile(seconds, 95), 3),
    }
