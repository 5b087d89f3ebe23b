/** Rules that every component may use. */

import { css } from "lit";

export const shared = css`
  :host {
    display: block;
  }

  :host([hidden]),
  [hidden] {
    display: none !important;
  }

  * {
    box-sizing: border-box;
  }

  h2,
  h3,
  p,
  ol,
  ul,
  dl,
  dd,
  figure {
    margin: 0;
    padding: 0;
  }

  ol,
  ul {
    list-style: none;
  }

  h2,
  h3 {
    font-size: var(--text);
    font-weight: 650;
  }

  .soft {
    color: var(--soft);
  }

  .small {
    font-size: var(--small);
  }

  /* Integers. */
  .int {
    font-family: var(--mono);
    font-variant-numeric: tabular-nums;
    font-size: 0.94em;
  }

  .num {
    font-variant-numeric: tabular-nums;
  }

  button,
  select,
  input {
    font: inherit;
    color: inherit;
  }

  button,
  .button {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    min-height: 32px;
    padding: 0 12px;
    border: 1px solid var(--line);
    border-radius: 6px;
    background: var(--raised);
    cursor: pointer;
    white-space: nowrap;
  }

  button:hover:not(:disabled),
  .button:hover {
    border-color: var(--soft);
  }

  button:disabled {
    color: var(--soft);
    cursor: default;
    opacity: 0.7;
  }

  button.plain {
    min-height: 24px;
    padding: 0 2px;
    border: 0;
    background: none;
    text-decoration: underline;
    text-decoration-color: var(--line);
    text-underline-offset: 3px;
  }

  button.plain:hover {
    text-decoration-color: currentcolor;
  }

  button.strong {
    border-color: var(--ink);
    background: var(--ink);
    color: var(--paper);
    font-weight: 600;
  }

  :focus-visible {
    outline: 2px solid var(--ink);
    outline-offset: 2px;
    border-radius: 4px;
  }

  .unseen {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }

  .float {
    color: var(--float);
  }
  .layer-wise {
    color: var(--layer-wise);
  }
  .shift-wise {
    color: var(--shift-wise);
  }
  .channel-wise {
    color: var(--channel-wise);
  }

  svg.mark,
  svg.icon {
    flex: none;
    width: 1em;
    height: 1em;
    vertical-align: -0.125em;
  }
`;

/** Tables: rules between rows, figures to the right. */
export const table = css`
  table {
    border-collapse: collapse;
    width: 100%;
    font-size: var(--small);
  }

  caption {
    text-align: start;
    color: var(--soft);
    padding-bottom: 4px;
  }

  th {
    font-weight: 500;
    color: var(--soft);
    text-align: end;
    vertical-align: bottom;
    padding: 4px 8px;
  }

  td {
    text-align: end;
    padding: 4px 8px;
    border-top: 1px solid var(--hair);
    font-variant-numeric: tabular-nums;
  }

  th:first-child,
  td:first-child {
    text-align: start;
    padding-inline-start: 0;
  }

  tbody th {
    color: var(--ink);
    text-align: start;
    border-top: 1px solid var(--hair);
    vertical-align: middle;
    white-space: nowrap;
  }

  .scroll {
    overflow-x: auto;
  }
`;

export const tableTwin = css`
  details.twin {
    font-size: var(--small);
  }

  details.twin > summary {
    cursor: pointer;
    color: var(--soft);
    min-height: 24px;
    width: fit-content;
  }

  details.twin .scroll {
    max-height: 320px;
    overflow: auto;
    margin-top: 8px;
  }
`;

/** What a lesson points to. */
export const pointedStyle = css`
  .pointed {
    outline: 3px solid var(--mark-line);
    outline-offset: 8px;
    border-radius: 2px;
  }
`;

/** A dialog's surface. */
export const dialogSurface = css`
  dialog {
    border: 1px solid var(--line);
    border-radius: 8px;
    background: var(--raised);
    color: var(--ink);
    box-shadow: 0 16px 64px rgb(0 0 0 / 0.24);
  }
`;

/** A slider is a little ruler: a tick for every one of its `--steps`. */
export const slider = css`
  input[type="range"] {
    appearance: none;
    width: 104px;
    height: 24px;
    margin: 0;
    background:
      linear-gradient(var(--ink), var(--ink)) 8px 12px / calc(100% - 16px) 1px no-repeat,
      repeating-linear-gradient(to right, var(--ink) 0 1px, transparent 1px calc((100% - 1px) / var(--steps))) 8px
        12px / calc(100% - 15px) 6px no-repeat;
    cursor: pointer;
  }
  input[type="range"]:disabled {
    opacity: 0.4;
    cursor: not-allowed;
  }
  input[type="range"]::-webkit-slider-thumb {
    appearance: none;
    width: 16px;
    height: 16px;
    border: 2px solid var(--ink);
    border-radius: 50%;
    background: var(--thumb);
  }
  input[type="range"]::-moz-range-thumb {
    width: 12px;
    height: 12px;
    border: 2px solid var(--ink);
    border-radius: 50%;
    background: var(--thumb);
  }
`;
