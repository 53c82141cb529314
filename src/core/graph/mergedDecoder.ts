import { clone, create } from "@bufbuild/protobuf";
import {
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  type GraphProto,
  type ModelProto,
  type NodeProto,
} from "onnx-buf";
import { DexarError } from "../errors.js";

/** The branches of an `If`, by the names of its attributes. */
export const BRANCHES = ["then_branch", "else_branch"] as const;
export type Branch = (typeof BRANCHES)[number];

/** Operators that an exporter may put between the `If` and the logits (half precision). */
const SAME_VALUE = new Set(["Cast", "Identity"]);

/**
 * The `If` that holds two whole decoders, one for the first step and one that goes on from a cache (what optimum's
 * `merge_decoders` writes): the one that gives the logits. Null where the decoder is not merged; other `If`s are none.
 */
export function mergeNode(graph: GraphProto): NodeProto | null {
  let wanted = "logits";
  for (const node of graph.node.toReversed()) {
    if (!node.output.includes(wanted)) continue;
    if (node.opType === "If") return node;
    if (!SAME_VALUE.has(node.opType)) return null;
    wanted = node.input[0] ?? "";
  }
  return null;
}

/** The graph of one branch. @throws DexarError `decoder-structure` */
export function branchGraph(node: NodeProto, branch: Branch): GraphProto {
  const graph = node.attribute.find(({ name }) => name === branch)?.g;
  if (graph?.output.length === node.output.length) return graph;
  throw new DexarError(
    "decoder-structure",
    `The ${branch} of node ${node.name} (If) has ${graph?.output.length ?? 0} outputs instead of ${node.output.length}.`,
    "Download or export the decoder again.",
  );
}

/** What a branch calls the output of its `If`. */
export function nameInside(node: NodeProto, branch: Branch, output: string): string {
  return branchGraph(node, branch).output[node.output.indexOf(output)]?.name ?? output;
}

/**
 * The decoder as it runs when a branch of its `If` is taken: the branch's nodes stand in place of the `If`, and its
 * outputs have the names that the `If` gives them.
 */
export function inlineBranch(model: ModelProto, node: NodeProto, branch: Branch): ModelProto {
  const outer = model.graph ?? create(GraphProtoSchema);
  const inner = branchGraph(node, branch);
  const names = new Map(inner.output.map((output, i) => [output.name, node.output[i] ?? ""]));
  const graph = create(GraphProtoSchema, {
    name: inner.name,
    input: outer.input,
    output: outer.output,
    valueInfo: [...outer.valueInfo, ...inner.valueInfo],
    node: outer.node.flatMap((other) => (other === node ? inner.node.map((n) => renamed(n, names)) : other)),
    initializer: [...outer.initializer, ...inner.initializer],
  });
  refuseRepeatedNames(graph, node);
  const { irVersion, opsetImport } = model;
  return create(ModelProtoSchema, { irVersion, opsetImport, graph });
}

function renamed(node: NodeProto, names: ReadonlyMap<string, string>): NodeProto {
  const isSame = (name: string) => (names.get(name) ?? name) === name;
  if (node.input.every(isSame) && node.output.every(isSame)) return node;
  const rename = (list: readonly string[]) => list.map((name) => names.get(name) ?? name);
  return Object.assign(clone(NodeProtoSchema, node), {
    input: rename(node.input),
    output: rename(node.output),
  });
}

/** Tensors are found by name, so no two may have the same. */
function refuseRepeatedNames(graph: GraphProto, node: NodeProto): void {
  const seen = new Set<string>();
  for (const name of graph.node.flatMap(({ output }) => output)) {
    if (name && seen.has(name)) {
      throw new DexarError(
        "decoder-structure",
        `The tensor "${name}" is written both inside and outside of node ${node.name} (If).`,
        "Merge the two decoders again (optimum's merge_decoders), or use an export that is not merged.",
      );
    }
    seen.add(name);
  }
}
