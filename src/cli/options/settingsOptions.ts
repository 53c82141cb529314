import { Option, type Command } from "commander";
import type { AttributionSettings, Preset, Score, TextSet } from "../../core/attribution/settings.js";
import { parseLayers, resolveLayers, type LayerSpec } from "./layers.js";
import { parseScore } from "./score.js";
import { parseTextSet } from "./textSet.js";

/** The options that decide how gradients become heatmaps. */
export interface SettingsOptions {
  readonly preset?: Preset;
  readonly layers?: LayerSpec;
  readonly textSet?: TextSet;
  readonly score?: Score;
  readonly includeStop?: boolean;
}

/** Adds --preset, --layers, --text-set, --score and --include-stop. */
export function addSettingsOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--preset <name>", "paper: the equations; reference: the authors' code").choices([
        "paper",
        "reference",
      ]),
    )
    .option("--layers <A:B>", "layers from A up to, not including, B; -2: means the last two", parseLayers)
    .option(
      "--text-set <name>",
      "what competes with the image: all, no-special, prompt, generated, or positions 12,13",
      parseTextSet,
    )
    .option("--score <name>", "how gradients become one score: max, mean, top-k:8", parseScore)
    .option("--include-stop", "count the end token in the heatmap of the whole answer");
}

/**
 * The settings the user asked for; what was not asked for is left out.
 * @param layers number of decoder layers of the model
 * @throws UsageError `layers-out-of-range`
 */
export function chosenSettings(options: SettingsOptions, layers: number): Partial<AttributionSettings> {
  const { preset, textSet, score, includeStop } = options;
  return {
    ...(preset === undefined ? {} : { preset }),
    ...(options.layers === undefined ? {} : { layers: resolveLayers(options.layers, layers) }),
    ...(textSet === undefined ? {} : { textSet }),
    ...(score === undefined ? {} : { score }),
    ...(includeStop === undefined ? {} : { includeStop }),
  };
}
