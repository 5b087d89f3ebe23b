"""Pictures of digits: 32x32 gray, dark ink on light paper, from fonts and from pen skeletons."""

import functools
import math
from concurrent.futures import ProcessPoolExecutor

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

import strokes

SIZE = 32          # side of a picture in pixels, the model's input
OVER = 3           # supersampling of font glyphs
LEVELS = 48        # gray levels of the sheets that ship: a PNG of 256 is a third larger
FONT_ROOT = "/usr/share/fonts/"

TRAIN_FONTS = [
    "truetype/dejavu/DejaVuSans.ttf", "truetype/dejavu/DejaVuSerif.ttf",
    "truetype/dejavu/DejaVuSansMono-Bold.ttf", "truetype/dejavu/DejaVuSans-ExtraLight.ttf",
    "opentype/cabin/Cabin-Regular.otf", "opentype/jura/Jura-Regular.otf",
    "opentype/comic-neue/ComicNeue-Regular.otf", "truetype/fifthhorseman/dkg.ttf",
    "truetype/breip/Breip.ttf", "truetype/humor-sans/Humor-Sans.ttf",
    "truetype/ecolier-court/Ecolier-court.ttf", "opentype/bwht/BecauseWeBuild-Regular.otf",
    "opentype/bwht/BecauseWeCreate-Regular.otf", "opentype/bwht/BecauseWeLearn-Regular.otf",
    "truetype/kristi/Kristi.ttf",
    "opentype/bwht/BecauseWeOrganize-Regular.otf", "opentype/dancingscript/DancingScript-Regular.otf",
    "opentype/kaushanscript/KaushanScript-Regular.otf", "truetype/tomsontalks/TomsonTalks.ttf",
    "truetype/yusei-magic/YuseiMagic-Regular.ttf", "truetype/kiloji/kiloji.ttf",
    "truetype/seto/setofont.ttf",
]
TEST_FONTS = [      # never seen in training or calibration
    "opentype/bwht/BecauseWeConnect-Regular.otf", "opentype/bwht/BecauseWeMentor-Regular.otf",
    "truetype/klee/KleeOne-Regular.ttf", "truetype/quicksand/Quicksand-Regular.ttf",
    "truetype/comfortaa/Comfortaa-Regular.ttf", "opentype/courier-prime/Courier Prime.otf",
]


@functools.lru_cache(maxsize=None)
def glyph_mask(font, digit):
    """The glyph, cropped to its ink and scaled to a height of 72 pixels, with a margin of 12."""
    face = ImageFont.truetype(FONT_ROOT + font, 150)
    canvas = Image.new("L", (400, 400), 0)
    ImageDraw.Draw(canvas).text((120, 100), str(digit), font=face, fill=255)
    ink = canvas.crop(canvas.getbbox())
    width = max(6, round(ink.width * 72 / ink.height))
    out = Image.new("L", (width + 24, 96), 0)
    out.paste(ink.resize((width, 72), Image.Resampling.BILINEAR), (12, 12))
    return out


def placement(rng):
    """Height, width factor, rotation, slant and offset of one digit, in pixels and radians."""
    height = rng.uniform(11, 29) if rng.random() < .4 else rng.uniform(18, 27)
    room = max(0, (SIZE - height) / 2 - 1)
    return {
        "height": height,
        "wide": math.exp(rng.normal(-.03, .18)),
        "turn": rng.normal(0, .13),
        "slant": rng.normal(.06, .2),
        "dx": float(np.clip(rng.normal(0, .45), -1, 1)) * min(room + 2, 7),
        "dy": float(np.clip(rng.normal(0, .45), -1, 1)) * room,
    }


def matrix(p):
    """2x2 matrix that takes a unit-high, upright digit to its size and posture in pixels."""
    c, s = math.cos(p["turn"]), math.sin(p["turn"])
    return np.array([[c, -s], [s, c]]) @ np.array([[p["wide"], -p["slant"]], [0, 1]]) * p["height"]


def distance_to_segments(a, b):
    """Distance of every pixel's centre to the nearest of the segments a[i]-b[i]."""
    y, x = (v.reshape(-1, 1) for v in np.mgrid[0:SIZE, 0:SIZE].astype(np.float32))
    (ax, ay), (dx, dy) = a.T, (b - a).T
    px, py = x - ax, y - ay
    t = np.clip((px * dx + py * dy) / np.maximum(dx * dx + dy * dy, np.float32(1e-6)), 0, 1)
    px -= t * dx
    py -= t * dy
    return np.sqrt((px * px + py * py).min(1)).reshape(SIZE, SIZE)


def pen_ink(digit, rng):
    """Coverage 0..1 of a digit drawn with a round pen: distance of each pixel to the strokes."""
    paths = strokes.wobble(strokes.skeleton(digit, rng), rng, rng.uniform(.01, .06))
    p = placement(rng)
    m = matrix(p)
    centre = np.array([SIZE / 2 - .5 + p["dx"], SIZE / 2 - .5 + p["dy"]])
    radius = rng.uniform(.75, 2.3) if rng.random() < .8 else rng.uniform(.6, 3.0)
    radius = min(radius, p["height"] * .1)
    starts, ends = [], []
    for path in paths:
        q = path @ m.T + centre
        starts.append(q[:-1])
        ends.append(q[1:])
    a, b = np.vstack(starts).astype(np.float32), np.vstack(ends).astype(np.float32)
    distance = distance_to_segments(a, b)
    soft = rng.uniform(.9, 1.6)
    return np.clip((radius - distance) / soft + .5, 0, 1)


def font_ink(font, digit, rng):
    """Coverage 0..1 of a font's glyph: thickened or thinned, warped on a mesh, shrunk."""
    mask = glyph_mask(font, digit)
    thick = rng.choice([-3, 0, 0, 3, 5])
    if np.asarray(mask).mean() < 28:      # hairlines would vanish at 32 pixels
        thick = max(thick, 3) + 2
    if thick > 0:
        mask = mask.filter(ImageFilter.MaxFilter(int(thick)))
    elif thick < 0 and np.asarray(mask).mean() > 60:
        mask = mask.filter(ImageFilter.MinFilter(3))
    p = placement(rng)
    back = np.linalg.inv(matrix(p) * OVER / 72)
    centre = np.array([SIZE / 2 + p["dx"], SIZE / 2 + p["dy"]]) * OVER
    middle = np.array([mask.width / 2, mask.height / 2])
    side, cells = SIZE * OVER, 4
    grid = np.stack(np.meshgrid(*[np.linspace(0, side, cells + 1)] * 2), -1)
    source = (grid - centre) @ back.T + middle + rng.normal(0, 2.2, grid.shape)
    mesh = []
    for i in range(cells):
        for j in range(cells):
            box = tuple(int(v) for v in (*grid[i, j], *grid[i + 1, j + 1]))
            quad = (source[i, j], source[i + 1, j], source[i + 1, j + 1], source[i, j + 1])
            mesh.append((box, tuple(np.concatenate(quad))))
    big = mask.transform((side, side), Image.Transform.MESH, mesh, Image.Resampling.BILINEAR)
    return np.asarray(big.reduce(OVER), np.float32) / 255


def on_paper(ink, rng):
    """Ink and paper get their gray levels, a slow gradient, blur and noise; uint8 comes out."""
    if rng.random() < .3:
        soft = Image.fromarray((ink * 255).astype(np.uint8))
        soft = soft.filter(ImageFilter.GaussianBlur(rng.uniform(.3, .8)))
        ink = np.asarray(soft, np.float32) / 255
    plain = rng.random() < .45            # what a drawing canvas gives: pure black on pure white
    dark = 1.0 if plain else rng.uniform(.65, 1.0)
    paper = 1.0 if plain else rng.uniform(.86, 1.0)
    gray = paper * (1 - dark * ink)
    if not plain:
        y, x = np.mgrid[-1:1:SIZE * 1j, -1:1:SIZE * 1j]
        gray = gray + rng.normal(0, .02) * x + rng.normal(0, .02) * y
        gray = gray + rng.normal(0, rng.uniform(0, .035), gray.shape)
    return np.clip(np.rint(gray * 255), 0, 255).astype(np.uint8)


def picture(digit, rng, fonts, pen_share):
    """One picture of `digit`: from the pen with probability `pen_share`, else from one of `fonts`."""
    if rng.random() < pen_share:
        ink = pen_ink(digit, rng)
    else:
        ink = font_ink(fonts[rng.integers(len(fonts))], digit, rng)
    return on_paper(ink, rng)


def batch(count, seed, fonts, pen_share):
    """`count` pictures and labels, every digit equally often, in a shuffled order."""
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(count) % 10)
    images = np.stack([picture(int(d), rng, fonts, pen_share) for d in labels])
    return images, labels.astype(np.int64)


def many(count, seed, fonts, pen_share, part=2500, workers=2):
    """As `batch`, in independent parts on several processes; the result depends on the seed only."""
    jobs = [(min(part, count - i), [seed, i // part]) for i in range(0, count, part)]
    with ProcessPoolExecutor(workers) as pool:
        futures = [pool.submit(batch, n, s, fonts, pen_share) for n, s in jobs]
        parts = [f.result() for f in futures]
    return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])


def canvas(count, seed, side=320):
    """Pictures as a drawing page makes them, by other code than `pen_ink`: few mouse points, straight
    pieces of one fixed round pen on a large canvas, then shrunk with the antialiased triangle filter."""
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(count) % 10)
    images = []
    for digit in labels:
        picture = Image.new("L", (side, side), 255)
        draw = ImageDraw.Draw(picture)
        radius = rng.uniform(8, 15)
        p = placement(rng)
        for path in strokes.wobble(strokes.skeleton(int(digit), rng), rng, rng.uniform(.02, .05)):
            keep = np.unique(np.r_[np.arange(0, len(path), rng.integers(1, 4)), len(path) - 1])
            points = path[keep] @ (matrix(p) * side / SIZE).T + side / 2 + np.array([p["dx"], p["dy"]]) * side / SIZE
            draw.line([tuple(q) for q in points], fill=0, width=round(2 * radius))
            for x, y in points:
                draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=0)
        images.append(np.asarray(picture.resize((SIZE, SIZE), Image.Resampling.BILINEAR)))
    return np.stack(images), labels.astype(np.int64)


def coarse(images):
    """uint8 pictures rounded to `LEVELS` evenly spaced gray levels, 0 and 255 among them."""
    level = np.rint(images * ((LEVELS - 1) / 255))
    return np.rint(level * (255 / (LEVELS - 1))).astype(np.uint8)


def sheet(images, columns):
    """Tiles laid out row by row, as one gray picture."""
    rows = -(-len(images) // columns)
    full = np.full((rows * columns, SIZE, SIZE), 255, np.uint8)
    full[:len(images)] = images
    tiled = full.reshape(rows, columns, SIZE, SIZE).swapaxes(1, 2)
    return Image.fromarray(tiled.reshape(rows * SIZE, columns * SIZE))


def unsheet(path, count, columns):
    """The tiles of a sheet, as (count, SIZE, SIZE) uint8."""
    whole = np.asarray(Image.open(path).convert("L"))
    rows = whole.shape[0] // SIZE
    tiles = whole.reshape(rows, SIZE, columns, SIZE).swapaxes(1, 2).reshape(-1, SIZE, SIZE)
    return tiles[:count]
