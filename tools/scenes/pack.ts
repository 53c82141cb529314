/** Writes a pack of scenes: `npx tsx tools/scenes/pack.ts OUT_DIR FIRST_SEED COUNT`. */

import { writePack } from "./packs";

const [folder, first, count] = process.argv.slice(2);
if (!folder || !first || !count) throw new Error("usage: pack.ts OUT_DIR FIRST_SEED COUNT");
writePack(folder, Number(first), Number(count));
