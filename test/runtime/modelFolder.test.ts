import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  create,
  DataType,
  GraphProtoSchema,
  makeTensor,
  readModel,
  writeModel,
} from "../../src/core/onnx/index.js";
import type { GraphProto } from "../../src/core/onnx/index.js";
import { openModelFolder } from "../../src/runtime/modelFolder.js";
import { sessionModel } from "../../src/runtime/sessionModel.js";
import { errorCodeOf, modelWith } from "../helpers/onnxModels.js";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "dexar-folder-"));
  mkdirSync(join(root, "model", "data"), { recursive: true });
  writeFileSync(join(root, "model", "a.bin"), Uint8Array.of(0, 1, 2, 3, 4, 5));
  writeFileSync(join(root, "model", "data", "b.bin"), "b");
  writeFileSync(join(root, "secret"), "secret");
});
afterEach(() => rmSync(root, { recursive: true }));

describe("openModelFolder", () => {
  it("reads ranges of files in the folder", () => {
    const folder = openModelFolder(join(root, "model"));
    const file = folder.open("a.bin");
    expect(file?.size).toBe(6);
    expect(file?.read(2, 3)).toEqual(Uint8Array.of(2, 3, 4));
    expect(folder.open("data/b.bin")?.size).toBe(1);
  });

  it("has nothing for missing files and folders", () => {
    const folder = openModelFolder(join(root, "model"));
    expect(folder.open("c.bin")).toBeUndefined();
    expect(folder.open("data")).toBeUndefined();
    expect(folder.open("a.bin/x")).toBeUndefined();
    expect(folder.open("x".repeat(10_000))).toBeUndefined();
    expect(openModelFolder(join(root, "none")).open("a.bin")).toBeUndefined();
  });

  it.each(["../secret", "data/../../secret", "/etc/hostname", "", "a\0"])("refuses %j", (name) => {
    expect(errorCodeOf(() => openModelFolder(join(root, "model")).open(name))).toBe("onnx-external-outside");
  });

  it("refuses links that leave the folder and follows those that stay", () => {
    symlinkSync(join(root, "secret"), join(root, "model", "leak"));
    symlinkSync("data/b.bin", join(root, "model", "link"));
    const folder = openModelFolder(join(root, "model"));
    expect(errorCodeOf(() => folder.open("leak"))).toBe("onnx-external-outside");
    expect(folder.open("link")?.size).toBe(1);
  });

  it("reports a file that became shorter", () => {
    const file = openModelFolder(join(root, "model")).open("a.bin");
    writeFileSync(join(root, "model", "a.bin"), "");
    expect(errorCodeOf(() => file?.read(0, 6))).toBe("onnx-truncated");
  });
});

describe("sessionModel", () => {
  const add = () => {
    const shape = { dim: [{ value: { case: "dimValue" as const, value: 1000n } }] };
    const info = (name: string) => ({
      name,
      type: { value: { case: "tensorType" as const, value: { elemType: DataType.FLOAT, shape } } },
    });
    return create(GraphProtoSchema, {
      name: "add",
      input: [info("x")],
      output: [info("y")],
      node: [{ opType: "Add", input: ["x", "w"], output: ["y"] }],
      initializer: [
        makeTensor(
          "w",
          DataType.FLOAT,
          [1000],
          Float32Array.from({ length: 1000 }, (_, i) => i),
        ),
      ],
    });
  };

  it("runs a model from a Hugging Face cache, whose files are links", async () => {
    const { snapshot, blobs } = huggingFaceCache(add());
    const folder = openModelFolder(snapshot);
    const { bytes, directory } = sessionModel(folder, readModel(folder, "m.onnx"));
    expect(directory).toBe(folder.realPath("m.onnx")?.replace(/.abc$/, ""));
    expect(directory?.endsWith(blobs)).toBe(true);

    const session = await InferenceSession.create(bytes, {
      extra: { session: { model_external_initializers_file_folder_path: directory } },
    });
    const { y } = await session.run({ x: new Tensor("float32", new Float32Array(1000).fill(1), [1000]) });
    await session.release();
    expect(y?.data[999]).toBe(1000);
  });

  it("finds the common directory of several files", () => {
    const folder = openModelFolder(join(root, "model"));
    const external = (name: string, location: string) => ({
      name,
      dims: [1n],
      dataType: DataType.UINT8,
      dataLocation: 1,
      externalData: [{ key: "location", value: location }],
    });
    const graph = create(GraphProtoSchema, {
      initializer: [external("a", "a.bin"), external("b", "data/b.bin")],
    });
    const { bytes, directory } = sessionModel(folder, modelWith(graph));
    expect(directory).toBe(folder.realPath("a.bin")?.replace(/.a\.bin$/, ""));
    expect(Buffer.from(bytes).includes("data/b.bin")).toBe(true);
  });

  it("needs no directory without external data", () => {
    const folder = openModelFolder(join(root, "model"));
    expect(sessionModel(folder, modelWith(create(GraphProtoSchema))).directory).toBeUndefined();
  });
});

function huggingFaceCache(graph: GraphProto): { snapshot: string; blobs: string } {
  const repository = join(root, "models--org--name");
  const snapshot = join(repository, "snapshots", "0123", "onnx");
  mkdirSync(snapshot, { recursive: true });
  mkdirSync(join(repository, "blobs"));
  writeFileSync(join(repository, "blobs", "abc"), writeModel(modelWith(graph)));
  symlinkSync("../../../blobs/abc", join(snapshot, "m.onnx"));
  return { snapshot, blobs: join("models--org--name", "blobs") };
}
