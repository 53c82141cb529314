import { AttributeProtoSchema, AttributeType } from "../../src/core/onnx/index.js";
import { makeAttribute } from "../../src/core/graph/attributes.js";
import { tensorInfo } from "../../src/core/instrument/tensorInfo.js";
import {
  clone,
  create,
  DataType,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  type GraphProto,
  type ModelProto,
} from "../../src/core/onnx/index.js";

/** Name of the input that says which branch is taken. */
export const USE_CACHE = "use_cache_branch";

/**
 * Two decoders under one `If`, as optimum's `merge_decoders` writes them: constants that both have lie outside, small
 * ones in the branches, and each branch has tensor names of its own.
 * @param castOutputs the branches' outputs have other names than the model's, which a cast outside gives them (as
 * converters to half precision do)
 */
export function mergeDecoders(first: ModelProto, cached: ModelProto, castOutputs = false): ModelProto {
  const [noPast, withPast] = [first, cached].map((model) => clone(ModelProtoSchema, model));
  const [elseGraph, thenGraph] = [noPast?.graph, withPast?.graph];
  if (!elseGraph || !thenGraph || !noPast) throw new RangeError("no graph");
  const outputs = elseGraph.output.map(({ name }) => name);
  const shared = elseGraph.initializer.filter((tensor) => tensor.dims.length > 0);
  const known = new Set(shared.map(({ name }) => name));
  const inputs = [
    ...elseGraph.input,
    ...thenGraph.input.filter((i) => !elseGraph.input.some((j) => j.name === i.name)),
  ];
  const given = castOutputs ? outputs.map((name) => `${name}/of_if`) : outputs;
  const branches = [thenGraph, elseGraph].map((graph, i) => {
    const inside = castOutputs ? outputs.map((name) => `${name}/inside`) : outputs;
    const branch = renamed(
      graph,
      i === 0 ? "cached/" : "",
      new Map(outputs.map((name, at) => [name, inside[at] ?? ""])),
      inputs.map(({ name }) => name),
      known,
    );
    branch.input = [];
    return branch;
  });
  const attribute = ["then_branch", "else_branch"].map((name, i) =>
    create(AttributeProtoSchema, { name, type: AttributeType.GRAPH, g: branches[i] as GraphProto }),
  );
  const node = create(NodeProtoSchema, {
    name: "optimum::if",
    opType: "If",
    input: [USE_CACHE],
    output: given,
    attribute,
  });
  const casts = castOutputs
    ? outputs.map((name, i) =>
        create(NodeProtoSchema, {
          ...{ name: `cast/${name}`, opType: "Cast", input: [given[i] ?? ""], output: [name] },
          attribute: [makeAttribute("to", BigInt(DataType.FLOAT))],
        }),
      )
    : [];
  return Object.assign(noPast, {
    graph: create(GraphProtoSchema, {
      name: "merged",
      input: [...inputs, tensorInfo(USE_CACHE, DataType.BOOL, [1])],
      output: elseGraph.output.map((output) => output),
      initializer: shared,
      node: [node, ...casts],
    }),
  });
}

/** A graph whose own tensors have a prefix; what lies outside keeps its name, and what is known there is left out. */
function renamed(
  graph: GraphProto,
  prefix: string,
  outputs: ReadonlyMap<string, string>,
  inputs: readonly string[],
  known: ReadonlySet<string>,
): GraphProto {
  const outside = new Set([...inputs, ...known]);
  const rename = (name: string) =>
    name === "" || outside.has(name) ? name : (outputs.get(name) ?? `${prefix}${name}`);
  const copy = clone(GraphProtoSchema, graph);
  for (const node of copy.node) {
    node.input = node.input.map(rename);
    node.output = node.output.map(rename);
  }
  copy.initializer = copy.initializer.filter(({ name }) => !known.has(name));
  for (const tensor of copy.initializer) tensor.name = rename(tensor.name);
  for (const output of copy.output) output.name = rename(output.name);
  return copy;
}
