"""Make a small copy of a photo as text, for use inside a web page."""

import base64
import io
from pathlib import Path

from PIL import Image

from bear_tui.data.photos.photo import PhotoError, read_photo


def data_uri(path: Path, size: int = 320) -> str | None:
    """Return the photo as a `data:` URI, at most `size` pixels a side; None if it is unreadable."""
    try:
        image = read_photo(path, size)
    except PhotoError:
        return None
    image.thumbnail((size, size), Image.Resampling.LANCZOS)
    content = io.BytesIO()
    image.save(content, "JPEG", quality=80)
    return f"data:image/jpeg;base64,{base64.b64encode(content.getvalue()).decode('ascii')}"
