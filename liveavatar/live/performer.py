"""What the avatar should do at any moment: as the face does, or at rest. Gives an expression whatever the retargeter does."""

import threading
from dataclasses import replace

import numpy as np

from liveavatar.live.report import Report, message_of
from liveavatar.retargeting.idle import idle
from liveavatar.stages import Retargeter
from liveavatar.types import Expression, Face


class Performer:
    """One retargeter for two threads: the tracker drives it; the renderer finishes what it draws, and idles."""

    def __init__(self, retargeter: Retargeter, report: Report) -> None:
        """report: where it is written that the retargeter fails."""
        self._retargeter = retargeter
        self._report = report
        self._lock = threading.Lock()
        self._last = -np.inf

    def follow(self, face: Face | None, time: float) -> Expression:
        """The expression for a camera picture taken at `time`, which stays the expression's time."""
        return self._step(face, time)

    def idle(self, time: float) -> Expression:
        """The expression when there is no camera picture."""
        return self._step(None, time)

    def _step(self, face: Face | None, time: float) -> Expression:
        with self._lock:
            # A picture captured before the last idle step comes after it: time must not run backwards.
            self._last = max(time, self._last + 1e-4)
            try:
                expression = self._retargeter.read(face, self._last)
            except Exception as error:  # one bad face is no reason to go off the air
                self._report.trouble("retargeter", message_of(error))
                return Expression(idle(self._last), time, tracked=False)
        self._report.well("retargeter")
        return replace(expression, time=time)

    def finish(self, expression: Expression) -> Expression:
        """What follow() or idle() gave, or what lies between, as it is drawn."""
        with self._lock:
            try:
                return self._retargeter.finish(expression)
            except Exception as error:
                self._report.trouble("retargeter", message_of(error))
                return expression
