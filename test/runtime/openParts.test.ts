import { expect, test, vi } from "vitest";
import { DexarError } from "../../src/core/errors.js";
import type { PartFile } from "../../src/runtime/model/modelFiles.js";
import { openParts } from "../../src/runtime/model/openParts.js";
import type { SessionOptions, SessionSource } from "../../src/runtime/session/createSession.js";
import { placementOn } from "../../src/runtime/session/placement.js";

/** Sessions that were asked for: part, device, and whether it was closed. */
const { asked } = vi.hoisted(() => ({ asked: [] as { name: string; device: string; closed: boolean }[] }));

// A graphics card that has room for all but the encoder.
vi.mock("../../src/runtime/session/createSession.js", () => ({
  createSession: (name: string, _: SessionSource, { device = "cpu" }: SessionOptions) => {
    if (name === "encoder" && device !== "cpu")
      return Promise.reject(new DexarError("session-failed", "The card is full.", "Close a program."));
    const one = { name, device, closed: false };
    asked.push(one);
    return Promise.resolve({ release: () => Promise.resolve(void (one.closed = true)) });
  },
}));

const parts = (["vision", "embedding", "encoder"] as const).map((role): PartFile => ({
  session: role,
  file: role,
  role,
  dtype: "fp32",
  path: `${role}.onnx`,
}));
const onCard = placementOn({ name: "webgpu", piece: null, difference: 1e-6 });

test("a text encoder that the card has no room for takes the vision encoder to the CPU with it, aloud", async () => {
  const { sessions, placement } = await openParts(parts, { ...onCard, movable: ["vision", "decoder"] });
  const open = asked.filter(({ closed }) => !closed);
  expect(open.map(({ name, device }) => `${name} ${device}`)).toEqual([
    "vision encoder cpu",
    "token embedding cpu",
    "encoder cpu",
  ]);
  expect(sessions).toHaveLength(3);
  const { vision, embedding, decoder, movable, notices } = placement;
  expect([vision.name, embedding.name, decoder.name]).toEqual(["cpu", "cpu", "webgpu"]);
  expect(movable).toEqual(["decoder"]);
  expect(notices).toEqual([
    "The vision encoder and the encoder run on the CPU: the encoder could not be opened with WebGPU (The card is full.)",
  ]);
});

test("it is an error on a device that was named, and nothing stays open", async () => {
  asked.length = 0;
  await expect(openParts(parts, onCard)).rejects.toMatchObject({ code: "session-failed" });
  expect(asked.map(({ closed }) => closed)).toEqual([true, true]);
});
