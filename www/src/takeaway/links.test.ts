import { describe, expect, it } from "vitest";
import { links } from "./links";

describe("links", () => {
  it("survive being pasted, whatever the model is called", () => {
    const address = "https://example.org/#v=1&shift=4&model=a(1).onnx";
    const { link, markdown, iframe, element } = links(address, 'Net [v2] "x" <b>');
    expect(link).toBe(address);
    expect(markdown).toBe('[Net \\[v2\\] "x" \\<b\\>](https://example.org/#v=1&shift=4&model=a%281%29.onnx)');
    const frame = new DOMParser().parseFromString(iframe, "text/html").querySelector("iframe");
    expect(frame?.getAttribute("src")).toBe(`${address}&embed`);
    expect(frame?.title).toBe('Net [v2] "x" <b>');
    const page = new DOMParser().parseFromString(element, "text/html");
    expect(page.querySelector("script")?.getAttribute("src")).toBe("https://example.org/shift-wise.js");
    const figure = page.querySelector("shift-wise");
    expect(figure?.getAttribute("title")).toBe('Net [v2] "x" <b>');
    expect(figure?.getAttribute("shift")).toBe("4");
    expect(figure?.getAttribute("model")).toBe("a(1).onnx");
    expect(figure?.hasAttribute("v")).toBe(false);
  });
});
