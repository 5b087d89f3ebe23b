/** Words about what can be taken away: charts, links, the report. */

import type { ChartName } from "../takeaway/charts";

export const takeaway = {
  take: "Save this chart",
  takeChart: (name: string) => `Save: ${name}`,
  formats: {
    svg: "Picture (SVG)",
    png: "Picture (PNG, twice the size)",
    csv: "Table (CSV)",
  },
  notDrawn: "There is nothing to save yet.",
  charts: {
    ruler: "Ruler",
    unbalance: "Unbalance",
    ranges: "Channel ranges",
    shifts: "Errors of shifts",
    weights: "Weights",
    maps: "Maps",
    accumulator: "Accumulator",
    network: "Layers",
    accuracy: "Accuracy by bits",
    confusion: "Confusion",
    reliability: "Reliability",
    boxes: "Boxes",
  } satisfies Record<ChartName, string>,

  share: "Share",
  link: "Link",
  linkHint: "Brings back model, picture, layer and settings.",
  noLink:
    "Your own model stays on this machine, so no link can bring it back. Put it on the web and open it as #v=1&model=https://…, or take the report.",
  copy: { link: "Copy link", markdown: "Copy Markdown", iframe: "Copy iframe", element: "Copy element" },
  figureHint: "Iframe and element are a small live figure for another page.",
  copied: "Copied",
  notCopied: "The browser does not let this page copy; select the link and copy it.",
  report: "Report",
  reportHint: "Everything on the page in one file.",
  reports: { html: "Report (HTML)", json: "Report (JSON)" },
  preparing: "Preparing …",

  // Models from the web
  fetching: (name: string) => `fetching ${name} (MB)`,
  badAddress: (address: string) => `'${address}' is no address that a model can be fetched from`,
  badAddressHint: "use one that starts with https:// or lies beside this page",
  unreachable: (address: string) => `the model at '${address}' cannot be fetched`,
  unreachableHint: "check the address, and that its server lets other pages read it (CORS)",
  refused: (address: string, status: number) => `the server answered ${status} for '${address}'`,
  tooLarge: (address: string, megabytes: number) => `the model at '${address}' is larger than ${megabytes} MiB`,
  tooLargeHint: "use a smaller model",
};
