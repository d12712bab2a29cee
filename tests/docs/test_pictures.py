"""The pictures in the documentation are what their scripts draw now."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from docs.images import alignment, capacity, guard

PICTURES = {
    alignment.PICTURE: alignment.drawn,
    capacity.PICTURE: capacity.drawn,
    guard.PICTURE: guard.drawn,
}


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.name)
def test_a_picture_is_current(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == PICTURES[path](), "run: make picture"


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.name)
def test_nothing_lies_outside_a_picture(path: Path) -> None:
    root = ET.parse(path).getroot()
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    for text in root.iter("{http://www.w3.org/2000/svg}text"):
        assert 0 < float(text.attrib["x"]) + float(text.attrib.get("textLength", 0)) < width
        assert 0 < float(text.attrib["y"]) < height
