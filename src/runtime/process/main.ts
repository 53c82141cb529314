import { createEngine } from "../engine.js";
import { serveEngine } from "./serveEngine.js";

if (process.send === undefined) {
  process.stderr.write("This is the model process; it is started by dexar, not by hand.\n");
  process.exit(2);
}
await serveEngine(createEngine(), "dexar");
