"""A model whose every word the test decides: an OpenAI-compatible server on this machine.

A stream stops after each piece until the test lets the next one go, so a test can look at the
editor in between, however slow the machine is.
"""

from __future__ import annotations

import json
import queue
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_END = "stop"
_BREAK = "break"


class ModelServer:
    """Answers every request with what `say`, `finish` and `break_off` put in line."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.asked = threading.Event()
        """Set when the first request has come."""
        self.left = threading.Event()
        """Set when a client went away in the middle of a stream."""
        self._line: queue.Queue[tuple[str, str]] = queue.Queue()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    @property
    def settings(self) -> dict[str, object]:
        """The settings of a user of this server."""
        port = self._server.server_address[1]
        base_url = f"http://127.0.0.1:{port}/v1"
        return {"backend": "openai", "openai": {"base_url": base_url, "model": "test"}}

    def say(self, text: str) -> None:
        """Stream this text next."""
        self._line.put(("text", text))

    def finish(self, reason: str = "stop") -> None:
        """End the stream, as whole or at the model's limit (``length``)."""
        self._line.put((_END, reason))

    def answer(self, text: str) -> None:
        """Say it all, and end."""
        self.say(text)
        self.finish()

    def break_off(self) -> None:
        """Close the connection in the middle of the stream."""
        self._line.put((_BREAK, ""))

    def close(self) -> None:
        """Stop; streams that wait are broken off."""
        self._server.shutdown()
        self.break_off()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        model = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                size = int(self.headers["Content-Length"])
                model.requests.append(json.loads(self.rfile.read(size)))
                model.asked.set()
                self.send_response(200)
                self.send_header("Content-Type", "text/event-stream")
                self.send_header("Connection", "close")
                self.end_headers()
                try:
                    model._stream(self)
                except OSError:
                    model.left.set()
                self.close_connection = True

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as inherited
                pass

        return Handler

    def _stream(self, handler: BaseHTTPRequestHandler) -> None:
        while True:
            try:
                kind, text = self._line.get(timeout=0.05)
            except queue.Empty:
                # A comment of server-sent events: how else would a broken pipe be noticed?
                _write(handler, ": still here")
                continue
            if kind == _BREAK:
                return
            delta = {"content": text} if kind == "text" else {}
            reason = text if kind == _END else None
            event = {"choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}
            _write(handler, f"data: {json.dumps(event)}")
            if kind == _END:
                _write(handler, "data: [DONE]")
                return


def _write(handler: BaseHTTPRequestHandler, line: str) -> None:
    handler.wfile.write(f"{line}\n\n".encode())
    handler.wfile.flush()
