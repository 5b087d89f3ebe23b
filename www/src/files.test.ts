import { expect, it } from "vitest";
import { fileName, sortFiles } from "./files";

it("tells models, manifests, labels and pictures apart", () => {
  const file = (name: string, type = "") => new File([], name, { type });
  const sorted = sortFiles([
    file("cat.JPG", "image/jpeg"),
    file("net.ONNX"),
    file("net.shiftwise.json", "application/json"),
    file("imagenet.txt", "text/plain"),
    file("dog.png", "image/png"),
    file("notes.pdf", "application/pdf"),
    file("labels.csv", "text/csv"),
  ]);
  expect(sorted.model?.name).toBe("net.ONNX");
  expect(sorted.manifest?.name).toBe("net.shiftwise.json");
  expect(sorted.labels?.name).toBe("imagenet.txt");
  expect(sorted.truth?.name).toBe("labels.csv");
  expect(sorted.pictures.map(({ name }) => name)).toEqual(["cat.JPG", "dog.png"]);
  expect(sorted.unknown.map(({ name }) => name)).toEqual(["notes.pdf"]);
});

it("names exports after the model, the scheme and the format", () => {
  expect(fileName("MobileNetV2 1.0, ImageNet", "shift-wise", "tflite")).toBe(
    "mobilenetv2-1.0-imagenet-shift-wise.tflite",
  );
  expect(fileName("../ü", "layer-wise", "json")).toBe("model-layer-wise.integer-graph.json");
});
