import init from "../../pkg/shiftwise.js";

await init();
document.documentElement.dataset.engine = "ready";
