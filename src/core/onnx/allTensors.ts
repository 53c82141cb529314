import type {
  AttributeProto,
  GraphProto,
  ModelProto,
  NodeProto,
  SparseTensorProto,
  TensorProto,
} from "onnx-buf";

/** A tensor of a model and how messages call it (attributes' tensors mostly have no name of their own). */
export interface NamedTensor {
  readonly tensor: TensorProto;
  readonly label: string;
}

/** Every tensor of a model: initializers and attributes of all graphs, subgraphs and functions, sparse parts. */
export function* allTensors(model: ModelProto): Generator<NamedTensor> {
  if (model.graph !== undefined) yield* graphTensors(model.graph);
  for (const { initialization, algorithm } of model.trainingInfo) {
    if (initialization !== undefined) yield* graphTensors(initialization);
    if (algorithm !== undefined) yield* graphTensors(algorithm);
  }
  for (const { name, node, attributeProto } of model.functions) {
    yield* nodeTensors(node);
    yield* attributeTensors(attributeProto, `function ${name}`);
  }
}

function* graphTensors(graph: GraphProto): Generator<NamedTensor> {
  for (const tensor of graph.initializer) yield { tensor, label: tensor.name };
  yield* sparseTensors(graph.sparseInitializer, `graph ${graph.name}`);
  yield* nodeTensors(graph.node);
}

function* nodeTensors(nodes: readonly NodeProto[]): Generator<NamedTensor> {
  for (const { name, opType, attribute } of nodes)
    yield* attributeTensors(attribute, `${opType} node ${name}`);
}

function* attributeTensors(attributes: readonly AttributeProto[], owner: string): Generator<NamedTensor> {
  for (const { name, t, tensors, g, graphs, sparseTensor, sparseTensors: sparse } of attributes) {
    const label = `${name} of ${owner}`;
    if (t !== undefined) yield { tensor: t, label };
    for (const tensor of tensors) yield { tensor, label };
    if (g !== undefined) yield* graphTensors(g);
    for (const graph of graphs) yield* graphTensors(graph);
    if (sparseTensor !== undefined) yield* sparseTensors([sparseTensor], label);
    yield* sparseTensors(sparse, label);
  }
}

function* sparseTensors(sparse: readonly SparseTensorProto[], owner: string): Generator<NamedTensor> {
  for (const { values, indices } of sparse) {
    if (values !== undefined) yield { tensor: values, label: `values of a sparse tensor of ${owner}` };
    if (indices !== undefined) yield { tensor: indices, label: `indices of a sparse tensor of ${owner}` };
  }
}
