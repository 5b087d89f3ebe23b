"""Makes the pictures that tests/image.rs compares with: what Pillow decodes, resizes, crops and turns gray.

    python tests/image/make_resize.py

Needs Pillow and NumPy; run it only to change the cases. Files without a picture format are bare 8-bit samples,
row by row.
"""

from pathlib import Path

import numpy as np
from PIL import Image

HERE = Path(__file__).parent


def save(name: str, image: Image.Image) -> None:
    (HERE / name).write_bytes(image.tobytes())


def picture() -> Image.Image:
    """83x61: slopes, hard edges, thin lines and noise, so that rounding has something to differ in."""
    width, height = 83, 61
    y, x = np.mgrid[0:height, 0:width]
    red = x * 255 // (width - 1)
    green = np.where((x // 7 + y // 5) % 2 == 0, 230, 20)
    blue = y * 255 // (height - 1)
    rgb = np.stack([red, green, blue], axis=-1)
    rgb[10::9, :, :] = 255
    rgb[:, 40:, :][20:45] = np.random.default_rng(1).integers(0, 256, (25, width - 40, 3))
    return Image.fromarray(rgb.astype(np.uint8))


def resize(image: Image.Image, width: int, height: int) -> Image.Image:
    """First across, then down. Pillow 13 goes down first where that is less work, older ones never did."""
    across = image.resize((width, image.height), Image.Resampling.BILINEAR)
    return across.resize((width, height), Image.Resampling.BILINEAR)


def shorter_side(image: Image.Image, size: int) -> Image.Image:
    short, long = sorted(image.size)
    longer = int(size * long / short)
    to = (size, longer) if image.width <= image.height else (longer, size)
    return resize(image, *to)


def centre(image: Image.Image, width: int, height: int) -> Image.Image:
    left, top = round((image.width - width) / 2), round((image.height - height) / 2)
    return image.crop((left, top, left + width, top + height))


def main() -> None:
    source = picture()
    source.save(HERE / "picture.png", optimize=True)
    save("picture.rgba", source.convert("RGBA"))
    for width, height in [(27, 19), (90, 50), (5, 70), (83, 24), (3, 2)]:
        save(f"stretch_{width}x{height}.rgb", resize(source, width, height))
    save("shorter_40_crop_37x29.rgb", centre(shorter_side(source, 40), 37, 29))
    save("luma_28x28.l", resize(source.convert("L"), 28, 28))
    for name, subsampling in [("444", 0), ("422", 1), ("420", 2)]:
        source.save(HERE / f"jpeg_{name}.jpg", quality=92, subsampling=subsampling)
        save(f"jpeg_{name}.rgb", Image.open(HERE / f"jpeg_{name}.jpg").convert("RGB"))


if __name__ == "__main__":
    main()
