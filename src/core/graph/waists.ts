import type { NodeProto } from "onnx-buf";
import type { Graph } from "./graph.js";

/**
 * The tensors through which *every* path from `from` to `to` passes, in order, both ends included (the
 * post-dominators of `from` towards `to`). In a decoder these are, for an attention output: the output
 * projection, the residual sums, and at last the logits. A waist holds all that `to` knows of `from`, so it
 * is the natural place to tap the forward pass.
 */
export function waists(graph: Graph, from: string, to: string): string[] {
  const after = graph.dependents(from);
  const between = new Set([...graph.ancestors(to)].filter((name) => after.has(name)));
  if (!between.has(to)) return [];
  const found = [from];
  // Tensors written so far that are still to be read, with how many reads are left.
  const live = new Map<string, number>([[from, readersWithin(graph, from, between)]]);
  for (let order = graph.order(from) + 1; order <= graph.order(to); order++) {
    const node = graph.nodes[order] as NodeProto;
    const written = node.output.filter((name) => between.has(name));
    if (written.length === 0) continue;
    for (const name of new Set(node.input)) release(live, name);
    for (const name of written) live.set(name, readersWithin(graph, name, between));
    const [only] = live.keys();
    if (live.size === 1 && only !== undefined) found.push(only);
  }
  return found;
}

/** How many nodes between the ends read `name`; the last tensor has none. */
function readersWithin(graph: Graph, name: string, between: ReadonlySet<string>): number {
  return graph.consumers(name).filter((n) => n.output.some((o) => between.has(o))).length;
}

function release(live: Map<string, number>, name: string): void {
  const left = live.get(name);
  if (left === undefined) return;
  if (left <= 1) live.delete(name);
  else live.set(name, left - 1);
}
