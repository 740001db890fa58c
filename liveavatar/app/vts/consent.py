"""Which plugins may drive the avatar: asked of the user once, kept until they take it back. Reads no clock.

A plugin is a name, a developer and, for a web page, the page's origin. Nothing of what it says of itself can be checked: the user
decides. What is kept of a token is its hash.
"""

import hashlib
import hmac
import json
import secrets
import shlex
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from liveavatar.app.vts.protocol import Refused, Wrong
from liveavatar.base.files import Unreadable, user_folder, write_whole
from liveavatar.base.messages import say
from liveavatar.base.plain_text import is_plain
from liveavatar.base.strict_json import read_json
from liveavatar.errors import LiveAvatarError
from liveavatar.language import tr

PATIENCE = 60.0
"""Seconds until a question that nobody answers counts as a no."""
NAMES = 3, 32
"""Characters of a name."""
MOST = 200
"""Plugins that are kept."""


@dataclass(frozen=True)
class Plugin:
    """Who asks, as it says itself."""

    name: str
    developer: str
    origin: str = ""
    """Of the web page it is; empty for a program."""

    @property
    def key(self) -> str:
        """Tells it from others; the name is its first line."""
        return f"{self.name}\n{self.developer}\n{self.origin}"

    def __str__(self) -> str:
        return f"{self.name} ({self.developer}{', ' + self.origin if self.origin else ''})"


HOOKS = Plugin("hooks", "liveavatar")
"""Whoever opens an address of the door that has the hooks' own token in it: a button, nothing else."""
SPEAK, EVENTS = Plugin("speak", "liveavatar"), Plugin("events", "liveavatar")
"""The same for programs that have the avatar speak, and for those that want to know what happens."""
OWN = {one.name: one for one in (HOOKS, SPEAK, EVENTS)}
"""By name: those whose token the user asks for."""


def introduced(name: object, developer: object, origin: str) -> Plugin:
    """The plugin of these names. Raises Refused."""
    for value, number, what in (
        (name, Wrong.PLUGIN_NAME, "pluginName"),
        (developer, Wrong.PLUGIN_DEVELOPER, "pluginDeveloper"),
    ):
        if not (isinstance(value, str) and NAMES[0] <= len(value) <= NAMES[1] and is_plain(value)):
            raise Refused(number, f"{what} must have {NAMES[0]} to {NAMES[1]} characters.")
    if str(name).casefold() in OWN:
        raise Refused(Wrong.PLUGIN_NAME, f"{name} is no plugin's name.")
    return Plugin(str(name), str(developer), origin[:200])


@dataclass
class _Question:
    plugin: Plugin
    answer: Callable[[str | None], None]
    until: float


class Consent:
    """Asks, and remembers. From any thread. The answers come by allow(), revoke() and time.

    What is kept stands in a file, which other processes may change; OSError where that cannot be written."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._question: _Question | None = None
        self._denied: set[Plugin] = set()
        """For this run."""
        self._ahead: set[Plugin] = set()
        """Allowed while they were not asking: they get a token when they do."""

    def ask(self, plugin: Plugin, answer: Callable[[str | None], None], time: float) -> None:
        """Ask the user; `answer` is called, in whatever thread, with a token, or with None for a no. time: seconds.

        Raises Refused: denied before in this run, or another question is open. OSError where a token cannot be kept."""
        with self._lock:
            if plugin in self._ahead:
                self._ahead.discard(plugin)
                token = self._grant(plugin)
            elif plugin in self._denied:
                raise Refused(Wrong.DENIED, f"The user has denied {plugin.name} access.")
            elif self._question is not None:
                raise Refused(Wrong.ASKING_ALREADY, "Another plugin waits for the user's answer.")
            else:
                self._question = _Question(plugin, answer, time + PATIENCE)
                token = ""
        if token:
            answer(token)
            return
        say(
            tr(
                f"The plugin {plugin} asks to drive the avatar. To let it: liveavatar plugins allow {_quoted(plugin.name)}",
                f"插件 {plugin} 请求控制形象。要允许请运行：liveavatar plugins allow {_quoted(plugin.name)}",
            )
        )

    def withdraw(self, answer: Callable[[str | None], None]) -> None:
        """Whoever asked this way has gone."""
        with self._lock:
            if self._question is not None and self._question.answer == answer:
                self._question = None

    def tick(self, time: float) -> None:
        """A question that was open for too long is a no."""
        with self._lock:
            question = self._question
            if question is None or time < question.until:
                return
            self._question = None
            self._denied.add(question.plugin)
        question.answer(None)

    def allow(self, name: str) -> str:
        """Yes to the one of this name that asks, or has asked in this run; who that is. Raises LiveAvatarError, and OSError where
        the token cannot be kept; then the question stays open."""
        with self._lock:
            question = self._question
            if question is not None and _same(question.plugin.name, name):
                token = self._grant(question.plugin)
                self._question = None
            else:
                denied = [plugin for plugin in self._denied if _same(plugin.name, name)]
                if len(denied) != 1:
                    raise LiveAvatarError(self._unknown(name))
                self._denied.discard(denied[0])
                self._ahead.add(denied[0])
                return str(denied[0])
        question.answer(token)
        return str(question.plugin)

    def token(self, own: Plugin) -> str:
        """A token for one of OWN; one that was given before holds no more. Raises OSError where it cannot be kept."""
        with self._lock:
            return self._grant(own)

    def revoke(self, name: str) -> list[Plugin]:
        """No to all of this name, allowed or asking; who they were. Raises LiveAvatarError."""
        with self._lock:
            question, tokens = self._question, _load()
            gone = [plugin for plugin in tokens if _same(plugin.name, name)]
            asking = question is not None and _same(question.plugin.name, name)
            if not gone and not asking:
                raise LiveAvatarError(self._unknown(name))
            if gone:
                _save({plugin: kept for plugin, kept in tokens.items() if plugin not in gone})
            self._denied.update(gone)
            if asking and question is not None:
                self._question = None
                self._denied.add(question.plugin)
                gone.append(question.plugin)
        if asking and question is not None:
            question.answer(None)
        return gone

    def holds(self, plugin: Plugin, token: str) -> bool:
        """Whether this is the plugin's token."""
        known = _load().get(plugin)
        return known is not None and hmac.compare_digest(known, _hash(token))

    def allowed(self) -> list[Plugin]:
        """Whose tokens hold."""
        return list(_load())

    def listed(self) -> dict[str, Any]:
        """{"allowed": [...], "asking": [...], "denied": [...]}: plugins as dictionaries."""
        with self._lock:
            asking = [] if self._question is None else [self._question.plugin]
            return {
                "allowed": [asdict(plugin) for plugin in _load()],
                "asking": [asdict(plugin) for plugin in asking],
                "denied": [asdict(plugin) for plugin in self._denied],
            }

    def _grant(self, plugin: Plugin) -> str:
        """A token for it. Raises OSError where that cannot be kept."""
        token = secrets.token_hex(32)
        kept = [(known, held) for known, held in _load().items() if known != plugin]
        _save({**dict(kept[-MOST + 1 :]), plugin: _hash(token)})
        self._denied.discard(plugin)
        return token

    def _unknown(self, name: str) -> str:
        known = [*_load(), *self._denied, *([self._question.plugin] if self._question else [])]
        names = ", ".join(sorted({plugin.name for plugin in known})) or tr("none", "无")
        return tr(
            f"no plugin {name[:40]!r} has asked or is allowed; there are: {names}",
            f"没有名为 {name[:40]!r} 的插件提出过请求或已被允许；现有：{names}",
        )


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


def _quoted(name: str) -> str:
    """As it can be typed in a shell, whatever the plugin calls itself."""
    harmless = all(letter.isalnum() or letter in " -_." for letter in name)
    return name if name.isalnum() else f'"{name}"' if harmless else shlex.quote(name)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _path() -> Path:
    return user_folder("config") / "plugins.json"


def _load() -> dict[Plugin, str]:
    try:
        kept = read_json(_path())["plugins"]
        return {
            Plugin(str(one["name"]), str(one["developer"]), str(one["origin"])): str(one["token"])
            for one in kept[:MOST]
        }
    except Unreadable as error:
        if isinstance(error.__cause__, FileNotFoundError):
            return {}
    except (KeyError, TypeError):
        pass
    say(
        tr(
            f"{_path()} is damaged: the plugins have to ask again.",
            f"{_path()} 已损坏：插件需要重新请求授权。",
        )
    )
    return {}


def _save(tokens: dict[Plugin, str]) -> None:
    """Raises OSError."""
    kept = [{**asdict(plugin), "token": token} for plugin, token in tokens.items()]
    path = _path()
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"plugins": kept}, ensure_ascii=False, indent=1)
    write_whole(path, text.encode(), private=True)
