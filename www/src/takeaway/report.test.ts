import { describe, expect, it } from "vitest";
import type { ModelReport, Prediction, SchemeReport } from "../engine/types";
import { store } from "../state";
import { toDocument } from "./document";
import { report } from "./report";

const model = {
  title: 'Net <script>alert("x")</script>',
  task: "classification",
  parameters: 1234,
  macs: 5e6,
  opset: 13,
  labels: ["cat", "dog"],
  nodes: [
    { index: 0, label: "Conv 3\u00d73", name: "<b>first</b>", shape: [1, 8, 8, 4], channels: 4 },
    { index: 1, label: "Add", name: "sum", shape: [1, 8, 8, 4], channels: undefined },
  ],
} as unknown as ModelReport;
const prediction = (label: string, db: (number | undefined)[]) =>
  ({
    result: { kind: "classes", top: [{ class: 0, label, score: 0.75 }] },
    hash: "abc",
    sqnr_db: db,
  }) as unknown as Prediction;
const layers = (few: number) => [{ node: 0, channels_with_few_levels: few, shift_histogram: [1, 3] }];
const state = {
  ...store.value,
  model,
  calibration: { count: 20, own: false },
  pictures: [{ id: 1, name: "tile", thumbnail: "", label: 1, pixels: () => Promise.reject(new Error("unused")) }],
  current: 0,
  predictions: { float: prediction("dog", []), "layer-wise": prediction("cat", [4.25, undefined]) },
  scores: {
    "layer-wise": { done: 200, total: 200, labelled: 200, right: 46, tally: null, agreement: 0.2 },
  },
  reports: {
    "layer-wise": { layers: layers(3), added_bytes: 12 } as unknown as SchemeReport,
    "shift-wise": { layers: layers(0), added_bytes: 14 } as unknown as SchemeReport,
  },
};

describe("report", () => {
  it("says what the page knows, as plain data", () => {
    const found = report(state, "Float sees dog.", null);
    expect(found).toMatchObject({
      version: 1,
      verdict: "Float sees dog.",
      link: null,
      calibration: 20,
      picture: { name: "tile", label: "dog" },
      schemes: {
        float: { result: { top: [{ label: "dog" }] }, counted: null, addedBytes: null },
        "layer-wise": { counted: { pictures: 200, right: 46 }, addedBytes: 12 },
      },
    });
    expect(found?.layers).toMatchObject([
      { channels: 4, sqnrDb: { "layer-wise": 4.25 }, fewLevels: { "layer-wise": 3, "shift-wise": 0 }, shifts: [1, 3] },
      { channels: null, sqnrDb: { "layer-wise": null }, fewLevels: {}, shifts: null },
    ]);
    expect(JSON.parse(JSON.stringify(found))).toEqual(found);
  });

  it("is nothing while no model is open", () => {
    expect(report({ ...state, model: null }, "", null)).toBe(null);
  });

  it("leaves out the pixels of masks and pictures", () => {
    const mask = { kind: "mask", width: 4, height: 4, pixels: new Uint8Array(16), classes: [] };
    const predictions = { float: { ...prediction("", []), result: mask } as unknown as Prediction };
    expect(report({ ...state, predictions }, "", null)?.schemes.float?.result).toEqual({
      kind: "mask",
      width: 4,
      height: 4,
    });
  });
});

describe("document", () => {
  const found = report(state, "Float sees <dog>.", "https://example.org/#v=1&shift=4");
  if (!found) throw new Error("no report");
  const html = toDocument(
    found,
    [{ heading: "Ruler", svg: "<svg><title>r</title></svg>" }],
    "data:image/png;base64,AA==",
  );
  const page = new DOMParser().parseFromString(html, "text/html");

  it("holds verdict, settings, answers, layers, figures and the picture", () => {
    expect(page.querySelector("h1")?.textContent).toBe("Float sees <dog>.");
    expect(page.querySelector("img")?.getAttribute("src")).toBe("data:image/png;base64,AA==");
    expect(page.querySelector("a")?.getAttribute("href")).toBe("https://example.org/#v=1&shift=4");
    expect(page.querySelectorAll("figure svg")).toHaveLength(1);
    const [schemes, settings, layerTable] = [...page.querySelectorAll("table")].map((table) => table.textContent ?? "");
    expect(schemes).toContain("23.0% of 200 right");
    expect(schemes).toContain("cat 0.75");
    expect(settings).toContain("Shift bits4");
    expect(layerTable).toContain("4.3");
    expect(layerTable).toContain("0: 1, 1: 3");
  });

  it("runs nothing and asks for nothing, whatever a model is called", () => {
    expect(page.querySelectorAll("script, link, iframe, b")).toHaveLength(0);
    for (const element of page.querySelectorAll("[src]")) expect(element.getAttribute("src")).toMatch(/^data:/);
  });
});
