"""README's picture: the top of the reference's page, as a browser shows it."""

import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path

from PIL import Image
from PIL.PngImagePlugin import PngInfo

_CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
_WINDOW = "--window-size=1280,1400"
_UNTIL_DRAWN = "--virtual-time-budget=10000"
_SOURCE = "source"


def take_picture(page: Path, picture: Path) -> None:
    """Save the top of a page as PNG, with the page's hash in it.

    Raises FileNotFoundError where no Chromium is installed, CalledProcessError where it fails.
    """
    browser = next(filter(None, map(shutil.which, _CHROMIUM)), None)
    if browser is None:
        raise FileNotFoundError(f"none of {', '.join(_CHROMIUM)} is installed to take the picture")
    with tempfile.TemporaryDirectory() as directory:
        shot = Path(directory) / "shot.png"
        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", _WINDOW, _UNTIL_DRAWN]
        subprocess.run(
            [
                browser,
                *flags,
                f"--user-data-dir={directory}",
                f"--screenshot={shot}",
                page.resolve().as_uri(),
            ],
            check=True,
            capture_output=True,
            timeout=120,
        )
        note = PngInfo()
        note.add_text(_SOURCE, page_hash(page))
        with Image.open(shot) as image:
            image.convert("RGB").save(picture, optimize=True, pnginfo=note)


def page_hash(page: Path) -> str:
    """Hash of a page's content."""
    return hashlib.sha256(page.read_bytes()).hexdigest()


def source_hash(picture: Path) -> str:
    """Hash of the page that a picture shows, empty where it does not say."""
    with Image.open(picture) as image:
        return str(image.info.get(_SOURCE, ""))
