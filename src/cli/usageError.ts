import { DexarError } from "../core/errors.js";

/** A command line that cannot be meant as written: exit code 2. */
export class UsageError extends DexarError {}
