/** The one engine, its pool of further Workers, and the controllers that the components act on. */

import { Engine } from "./engine/client";
import { Pool } from "./engine/pool";
import { ShiftEditor } from "./layer/editor";
import { Course } from "./lessons/course";
import { CurvesController } from "./many/curves";
import { Playground } from "./playground";
import { store } from "./state";

export const engine = new Engine();
const pool = new Pool(engine);

export const playground = new Playground(engine, store, pool);
export const { selection } = playground;
export const shiftEditor = new ShiftEditor(playground, store);
export const curves = new CurvesController(engine, pool, store);
export const course = new Course(playground, store);
