"""The errors a user can meet. The CLI prints their message and exits with 1, without a traceback.

LiveAvatarError
├── CameraError      no such camera, busy, unreadable clip
├── SoundError       no such microphone or loudspeaker, PortAudio missing, a sound file that cannot be used
├── TrackerError     model file missing or damaged, no face where one is needed, system library missing
├── ProfileError     a calibration that found no face, a profile that is damaged or of another version
├── AvatarError      unknown avatar, damaged avatar.json, wrong sha256, ONNX that does not fit its card
├── PictureError     unreadable picture, no face in it, points that make no face
├── Cancelled        the user stopped what was not finished; nothing was made
├── ProviderError    an execution provider was asked for and cannot run
├── OutputError      unwritable file, no virtual-camera backend, unusable background
│   └── OutputAway   a device that is gone for the moment and is being opened again
└── TrainingError    unusable data, checkpoint or option; export parity broken

Every message says what was expected, what came, and what to do, through liveavatar.language.tr.
"""


class LiveAvatarError(Exception):
    """Base of all errors that are meant for the user."""


class CameraError(LiveAvatarError):
    """A picture source cannot be opened or read."""


class SoundError(LiveAvatarError):
    """A sound device or a sound file cannot be opened, or stopped."""


class TrackerError(LiveAvatarError):
    """Faces cannot be tracked."""


class ProfileError(LiveAvatarError):
    """A person's profile cannot be made, found or read."""


class AvatarError(LiveAvatarError):
    """An avatar package cannot be found, read or trusted."""


class PictureError(LiveAvatarError):
    """A picture cannot become an avatar."""


class Cancelled(LiveAvatarError):
    """The user chose not to go on."""


class ProviderError(LiveAvatarError):
    """The execution provider that was asked for does not run."""


class OutputError(LiveAvatarError):
    """Frames cannot be delivered."""


class OutputAway(OutputError):
    """Frames cannot be delivered at the moment; the output is being opened again."""


class TrainingError(LiveAvatarError):
    """Training, evaluation or export cannot go on."""
