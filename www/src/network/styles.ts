/** Rules of the network view: rows of one height, with one drawing beside all of them. */

import { css } from "lit";
import { ROW, STRIP } from "./spine";

export const networkStyles = css`
  section {
    --figure: 44px;
  }
  h2 {
    font-size: 1.125rem;
  }
  .choices,
  .legend {
    display: flex;
    flex-wrap: wrap;
    gap: 4px 16px;
    margin-block: 4px;
  }
  .legend span {
    display: inline-flex;
    align-items: center;
    gap: 4px;
  }
  .sample {
    width: 20px;
    height: 12px;
  }
  .choice {
    display: flex;
  }
  .choice button {
    min-height: 28px;
    padding: 0 8px;
    border-radius: 0;
    margin-inline-start: -1px;
  }
  .choice button:first-child {
    border-radius: 6px 0 0 6px;
  }
  .choice button:last-child {
    border-radius: 0 6px 6px 0;
  }
  .choice button[aria-pressed="true"] {
    background: var(--mark);
    border-color: var(--mark-line);
    z-index: 1;
  }
  .scroll {
    margin-top: 8px;
  }
  .sheet {
    position: relative;
  }
  table {
    table-layout: fixed;
    min-width: 460px;
  }
  thead tr {
    height: 28px;
  }
  thead th {
    vertical-align: middle;
  }
  tbody tr {
    height: ${ROW}px;
  }
  tbody th,
  tbody td {
    height: ${ROW}px;
    padding-block: 0;
    overflow: hidden;
  }
  th.shape,
  td.shape {
    width: 100px;
    padding-inline: 4px;
    white-space: nowrap;
  }
  th.strip,
  td.strip {
    width: ${STRIP}px;
    padding: 0;
    text-align: center;
    font-weight: 400;
    white-space: nowrap;
  }
  th.figure,
  td.figure {
    width: var(--figure);
    padding-inline: 4px;
    white-space: nowrap;
  }
  td.bad {
    font-weight: 700;
    text-decoration: underline;
    text-decoration-thickness: 2px;
    text-underline-offset: 3px;
  }
  tbody tr:hover {
    background: var(--hair);
  }
  tbody tr.selected {
    background: var(--mark);
    box-shadow: inset 3px 0 var(--mark-line);
  }
  tr.selected .soft {
    color: inherit;
  }
  .layer {
    width: 100%;
    height: ${ROW - 4}px;
    padding: 0 4px;
    border: 0;
    background: none;
    gap: 8px;
    justify-content: flex-start;
  }
  .layer:focus-visible {
    outline-offset: -2px;
  }
  .label {
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .flag {
    display: inline-flex;
    align-items: center;
    gap: 4px;
    font-weight: 600;
  }
  .flag.soft {
    font-weight: 400;
  }
  .spine {
    position: absolute;
    right: calc(3 * var(--figure));
    bottom: 0;
    pointer-events: none;
  }
  .spine path {
    fill: none;
  }
  .bar {
    stroke: currentcolor;
    fill: none;
  }
  .grid {
    stroke: var(--line);
    stroke-opacity: 0.6;
  }
  .line {
    stroke: currentColor;
    stroke-opacity: 0.5;
    stroke-width: 1.5;
  }
  .layer-wise .marks {
    stroke: currentColor;
    stroke-width: 2;
  }
  .spine .shift-wise .marks,
  .spine .channel-wise .marks {
    fill: currentColor;
  }
  .twin,
  .quiet {
    margin-top: 16px;
    color: var(--soft);
  }
  .quiet summary {
    cursor: pointer;
    min-height: 24px;
    width: fit-content;
  }
  .quiet ul {
    padding-inline-start: 16px;
  }
  @media (max-width: 719px) {
    th.shape,
    td.shape {
      display: none;
    }
    table {
      min-width: 0;
    }
    section {
      --figure: 36px;
    }
    th.figure,
    td.figure {
      padding-inline: 2px;
    }
    .flag {
      font-size: 0.75rem;
    }
    /* The flag goes below the name, which it would push away. */
    .layer {
      flex-direction: column;
      align-items: flex-start;
      justify-content: center;
      gap: 0;
      line-height: 1.25;
    }
    .label {
      max-width: 100%;
    }
  }
`;
