/** The page's Worker. */

import { serve } from "./serve";
import { startPage } from "./wasm";

serve(startPage());
