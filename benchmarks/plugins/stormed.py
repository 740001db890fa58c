"""One process of benchmarks.plugins.load: a show at 30 fps whose door is open.

Prints where to connect and with which tokens, then, for each line it reads, what happened since the last: a line of JSON. Ends
with its input.
"""

import json
import sys
import tempfile
import threading
from itertools import pairwise
from typing import Any

import platformdirs

from benchmarks.endurance import vitals
from liveavatar.app.actions import Actions
from liveavatar.app.feed import Feed
from liveavatar.app.parts import preload
from liveavatar.app.speech.speaker import Speaker
from liveavatar.app.vts import consent
from liveavatar.app.vts import door as doors
from liveavatar.app.vts.consent import introduced
from liveavatar.app.vts.door import Door
from liveavatar.app.vts.stage import Stage
from liveavatar.audio.loudspeaker import OFF
from liveavatar.avatar.library import find_avatar
from liveavatar.base.timing import now, process_seconds
from liveavatar.bench.parts import FPS, Parts
from liveavatar.cameras import SYNTHETIC
from liveavatar.live.governor import Governor
from liveavatar.live.loop import Live
from liveavatar.media.compositing import DEFAULT, Background
from liveavatar.outputs.null import Null
from liveavatar.retargeting.mixer import Mixer
from liveavatar.stages import Output
from liveavatar.trackers.model_files import find_model
from liveavatar.types import AvatarFrame

DEVELOPER = "a benchmark"


class Timed(Output):
    """Remembers when each picture was taken."""

    def __init__(self, output: Output) -> None:
        self.output, self.times = output, [now()]

    def send(self, frame: AvatarFrame, at: float | None = None) -> None:
        """Compose and forget."""
        self.output.send(frame, at)
        self.times.append(now())

    def close(self) -> None:
        """Nothing is open."""


def main(plugins: int) -> None:
    """plugins: how many are let in beforehand."""
    with tempfile.TemporaryDirectory() as home:
        platformdirs.user_config_dir = lambda *a, **k: home  # type: ignore[assignment]
        doors.DISCOVERY, consent.say = 9, lambda text: None
        parts = Parts(SYNTHETIC, find_avatar(), find_model(None))
        preload()
        background = Background(DEFAULT, parts.avatar.size)
        output = Timed(Null("null", size=parts.avatar.size, fps=FPS, background=background))
        mixer = Mixer(parts.retargeter())
        live = Live(
            open_camera=parts.webcam, open_tracker=parts.tracker, retargeter=mixer, open_renderer=parts.renderer,
            output=output, size=parts.avatar.size, fps=FPS, governor=Governor(),
        )  # fmt: skip
        actions = Actions(
            swap=lambda name: {"avatar": name}, recenter=lambda: None, emote=mixer.reactions.perform, panic=live.panic,
            background=background, avatars=lambda: ["hoshi"], current="hoshi", failed=lambda text: None,
        )  # fmt: skip
        stage = Stage(actions=actions, mixer=mixer, report=live.report, size=background.size)
        door = Door(stage, Speaker(mixer, OFF), Feed(mixer, live.report, lambda: "hoshi"), 0)
        tokens: list[str | None] = []
        for i in range(plugins):
            door.consent.ask(introduced(f"plugin {i}", DEVELOPER, ""), tokens.append, now())
            door.consent.allow(f"plugin {i}")
        print(json.dumps({"port": door.port, "tokens": tokens}), flush=True)
        threading.Thread(target=_report, args=(live, output, door), daemon=True).start()
        live.run()
        door.close()


def _report(live: Live, output: Timed, door: Door) -> None:
    """Answer the lines of the input; stop the show at its end."""
    frames, since, cpu, driven, ages = 0, now(), process_seconds(), 0, 0
    for line in sys.stdin:
        times = output.times[frames:]
        seconds, age = now() - since, live.report.ages
        said: dict[str, Any] = {
            "phase": line.strip(),
            "fps": round((len(times) - 1) / seconds, 2),
            "fresh_fps": round((live.report.driven - driven) / seconds, 2),
            "longest_gap_ms": round(1000 * max(b - a for a, b in pairwise(times)), 1),
            "age_ms": {f"p{p}": round(age.ms(p, age.count - ages), 1) for p in (50, 95)},
            "cores": round((process_seconds() - cpu) / seconds, 2),
            "governor": live.report.governor.level,
            "connected": len(door.all()),
            "allowed": len(door.consent.listed()["allowed"]),
            "threads": vitals.threads(),
            "handles": vitals.handles(),
        }
        print(json.dumps(said), flush=True)
        frames, since, cpu = len(output.times) - 1, now(), process_seconds()
        driven, ages = live.report.driven, age.count
    live.stop()


if __name__ == "__main__":
    main(int(sys.argv[1]))
