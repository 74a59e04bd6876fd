"""``python -m hienluong.services.mediation --port 8092``: the mediator, on this machine only.

Reads from the environment: ``HIENLUONG_SNAPSHOT`` (file), ``DATABASE_URL``, ``HIENLUONG_BLIND_INDEX_KEY``,
``HIENLUONG_MEDIATOR_SIGNING_SECRET``, and ``HIENLUONG_OTLP_*`` where calls are traced.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from pathlib import Path

from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server.embed import Server

from hienluong.foundation import tracing
from hienluong.services.bus.gateway import handover

from .program import Mediator, Settings


def settings() -> Settings:
    """As the environment says."""
    snapshot = Path(os.environ["HIENLUONG_SNAPSHOT"])
    return Settings(
        snapshot=snapshot,
        secret=handover.secret(snapshot.parent),
        database_url=os.environ["DATABASE_URL"],
        blind_index_key=os.environ["HIENLUONG_BLIND_INDEX_KEY"],
        signing_secret=os.environ["HIENLUONG_MEDIATOR_SIGNING_SECRET"],
        collector=tracing.collector(),
    )


async def serve(port: int) -> None:
    """Until SIGTERM or SIGINT."""
    server = Server(
        Mediator(settings()),
        address="127.0.0.1",
        port=port,
        interface=Interfaces.ASGI,
        http=HTTPModes.http1,
        websockets=False,
        log_level=LogLevels.error,
    )
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, server.stop)
    await server.serve()


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8092)
    asyncio.run(serve(parser.parse_args().port))
    sys.stderr.flush()
    os._exit(0)  # all is closed; the threads of the web server do not outlive the interpreter's end in peace


if __name__ == "__main__":
    main()
