import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { deviceOption, deviceWish, threadsOption, type DeviceOptions } from "../../src/cli/options/device.js";
import { formatInspection } from "../../src/cli/models/formatInspection.js";

function wish(...argv: string[]) {
  const command = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  command.addOption(deviceOption()).addOption(threadsOption()).parse(argv, { from: "user" });
  return deviceWish(command.opts<DeviceOptions>());
}

describe("--device and --threads", () => {
  it.each([
    [[], { device: "cpu" }],
    [["--device", "auto"], { device: "auto" }],
    [
      ["--device", "decoder=webgpu,vision=cpu"],
      { device: "cpu", devices: { decoder: "webgpu", vision: "cpu" } },
    ],
    [["--device", "webgpu, vision = cpu"], { device: "webgpu", devices: { vision: "cpu" } }],
    [
      ["--device", "cuda,embedding=cuda", "--threads", "4"],
      { device: "cuda", devices: { embedding: "cuda" }, threads: 4 },
    ],
  ])("%j", (argv, expected) => {
    expect(wish(...argv)).toEqual(expected);
  });

  it.each([
    [["--device", "gpu"], /"gpu" is not one of auto, cpu, webgpu, cuda, dml, coreml/],
    [["--device", "head=cpu"], /"head" is not one of vision, embedding, decoder/],
    [["--device", "cpu,webgpu"], /one device for all parts/],
    [["--device", "decoder="], /"" is not one of/],
    [["--threads", "0"], /--threads/],
  ])("refuses %j", (argv, message) => {
    expect(() => wish(...argv)).toThrow(message);
  });
});

describe("an inspection as text", () => {
  const nothing = {
    family: null,
    files: [],
    dtypes: [],
    graphStyle: null,
    layers: null,
    heads: null,
    kvHeads: null,
  } as const;
  const memory = { answer: {} as never, dtypes: [] };

  it("tells every problem, and once what helps against several in a row", () => {
    const problem = (message: string, nextStep: string) => ({ code: "unsupported-op", message, nextStep });
    const text = formatInspection({
      ...{ dir: "m", headSize: null, vocabulary: null, geometry: null, memory },
      ...nothing,
      problems: [
        problem("Foo in layer 0", "Report it."),
        problem("Foo in layer 1", "Report it."),
        problem("no file", "Download."),
      ],
      devices: [
        { name: "cpu", title: "the CPU", missing: null },
        {
          name: "dml",
          title: "DirectML",
          missing: { reason: "DirectML is a part of Windows", nextStep: null },
        },
      ],
      advice: ["Choose the weight type q8."],
    });
    expect(text).toContain(
      "Problems (3):\n  unsupported-op: Foo in layer 0\n  unsupported-op: Foo in layer 1\n    try: Report it.\n  unsupported-op: no file\n    try: Download.\nAdvice:\n  Choose the weight type q8.\n",
    );
    expect(text).toMatch(
      /devices\n {2}cpu +can be tried.*\n {2}dml +not here: DirectML is a part of Windows\n/,
    );
  });
});
