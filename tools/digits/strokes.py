"""Pen skeletons of the digits 0-9, written by hand as short lists of strokes.

A stroke is a list of points in a box that is 1 high and about 0.65 wide; x runs right, y runs
down. `curve` threads a Catmull-Rom spline through its points, `line` keeps the corners, `arc` is
a piece of an ellipse. Every digit has several variants, because people write the 4 open or
closed, the 7 with or without a bar, the 1 with or without a flag.
"""

import math

import numpy as np


def curve(*points, steps=6):
    """Points along a centripetal-looking Catmull-Rom spline through `points`."""
    p = np.asarray(points, float)
    p = np.vstack([2 * p[0] - p[1], p, 2 * p[-1] - p[-2]])
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    out = []
    for a, b, c, d in zip(p, p[1:], p[2:], p[3:]):
        out.append(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t
                          + (3 * b - a - 3 * c + d) * t ** 3))
    return np.vstack(out + [p[-2:-1]])


def line(*points, steps=4):
    """Straight pieces, subdivided so that later distortion can bend them."""
    p = np.asarray(points, float)
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    return np.vstack([a + (b - a) * t for a, b in zip(p, p[1:])] + [p[-1:]])


def arc(cx, cy, rx, ry, start, end, steps=24):
    """An elliptic arc; degrees, 0 = right, 90 = down, direction from start to end."""
    a = np.radians(np.linspace(start, end, steps))
    return np.stack([cx + rx * np.cos(a), cy + ry * np.sin(a)], 1)


def join(*pieces):
    """One stroke made of several pieces drawn without lifting the pen."""
    return np.vstack(pieces)


# Each entry is (weight, function of a random generator -> list of strokes).

def zero(r):
    top = r.uniform(-130, -60)
    over = r.uniform(-14, 25)
    turn = 1 if r.random() < 0.25 else -1
    return [arc(.32, .5, r.uniform(.22, .36), .5, top, top + turn * (360 + over), 32)]


def zero_slashed(r):
    return zero(r) + [line((.52, .12), (.12, .88))]


def zero_tailed(r):
    return [join(arc(.32, .52, r.uniform(.25, .33), .47, -70, -420, 32),
                 curve((.48, .14), (.56, .06), (.66, .04)))]


def one(r):
    lean = r.uniform(-.06, .06)
    return [line((.32 + lean, 0), (.32 - lean, 1))]


def one_flag(r):
    x, y = r.uniform(.02, .22), r.uniform(.14, .36)
    return [line((x, y), (.36, .0), (.36 + r.uniform(-.06, .03), 1))]


def one_foot(r):
    w = r.uniform(.14, .26)
    return one_flag(r) + [line((.35 - w, 1), (.35 + w, 1))]


def one_curved_flag(r):
    return [join(curve((.1, .28), (.22, .2), (.34, .02)), line((.34, .02), (.33, 1)))]


def two(r):
    y = r.uniform(.24, .32)
    return [join(curve((.04, y), (.1, .08), (.32, .0), (.56, .1), (.58, .32), (.4, .62), (.03, 1)),
                 line((.03, 1), (.64, 1 + r.uniform(-.05, .03))))]


def two_loop(r):
    return [curve((.06, .22), (.2, .03), (.44, .02), (.56, .2), (.48, .48), (.26, .8), (.1, .97),
                  (.02, .88), (.14, .8), (.34, .92), (.5, 1.), (.66, .9))]


def two_zed(r):
    return [line((.05, .08), (.3, .0), (.54, .08)),
            join(curve((.54, .08), (.56, .26), (.36, .58), (.05, .98)), line((.05, .98), (.6, .97)))]


def three(r):
    w = r.uniform(.5, .62)
    m = r.uniform(.2, .32)
    return [join(curve((.04, .14), (.26, .0), (w - .04, .12), (w - .06, .36), (m, .46)),
                 curve((m, .46), (w, .56), (w + .02, .82), (.3, 1), (.02, .87)))]


def three_flat(r):
    return [join(line((.05, .02), (.55, .02), (.26, .4)),
                 curve((.26, .4), (.52, .46), (.6, .7), (.46, .94), (.2, 1), (.02, .88)))]


def three_looped(r):
    return [curve((.06, .1), (.3, .0), (.52, .12), (.46, .36), (.24, .46), (.2, .42), (.3, .42),
                  (.54, .54), (.58, .8), (.34, 1), (.04, .9))]


def four_open(r):
    bar = r.uniform(.56, .7)
    stem = r.uniform(.4, .52)
    return [line((r.uniform(.06, .2), .02), (.04, bar), (.64, bar + r.uniform(-.06, .02))),
            line((stem, r.uniform(.02, .4)), (stem + r.uniform(-.06, .03), 1))]


def four_closed(r):
    bar = r.uniform(.6, .72)
    return [line((.46, .0), (.02, bar), (.66, bar)), line((.46, .0), (.45, 1))]


def four_one_stroke(r):
    return [join(curve((.12, .0), (.08, .28), (.06, .54)), curve((.06, .54), (.3, .56), (.52, .5))),
            curve((.54, .02), (.52, .5), (.48, 1))]


def five(r):
    w = r.uniform(.54, .62)
    return [join(line((.12, .02), (.09, .44)),
                 curve((.09, .44), (.32, .36), (w, .52), (w, .8), (.34, 1), (.03, .9))),
            line((.11, .02), (.58, .0))]


def five_one_stroke(r):
    return [join(line((.58, .02), (.14, .03), (.1, .44)),
                 curve((.1, .44), (.36, .38), (.58, .58), (.54, .86), (.3, 1), (.03, .92)))]


def five_ess(r):
    return [curve((.56, .02), (.32, .03), (.14, .08), (.12, .34), (.3, .44), (.52, .56), (.54, .8),
                  (.32, .99), (.04, .92))]


def six(r):
    x = r.uniform(.36, .54)
    return [curve((x, .0), (.2, .26), (.06, .6), (.12, .88), (.34, 1), (.56, .86), (.55, .66),
                  (.36, .54), (.16, .62), (.08, .74))]


def six_stem(r):
    return [join(line((r.uniform(.2, .42), .0), (.08, .66)), arc(.32, .75, .25, .25, 200, -170, 26))]


def six_open(r):
    return [curve((.5, .04), (.3, .02), (.12, .3), (.05, .66), (.18, .95), (.42, .98), (.56, .8),
                  (.48, .6), (.28, .56), (.1, .7))]


def seven(r):
    return [line((.03, .03), (.6, .02), (r.uniform(.14, .36), 1))]


def seven_bar(r):
    y = r.uniform(.42, .56)
    return seven(r) + [line((.18, y), (.58, y + r.uniform(-.05, .02)))]


def seven_hook(r):
    strokes = [join(line((.05, .18), (.06, .02), (.6, .02)), curve((.6, .02), (.4, .4), (.26, 1)))]
    return strokes + ([line((.2, .5), (.54, .48))] if r.random() < .4 else [])


def seven_curved(r):
    return [curve((.02, .1), (.2, .02), (.4, .08), (.6, .03), (.46, .3), (.3, .66), (.24, 1))]


def eight(r):
    return [curve((.5, .1), (.3, .0), (.1, .12), (.14, .34), (.34, .48), (.56, .66), (.54, .9),
                  (.32, 1), (.08, .88), (.1, .66), (.32, .48), (.52, .3), (.52, .1))]


def eight_circles(r):
    a = r.uniform(.18, .25)
    b = r.uniform(.24, .3)
    return [arc(.32, .23, a, .23, -90, -450), arc(.32, .73, b, .27, -90, -450)]


def eight_open(r):
    return [curve((.56, .04), (.28, .02), (.1, .16), (.2, .38), (.46, .56), (.56, .78), (.36, 1),
                  (.12, .88), (.16, .66), (.4, .42), (.58, .06))]


def nine(r):
    return [join(arc(.3, .26, .25, .26, -10, -370), line((.55, .24), (r.uniform(.4, .56), 1)))]


def nine_curved(r):
    return [join(arc(.3, .27, .26, .27, -20, -365),
                 curve((.56, .25), (.56, .6), (.44, .92), (.22, 1.), (.06, .92)))]


def nine_slanted(r):
    return [curve((.54, .16), (.36, .0), (.12, .1), (.06, .34), (.22, .5), (.44, .42), (.56, .14),
                  (.5, .5), (.34, 1))]


VARIANTS = {
    0: [(6, zero), (1, zero_slashed), (2, zero_tailed)],
    1: [(4, one), (5, one_flag), (2, one_foot), (2, one_curved_flag)],
    2: [(6, two), (3, two_loop), (2, two_zed)],
    3: [(6, three), (2, three_flat), (3, three_looped)],
    4: [(5, four_open), (4, four_closed), (2, four_one_stroke)],
    5: [(5, five), (3, five_one_stroke), (2, five_ess)],
    6: [(5, six), (2, six_stem), (3, six_open)],
    7: [(5, seven), (4, seven_bar), (2, seven_hook), (2, seven_curved)],
    8: [(5, eight), (3, eight_circles), (2, eight_open)],
    9: [(4, nine), (4, nine_curved), (3, nine_slanted)],
}


def skeleton(digit, rng):
    """A random variant of `digit`: a list of (n, 2) arrays, centred on the origin, height about 1."""
    variants = VARIANTS[digit]
    weights = np.array([w for w, _ in variants], float)
    strokes = variants[rng.choice(len(variants), p=weights / weights.sum())][1](rng)
    return [s - np.array([.32, .5]) for s in strokes]


def wobble(strokes, rng, amount):
    """Bend all strokes by one smooth random field, and let each stroke drift a little by itself."""
    waves = [(rng.normal(0, 1, 2), rng.uniform(2, 6, 2), rng.uniform(0, 2 * math.pi)) for _ in range(3)]
    out = []
    for s in strokes:
        moved = s + rng.normal(0, amount * .5, 2)
        for direction, freq, phase in waves:
            moved = moved + amount * .5 * direction * np.sin(s @ freq + phase)[:, None]
        n = len(s)
        drift = np.cumsum(rng.normal(0, amount * .22, (n, 2)), 0)
        drift -= np.linspace(0, 1, n)[:, None] * drift[-1]
        out.append(moved + drift)
    return out
