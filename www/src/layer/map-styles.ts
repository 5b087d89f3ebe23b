/** What the views of weights and of maps look alike in. */

import { css } from "lit";

export const mapStyles = css`
  :host {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 8px;
  }
  .legends {
    display: flex;
    flex-wrap: wrap;
    gap: 4px 32px;
  }
  .scale {
    display: inline-flex;
    align-items: center;
    gap: 8px;
  }
  .scale .bar {
    width: 128px;
    height: 12px;
    outline: 1px solid var(--line);
  }
  .sheets {
    display: grid;
    gap: 16px;
    margin-top: 8px;
    user-select: none;
  }
  .readout {
    min-height: 1.5em;
  }
`;
