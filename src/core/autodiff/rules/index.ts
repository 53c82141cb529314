import type { NodeProto } from "onnx-buf";
import { DexarError } from "../../errors.js";
import type { Graph } from "../../graph/graph.js";
import type { Rule, RuleTable } from "../rule.js";
import { activations } from "./activations.js";
import { elementwise } from "./elementwise.js";
import { linear } from "./linear.js";
import { norms } from "./norms.js";
import { structure } from "./structure.js";

/** Every operator that may stand between an attention output and the lens logit, with its derivative. */
export const rules: RuleTable = { ...elementwise, ...activations, ...norms, ...linear, ...structure };

/** The rule of a node; throws `unsupported-op` naming operator, node and place when there is none. */
export function ruleFor(graph: Graph, node: NodeProto, place: string): Rule {
  const domain = node.domain === "" || node.domain === "ai.onnx" ? "" : `${node.domain}:`;
  const rule = rules[`${domain}${node.opType}`];
  if (rule) return rule;
  throw new DexarError(
    "unsupported-op",
    `No derivative is known for operator ${graph.describe(node)} in ${place}.`,
    `Supported there: ${Object.keys(rules).join(", ")}. Report the model so that the rule can be added.`,
  );
}
