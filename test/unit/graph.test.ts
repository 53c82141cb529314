import { describe, expect, it } from "vitest";
import { Graph } from "../../src/core/graph/graph.js";
import { isFlat } from "../../src/core/graph/patterns/flat.js";
import { waists } from "../../src/core/graph/waists.js";
import { GraphBuilder } from "../helpers/graphBuilder.js";

/** x -> a -> (b, c) -> d, with a side branch that reads only a's shape. */
function diamond(): Graph {
  const b = new GraphBuilder();
  b.input("x", [1, "rows", 4]);
  b.op("Exp", ["x"], {}, "a");
  b.op("Neg", ["a"], {}, "b");
  b.op("Mul", ["a", b.constant("weight", [4])], {}, "c");
  b.op("Shape", ["a"], {}, "shape");
  b.op("Add", ["b", "c"], {}, "d");
  b.op("Reshape", ["d", "shape"], {}, "e");
  b.output("e", [1, "rows", 4]);
  return new Graph(b.graph);
}

describe("the graph index", () => {
  const graph = diamond();

  it("finds who writes and who reads a tensor", () => {
    expect(graph.producer("d")?.opType).toBe("Add");
    expect(graph.producer("x")).toBeUndefined();
    expect(graph.producer("weight")).toBeUndefined();
    expect(graph.consumers("a").map((node) => node.opType)).toEqual(["Neg", "Mul", "Shape"]);
    expect(graph.consumers("e")).toEqual([]);
  });

  it("orders tensors as their nodes run", () => {
    expect([graph.order("x"), graph.order("weight")]).toEqual([-1, -1]);
    expect(graph.order("a")).toBeLessThan(graph.order("d"));
  });

  it("calls constant what is computed from constants alone", () => {
    const b = new GraphBuilder();
    const doubled = b.op("Add", [b.constant("w", [2]), "w"]);
    const shifted = b.op("Add", [doubled, "x"]);
    const index = new Graph(b.graph);
    expect([index.isConstant("w"), index.isConstant(doubled), index.isConstant(shifted)]).toEqual([
      true,
      true,
      false,
    ]);
    expect(index.isConstant("x")).toBe(false);
  });

  it("does not call the result of an If constant: its branches may read anything", () => {
    const b = new GraphBuilder();
    b.node("If", [b.constant("condition", [])], ["chosen"]);
    const [node] = b.graph.node;
    node?.attribute.push({ ...branch(), name: "then_branch" });
    expect(new Graph(b.graph).isConstant("chosen")).toBe(false);
  });

  it("follows values forwards and backwards, and takes reading a shape for no dependence", () => {
    expect([...graph.dependents("a")].toSorted()).toEqual(["a", "b", "c", "d", "e"]);
    expect([...graph.dependents("c")].toSorted()).toEqual(["c", "d", "e"]);
    expect([...graph.ancestors("d")].toSorted()).toEqual(["a", "b", "c", "d", "weight", "x"]);
    expect(graph.ancestors("shape").has("a")).toBe(false);
  });
});

/** A graph attribute. */
function branch() {
  const b = new GraphBuilder();
  const holder = new GraphBuilder();
  holder.node("Constant", [], ["c"], { value: 1 });
  const [attribute] = holder.graph.node[0]?.attribute ?? [];
  if (!attribute) throw new RangeError("no attribute");
  return Object.assign(attribute, { g: b.graph });
}

describe("rows on the first axis", () => {
  it("are found through a residual stream, which has more paths back than can be walked", () => {
    const b = new GraphBuilder();
    b.input("x", [1, "rows", 4]);
    const start = b.op("Reshape", ["x", b.ints(-1, 4)], {}, "start");
    const end = Array.from({ length: 60 }).reduce<string>(
      (sum) => b.op("Add", [sum, b.op("Exp", [sum])]),
      start,
    );
    const wide = b.op("Reshape", [end, b.ints(1, -1, 4)], {}, "wide");
    const graph = new Graph(b.graph);
    expect([start, end, wide, "x"].map((tensor) => isFlat(graph, tensor))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});

describe("waists", () => {
  it("are the tensors that every path passes through, both ends included", () => {
    expect(waists(diamond(), "x", "e")).toEqual(["x", "a", "d", "e"]);
    expect(waists(diamond(), "a", "d")).toEqual(["a", "d"]);
    expect(waists(diamond(), "b", "e")).toEqual(["b", "d", "e"]);
    expect(waists(diamond(), "a", "a")).toEqual(["a"]);
  });

  it("do not exist between tensors without a path", () => {
    expect(waists(diamond(), "b", "c")).toEqual([]);
    expect(waists(diamond(), "a", "shape")).toEqual([]);
  });

  it("ignore branches that lead elsewhere, and parts of a split that nobody reads", () => {
    const b = new GraphBuilder();
    b.op("Exp", ["x"], {}, "a");
    b.op("Neg", ["a"], {}, "elsewhere");
    b.node("Split", ["a"], ["left", "right", "unused"], { axis: -1n });
    b.op("Mul", ["left", "right"], {}, "product");
    b.op("Add", ["product", "product"], {}, "end");
    expect(waists(new Graph(b.graph), "x", "end")).toEqual(["x", "a", "product", "end"]);
  });
});
