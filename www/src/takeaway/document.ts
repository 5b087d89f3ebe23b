/** The report as one HTML file: everything is inside, nothing runs, nothing is fetched. */

import { INTEGER_SCHEMES, SCHEMES, type Scheme } from "../engine/types";
import { bytes, confidence, count, decibels, percent, shape } from "../format";
import { text } from "../strings";
import { reportText as words } from "../strings/report";
import { escapeHtml as e } from "./links";
import type { LayerSummary, Report, SchemeSummary } from "./report";

export interface Figure {
  heading: string;
  svg: string;
}

const STYLE = `
body { max-width: 960px; margin: 0 auto; padding: 32px 16px; color: #17191c; background: #f7f6f1; font: 15px/1.45 system-ui, sans-serif; }
h1 { font-size: 26px; font-weight: 550; line-height: 1.2; margin: 0 0 8px; }
h2 { font-size: 18px; margin: 40px 0 8px; }
table { border-collapse: collapse; width: 100%; font-size: 13px; font-variant-numeric: tabular-nums; }
th { text-align: start; font-weight: 600; }
th, td { padding: 4px 12px 4px 0; border-bottom: 1px solid #e4e1d8; vertical-align: top; }
figure { margin: 24px 0; break-inside: avoid; overflow-x: auto; }
figure svg { max-width: 100%; height: auto; }
figcaption, .soft { color: #55595e; font-size: 13px; }
.picture { float: inline-end; width: 160px; margin: 0 0 16px 32px; image-rendering: pixelated; }
.layer-wise { color: #b23a0e; } .shift-wise { color: #14599e; } .channel-wise { color: #0a6a4c; }
`;

const cell = (content: string, tag = "td", kind = "") => `<${tag}${kind ? ` class="${kind}"` : ""}>${content}</${tag}>`;
const row = (cells: readonly string[]) => `<tr>${cells.join("")}</tr>`;

function table(head: readonly string[], rows: readonly string[]): string {
  return `<table><thead>${row(head)}</thead><tbody>${rows.join("")}</tbody></table>`;
}

const schemeHead = (scheme: Scheme) => cell(text.schemes[scheme], "th", scheme);

function answer({ result }: SchemeSummary): string {
  switch (result?.kind) {
    case "classes":
      return result.top.map(({ label, score }) => `${e(label)} ${confidence(score)}`).join("<br>");
    case "boxes":
      return result.boxes.map(({ label, score }) => `${e(label)} ${confidence(score)}`).join("<br>");
    case "value":
      return e(`${result.value} ${result.unit ?? ""}`);
    case "mask":
    case "image":
      return `${result.width} \u00d7 ${result.height}`;
    default:
      return "";
  }
}

function counted({ counted: of }: SchemeSummary): string {
  if (!of || of.pictures === 0) return "";
  return of.labelled > 0
    ? words.right(percent(of.right / of.labelled), of.labelled)
    : of.agreement === null
      ? ""
      : words.agreement(of.agreement, of.pictures);
}

function schemes({ schemes: all }: Report): string {
  const known = SCHEMES.flatMap((scheme) => {
    const summary = all[scheme];
    return summary ? [{ scheme, summary }] : [];
  });
  const line = (name: string, of: (summary: SchemeSummary) => string) =>
    row([cell(name, "th"), ...known.map(({ summary }) => cell(of(summary)))]);
  return table(
    [cell("", "td"), ...known.map(({ scheme }) => schemeHead(scheme))],
    [
      line(words.answer, answer),
      line(words.counted, counted),
      line(words.adds, ({ addedBytes }) => (addedBytes === null ? "" : bytes(addedBytes))),
      line(words.hash, ({ hash }) => (hash ? `<code>${e(hash)}</code>` : "")),
    ],
  );
}

function layers(all: readonly LayerSummary[]): string {
  const head = [
    ...[words.layer, words.shape].map((name) => cell(name, "th")),
    ...INTEGER_SCHEMES.map((scheme) => cell(`${text.schemes[scheme]}, dB`, "th", scheme)),
    cell(words.fewLevels, "th"),
    cell(words.shifts, "th"),
  ];
  const rows = all.map(({ node, operator, name, shape: dims, channels, sqnrDb, fewLevels, shifts }) =>
    row([
      cell(`${node} ${e(operator)} <span class="soft">${e(name)}</span>`),
      cell(shape(dims)),
      ...INTEGER_SCHEMES.map((scheme) => cell(sqnrDb[scheme] === undefined ? "" : decibels(sqnrDb[scheme]))),
      cell(
        channels === null
          ? ""
          : `${INTEGER_SCHEMES.map((scheme) => count(fewLevels[scheme] ?? 0)).join(" / ")} ${words.of(channels)}`,
      ),
      cell(shifts?.flatMap((channelsWith, k) => (channelsWith > 0 ? [`${k}: ${channelsWith}`] : [])).join(", ") ?? ""),
    ]),
  );
  return table(head, rows);
}

/** `picture` is a data address. */
export function toDocument(report: Report, figures: readonly Figure[], picture: string | null): string {
  const { model, verdict, link, settings, calibration } = report;
  const name = report.picture
    ? report.picture.label === null
      ? report.picture.name
      : `${report.picture.name}: ${report.picture.label}`
    : "";
  const chosen = Object.entries(settings).map(([key, value]) =>
    row([cell(e(words.setting(key)), "th"), cell(e(String(value)))]),
  );
  if (calibration !== null) chosen.push(row([cell(words.calibration, "th"), cell(count(calibration))]));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${e(words.title(model.title))}</title>
<style>${STYLE}</style>
</head>
<body>
${picture ? `<img class="picture" src="${e(picture)}" alt="${e(name)}">` : ""}
<p class="soft">${e(words.title(model.title))}</p>
<h1>${e(verdict)}</h1>
<p class="soft">${e(text.facts(model.parameters, model.macs, model.opset))}${name ? `; ${e(words.picture(name))}` : ""}</p>
${link ? `<p><a href="${e(link)}">${e(words.live)}</a></p>` : ""}
<h2>${words.schemes}</h2>
${schemes(report)}
<h2>${words.settings}</h2>
<table><tbody>${chosen.join("")}</tbody></table>
<h2>${words.layers}</h2>
${layers(report.layers)}
${figures.map(({ heading, svg }) => `<figure><figcaption>${e(heading)}</figcaption>${svg}</figure>`).join("\n")}
</body>
</html>
`;
}
