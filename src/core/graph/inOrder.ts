import type { GraphProto, NodeProto } from "onnx-buf";

/**
 * The nodes so that each comes after those whose outputs it reads, else in the order they are in. ONNX demands that of
 * a file, but ONNX Runtime's tool for half precision puts casts of inputs last, and ONNX Runtime sorts for itself.
 * Nodes in a circle stay together, in the order they are in.
 */
export function inOrder(nodes: readonly NodeProto[]): NodeProto[] {
  const producers = new Map(nodes.flatMap((node) => node.output.map((name) => [name, node] as const)));
  const placed = new Set<NodeProto>();
  const ordered: NodeProto[] = [];
  for (const first of nodes) {
    // Not by recursion: a chain of nodes can be longer than the stack is deep.
    const waiting = [{ node: first, sources: sourcesOf(first, producers) }];
    if (placed.has(first)) continue;
    placed.add(first);
    for (let top = waiting.at(-1); top; top = waiting.at(-1)) {
      const source = top.sources.pop();
      if (source === undefined) {
        ordered.push(top.node);
        waiting.pop();
      } else if (!placed.has(source)) {
        placed.add(source);
        waiting.push({ node: source, sources: sourcesOf(source, producers) });
      }
    }
  }
  return ordered;
}

/** The nodes that a node reads from, the last one first. */
function sourcesOf(node: NodeProto, producers: ReadonlyMap<string, NodeProto>): NodeProto[] {
  return readNames(node)
    .flatMap((name) => producers.get(name) ?? [])
    .toReversed();
}

/** What a node reads, its branches and bodies included. */
function readNames(node: NodeProto): string[] {
  const inner = (graph: GraphProto): string[] => graph.node.flatMap(readNames);
  const graphs = node.attribute.flatMap(({ g, graphs: list }) => [...(g ? [g] : []), ...list]);
  return [...node.input, ...graphs.flatMap(inner)].filter((name) => name !== "");
}
