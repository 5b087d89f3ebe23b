import { registerServiceWorker } from "./offline/register";
import { restoreTheme } from "./theme";
import "./components/sw-app";

restoreTheme();
registerServiceWorker();
