import { serveEngine } from "../../src/runtime/process/serveEngine.js";
import { createFakeEngine } from "./fakeEngine.js";

await serveEngine(createFakeEngine(), "fake");
