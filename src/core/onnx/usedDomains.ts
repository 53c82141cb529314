import type { GraphProto } from "onnx-buf";

/** Domains of the operators in a graph and its subgraphs; "" is ONNX's own, which "ai.onnx" means too. */
export function usedDomains(graph: GraphProto): Set<string> {
  const found = new Set<string>();
  for (const { domain, attribute } of graph.node) {
    found.add(plainDomain(domain));
    for (const { g, graphs } of attribute) {
      for (const inner of g === undefined ? graphs : [g, ...graphs])
        for (const name of usedDomains(inner)) found.add(name);
    }
  }
  return found;
}

/** The one name of a domain. */
export function plainDomain(domain: string): string {
  return domain === "ai.onnx" ? "" : domain;
}
