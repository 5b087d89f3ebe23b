/** Draws the ranges chart. One path a colour, however many channels are in view. */

import { layerText } from "../strings/layer";
import type { Palette } from "./canvas";
import { gridLines, HEIGHT, MARGIN, namedLevels, type Axis, type Places, type Span } from "./range-plot";

export interface Scene {
  width: number;
  before: readonly number[];
  after: readonly number[];
  /** S_w under layer-wise, and of the common grid under shift-wise. */
  scales: { layerWise: number; common: number };
  /** Q of both. */
  q: number;
  axis: Axis;
  places: Places;
  span: Span;
  /** Where the band stands, and whether the channel's shift is being dragged. */
  channel: number;
  hovered: number | null;
  dragging: boolean;
}

/** Middle of a place in pixels. */
export function across({ width, span }: Pick<Scene, "width" | "span">, place: number): number {
  return MARGIN.left + ((place + 0.5 - span.start) / span.count) * (width - MARGIN.left - MARGIN.right);
}

const BOTTOM = HEIGHT - MARGIN.bottom;
const MONO = "11px ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace";
const SANS = "12px system-ui, 'Segoe UI', Roboto, Arial, sans-serif";

export function paintRanges(context: CanvasRenderingContext2D, scene: Scene, palette: Palette): void {
  paintGrid(context, scene, palette);
  paintBands(context, scene, palette);
  context.save();
  context.beginPath();
  context.rect(MARGIN.left, 0, scene.width - MARGIN.left - MARGIN.right, BOTTOM + 4);
  context.clip();
  paintMarks(context, scene, palette);
  context.restore();
}

/** Left, the axis in doublings below R; across, the integers of the common grid, which the right side names. */
function paintGrid(context: CanvasRenderingContext2D, { width, axis, scales, q }: Scene, palette: Palette): void {
  const right = width - MARGIN.right;
  const scale = scales.common;
  context.font = MONO;
  context.lineWidth = 1;
  context.strokeStyle = palette.line;
  context.globalAlpha = 0.7;
  context.beginPath();
  const within = (level: number) => level * scale >= axis.least * 0.999;
  const lines = gridLines(q, axis.step, 3.5).filter(within);
  for (const level of lines) horizontal(context, axis.y(level * scale), MARGIN.left, right);
  context.stroke();
  context.globalAlpha = 1;

  context.fillStyle = palette.soft;
  context.textBaseline = "middle";
  context.textAlign = "left";
  for (const level of namedLevels(q, axis.step).filter(within)) {
    context.fillText(String(level), right + 6, axis.y(level * scale));
  }
  context.textAlign = "right";
  const every = axis.step < 13 ? 2 : 1;
  for (let k = -Math.floor(axis.above); k <= axis.doublings - axis.above + 1e-9; k++) {
    if (k % every !== 0) continue;
    const name = k === 0 ? "R" : k < 0 ? `${2 ** -k}R` : `R/${2 ** k}`;
    context.fillText(name, MARGIN.left - 8, axis.y(axis.whole / 2 ** k));
  }

  const half = axis.y(scale / 2);
  if (half < BOTTOM - 2) {
    context.strokeStyle = palette.soft;
    context.setLineDash([2, 4]);
    context.beginPath();
    horizontal(context, half, MARGIN.left, right);
    context.stroke();
    context.setLineDash([]);
    context.font = SANS;
    context.fillText(layerText.vanishes, right, Math.min(BOTTOM - 8, half + 10));
  }
}

function horizontal(context: CanvasRenderingContext2D, y: number, from: number, to: number): void {
  const sharp = Math.round(y) + 0.5;
  context.moveTo(from, sharp);
  context.lineTo(to, sharp);
}

function paintBands(context: CanvasRenderingContext2D, scene: Scene, palette: Palette): void {
  const { span, width, places } = scene;
  const thick = Math.max(3, Math.min(28, (width - MARGIN.left - MARGIN.right) / span.count));
  const band = (channel: number) => {
    const place = places.place[channel];
    if (place === undefined || place + 1 < span.start || place > span.start + span.count) return;
    context.fillRect(across(scene, place) - thick / 2, MARGIN.top - 10, thick, BOTTOM - MARGIN.top + 14);
  };
  context.globalCompositeOperation = "destination-over";
  context.fillStyle = palette.mark;
  band(scene.channel);
  if (scene.hovered !== null && scene.hovered !== scene.channel) {
    context.fillStyle = palette.hair;
    band(scene.hovered);
  }
  context.globalCompositeOperation = "source-over";
}

function paintMarks(context: CanvasRenderingContext2D, scene: Scene, palette: Palette): void {
  const { before, after, axis, places, span } = scene;
  const step = (scene.width - MARGIN.left - MARGIN.right) / span.count;
  const size = Math.max(1, Math.min(5, step * 0.4));
  const [joins, crosses, triangles] = [new Path2D(), new Path2D(), new Path2D()];
  const first = Math.max(0, Math.floor(span.start) - 1);
  const last = Math.min(places.order.length - 1, Math.ceil(span.start + span.count));
  for (let place = first; place <= last; place++) {
    const channel = places.order[place] ?? 0;
    const x = across(scene, place);
    const [low, high] = [axis.y(before[channel] ?? 0), axis.y(after[channel] ?? 0)];
    if (low !== high) {
      joins.moveTo(x, low);
      joins.lineTo(x, high);
    }
    if (size < 1.6) {
      crosses.rect(x - 0.75, low - 0.75, 1.5, 1.5);
      triangles.rect(x - 0.75, high - 0.75, 1.5, 1.5);
      continue;
    }
    crosses.moveTo(x - size, low - size);
    crosses.lineTo(x + size, low + size);
    crosses.moveTo(x + size, low - size);
    crosses.lineTo(x - size, low + size);
    triangles.moveTo(x, high - size * 1.1);
    triangles.lineTo(x + size * 1.1, high + size * 0.9);
    triangles.lineTo(x - size * 1.1, high + size * 0.9);
    triangles.closePath();
  }
  context.globalAlpha = 0.35;
  context.strokeStyle = palette["shift-wise"];
  context.lineWidth = Math.max(0.8, Math.min(2, step * 0.3));
  context.stroke(joins);
  context.globalAlpha = 1;
  context.strokeStyle = context.fillStyle = palette["layer-wise"];
  context.lineWidth = 1.5;
  if (size < 1.6) context.fill(crosses);
  else context.stroke(crosses);
  context.fillStyle = palette["shift-wise"];
  context.fill(triangles);
  paintNames(context, scene, palette, size);
  if (scene.dragging) {
    const at = across(scene, places.place[scene.channel] ?? 0);
    context.strokeStyle = palette["shift-wise"];
    context.lineWidth = 2;
    context.beginPath();
    context.arc(at, axis.y(after[scene.channel] ?? 0), size + 6, 0, 2 * Math.PI);
    context.stroke();
  }
}

/** The integers that the shown channel's largest weight falls on, before and after. */
function paintNames(context: CanvasRenderingContext2D, scene: Scene, palette: Palette, size: number): void {
  const { before, after, axis, places, width } = scene;
  const channel = scene.hovered ?? scene.channel;
  const x = across(scene, places.place[channel] ?? 0);
  const left = x > width / 2;
  context.font = `600 ${MONO}`;
  context.textAlign = left ? "right" : "left";
  context.textBaseline = "middle";
  context.lineWidth = 4;
  context.strokeStyle = palette.paper;
  for (const [ranges, scale, hue] of [
    [before, scene.scales.layerWise, "layer-wise"],
    [after, scene.scales.common, "shift-wise"],
  ] as const) {
    const range = ranges[channel] ?? 0;
    const at = [x + (left ? -size - 7 : size + 7), axis.y(range)] as const;
    const name = String(Math.round(range / scale));
    context.strokeText(name, ...at);
    context.fillStyle = palette[hue];
    context.fillText(name, ...at);
  }
}

/** All channels in a strip: the marks alone. */
export function paintOverview(
  context: CanvasRenderingContext2D,
  { before, after, places, axis, width }: Omit<Scene, "span">,
  height: number,
  palette: Palette,
): void {
  const step = (width - MARGIN.left - MARGIN.right) / places.order.length;
  const y = (range: number) => 3 + ((axis.y(range) - MARGIN.top) / (BOTTOM - MARGIN.top)) * (height - 6);
  const dot = Math.max(1, Math.min(2.5, step));
  for (const [ranges, colour] of [
    [before, palette["layer-wise"]],
    [after, palette["shift-wise"]],
  ] as const) {
    context.fillStyle = colour;
    for (const [place, channel] of places.order.entries()) {
      context.fillRect(MARGIN.left + place * step, y(ranges[channel] ?? 0) - 0.75, dot, 1.5);
    }
  }
}
