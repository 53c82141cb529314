import { ensureCodeServer } from "../../scripts/codeServer/install.js";
import { builtVsix } from "./builtVsix.js";

/** Before any test: what they all need, or one clear error. */
export function setup(): void {
  builtVsix();
  ensureCodeServer();
}
