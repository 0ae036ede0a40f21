"""A small COCO, and a server for its photos."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image


def instances(folder: Path, url: str = "") -> Path:
    """A small COCO of six bears and nine other things, with its photos."""
    images, annotations = [], []
    pixels = np.random.default_rng(2)
    (folder / "images").mkdir(parents=True)
    for number in range(15):
        name = f"{number:06}.jpg"
        image = Image.fromarray(pixels.integers(0, 256, (40, 60, 3), np.uint8))
        image.save(folder / "images" / name)
        images.append({"id": number, "file_name": name, "license": 2, "coco_url": f"{url}/{name}"})
        category = 23 if number < 6 else 1
        annotations.append({"image_id": number, "category_id": category, "iscrowd": number % 2})
    path = folder / "instances.json"
    content = {
        "images": images,
        "annotations": annotations,
        "categories": [{"id": 1, "name": "person"}, {"id": 23, "name": "bear"}],
        "licenses": [{"id": 2, "name": "Attribution-NonCommercial License", "url": "http://nc"}],
    }
    path.write_text(json.dumps(content))
    return path


@contextmanager
def served(images: Path, stalled: threading.Event | None = None) -> Iterator[tuple[str, list[str]]]:
    """The address of a server on this machine, and what it was asked for.

    With `stalled` it sets that at the first question and answers none.
    """
    asked: list[str] = []
    ended = threading.Event()

    class Handler(SimpleHTTPRequestHandler):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments, directory=str(images))

        def do_GET(self) -> None:
            if stalled is not None:
                stalled.set()
                ended.wait(30)
            else:
                super().do_GET()

        def log_message(self, _format: str, *_: object) -> None:
            asked.append(self.path)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", asked
        finally:
            ended.set()
            server.shutdown()
            thread.join()
