/** The Worker that writes files for other engines. */

import { serve } from "./serve";
import { startComplete } from "./wasm";

serve(startComplete());
