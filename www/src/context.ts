/** The one engine and the one playground that the components act on. */

import { Engine } from "./engine/client";
import { ShiftEditor } from "./layer/editor";
import { Playground } from "./playground";
import { store } from "./state";

export const engine = new Engine();
export const playground = new Playground(engine, store);
export const shiftEditor = new ShiftEditor(playground, store);
