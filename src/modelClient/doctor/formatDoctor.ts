import { homedir } from "node:os";
import { bytesText } from "../../core/memory/bytesText.js";
import { withoutHome } from "../../core/withoutHome.js";
import type { CacheFact, DeviceFact, DeviceVerdict, Diagnosis } from "../../protocol/doctor.js";
import type { Examination } from "./examine.js";

/** A heading and lines of name and value. */
export interface DoctorSection {
  readonly title: string;
  readonly rows: readonly (readonly [name: string, value: string])[];
}

/** The report as plain text, to be read and to be put into a bug report: `~` for the user's folder. */
export function formatDoctor(examination: Examination, more: readonly DoctorSection[] = []): string {
  const sections = [...examinationSections(examination), ...more];
  return withoutHome(`${sections.map(sectionText).join("\n\n")}\n`, homedir());
}

function examinationSections({ machine, failure, verdicts }: Examination): DoctorSection[] {
  if (machine === null) {
    const rows = [
      ["error", `${failure?.code ?? "unknown"}: ${failure?.message ?? ""}`],
      ["try", failure?.nextStep ?? ""],
    ] as const;
    return [{ title: "The model process does not start", rows }];
  }
  return [
    { title: machine.tool, rows: programRows(machine) },
    { title: "Machine", rows: machineRows(machine) },
    {
      title: "Devices",
      rows: machine.devices.map((device) => [device.name, deviceText(device, verdicts[device.name])]),
    },
    { title: "Environment", rows: orNothing(Object.entries(machine.environment)) },
    { title: "Folders on disk", rows: machine.caches.map(cacheRow) },
  ];
}

function programRows({ program, onnxRuntime, protocol }: Diagnosis): DoctorSection["rows"] {
  const versions = Object.entries(program.versions).map(([name, version]) => `${name} ${version}`);
  return [
    ["program", program.path],
    ["versions", versions.join(", ")],
    ["protocol", String(protocol)],
    ["ONNX Runtime", `${onnxRuntime.version}, built with ${onnxRuntime.backends.join(", ")}`],
    ["its folder", onnxRuntime.folder],
  ];
}

function machineRows({ system, processor, memory, cards }: Diagnosis): DoctorSection["rows"] {
  const { platform, arch, release, name } = system;
  return [
    ["system", `${platform} ${arch} ${release}${name === null ? "" : ` (${name})`}`],
    ["processor", `${processor.model}, ${processor.cores} cores, ${processor.usable} usable`],
    ["memory", `${bytesText(memory.total)}, ${bytesText(memory.available)} available`],
    ["graphics", cards.length === 0 ? "the system names none" : cards.join(" ")],
  ];
}

function deviceText({ missing }: DeviceFact, verdict: DeviceVerdict | undefined): string {
  if (missing !== null)
    return `not here: ${missing.reason}.${missing.nextStep === null ? "" : ` Try: ${missing.nextStep}.`}`;
  if (verdict === undefined) return "not tried";
  if (!verdict.usable) return `does not work: ${verdict.reason} Try: ${verdict.nextStep}`;
  const { difference, piece, milliseconds } = verdict;
  const facts = [
    difference === null
      ? "works"
      : `works: largest relative difference from the CPU ${difference.toExponential(1)}`,
    ...(piece === null ? [] : [`prompts in pieces of ${piece}`]),
    ...(milliseconds === null ? [] : [`${milliseconds.toFixed(0)} ms for the fixed piece of work`]),
  ];
  return facts.join(", ");
}

function cacheRow({ name, path, bytes }: CacheFact): readonly [string, string] {
  return [name, `${path}: ${bytes === null ? "none" : bytesText(bytes)}`];
}

function orNothing(rows: [string, string][]): DoctorSection["rows"] {
  return rows.length === 0 ? [["", "nothing that matters is set"]] : rows;
}

function sectionText({ title, rows }: DoctorSection): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return [title, ...rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`.trimEnd())].join("\n");
}
