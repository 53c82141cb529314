import type { CliIo } from "./io.js";
import type { CliServices } from "./services.js";

/** What every command gets. */
export interface CliContext {
  readonly io: CliIo;
  readonly services: CliServices;
}
