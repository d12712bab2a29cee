"""`fastapply serve`, as a process and as a command."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from fastapply_lsp.commands.serve import Options, _cannot_listen
from fastapply_lsp.engines.transformers import Engine
from fastapply_lsp.errors import SettingsError
from fastapply_lsp.serving.address import KEY_VARIABLE, Address
from fastapply_lsp.serving.listening import taken, terms_for
from fastapply_lsp.settings import Secret
from tests.engines import tiny
from tests.engines.tiny_examples import RIGHT

pytestmark = pytest.mark.process


def serve(*arguments: object, **environment: str) -> subprocess.Popen[str]:
    names = {name: value for name, value in os.environ.items() if name != KEY_VARIABLE}
    return subprocess.Popen(
        [sys.executable, "-m", "fastapply_lsp", "serve", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**names, "OMP_NUM_THREADS": "1", **environment},
    )


def refused(*arguments: object, **environment: str) -> str:
    process = serve(*arguments, **environment)
    out, err = process.communicate(timeout=120)
    assert (process.returncode, out) == (2, "")
    return err


def test_it_says_where_answers_and_ends_with_a_signal() -> None:
    process = serve(tiny.folder(), "--port", 0, "--name", "tiny", "--device", "cpu")
    try:
        assert process.stdout is not None
        name, url = process.stdout.readline().split(" at ")
        assert name == "tiny"
        body = {"messages": tiny.messages_of(RIGHT), "temperature": 0, "model": name}
        answer = httpx.post(f"{url.strip()}/chat/completions", json=body, timeout=60)
        assert answer.json()["choices"][0]["message"]["content"] == RIGHT.written
    finally:
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (out, err) == ("", "")
    assert process.returncode == 0


def test_a_folder_without_a_chat_template_says_what_is_left(tmp_path: Path) -> None:
    folder = shutil.copytree(tiny.folder(), tmp_path / "base")
    (folder / "chat_template.jinja").unlink()
    process = serve(folder, "--port", 0, "--device", "cpu")
    try:
        assert process.stdout is not None
        url = process.stdout.readline().partition(" at ")[2].strip()
        chat = httpx.post(f"{url}/chat/completions", json={"messages": tiny.messages_of(RIGHT)})
        assert (chat.status_code, "no chat template" in chat.text) == (400, True)
        asked = {"prompt": "def", "max_tokens": 1}
        assert httpx.post(f"{url}/completions", json=asked, timeout=60).status_code == 200
    finally:
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert err == "base has no chat template: only /v1/completions.\n"


def test_a_folder_without_a_model(tmp_path: Path) -> None:
    assert "there is no such folder" in refused(tmp_path / "none")
    assert "it has no config.json" in refused(tmp_path)
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    said = refused(tmp_path)
    assert str(tmp_path) in said
    assert "Traceback" not in said


def test_without_a_key_others_cannot_reach_it() -> None:
    said = refused(tiny.folder(), "--host", "0.0.0.0")
    assert "FASTAPPLY_SERVE_API_KEY" in said
    with pytest.raises(SettingsError, match="can be reached from other machines"):
        terms_for("m", Address("gpu.example", 80), None)
    open_to_all = terms_for("m", Address("0.0.0.0", 80), Secret("k"))
    assert (open_to_all.key, open_to_all.loopback) == (Secret("k"), False)
    for host in ("127.0.0.1", "::1", "localhost", "127.8.8.8"):
        assert terms_for("m", Address(host, 80), None).loopback


def test_what_torch_cannot_do_is_bad_usage() -> None:
    said = refused(tiny.folder(), "--port", 0, "--device", "banana")
    assert "torch cannot use the device banana" in said
    with pytest.raises(LookupError, match="torch has no type float33"):
        Engine.load(tiny.folder(), dtype="float33")


def test_a_folder_without_a_tokenizer(tmp_path: Path) -> None:
    for name in ("config.json", "model.safetensors"):
        (tmp_path / name).write_bytes((tiny.folder() / name).read_bytes())
    with pytest.raises(ValueError, match=r"^transformers finds no tokenizer .*[^.]$"):
        Engine.load(tmp_path)


def test_a_host_that_nobody_knows() -> None:
    options = Options(tiny.folder(), "tiny", "gpu.invalid", 80, "cpu", "auto", "auto", 0, ())
    error = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    said = _cannot_listen(options, error).message
    assert said == "Cannot listen on gpu.invalid:80: Name or service not known."


def test_an_address_is_taken_before_anybody_listens_there() -> None:
    with taken(Address("127.0.0.1", 0)) as place, pytest.raises(ConnectionRefusedError):
        socket.create_connection(place.getsockname())


def test_a_port_that_is_taken() -> None:
    process = serve(tiny.folder(), "--port", 0)
    try:
        assert process.stdout is not None
        port = process.stdout.readline().rpartition(":")[2].partition("/")[0]
        assert f"Cannot listen on 127.0.0.1:{port}" in refused(tiny.folder(), "--port", port)
    finally:
        process.terminate()
        process.communicate(timeout=60)
