"""Wheels that uv has named are brought into the folder: fetched by the fetcher, or copied from this computer.

Nothing is taken that has not the promised digest; where an index promises none, the lock does from then on.
"""

import asyncio
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from imjoy_offline.errors import FetchError, IntegrityError
from imjoy_offline.mirror.exchange import AbsentError, Request
from imjoy_offline.mirror.fetch import Fetcher
from imjoy_offline.mirror.indexes import Indexes
from imjoy_offline.mirror.parts import Part
from imjoy_offline.mirror.uv_answers import WheelOffer
from imjoy_offline.mirror.wheel_shelf import WheelShelf, file_digest

_MOST_BYTES = 16 << 30


class WheelCarrier:
    """``under_way`` are the names of the wheels that are being fetched; ``bytes_here`` is how much has come of all."""

    def __init__(self, shelf: WheelShelf, fetcher: Fetcher, indexes: Indexes) -> None:
        self._shelf = shelf
        self._fetcher = fetcher
        self._indexes = indexes
        self._parts: dict[str, Part] = {}
        self._brought = 0

    @property
    def under_way(self) -> list[str]:
        """Wheels of which bytes are coming now."""
        return list(self._parts)

    @property
    def bytes_here(self) -> int:
        """Bytes of wheels that are brought, and of those that are on the way."""
        return self._brought + sum(part.size for part in self._parts.values())

    async def bring(self, offer: WheelOffer) -> None:
        """Put the wheel into the folder.

        Raises IntegrityError where its bytes are not the promised ones, and what fetching raises.
        """
        if urlsplit(offer.address).scheme == "file":
            await self._copy(offer)
        else:
            await self._fetch(offer)
        held = self._shelf.held(offer.name)
        self._brought += held.size if held is not None else 0

    async def _copy(self, offer: WheelOffer) -> None:
        parts = urlsplit(offer.address)
        path = Path(urllib.request.url2pathname((f"//{parts.netloc}" if parts.netloc else "") + parts.path))
        try:
            await asyncio.to_thread(self._shelf.keep, offer.name, path)
        except FileNotFoundError:
            raise AbsentError(f"The wheel {offer.name} is not where its index says.", hint=f"Asked: {path}.") from None
        except OSError as error:
            if error.filename != str(path):
                raise  # it is our own folder that cannot be written
            raise FetchError(f"The wheel {offer.name} cannot be read.", hint=f"{error}") from None

    async def _fetch(self, offer: WheelOffer) -> None:
        parts = urlsplit(offer.address)
        promised = self._shelf.promised(offer.name)
        request = Request(
            url=urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment="")),
            what=f"The wheel {offer.name}",
            authorization=self._indexes.authorization(offer.address),
            trusted=True,
            verified=bool(promised),
            most_bytes=_MOST_BYTES if offer.size is None else offer.size,
        )
        part = self._parts[offer.name] = Part(self._fetcher.partial, request.url)
        try:
            if not await self._is_whole(part, promised):
                await self._receive(request, part, promised)
            await asyncio.to_thread(self._shelf.keep, offer.name, part.path)
            part.discard()
        except IntegrityError:
            part.discard()
            raise
        finally:
            del self._parts[offer.name]

    async def _receive(self, request: Request, part: Part, promised: str) -> None:
        continued = part.size > 0
        await self._fetcher.file(request)
        if continued and promised and not await self._is_whole(part, promised):
            # What an earlier run left may have been spoilt; from the start it must be right.
            part.discard()
            await self._fetcher.file(request)

    @staticmethod
    async def _is_whole(part: Part, promised: str) -> bool:
        """Whether the part is the wheel, to the last byte."""
        return bool(part.size and promised) and await asyncio.to_thread(file_digest, part.path) == promised
