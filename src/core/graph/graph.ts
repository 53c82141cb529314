import type { GraphProto, NodeProto, TensorProto } from "onnx-buf";

/** A tensor is found by name; a node's place in the list is its topological order (ONNX demands it). */
export class Graph {
  readonly nodes: readonly NodeProto[];
  readonly initializers: ReadonlyMap<string, TensorProto>;
  /** What a run is given; initializers that may be overridden are none. */
  readonly inputs: ReadonlySet<string>;
  readonly outputs: ReadonlySet<string>;
  private readonly producers = new Map<string, number>();
  private readonly readers = new Map<string, number[]>();
  private readonly constants = new Set<string>();

  /** @param opsets operator-set version by domain (`ai.onnx` is the empty domain), for messages */
  constructor(
    proto: GraphProto,
    private readonly opsets: ReadonlyMap<string, number> = new Map(),
  ) {
    this.nodes = proto.node;
    this.initializers = new Map(proto.initializer.map((t) => [t.name, t]));
    this.inputs = new Set(proto.input.map((i) => i.name).filter((name) => !this.initializers.has(name)));
    this.outputs = new Set(proto.output.map((o) => o.name));
    for (const name of this.initializers.keys()) this.constants.add(name);
    this.nodes.forEach((node, order) => this.index(node, order));
  }

  private index(node: NodeProto, order: number): void {
    for (const name of node.output) if (name) this.producers.set(name, order);
    for (const name of new Set(node.input)) {
      if (!name) continue;
      const list = this.readers.get(name);
      if (list) list.push(order);
      else this.readers.set(name, [order]);
    }
    // Constant, and whatever is computed from constants alone, has the same value in every run.
    if (node.input.every((name) => !name || this.constants.has(name)) && !hasSubgraph(node)) {
      for (const name of node.output) if (name) this.constants.add(name);
    }
  }

  /** A node in words: domain, operator, opset and name. */
  describe(node: NodeProto): string {
    const domain = node.domain === "ai.onnx" ? "" : node.domain;
    const opset = this.opsets.get(domain);
    const version = opset === undefined ? "" : `opset ${opset}, `;
    return `${domain || "ai.onnx"}:${node.opType} (${version}node ${node.name})`;
  }

  /** The node that writes `tensor`, or undefined for graph inputs and initializers. */
  producer(tensor: string): NodeProto | undefined {
    const order = this.producers.get(tensor);
    return order === undefined ? undefined : this.nodes[order];
  }

  /** Topological position of the node that writes `tensor`; -1 for inputs and initializers. */
  order(tensor: string): number {
    return this.producers.get(tensor) ?? -1;
  }

  /** The nodes that read `tensor`, in topological order. */
  consumers(tensor: string): NodeProto[] {
    return (this.readers.get(tensor) ?? []).map((order) => this.nodes[order] as NodeProto);
  }

  /** True when `tensor` has the same value in every run. */
  isConstant(tensor: string): boolean {
    return this.constants.has(tensor);
  }

  /**
   * Tensors whose *value* depends on `tensor`, itself included. Reading a tensor's shape is no dependence:
   * exporters take sequence lengths from the shape of almost any activation.
   */
  dependents(tensor: string): Set<string> {
    const cone = new Set([tensor]);
    for (let order = this.order(tensor) + 1; order < this.nodes.length; order++) {
      const node = this.nodes[order] as NodeProto;
      if (readsOnlyShape(node) || !node.input.some((name) => cone.has(name))) continue;
      for (const name of node.output) if (name) cone.add(name);
    }
    return cone;
  }

  /** Tensors that `tensor`'s value depends on, itself included. */
  ancestors(tensor: string): Set<string> {
    const found = new Set([tensor]);
    for (let order = this.order(tensor); order >= 0; order--) {
      const node = this.nodes[order] as NodeProto;
      if (readsOnlyShape(node) || !node.output.some((name) => found.has(name))) continue;
      for (const name of node.input) if (name) found.add(name);
    }
    return found;
  }
}

function readsOnlyShape(node: NodeProto): boolean {
  return node.opType === "Shape" || node.opType === "Size";
}

function hasSubgraph(node: NodeProto): boolean {
  return node.attribute.some((a) => a.g !== undefined || a.graphs.length > 0);
}
