"""The ``api`` of a plugin, under all its names, and outside of any plugin."""

import subprocess
import sys
from typing import Any

import pytest

from imjoy.rpc.call_errors import ClosedError, NotAvailableError, RemoteError
from imjoy.rpc.messages import Message
from imjoy.rpc.peer import Peer
from imjoy.runtime.api import PluginApi
from tests.unit.runtime.worker_process import REPOSITORY, SECONDS, worker


class Side:
    """A plugin's api with a host at hand."""

    def __init__(self, interface: Any = None) -> None:
        self.plugin = Peer("ImJoy", lambda message: self.host.receive(message))
        self.host = Peer("Plugin", lambda message: self.plugin.receive(message))
        self.api: Any = PluginApi(self.plugin, workspace="default", tag="GPU")
        if interface is not None:
            self.offer(interface)

    def offer(self, interface: Any) -> None:
        self.host.set_interface(interface).result(1)


def test_functions_of_the_host_are_called_also_in_namespaces() -> None:
    api = Side({"add": lambda a, b=0: a + b, "utils": {"sleep": lambda s: s, "deep": {"er": lambda: 1}}, "n": 5}).api
    assert api.add(1, b=2).result(1) == {"b": 2} or api.add(1, 2).result(1) == 3
    assert api.utils.sleep(0.5).result(1) == 0.5
    assert api.utils.deep.er().result(1) == 1
    assert api.n == 5
    assert {"add", "export", "TAG"} <= set(dir(api))


@pytest.mark.parametrize("path", ["foo", "utils.foo", "foo.bar"])
def test_what_the_host_has_not_fails_by_name(path: str) -> None:
    api = Side({"utils": {"sleep": lambda s: s}}).api
    at = api
    for name in path.split("."):
        at = getattr(at, name)
    with pytest.raises(NotAvailableError, match=rf"^api\.{path} is not part of this version of ImJoy Offline$"):
        at(1).result(1)


def test_functions_that_are_called_before_the_host_is_there_are_called_when_it_is() -> None:
    side = Side()
    calls = [side.api.add(1, 2), side.api.utils.sleep(3), side.api.foo()]
    assert not any(call.done() for call in calls)
    side.offer({"add": lambda a, b: a + b, "utils": {"sleep": lambda s: s}})
    assert [calls[0].result(1), calls[1].result(1)] == [3, 3]
    with pytest.raises(NotAvailableError):
        calls[2].result(1)
    side = Side()
    call = side.api.add(1, 2)
    side.plugin.close("gone")
    with pytest.raises((ClosedError, NotAvailableError)):
        call.result(1)


def test_constants_are_those_of_the_host_or_of_the_hand_over() -> None:
    side = Side()
    assert (side.api.TAG, side.api.WORKSPACE, side.api.ENGINE_URL) == ("GPU", "default", None)
    assert side.api.config.tag == "GPU"
    assert side.api.config.work_dir == side.api.WORK_DIR
    side.offer({"TAG": "CPU", "config": {"workspace": "mine", "name": "A"}})
    assert side.api.TAG == "CPU"
    assert (side.api.config.workspace, side.api.config.name, side.api.config.missing) == ("mine", "A", None)


def test_private_names_are_not_there_and_own_members_are() -> None:
    api = Side({}).api
    for name in ("__deepcopy__", "_secret"):
        assert not hasattr(api, name)
        assert not hasattr(api.foo, name)
    api.mine = 5
    assert api.mine == 5


def test_an_interface_is_exported_and_a_plugin_that_does_nothing_too() -> None:
    side = Side({})
    side.api.export({"run": lambda: 1}).result(1)
    assert side.host.get_interface().result(1).run().result(1) == 1
    side = Side({})
    side.api.init()
    assert "setup" in side.host.get_interface().result(1)


def test_codecs_are_registered_by_a_dict_or_by_keywords() -> None:
    side = Side({"echo": lambda value: value})

    def decoder(tagged: Message) -> complex:
        return complex(tagged["re"], tagged["im"])

    side.api.registerCodec({"name": "z", "type": complex, "encoder": lambda z: {"re": z.real, "im": z.imag}})
    assert side.api.echo(1j).result(1) == {"_rtype": "z", "re": 0, "im": 1}
    side.api.register_codec(name="z", type=complex, encoder=lambda z: {"re": z.real, "im": 0}, decoder=decoder)
    assert side.api.echo(1 + 1j).result(1) == 1
    for wrong in ({"name": "z"}, {"encoder": decoder}):
        with pytest.raises(ValueError, match="a codec needs"):
            side.api.registerCodec(wrong)


def test_an_object_of_the_host_is_disposed() -> None:
    side = Side({"make": lambda: {"_rintf": True, "run": lambda: 1}})
    made = side.api.make().result(1)
    side.api.disposeObject(made).result(1)
    with pytest.raises(RemoteError, match="not kept here any more"):
        made.run().result(1)


NAMES = """
import imjoy, imjoy_rpc
from imjoy import api as one
from imjoy_rpc import api as other
same = api is one is other is imjoy.api
early = api.echo("early")
class Plugin:
    async def run(self): return [same, await early, api.TAG, api.config.workspace, imjoy_rpc.__version__]
    async def block(self): return api.echo(1).result()
    def chain(self):
        heard = []
        import threading
        done = threading.Event()
        api.echo(5).then(heard.append).finally_(done.set)
        api.nothing().catch(lambda error: heard.append(str(error))).finally_(done.set)
        done.wait(5)
        while len(heard) < 2: done.wait(0.01)
        return heard
api.export(Plugin())
"""


def test_a_plugin_has_its_api_under_every_name_and_before_the_host_has_come() -> None:
    with worker(NAMES, tag="GPU", workspace="mine") as one:
        one.kind("ready")
        one.peer.set_interface({"echo": lambda value: value})
        api = one.api()
        assert api.run().result(SECONDS)[:4] == [True, "early", "GPU", "mine"]
        assert sorted(map(str, api.chain().result(SECONDS))) == sorted(
            ["5", "api.nothing is not part of this version of ImJoy Offline"]
        )
        with pytest.raises(RemoteError, match="Write `await` instead"):
            api.block().result(SECONDS)


def test_an_interface_that_comes_with_the_hand_over_is_there_for_the_scripts() -> None:
    host = Peer("Plugin", lambda message: None)
    sent: list[Message] = []
    host = Peer("Plugin", sent.append)
    host.set_interface({"config": {"workspace": "w"}, "n": 5})
    script = "api.export({'run': (lambda seen: lambda: seen)([api.n, api.config.workspace])})"
    first = {
        "type": "handover",
        "plugin": {"name": "A", "scripts": [{"content": script}]},
        "api": sent[0]["api"],
    }
    with worker(first=first) as one:
        assert one.api().run().result(SECONDS) == [5, "w"]


@pytest.mark.parametrize("program", ["from imjoy import api", "import imjoy; imjoy.api"])
def test_outside_of_a_plugin_there_is_no_api_and_it_is_said_why(program: str) -> None:
    answer = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(REPOSITORY)!r}); {program}"],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert "ImportError: `from imjoy import api` works only inside a plugin that the engine runs." in answer.stderr


def test_other_names_that_are_not_there_are_ordinary() -> None:
    import imjoy

    assert imjoy.__version__
    assert not hasattr(imjoy, "nothing")
