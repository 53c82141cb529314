import { create } from "@bufbuild/protobuf";
import fc from "fast-check";
import { AttributeProtoSchema, GraphProtoSchema, NodeProtoSchema, type NodeProto } from "onnx-buf";
import { expect, test } from "vitest";
import { inOrder } from "../../src/core/graph/inOrder.js";

const nodeOf = (name: string, input: readonly string[], reads: readonly string[] = []): NodeProto => {
  const inner = create(NodeProtoSchema, { name: `${name}/inner`, input: [...reads], output: [`${name}/y`] });
  const branch = create(AttributeProtoSchema, {
    name: "then_branch",
    g: create(GraphProtoSchema, { node: [inner] }),
  });
  return create(NodeProtoSchema, {
    name,
    input: [...input],
    output: [name],
    attribute: reads.length > 0 ? [branch] : [],
  });
};
const names = (nodes: readonly NodeProto[]) => nodes.map(({ name }) => name);

/** Nodes in order: each reads some of those before it, and the graph's input. */
const graphs = fc.array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 1, maxLength: 30 }).map((all) =>
  all.map((reads, i) => {
    const sources = reads.map((at) => (i === 0 ? "input" : `n${at % i}`));
    return nodeOf(`n${i}`, ["", "input", ...sources.slice(1)], sources.slice(0, 1));
  }),
);

test("nodes in order stay as they are", () => {
  fc.assert(
    fc.property(graphs, (nodes) => {
      expect(names(inOrder(nodes))).toEqual(names(nodes));
    }),
  );
});

test("shuffled nodes come after what they read, in branches too", () => {
  fc.assert(
    fc.property(
      graphs.chain((nodes) => fc.shuffledSubarray(nodes, { minLength: nodes.length })),
      (nodes) => {
        const ordered = inOrder(nodes);
        expect(new Set(ordered)).toEqual(new Set(nodes));
        expect(ordered).toHaveLength(nodes.length);
        const seen = new Set(["", "input"]);
        for (const node of ordered) {
          const inner = node.attribute.flatMap(({ g }) => g?.node[0]?.input ?? []);
          expect([...node.input, ...inner].filter((name) => !seen.has(name))).toEqual([]);
          for (const name of node.output) seen.add(name);
        }
      },
    ),
  );
});

test("a circle and a chain of a hundred thousand end", () => {
  expect(names(inOrder([nodeOf("a", ["b"]), nodeOf("b", ["a"])])).sort()).toEqual(["a", "b"]);
  const chain = Array.from({ length: 100_000 }, (_, i) => nodeOf(`c${i}`, [`c${i + 1}`]));
  expect(inOrder(chain)[0]?.name).toBe("c99999");
});
