"""Picture quality against the teacher: PSNR and SSIM over mid-grey, sharpness ratio, diversity. Plain numpy and cv2."""

import cv2
import numpy as np

GREY = 127.5
# fmt: off
_TO_CONES = np.array([[0.4122214708, 0.5363325363, 0.0514459929],
                      [0.2119034982, 0.6806995451, 0.1073969566],
                      [0.0883024619, 0.2817188376, 0.6299787005]], np.float32)
_CONES_TO_LAB = np.array([[0.2104542553, 0.7936177850, -0.0040720468],
                          [1.9779984951, -2.4285922050, 0.4505937099],
                          [0.0259040371, 0.7827717662, -0.8086757660]], np.float32)
# fmt: on


def over_grey(image: np.ndarray) -> np.ndarray:
    """Premultiplied RGBA (H, W, 4) uint8 -> RGB on mid-grey, (H, W, 3) float32 in [0, 255]."""
    alpha = image[..., 3:].astype(np.float32) / 255
    return image[..., :3].astype(np.float32) + GREY * (1 - alpha)


def psnr(ours: np.ndarray, truth: np.ndarray, mask: np.ndarray | None = None) -> float:
    """Peak signal-to-noise ratio in dB, peak 255, over the pixels of the mask (all if None); at most 99."""
    error = (ours.astype(np.float64) - truth) ** 2
    mean = error[mask].mean() if mask is not None else error.mean()
    return float(min(99.0, 10 * np.log10(255**2 / max(mean, 1e-12))))


def ssim(ours: np.ndarray, truth: np.ndarray) -> float:
    """Structural similarity (Wang et al. 2004) of luminance, Gaussian window of 1.5 pixels, data range 255."""
    a, b = (cv2.cvtColor(x.astype(np.float32), cv2.COLOR_RGB2GRAY).astype(np.float64) for x in (ours, truth))

    def blur(x: np.ndarray) -> np.ndarray:
        return cv2.GaussianBlur(x, (11, 11), 1.5)

    mean_a, mean_b = blur(a), blur(b)
    var_a, var_b = blur(a * a) - mean_a**2, blur(b * b) - mean_b**2
    covariance = blur(a * b) - mean_a * mean_b
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    top = (2 * mean_a * mean_b + c1) * (2 * covariance + c2)
    return float((top / ((mean_a**2 + mean_b**2 + c1) * (var_a + var_b + c2))).mean())


def gradient_energy(image: np.ndarray) -> float:
    """Sum of squared differences between neighbouring pixels: (H, W, 3) -> one number."""
    x = image.astype(np.float64)
    return float((np.diff(x, axis=0) ** 2).sum() + (np.diff(x, axis=1) ** 2).sum())


def diversity(images: np.ndarray) -> float:
    """How far apart pictures (n, H, W, 3) uint8 RGB are: the mean over all pairs of their pixels' distance in OKLab."""
    lab = oklab(images)
    apart = [np.linalg.norm(lab[i + 1 :] - lab[i], axis=-1).mean(axis=(1, 2)) for i in range(len(lab) - 1)]
    return float(np.concatenate(apart).mean())


def oklab(image: np.ndarray) -> np.ndarray:
    """sRGB (..., 3) uint8 -> lightness 0..1, a and b, (..., 3) float32 (https://bottosson.github.io/posts/oklab/)."""
    value = np.arange(256, dtype=np.float32) / 255
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)[image]
    return np.cbrt(linear @ _TO_CONES.T) @ _CONES_TO_LAB.T


def crop(image: np.ndarray, box: tuple[float, float, float, float] | np.ndarray) -> np.ndarray:
    """The part of the picture inside x0, y0, x1, y1 (pixels), clipped to it, at least 8 pixels a side."""
    height, width = image.shape[:2]
    x0, y0 = int(np.clip(np.floor(box[0]), 0, width - 8)), int(np.clip(np.floor(box[1]), 0, height - 8))
    x1, y1 = int(np.clip(np.ceil(box[2]), x0 + 8, width)), int(np.clip(np.ceil(box[3]), y0 + 8, height))
    return image[y0:y1, x0:x1]
