"""Every transition of a peer, in one table: for each state, what each kind of message does and which state follows.

A kind that a state does not list is passed over, since other versions may send more than we know. The session vectors
in ``tests/vectors/rpc_session.json`` hold every implementation to the same table.

    waiting   the other side's interface is not known yet
    ready     it is
    closed    the session has ended: nothing is sent, and what comes is passed over
"""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType


class PeerState(Enum):
    """Where a session stands."""

    WAITING = "waiting"
    READY = "ready"
    CLOSED = "closed"


class PeerAction(Enum):
    """What a message does."""

    NOTE_INITIALIZED = "note initialized"
    INSTALL_INTERFACE = "install interface"
    ANNOUNCE_INTERFACE = "announce interface"
    CONFIRM_INTERFACE = "confirm interface"
    RUN_CODE = "run code"
    CONFIRM_CODE = "confirm code"
    CALL_METHOD = "call method"
    CALL_CALLBACK = "call callback"
    FORGET_OBJECT = "forget object"
    CONFIRM_FORGOTTEN = "confirm forgotten"
    END = "end"
    NOTE_LOG = "note log"
    NOTE_ERROR = "note error"


Transition = tuple[PeerAction, PeerState]


def _everywhere(state: PeerState) -> Mapping[str, Transition]:
    """What a state does with nearly every kind: the state stays."""
    return MappingProxyType(
        {
            "initialized": (PeerAction.NOTE_INITIALIZED, state),
            "setInterface": (PeerAction.INSTALL_INTERFACE, PeerState.READY),
            "getInterface": (PeerAction.ANNOUNCE_INTERFACE, state),
            "interfaceSetAsRemote": (PeerAction.CONFIRM_INTERFACE, state),
            "execute": (PeerAction.RUN_CODE, state),
            "executed": (PeerAction.CONFIRM_CODE, state),
            "method": (PeerAction.CALL_METHOD, state),
            "callback": (PeerAction.CALL_CALLBACK, state),
            "disposeObject": (PeerAction.FORGET_OBJECT, state),
            "disposed": (PeerAction.CONFIRM_FORGOTTEN, state),
            "disconnect": (PeerAction.END, PeerState.CLOSED),
            "log": (PeerAction.NOTE_LOG, state),
            "error": (PeerAction.NOTE_ERROR, state),
        }
    )


TRANSITIONS: Mapping[PeerState, Mapping[str, Transition]] = MappingProxyType(
    {
        PeerState.WAITING: _everywhere(PeerState.WAITING),
        PeerState.READY: _everywhere(PeerState.READY),
        PeerState.CLOSED: MappingProxyType({}),
    }
)

MEMBERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "initialized": ("config",),
        "setInterface": ("api",),
        "getInterface": (),
        "interfaceSetAsRemote": (),
        "execute": ("code",),
        "executed": (),
        "method": ("object_id", "name", "args"),
        "callback": ("id", "args"),
        "disposeObject": ("object_id",),
        "disposed": (),
        "disconnect": (),
        "log": ("message",),
        "error": ("message",),
    }
)
"""What each kind must bring along; ``protocol.json`` is the authority, a test holds this table to it."""
