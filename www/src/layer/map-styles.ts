/** What the views of weights and of maps look alike in. */

import { css } from "lit";

/** Below this width two schemes stand side by side, else four. */
export const NARROW = 560;

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
    width: clamp(72px, 16vw, 128px);
    height: 12px;
    outline: 1px solid var(--line);
  }
  .sheets {
    display: grid;
    grid-template-columns: repeat(4, minmax(0, 1fr));
    gap: 16px;
    margin-top: 8px;
    user-select: none;
  }
  .sheets.narrow {
    grid-template-columns: repeat(2, minmax(0, 1fr));
  }
  .column {
    display: grid;
    gap: 4px;
    align-content: start;
  }
  /* As high with the button of what is pinned as without. */
  .readout {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px 16px;
    min-height: 32px;
  }
`;
