import type { Rectangle } from "../../../core/run/types.js";
import type { Family, ModelConfigs } from "../family.js";
import { imageLayout } from "./geometry.js";
import { gridInputs } from "./gridInputs.js";
import { openGridProcessor } from "./openGridProcessor.js";

/** What differs between families whose picture is one grid of square patches, row by row. */
export interface GridModel extends Pick<
  Family,
  "name" | "modelTypes" | "modelClass" | "renderPrompt" | "severalPictures"
> {
  /** Side of a patch in pixels of the model's input; throws `model-config-damaged` when nothing says it. */
  readonly patchSize: (configs: ModelConfigs) => number;
  /** How many features without a place the vision encoder gives before those of the patches; none by default. */
  readonly classTokens?: (configs: ModelConfigs) => number;
}

/** A family with one grid of image tokens in place of the placeholder. */
export function gridFamily({ patchSize, classTokens = () => 0, ...family }: GridModel): Family {
  return {
    ...family,
    layout(picture, configs, resize) {
      const layout = imageLayout(picture, configs.image, patchSize(configs), resize);
      const [left, top] = layout.seen;
      const nowhere = Array.from({ length: classTokens(configs) }, (): Rectangle => [left, top, 0, 0]);
      return { ...layout, cells: [...nowhere, ...layout.cells] };
    },
    process: (call) =>
      gridInputs(call, { patchSize: patchSize(call.configs), extra: classTokens(call.configs) }),
    openProcessor: openGridProcessor,
  };
}
