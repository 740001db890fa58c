"""Tracks the driver clip with MediaPipe and compares what it sees with the ground truth.

    python scripts/driver/check.py liveavatar/assets/driver.mp4 --model face_landmarker.task

For each control that the clip uses: the correlation of the truth with MediaPipe's raw blendshape (or the head
angle of its matrix), and with simple geometry of the landmarks where there is some.
"""

import argparse
import json
import math
from pathlib import Path

import av
import mediapipe as mp
import numpy as np

EYES = {"Left": (362, 263, 386, 374, 473), "Right": (33, 133, 159, 145, 468)}
"""Corners left and right in the picture, upper lid, lower lid, iris; by the subject's side."""


def track(clip: Path, model: Path) -> tuple[np.ndarray, list[dict[str, float]], np.ndarray]:
    """Landmarks (frames, 478, 3) in pixels, blendshapes by name, matrices (frames, 4, 4); NaN: no face."""
    tasks = mp.tasks.vision
    options = tasks.FaceLandmarkerOptions(
        base_options=mp.tasks.BaseOptions(model_asset_path=str(model)),
        running_mode=tasks.RunningMode.VIDEO,
        output_face_blendshapes=True,
        output_facial_transformation_matrixes=True,
    )
    landmarks, shapes, matrices = [], [], []
    with tasks.FaceLandmarker.create_from_options(options) as landmarker, av.open(str(clip)) as container:
        for i, frame in enumerate(container.decode(video=0)):
            image = np.ascontiguousarray(frame.to_ndarray(format="rgb24"))
            result = landmarker.detect_for_video(mp.Image(mp.ImageFormat.SRGB, image), round(i * 1000 / 30))
            if result.face_landmarks:
                scale = [frame.width, frame.height, frame.width]
                landmarks.append(np.array([[p.x, p.y, p.z] for p in result.face_landmarks[0]]) * scale)
                shapes.append({c.category_name: c.score for c in result.face_blendshapes[0]})
                matrices.append(np.asarray(result.facial_transformation_matrixes[0]))
            else:
                landmarks.append(np.full((478, 3), np.nan))
                shapes.append({})
                matrices.append(np.full((4, 4), np.nan))
    return np.array(landmarks), shapes, np.array(matrices)


def head_angles(matrices: np.ndarray) -> dict[str, np.ndarray]:
    """headYaw, headPitch, headRoll in radians with the signs of liveavatar.controls."""
    r = matrices[:, :3, :3] / np.linalg.norm(matrices[:, :3, :3], axis=1, keepdims=True)
    return {
        "headYaw": np.arctan2(r[:, 0, 2], r[:, 2, 2]),
        "headPitch": np.arcsin(np.clip(r[:, 1, 2], -1, 1)),
        "headRoll": -np.arctan2(r[:, 1, 0], r[:, 1, 1]),
    }


def geometry(points: np.ndarray) -> dict[str, np.ndarray]:
    """Simple measures in a frame that rolls with the face; unit: the distance of the outer eye corners."""
    across = points[:, 263] - points[:, 33]
    unit = np.linalg.norm(across, axis=1, keepdims=True)[:, None]
    angle = np.arctan2(across[:, 1], across[:, 0])
    c, s = np.cos(angle)[:, None], np.sin(angle)[:, None]
    x, y = points[..., 0], points[..., 1]
    p = np.stack([x * c + y * s, y * c - x * s], -1) / unit
    height = p[:, 152, 1] - p[:, 168, 1]
    out: dict[str, np.ndarray] = {"jawOpen": p[:, 14, 1] - p[:, 13, 1]}
    for side, (first, second, upper, lower, iris) in EYES.items():
        width = p[:, second, 0] - p[:, first, 0]
        out[f"eyeBlink{side}"] = -(p[:, lower, 1] - p[:, upper, 1]) / width
        out[f"gazeAcross{side}"] = (p[:, iris, 0] - p[:, first, 0]) / width
        out[f"gazeUp{side}"] = -(p[:, iris, 1] - (p[:, first, 1] + p[:, second, 1]) / 2) / width
    lip = (p[:, 13, 1] + p[:, 0, 1]) / 2
    out["mouthSmileLeft"] = lip - p[:, 291, 1] + 0.6 * (p[:, 291, 0] - p[:, 4, 0])
    out["mouthSmileRight"] = lip - p[:, 61, 1] - 0.6 * (p[:, 61, 0] - p[:, 4, 0])
    out["mouthPucker"] = -(p[:, 291, 0] - p[:, 61, 0])
    out["browInnerUp"] = (p[:, 168, 1] - (p[:, 107, 1] + p[:, 336, 1]) / 2) / height
    for side, brow, eye in (("Left", 334, 263), ("Right", 105, 33)):
        out[f"browOuterUp{side}"] = (p[:, eye, 1] - p[:, brow, 1]) / height
        out[f"browDown{side}"] = -out[f"browOuterUp{side}"]
    return out


def correlation(a: np.ndarray, b: np.ndarray) -> float:
    good = np.isfinite(a) & np.isfinite(b)
    if good.sum() < 3 or a[good].std() < 1e-9 or b[good].std() < 1e-9:
        return math.nan
    return float(np.corrcoef(a[good], b[good])[0, 1])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("clip", type=Path)
    parser.add_argument("--model", type=Path, required=True, help="MediaPipe's face_landmarker.task")
    arguments = parser.parse_args()
    record = json.loads(arguments.clip.with_suffix(".json").read_text("utf-8"))
    truth = dict(zip(record["controls"], np.array(record["values"]).T, strict=True))
    points, shapes, matrices = track(arguments.clip, arguments.model)
    tracked = {name: np.array([s.get(name, math.nan) for s in shapes]) for name in truth} | head_angles(
        matrices
    )
    measured = geometry(points)
    found = sum(bool(s) for s in shapes)
    print(f"face found in {found} of {len(shapes)} frames ({record['frames']} in the truth)")

    def sight(side: str) -> tuple[np.ndarray, np.ndarray]:
        """Gaze of one eye from its four blendshapes: towards the subject's left, and up."""
        toward, away = ("Out", "In") if side == "Left" else ("In", "Out")
        get = lambda values, way: values.get(f"eyeLook{way}{side}", 0.0)  # noqa: E731
        return tuple((get(v, toward) - get(v, away), get(v, "Up") - get(v, "Down")) for v in (truth, tracked))  # type: ignore[return-value]

    for side in EYES:
        (true_x, true_y), (seen_x, seen_y) = sight(side)
        truth |= {f"gazeAcross{side}": true_x, f"gazeUp{side}": true_y}
        tracked |= {f"gazeAcross{side}": seen_x, f"gazeUp{side}": seen_y}
    lids_open = np.maximum(truth["eyeBlinkLeft"], truth["eyeBlinkRight"]) < 0.2
    print("gaze* counts frames with open lids only: a closing lid looks like looking down")
    print(
        f"{'control':22}{'raw r':>8}{'landmarks r':>13}{'truth max':>11}"
        f"{'raw min':>9}{'raw max':>9}{'slope':>7}"
    )
    for name, values in truth.items():
        seen = np.where(lids_open, tracked[name], math.nan) if name.startswith("gaze") else tracked[name]
        r = correlation(values, seen)
        g = correlation(values, measured[name]) if name in measured else math.nan
        slope = r * np.nanstd(seen) / values.std()
        print(
            f"{name:22}{r:8.2f}{g:13.2f}{values.max():11.2f}{np.nanmin(seen):9.2f}{np.nanmax(seen):9.2f}{slope:7.2f}"
        )
    for first, last in record["still"]:
        jitter = (points[first : last + 1] - points[first : last + 1].mean(0))[..., :2].std()
        print(f"still frames {first}-{last}: landmark jitter {jitter:.3f} px rms")


if __name__ == "__main__":
    main()
