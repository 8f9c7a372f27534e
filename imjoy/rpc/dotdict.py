"""Objects and maps as they arrive: a dictionary whose members are attributes too, and a map that goes back as a map."""

from collections import OrderedDict
from typing import Any, NoReturn, Optional


class DotDict(dict[str, Any]):
    """A dictionary whose members can be read as attributes; a member that is missing is None then.

    Equal ones have the same hash, so that it can be a member of a set; it should not be changed while it is one.
    The id under which the other side keeps the object is hidden: a copy does not carry it along.
    """

    __slots__ = ("__weakref__", "_kept")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            # Python itself, and libraries, ask every object for such names: there, None would mean something.
            raise AttributeError(name)
        if name == "_rintf" and name not in self:
            return remote_id(self)
        return self.get(name)

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def __delattr__(self, name: str) -> None:
        try:
            del self[name]
        except KeyError:
            raise AttributeError(name) from None

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self))

    def __reduce__(self) -> tuple[type["DotDict"], tuple[dict[str, Any]]]:
        return DotDict, (dict(self),)

    def copy(self) -> "DotDict":
        """The members in a dictionary of its own, which no other side keeps."""
        return DotDict(self)


class OrderedMap(OrderedDict[Any, Any]):
    """A map as it arrives: keys of any kind, in their order. Unlike a dictionary it is sent as a map."""


_kept_member = DotDict.__dict__["_kept"]


def mark_remote(received: DotDict, owner: object, object_id: str) -> None:
    """Note that the other side of ``owner`` keeps this object under ``object_id``."""
    _kept_member.__set__(received, (owner, object_id))


def remote_id(value: object, owner: Optional[object] = None) -> Optional[str]:
    """The id under which another side keeps this object (that of ``owner``, where one is given), else None."""
    if not isinstance(value, DotDict):
        return None
    try:
        keeper, object_id = _kept_member.__get__(value, DotDict)
    except AttributeError:
        return None
    return object_id if owner is None or keeper is owner else None


def _unhashable(value: object) -> NoReturn:
    raise TypeError(f"a {type(value).__name__} cannot be a member of a set")


def hashable(value: Any) -> Any:
    """``value`` as it can be a member of a set or a key: lists as tuples, sets as frozen sets.

    Raises TypeError where there is no such form.
    """
    if isinstance(value, list):
        return tuple(hashable(one) for one in value)
    if isinstance(value, set):
        return frozenset(value)
    try:
        hash(value)
    except TypeError:
        _unhashable(value)
    return value
