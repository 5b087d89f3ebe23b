import { restoreTheme } from "./theme";
import "./components/sw-app";

restoreTheme();
