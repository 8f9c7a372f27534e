"""Image Filters in a real worker process: every filter against SciPy, every type, channels, stacks, and bad wishes."""

import ast
import json
import random
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import numpy as np
import pytest
import scipy  # type: ignore[import-untyped]

from imjoy.rpc.call_errors import RemoteError
from imjoy_offline.plugin.file import PluginFile, parse_plugin_file
from tests.helpers.filtered_images import (
    EDGES,
    EXACT,
    KEEPING,
    MEASURING,
    NAMES,
    Array,
    chain_form,
    close,
    drawn,
    expected,
    random_options,
    through,
)
from tests.helpers.source_tree import ROOT
from tests.unit.runtime.worker_process import WorkerProcess, worker

NAME = "Image Filters"
SECONDS = 20.0
DTYPES = ("uint8", "uint16", "uint32", "int8", "int16", "int32", "int64", "uint64", "float32", "float64", "bool")


def read_plugin() -> tuple[PluginFile, dict[str, Any], str, int]:
    """The file, its config, its script, and the line at which that begins."""
    path = ROOT / "plugin_repository" / f"{NAME}.imjoy.html"
    plugin = parse_plugin_file(path.read_text(encoding="utf-8"))
    (script,), (config,) = plugin.of_type("script"), plugin.of_type("config")
    return plugin, json.loads(config.content), script.content, script.content_line


def started(host: "Host") -> AbstractContextManager[WorkerProcess]:
    """The plugin in a process of its own, with this host."""
    _, config, script, line = read_plugin()
    process = worker(scripts=[{"content": script, "lang": "python", "line": line}], name=NAME, config=config)
    return host.hosting(process)


class Host:
    """What the app offers: it keeps what is registered, shown and said, and makes test images."""

    def __init__(self) -> None:
        self.registered: list[Any] = []
        self.windows: list[Any] = []
        self.status: list[str] = []
        self.progress: list[float] = []
        self.wishes: list[Any] = []
        self.image = np.random.default_rng(5).integers(0, 256, (40, 50), np.uint8)

    def offer(self) -> dict[str, Any]:
        return {
            "register": self.registered.append,
            "createWindow": self.windows.append,
            "showStatus": self.status.append,
            "showProgress": self.progress.append,
            "getPlugin": self._plugin,
        }

    @contextmanager
    def hosting(self, starting: AbstractContextManager[WorkerProcess]) -> Iterator[WorkerProcess]:
        with starting as process:
            process.peer.set_interface(self.offer())
            yield process

    def _plugin(self, name: str) -> Any:
        assert name == "Test Image Generator"
        return {"generate": self._generate, "_rintf": True}

    def _generate(self, settings: Any) -> Array:
        self.wishes.append(dict(settings))
        return self.image


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[WorkerProcess, Host]]:
    host = Host()
    with started(host) as process:
        assert process.kind("ready")["exported"] is True
        yield process, host


@pytest.fixture
def host(running: tuple[WorkerProcess, Host]) -> Host:
    fresh = running[1]
    fresh.windows.clear()
    fresh.status.clear()
    fresh.wishes.clear()
    return fresh


@pytest.fixture(scope="module")
def plugin(running: tuple[WorkerProcess, Host]) -> Any:
    return running[0].api()


@pytest.fixture
def chance(seed: int) -> random.Random:
    return random.Random(seed)


def image_of(chance: random.Random, dtype: str, shape: tuple[int, ...]) -> Array:
    """An image of smooth spots with noise, over most of what the type can hold."""
    source = np.random.default_rng(chance.randrange(2**32))
    smooth = scipy.ndimage.gaussian_filter(source.random(shape), 2) + 0.05 * source.random(shape)
    spread = (smooth - smooth.min()) / max(1e-9, float(np.ptp(smooth)))
    if dtype == "bool":
        return np.asarray(spread > 0.5)
    if dtype.startswith("float"):
        return np.asarray((spread * 40 - 10).astype(dtype))
    limits = np.iinfo(dtype)
    low, high = max(limits.min, -(2**50)), min(limits.max, 2**50)
    return np.asarray(np.rint(low + spread * (float(high) - float(low))).astype(dtype))


def filtered(plugin: Any, image: Any, *arguments: Any, **options: Any) -> Array:
    result = plugin.filter(image, *arguments, **options).result(SECONDS)
    assert isinstance(result, np.ndarray)
    return result


@pytest.mark.parametrize("name", NAMES)
def test_every_filter_gives_what_scipy_gives(plugin: Any, chance: random.Random, name: str) -> None:
    for _ in range(6):
        dtype = chance.choice(("uint8", "uint16", "int16", "float32", "float64"))
        image = image_of(chance, dtype, (chance.randrange(1, 150), chance.randrange(1, 60)))
        options = random_options(chance, name)
        if name == "scale":
            options["factor"] = max(options.get("factor", 2), 1.01 / min(image.shape))
        found, wanted = filtered(plugin, image, name, options), expected(image, name, options)
        details = (options, dtype, image.shape, found.dtype, found.shape, wanted.shape)
        assert close(found, wanted), details
        assert name not in EXACT or np.array_equal(found, wanted), details


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_type_of_the_result_is_as_documented(plugin: Any, chance: random.Random, dtype: str) -> None:
    image = image_of(chance, dtype, (37, 41))
    for name in NAMES:
        options = random_options(chance, name)
        found = filtered(plugin, image, name, options)
        small = image.dtype.itemsize <= 2 or dtype == "float32"
        assert found.dtype == (image.dtype if name in KEEPING else np.float32 if small else np.float64), name
        # SciPy itself keeps wide whole numbers apart only up to the precision of floating point.
        if image.dtype.itemsize <= 4 or name in MEASURING:
            assert close(found, expected(image, name, options)), (name, options)


def test_whole_numbers_are_rounded_and_never_run_over(plugin: Any) -> None:
    image = np.full((9, 9), 255, np.uint8)
    image[4, 4] = 0
    blurred = filtered(plugin, image, "gaussian", {"sigma": 1})
    exact = scipy.ndimage.gaussian_filter(image.astype(float), 1)
    assert np.array_equal(blurred, np.rint(exact).astype(np.uint8))
    assert not np.array_equal(blurred, exact.astype(np.uint8)), "cutting off would give another image"
    sharp = filtered(plugin, image, "unsharp_mask", {"sigma": 1, "amount": 50})
    assert sharp.max() == 255
    assert sharp[4, 4] == 0
    # Zeros beyond the edges make the closing smaller than the image there: the difference must not run over.
    assert filtered(plugin, np.full((5, 5), 9, np.uint8), "black_tophat", {"edges": "constant"}).max() == 0


def test_median_minimum_and_maximum_give_back_values_that_are_in_the_image(plugin: Any, chance: random.Random) -> None:
    image = image_of(chance, "uint16", (90, 30))
    for name in ("median", "minimum", "maximum", "opening", "closing", "percentile"):
        options = {**random_options(chance, name), "edges": "reflect"}
        assert np.isin(filtered(plugin, image, name, options), image).all(), name


def test_channels_are_filtered_each_by_itself(plugin: Any, chance: random.Random) -> None:
    for name in NAMES:
        image = image_of(chance, chance.choice(("uint8", "uint16", "float32")), (45, 38, 3))
        options = random_options(chance, name)
        assert close(filtered(plugin, image, name, options), expected(image, name, options, channels=True)), name


def test_transparency_is_kept_moved_or_left_out(plugin: Any, chance: random.Random) -> None:
    image = image_of(chance, "uint8", (30, 20, 4))
    blurred = filtered(plugin, image, "gaussian")
    assert np.array_equal(blurred[..., 3], image[..., 3])
    assert close(blurred[..., :3], expected(image[..., :3], "gaussian", channels=True))
    assert close(filtered(plugin, image, "rotate"), expected(image, "rotate", channels=True))
    assert close(filtered(plugin, image, "sobel"), expected(image[..., :3], "sobel", channels=True))
    # Four channels that were named as such are four channels.
    named = filtered(plugin, image, "gaussian", {"channel_axis": -1})
    assert close(named, expected(image, "gaussian", channels=True))


def test_the_axis_of_the_channels_may_be_named(plugin: Any, chance: random.Random) -> None:
    image = image_of(chance, "uint16", (5, 33, 20))
    one_by_one = np.stack([expected(plane, "gaussian", {"sigma": 1}) for plane in image])
    for axis in (0, "first", -3):
        assert close(filtered(plugin, image, "gaussian", {"sigma": 1, "channel_axis": axis}), one_by_one)
    last = np.moveaxis(image, 0, -1)
    for axis in (2, "last"):
        found = filtered(plugin, last, "gaussian", {"sigma": 1, "channel_axis": axis})
        assert close(found, np.moveaxis(one_by_one, 0, -1))
        assert found.flags.c_contiguous
    # A stack whose planes happen to be three pixels wide is no RGB image, if one says so.
    narrow = image_of(chance, "uint16", (6, 20, 3))
    for none in (None, "none"):
        assert close(filtered(plugin, narrow, "median", {"channel_axis": none}), expected(narrow, "median"))


def test_a_stack_is_filtered_plane_by_plane_or_as_a_volume(plugin: Any, chance: random.Random) -> None:
    for name in NAMES:
        stack = image_of(chance, chance.choice(("uint8", "uint16", "float32")), (7, 24, 19))
        options = random_options(chance, name)
        planes = filtered(plugin, stack, name, options)
        assert close(planes, expected(stack, name, options)), (name, options)
        volume = filtered(plugin, stack, name, {**options, "stack": "volume"})
        assert close(volume, expected(stack, name, options, volume=True)), (name, options)


def test_deep_volumes_are_the_same_in_strips(plugin: Any, chance: random.Random) -> None:
    volume = image_of(chance, "uint16", (90, 12, 11))
    for edges in EDGES:
        for name in ("median", "opening", "uniform"):
            options = {"size": 5, "shape": "disk", "edges": edges}
            found = filtered(plugin, volume, name, {**options, "stack": "volume"})
            assert close(found, expected(volume, name, options, volume=True)), (name, edges)


def test_time_and_channels_around_a_volume(plugin: Any, chance: random.Random) -> None:
    series = image_of(chance, "uint8", (2, 6, 15, 14, 3))
    options = {"sigma": 1.5, "edges": "nearest"}
    found = filtered(plugin, series, "gaussian", {**options, "stack": "volume"})
    assert close(found, expected(series, "gaussian", options, channels=True, volume=True))


def test_every_axis_may_have_a_value_of_its_own(plugin: Any, chance: random.Random) -> None:
    stack = image_of(chance, "float64", (12, 30, 20))
    found = filtered(plugin, stack, "gaussian", {"sigma": [0.5, 2, 3], "stack": "volume"})
    assert close(found, scipy.ndimage.gaussian_filter(stack, (0.5, 2, 3)))
    image = stack[0]
    assert close(filtered(plugin, image, "median", {"size": [1, 5]}), scipy.ndimage.median_filter(image, (1, 5)))
    assert filtered(plugin, image, "scale", {"factor": [0.5, 1]}).shape == (15, 20)
    flat = filtered(plugin, image, "minimum", {"size": [1, 5], "shape": "disk"})
    assert close(flat, scipy.ndimage.minimum_filter(image, (1, 5)))


def test_quarter_turns_and_flips_are_exact(plugin: Any, chance: random.Random) -> None:
    image = image_of(chance, "uint16", (23, 31))
    for turns in range(1, 4):
        for interpolation in ("nearest", "linear", "cubic"):
            options = {"angle": 90 * turns, "interpolation": interpolation}
            assert np.array_equal(filtered(plugin, image, "rotate", options), np.rot90(image, turns)), options
    assert np.array_equal(filtered(plugin, image, "flip"), image[:, ::-1])
    assert np.array_equal(filtered(plugin, image, "flip", {"direction": "top-bottom"}), image[::-1])
    assert filtered(plugin, image, "rotate", {"angle": 30, "grow": False}).shape == image.shape


def test_the_image_given_is_left_as_it_is_and_the_result_is_not_the_same_memory(plugin: Any) -> None:
    rows = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    assert np.array_equal(filtered(plugin, rows, "flip"), np.array(rows)[:, ::-1])
    assert filtered(plugin, rows, "gaussian", {"sigma": 0}).tolist() == rows
    assert filtered(plugin, [[0.5, 1.5], [2, 3]], "median", {"size": 1}).dtype == np.float64


def test_names_may_be_labels_or_other_common_words(plugin: Any) -> None:
    image = np.random.default_rng(1).integers(0, 256, (20, 20), np.uint8)
    for word, name in {
        **{"Gaussian": "gaussian", "blur": "gaussian", "mean": "uniform", "Erosion": "minimum"},
        **{"White top-hat": "white_tophat", "difference of gaussians": "difference_of_gaussians", "zoom": "scale"},
    }.items():
        assert np.array_equal(filtered(plugin, image, word), filtered(plugin, image, name)), word
    assert np.array_equal(filtered(plugin, image, "median", size=5), filtered(plugin, image, "median", {"size": 5}))


GOOD = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((GOOD, "gausian"), "There is no filter “gausian”. Did you mean “gaussian”? There are gaussian, median"),
        ((GOOD, "__class__"), "There is no filter"),
        ((GOOD, 5), "The name of a filter must be a text, not 5"),
        ((GOOD, "median", {"sigma": 2}), "The filter median has no option “sigma”; it has size, shape, edges"),
        ((GOOD, "median", "size=5"), "The options of a filter must be an object"),
        ((GOOD, "median", {"size": 4}), "Window must be an odd whole number from 1 to 999, not 4"),
        ((GOOD, "median", {"size": 2.5}), "Window must be an odd whole number"),
        ((GOOD, "median", {"size": -1}), "Window must be an odd whole number from 1 to 999, not -1"),
        ((GOOD, "median", {"size": [3, 3, 3]}), "Window must be one number or a list of 2, one for each axis; 3 were"),
        ((GOOD, "median", {"shape": "star"}), "Window shape must be one of square, disk, not “star”"),
        ((GOOD, "gaussian", {"sigma": -1}), "Sigma must be a number from 0 to 500, not -1"),
        ((GOOD, "gaussian", {"sigma": "wide"}), "Sigma must be a number from 0 to 500, not “wide”"),
        ((GOOD, "gaussian", {"sigma": True}), "Sigma must be a number from 0 to 500, not True"),
        ((GOOD, "gaussian", {"sigma": {}}), "Sigma must be a number"),
        ((GOOD, "gaussian", {"edges": "round"}), "edges must be one of auto, reflect, mirror, nearest, wrap, constant"),
        ((GOOD, "gaussian", {"stack": "both"}), "stack must be one of slices, volume, not “both”"),
        ((GOOD, "gaussian", {"channel_axis": 7}), "channel_axis must be auto, none, first, last or a number from -2"),
        ((GOOD, "gaussian", {"channel_axis": 0}), "An image with channels has at least 3 axes"),
        ((GOOD, "percentile", {"percentile": 101}), "Percentile must be a number from 0 to 100, not 101"),
        ((GOOD, "scale", {"factor": 0.01}), "Factor would make an image of 0 \u00d7 0 pixels"),
        ((GOOD, "rotate", {"interpolation": "best"}), "Interpolation must be one of nearest, linear, cubic"),
        ((None,), "An image must be an array of numbers, not None"),
        (("picture.tif",), "An image must be an array of numbers, not “picture.tif”"),
        (([[1, 2], [3]],), "The rows of the image differ in length"),
        (([["a", "b"]],), "Images of the type <U1 cannot be filtered"),
        (([1, 2, 3],), "An image needs a height and a width; this array has the shape 3"),
        ((np.zeros((0, 4), np.uint8),), "An image needs a height and a width; this array has the shape 0 \u00d7 4"),
        ((np.array([[2**60, 1]]),), "The image has values beyond 9007199254740992"),
    ],
)
def test_what_cannot_be_done_is_said_in_words(plugin: Any, arguments: tuple[Any, ...], said: str) -> None:
    with pytest.raises(RemoteError) as caught:
        plugin.filter(*arguments).result(SECONDS)
    assert said in str(caught.value)
    # The next call is served as if nothing had been.
    assert filtered(plugin, GOOD, "median", {"size": 1}).tolist() == GOOD


def test_filters_tells_every_filter_with_options_that_it_takes(plugin: Any) -> None:
    told = plugin.filters().result(SECONDS)
    assert {one["name"] for one in told} == set(NAMES)
    image = np.random.default_rng(2).integers(0, 256, (12, 14), np.uint8)
    for one in told:
        assert one["label"] and one["group"] and one["description"]
        defaults = {parameter["name"]: parameter["default"] for parameter in one["parameters"]}
        assert np.array_equal(filtered(plugin, image, one["name"], defaults), filtered(plugin, image, one["name"]))
        for parameter in one["parameters"]:
            if parameter["type"] == "choice":
                assert parameter["default"] in parameter["choices"]
            else:
                assert parameter["min"] <= parameter["default"] <= parameter["max"]


def test_about_tells_which_numpy_and_scipy_do_the_work(plugin: Any) -> None:
    about = plugin.about().result(SECONDS)
    assert about["numpy"] == {"version": np.__version__, "file": np.__file__}
    assert about["scipy"]["version"] == scipy.__version__
    assert about["python"]["executable"] == sys.executable
    assert about["python"]["prefix"] == sys.prefix


def test_run_with_the_untouched_form_filters_a_test_image_and_shows_it(plugin: Any, host: Host) -> None:
    _, config, _, _ = read_plugin()
    fields = [field for item in config["ui"] for field in item.values()]
    form = {field["id"]: field["placeholder"] for field in fields}
    assert plugin.run({"config": form, "data": {}}).result(SECONDS) is None
    assert host.wishes == [{"pattern": form["pattern"], "seed": form["seed"]}]
    (window,) = host.windows
    assert (window["type"], window["name"]) == ("Image Viewer", "Gaussian, sigma 2")
    assert close(window["data"]["image"], expected(host.image, "gaussian", {"sigma": 2}))
    assert "40 \u00d7 50, uint8" in host.status[-1]


def test_every_filter_of_the_form_runs_with_the_forms_values(plugin: Any, host: Host) -> None:
    _, config, _, _ = read_plugin()
    fields = {field["id"]: field for item in config["ui"] for field in item.values()}
    offered = [option["value"] for option in fields["filter"]["options"]]
    labels = {one["name"]: (one["label"], one["group"]) for one in plugin.filters().result(SECONDS)}
    assert offered == [name for name, (_, group) in labels.items() if group != "Geometry"]
    assert [option["label"] for option in fields["filter"]["options"]] == [labels[name][0] for name in offered]
    form = {name: field["placeholder"] for name, field in fields.items()}
    for name in offered:
        plugin.run({"config": {**form, "filter": name}, "data": {"image": host.image}}).result(SECONDS)
        assert close(host.windows[-1]["data"]["image"], expected(host.image, name)), name
    assert host.wishes == []


def test_run_filters_what_it_is_given_and_can_go_on_with_its_last_result(plugin: Any, host: Host) -> None:
    image = np.random.default_rng(3).integers(0, 65536, (30, 30), np.uint16)
    for data in ({"image": image}, {"array": image}, image):
        plugin.run({"config": {"filter": "median", "size": 3}, "data": data}).result(SECONDS)
        assert close(host.windows[-1]["data"]["image"], expected(image, "median"))
    plugin.run({"config": {"filter": "sobel", "image": "last result"}, "data": {}}).result(SECONDS)
    assert close(host.windows[-1]["data"]["image"], through(image, [("median", {}), ("sobel", {})]))


def test_the_form_for_turning_and_scaling_is_registered_and_runs(
    running: tuple[WorkerProcess, Host], plugin: Any, host: Host
) -> None:
    plugin.setup().result(SECONDS)
    operation = host.registered[-1]
    assert operation["name"] == "Rotate, scale or flip"
    fields = {field["id"]: field for item in operation["ui"] for field in item.values()}
    form = {name: field.get("placeholder", (field.get("options") or [None])[0]) for name, field in fields.items()}
    changes = {
        **{"rotate": ("rotate", {}), "scale": ("scale", {}), "flip left-right": ("flip", {})},
        "flip top-bottom": ("flip", {"direction": "top-bottom"}),
    }
    assert fields["change"]["options"] == list(changes)
    for change, (name, options) in changes.items():
        operation["run"]({"config": {**form, "change": change}, "data": {"image": host.image}}).result(SECONDS)
        assert close(host.windows[-1]["data"]["image"], expected(host.image, name, options)), change
    assert "SciPy" in running[0].line("NumPy")["message"]


def test_of_a_stack_the_middle_plane_is_shown_and_said(plugin: Any, host: Host) -> None:
    stack = np.random.default_rng(4).integers(0, 256, (9, 20, 22), np.uint8)
    plugin.run({"config": {"filter": "median"}, "data": {"image": stack}}).result(SECONDS)
    assert close(host.windows[-1]["data"]["image"], expected(stack[4], "median"))
    assert host.windows[-1]["name"].endswith(", plane 5 of 9")
    assert "9 \u00d7 20 \u00d7 22" in host.status[-1]


def test_a_run_that_fails_says_why_and_leaves_no_window_and_no_status(plugin: Any, host: Host) -> None:
    with pytest.raises(RemoteError, match="Window must be an odd whole number"):
        plugin.run({"config": {"filter": "median", "size": 4}, "data": {"image": host.image}}).result(SECONDS)
    assert host.windows == []
    assert host.status[-1] == ""


def test_long_work_tells_its_progress_and_keeps_the_plugin_answering(
    running: tuple[WorkerProcess, Host], plugin: Any, host: Host
) -> None:
    image = np.random.default_rng(6).integers(0, 65536, (900, 700), np.uint16)
    host.progress.clear()
    slow = plugin.run({"config": {"filter": "median", "size": 15}, "data": {"image": image}})
    assert plugin.setup().result(SECONDS) is None
    assert not host.windows, "setup() had to wait for the filter, or the filter is too quick for this test"
    slow.result(SECONDS)
    assert host.progress and host.progress == sorted(host.progress)
    assert all(1 < share <= 100 for share in host.progress)


def test_a_plugin_without_a_last_result_says_so() -> None:
    with started(Host()) as process, pytest.raises(RemoteError, match="There is no last result yet"):
        process.api().run({"config": {"image": "last result"}, "data": {}}).result(SECONDS)


def test_the_file_is_whole_and_its_script_runs_on_the_oldest_python() -> None:
    plugin, config, script, _ = read_plugin()
    assert config["requirements"] == ["numpy", "scipy"]
    assert config["type"] == "native-python"
    ast.parse(script, feature_version=(3, 9))
    documentation = plugin.of_type("docs")[0].content
    assert not [name for name in (*NAMES, *EDGES, "channel_axis", "about()") if f"`{name}" not in documentation]


def test_what_the_viewer_draws_of_a_result() -> None:
    ramp = np.arange(256, dtype=np.uint8).reshape(16, 16)
    assert drawn(ramp) == b"".join(bytes([value, value, value, 255]) for value in range(256))
    assert drawn(np.array([[-1.0, 0.0, 1.0]], np.float32))[::4] == bytes([0, 128, 255])
    colours = np.array([[[1, 2, 3]]], np.uint8)
    assert drawn(colours) == bytes([1, 2, 3, 255])


def test_the_form_of_filter_chain_takes_these_steps() -> None:
    path = ROOT / "plugin_repository" / "Filter Chain.imjoy.html"
    (config,) = parse_plugin_file(path.read_text(encoding="utf-8")).of_type("config")
    fields = {label: field for item in json.loads(config.content)["ui"] for label, field in item.items()}
    entries = chain_form([("median", {"size": 5, "shape": "disk"}), ("sobel", {})])
    assert {name: entries[name] for name in ("First filter", "Settings of the first", "Third filter")} == {
        **{"First filter": "median", "Settings of the first": "size=5, shape=disk", "Third filter": "none"}
    }
    assert set(entries) <= set(fields)
    for label, entry in entries.items():
        assert fields[label]["type"] == "string" or entry in fields[label]["options"]
    assert set(fields["First filter"]["options"]) == {"none", *NAMES}


def test_no_filter_is_expected_to_do_nothing(chance: random.Random) -> None:
    image = image_of(chance, "uint8", (40, 40))
    assert not [name for name in NAMES if np.array_equal(expected(image, name), image)]
