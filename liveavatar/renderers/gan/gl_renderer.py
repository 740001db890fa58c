"""Draws an avatar's layers with OpenGL where there is a GPU; on the CPU until that stands, where there is none, after it broke.

The network's provider is another matter: this begins where its coefficients are there. OpenGL's objects are made in the thread
that draws, a few milliseconds' worth a frame, while the CPU draws; then the golden picture must come out right. Where nobody
asked for the GPU by name ("auto") it also has to be real, and no slower than the CPU was.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from liveavatar.avatar.card import Avatar
from liveavatar.avatar.drawing import LayersDrawing
from liveavatar.avatar.golden import expression_of
from liveavatar.base.opengl import OpenGL, is_software, probe, shared_opengl
from liveavatar.base.shutdown import Detached
from liveavatar.base.timing import now
from liveavatar.errors import LiveAvatarError, ProviderError
from liveavatar.language import tr
from liveavatar.renderers.gan.gl_picture import GlPicture
from liveavatar.renderers.gan.renderer import GanRenderer
from liveavatar.renderers.golden import golden_error
from liveavatar.stages import Renderer
from liveavatar.types import AvatarFrame, Expression

log = logging.getLogger(__name__)

AFTER = 10
"""Frames before OpenGL is begun with: the first ones come quickly."""
TRIED = 30
"""Frames drawn on the GPU before its time is compared with the CPU's: clocks have risen by then."""


class _Declined(Exception):
    """There is a reason not to draw on the GPU that is none of the user's."""


@dataclass
class _Learnt:
    """What this process learnt about OpenGL."""

    declined: str = ""
    """Why "auto" does not try again."""
    hung: bool = False
    """A driver that hung once is not called again."""
    told: bool = False
    """That it is software."""


learnt = _Learnt()


class GlRenderer(Renderer):
    """Renders a package of kind "gan". From one thread at a time. Raises what GanRenderer does."""

    def __init__(
        self,
        avatar: Avatar,
        provider: str,
        threads: int = 2,
        *,
        asked: bool = False,
        live: bool = True,
        say: Callable[[str], None] = lambda text: None,
    ) -> None:
        """asked: the GPU was asked for by name, so a slow or a software one will do, and reasons against it are told.

        live: OpenGL is made ready while the CPU draws; else before the first picture. say: told what the user should know."""
        self._cpu = GanRenderer(avatar, provider, threads)
        self.avatar, self.size, self.provider = avatar, avatar.size, self._cpu.provider
        self._asked, self._live, self._say = asked, live, say
        self._opengl: OpenGL | None = None
        self._picture: GlPicture | None = None
        self._frames = 0
        self._fastest = {"cpu": float("inf"), "gpu": float("inf")}
        """Seconds, of the frames drawn so far."""
        self._tried = 0
        self._steps: Iterator[None] | None = self._made_ready()
        self._drawing = threading.Lock()
        self._closed = False

    def render(self, expression: Expression) -> AvatarFrame:
        """Draw one frame: (H, W, 4) uint8 premultiplied RGBA."""
        frame = self.sketch(expression)
        with self._drawing:
            self._advance()
            self._release_if_closed()
        return frame.composed()

    def sketch(self, expression: Expression) -> AvatarFrame:
        """Run the network alone. What is drawn when the picture is asked for, in whatever thread, prepares nothing."""
        drawing = self._cpu.drawing(expression)
        return AvatarFrame(replace(drawing, composer=partial(self._compose, drawing)), expression.time)

    def close(self) -> None:
        """Release session and objects. From any thread; where a picture is being drawn that thread does it, if it ever ends."""
        self._cpu.close()
        self._closed = True
        if self._drawing.acquire(blocking=False):
            try:
                self._release()
            finally:
                self._drawing.release()
        elif self._opengl is not None:
            learnt.hung = True

    def _advance(self) -> None:
        """One step nearer to drawing on the GPU, all of them where nobody waits for a picture."""
        self._frames += 1
        if self._steps is None or self._closed or (self._live and self._frames <= AFTER):
            return
        try:
            for _ in self._steps:
                if self._live:
                    return
            self._steps = None
            self.draw = "gpu"
            log.info("drawing on %s", self.gpu)
        except Exception as error:  # a driver may raise anything, and the CPU draws too
            if not isinstance(error, _Declined | LiveAvatarError):
                self._lose()
            if not self._asked:
                learnt.declined = _message(error)
            self._give_up(_message(error), told=self._asked)

    def _made_ready(self) -> Iterator[None]:
        """The steps. What is raised says why the CPU goes on drawing."""
        if learnt.hung:
            raise ProviderError(tr("the graphics driver hung", "显卡驱动曾经卡住"))
        yield from self._judged()
        self._opengl = shared_opengl()
        self.gpu = self._opengl.name
        yield
        golden = self._cpu.drawing(expression_of(self.avatar.golden))
        yield
        picture = GlPicture(self._opengl.context, self.avatar)
        steps, done = picture.build(golden), object()
        while self._entered(lambda: next(steps, done)) is not done:
            yield
        drawn = self._entered(lambda: picture.draw(golden))
        error, allowed = golden_error(self.avatar, drawn), self.avatar.golden.tolerance
        if not error <= allowed:
            raise ProviderError(
                tr(
                    f"{self.gpu} draws the test picture wrong by {error:.2f} levels (allowed {allowed}); update its driver",
                    f"{self.gpu} 画出的测试画面相差 {error:.2f} 级（允许 {allowed}）；请更新显卡驱动",
                )
            )
        self._picture = picture
        if self._asked and is_software(self.gpu) and not learnt.told:
            learnt.told = True
            self._say(
                tr(
                    f"--draw gpu: {self.gpu} is no GPU but a program on the processor; --draw cpu is quicker.",
                    f"--draw gpu：{self.gpu} 并非显卡，而是处理器上的软件渲染；--draw cpu 更快。",
                )
            )

    def _judged(self) -> Iterator[None]:
        """Returns once OpenGL is worth a try; a child process is asked meanwhile."""
        if learnt.declined and not self._asked:
            raise _Declined(learnt.declined)
        found: list[str | BaseException] = []

        def ask() -> None:
            try:
                found.append(probe())
            except BaseException as error:
                found.append(error)

        if self._live:
            Detached(ask, name="opengl")
            while not found:
                yield
        else:
            ask()
        [name] = found
        if isinstance(name, str) and (self._asked or not is_software(name)):
            return
        if self._asked and isinstance(name, BaseException):
            raise name
        raise _Declined(str(name))

    def _compose(self, drawing: LayersDrawing) -> np.ndarray:
        with self._drawing:
            image = self._on_gpu(drawing)
            self._release_if_closed()
        if image is None:
            start = now()
            image = drawing.compose()
            self._fastest["cpu"] = min(self._fastest["cpu"], now() - start)
        return image

    def _on_gpu(self, drawing: LayersDrawing) -> np.ndarray | None:
        """The picture; None where the CPU has to draw."""
        picture = self._picture
        if picture is None:
            return None
        start = now()
        try:
            image: np.ndarray = self._entered(lambda: picture.draw(drawing))
        except Exception as error:  # the show goes on
            self._lose()
            self._give_up(_message(error), told=True)
            return None
        self._fastest["gpu"] = min(self._fastest["gpu"], now() - start)
        self._tried += 1
        if self._tried == TRIED and not self._asked and self._fastest["gpu"] > self._fastest["cpu"]:
            gpu, cpu = (f"{1000 * self._fastest[name]:.1f} ms" for name in ("gpu", "cpu"))
            learnt.declined = f"{self.gpu} takes {gpu}, the CPU {cpu}"
            self._give_up(learnt.declined, told=False)
        return image

    def _entered(self, work: Callable[[], Any]) -> Any:
        """What `work` gives, with the context current in this thread."""
        assert self._opengl is not None
        with self._opengl:
            return work()

    def _lose(self) -> None:
        """After an error the context is not used any more, by nobody."""
        if self._opengl is not None:
            self._opengl.lost = True

    def _give_up(self, reason: str, told: bool) -> None:
        """Draw on the CPU from now on."""
        log.info("drawing on the CPU: %s", reason)
        if told:
            self._say(tr(f"drawing on the CPU, because {reason}.", f"改在 CPU 上绘制，原因：{reason}。"))
        self.draw = "cpu"
        self._release()

    def _release_if_closed(self) -> None:
        """close() came meanwhile, from a thread that would not wait."""
        if self._closed:
            self._release()

    def _release(self) -> None:
        """Give the objects up; they are released where the context is entered next, which is here unless it is lost."""
        opengl, self._opengl, self._picture, self._steps = self._opengl, None, None, None
        if opengl is not None and not opengl.lost:
            try:
                with opengl:
                    pass
            except Exception as error:
                log.info("the context is gone: %s", error)


def _message(error: BaseException) -> str:
    if isinstance(error, _Declined | LiveAvatarError):
        return str(error)
    return tr(
        f"OpenGL failed ({type(error).__name__}: {str(error)[:200]})",
        f"OpenGL 出错（{type(error).__name__}：{str(error)[:200]}）",
    )
