"""What Image Filters must make of an image, computed with SciPy from the plugin's documentation, and what the viewer
must then draw: written a second time, plainly, without the plugin's strips and threads.
"""

import math
import random
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage  # type: ignore[import-untyped]

Array = npt.NDArray[Any]
Options = dict[str, Any]

KEEPING = (
    *("gaussian", "median", "uniform", "percentile", "unsharp_mask", "minimum", "maximum", "opening", "closing"),
    *("white_tophat", "black_tophat", "rotate", "scale", "flip"),
)
MEASURING = ("sobel", "gaussian_gradient", "laplace", "gaussian_laplace", "difference_of_gaussians")
NAMES = (*KEEPING, *MEASURING)
# Those that do no arithmetic on floating-point numbers: not one value may differ.
EXACT = ("median", "percentile", "minimum", "maximum", "opening", "closing", "white_tophat", "black_tophat", "flip")
EDGES = ("reflect", "mirror", "nearest", "wrap", "constant")
_PLANAR = ("rotate", "flip")
_ORDERS = {"nearest": 0, "linear": 1, "cubic": 3}


def random_options(chance: random.Random, name: str) -> Options:
    """Options that the filter has, some of them left out."""
    every: dict[str, Callable[[], Any]] = {
        "sigma": lambda: round(chance.uniform(0.3, 4), 3),
        "size": lambda: chance.choice((1, 3, 5, 7, 9)),
        "shape": lambda: chance.choice(("square", "disk")),
        "percentile": lambda: round(chance.uniform(0, 100), 1),
        "amount": lambda: round(chance.uniform(0, 3), 2),
        "ratio": lambda: round(chance.uniform(1.1, 3), 2),
        "angle": lambda: chance.choice((90, 180, round(chance.uniform(-360, 360), 1))),
        "grow": lambda: chance.choice(("yes", "no", True, False)),
        "factor": lambda: round(chance.uniform(0.3, 3), 3),
        "interpolation": lambda: chance.choice(tuple(_ORDERS)),
        "direction": lambda: chance.choice(("left-right", "top-bottom")),
    }
    window = ("size", "shape")
    own = {
        **dict.fromkeys(("gaussian", "gaussian_gradient", "gaussian_laplace"), ("sigma",)),
        **dict.fromkeys(("median", "uniform", "minimum", "maximum", "opening", "closing"), window),
        **{"white_tophat": window, "black_tophat": window, "percentile": ("percentile", *window)},
        **{"unsharp_mask": ("sigma", "amount"), "difference_of_gaussians": ("sigma", "ratio")},
        **{"rotate": ("angle", "grow", "interpolation"), "scale": ("factor", "interpolation")},
        "flip": ("direction",),
    }
    options = {option: every[option]() for option in own.get(name, ()) if chance.random() < 0.85}
    if name != "flip" and chance.random() < 0.8:
        options["edges"] = chance.choice(EDGES)
    return options


def expected(
    image: Array, name: str, options: Options | None = None, *, channels: bool = False, volume: bool = False
) -> Array:
    """The filtered image. ``channels``: the last axis has them; ``volume``: what is left is one volume."""
    given = dict(options or {})
    if channels:
        parts = [expected(image[..., i], name, given, volume=volume) for i in range(image.shape[-1])]
        return np.stack(parts, axis=-1)
    spatial = 3 if volume and name not in _PLANAR else 2
    if image.ndim > spatial:
        return np.stack([expected(part, name, given, volume=volume) for part in image])
    mode = given.pop("edges", {"rotate": "constant", "scale": "nearest"}.get(name, "reflect"))
    values = image.astype(image.dtype if image.dtype.kind == "f" else np.float64)
    return _in_type(_compute(values, name, given, mode), image.dtype, name)


def _in_type(values: Array, dtype: np.dtype[Any], name: str) -> Array:
    if name in MEASURING:
        return values.astype(np.float32 if dtype.itemsize <= 2 or dtype == np.float32 else np.float64)
    if dtype.kind == "f":
        return values.astype(dtype)
    if dtype.kind == "b":
        return values >= 0.5
    limits = np.iinfo(dtype)
    # Whole numbers of Python do not run over, so that no other rounding comes in between.
    whole = [min(limits.max, max(limits.min, int(value))) for value in np.rint(values).ravel()]
    return np.array(whole, dtype).reshape(values.shape)


def _window(given: Mapping[str, Any], axes: int) -> Array:
    size = given.get("size", 3)
    if given.get("shape", "square") == "square":
        return np.ones((size,) * axes, bool)
    radius = (size - 1) // 2
    distances = sum(axis.astype(float) ** 2 for axis in np.indices((size,) * axes) - radius)
    return np.asarray(distances <= radius**2)


def _compute(values: Array, name: str, given: Mapping[str, Any], mode: str) -> Any:
    sigma = given.get("sigma", 2)
    if name in ("rotate", "scale", "flip"):
        return _move(values, name, given, mode)
    blurred = ndimage.gaussian_filter(values, sigma, mode=mode)
    if name == "gaussian":
        return blurred
    if name == "unsharp_mask":
        return values + values.dtype.type(given.get("amount", 1)) * (values - blurred)
    if name == "difference_of_gaussians":
        return blurred - ndimage.gaussian_filter(values, sigma * given.get("ratio", 1.6), mode=mode)
    if name == "sobel":
        return np.sqrt(sum(ndimage.sobel(values, axis, mode=mode) ** 2 for axis in range(values.ndim)))
    if name == "laplace":
        return ndimage.laplace(values, mode=mode)
    if name == "gaussian_gradient":
        return ndimage.gaussian_gradient_magnitude(values, sigma, mode=mode)
    if name == "gaussian_laplace":
        return ndimage.gaussian_laplace(values, sigma, mode=mode)
    return _over_windows(values, name, given, mode)


def _over_windows(values: Array, name: str, given: Mapping[str, Any], mode: str) -> Any:
    window = _window(given, values.ndim)
    if name == "uniform" and window.all():
        return ndimage.uniform_filter(values, given.get("size", 3), mode=mode)
    if name == "uniform":
        return ndimage.correlate(values, window / window.sum(), mode=mode)
    if name == "median":
        return ndimage.median_filter(values, footprint=window, mode=mode)
    if name == "percentile":
        return ndimage.percentile_filter(values, given.get("percentile", 10), footprint=window, mode=mode)

    def smallest(array: Array) -> Array:
        return np.asarray(ndimage.minimum_filter(array, footprint=window, mode=mode))

    def largest(array: Array) -> Array:
        return np.asarray(ndimage.maximum_filter(array, footprint=window, mode=mode))

    results: dict[str, Callable[[], Array]] = {
        "minimum": lambda: smallest(values),
        "maximum": lambda: largest(values),
        "opening": lambda: largest(smallest(values)),
        "closing": lambda: smallest(largest(values)),
        "white_tophat": lambda: values.astype(float) - largest(smallest(values)),
        "black_tophat": lambda: smallest(largest(values)).astype(float) - values,
    }
    return results[name]()


def _move(values: Array, name: str, given: Mapping[str, Any], mode: str) -> Any:
    if name == "flip":
        return values[..., ::-1] if given.get("direction", "left-right") == "left-right" else values[..., ::-1, :]
    order = _ORDERS[given.get("interpolation", "linear")]
    if name == "rotate":
        grow = given.get("grow", "yes") in ("yes", True)
        return ndimage.rotate(values, given.get("angle", 90), reshape=grow, order=order, mode=mode)
    factor = given.get("factor", 2)
    if factor < 1 and order > 0:
        values = ndimage.gaussian_filter(values, (1 / factor - 1) / 2, mode=mode)
    target = [round(length * factor) for length in values.shape]
    exact = [new / old for new, old in zip(target, values.shape, strict=True)]
    mode = {"constant": "grid-constant", "wrap": "grid-wrap"}.get(mode, mode)
    return ndimage.zoom(values, exact, order=order, mode=mode, grid_mode=True)


def through(image: Array, steps: list[tuple[str, Options]], *, channels: bool = False) -> Array:
    """One filter after the other, as Filter Chain does it."""
    for name, options in steps:
        image = expected(image, name, options, channels=channels)
    return image


def chain_form(steps: list[tuple[str, Options]]) -> dict[str, str]:
    """What is entered in the form of Filter Chain for these steps, three at most, by the labels of its fields."""
    entries = {}
    for place, word in enumerate(("First", "Second", "Third")):
        name, options = steps[place] if place < len(steps) else ("none", {})
        entries[f"{word} filter"] = name
        entries[f"Settings of the {word.lower()}"] = ", ".join(f"{option}={value}" for option, value in options.items())
    return entries


def drawn(image: Array) -> bytes:
    """The RGBA bytes that the Image Viewer's canvas holds, at the contrast with which it opens.

    8-bit images are drawn as they are; all others from their smallest to their largest finite value.
    """
    values = image.astype(np.float64)
    low, high = (0.0, 255.0) if image.dtype == np.uint8 else (0.0, 1.0)
    if image.dtype not in (np.dtype(np.uint8), np.dtype(bool)):
        finite = values[np.isfinite(values)]
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
        high = high if high > low else low + 1
    shades = np.clip(np.rint(np.nan_to_num((values - low) * 255 / (high - low))), 0, 255).astype(np.uint8)
    colours = (
        shades if image.ndim == 3 and image.shape[-1] == 3 else np.repeat(shades.reshape(*image.shape[:2], 1), 3, 2)
    )
    return np.concatenate([colours, np.full((*image.shape[:2], 1), 255, np.uint8)], axis=2).tobytes()


def close(found: Array, wanted: Array) -> bool:
    """Whether two results are the same but for the last digits of floating point.

    Where values are rounded to whole numbers, a tie may fall to either side, by one, in a very few places.
    """
    if found.dtype != wanted.dtype or found.shape != wanted.shape:
        return False
    if found.dtype.kind == "f":
        scale = float(np.max(np.abs(wanted), initial=1e-30))
        digits = 1e-5 if found.dtype == np.float32 else 1e-11
        return bool(np.all(np.abs(found.astype(float) - wanted.astype(float)) <= digits * scale))
    apart = np.abs(found.astype(float) - wanted.astype(float))
    return bool(apart.max(initial=0) <= 1 and np.count_nonzero(apart) <= math.ceil(found.size / 1000))
