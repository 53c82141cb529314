import { DexarError } from "../../core/errors.js";
import type { SessionKind } from "../../protocol/modelProcess.js";
import type { PartRole } from "../families/parts.js";
import { createSession } from "../session/createSession.js";
import { CPU, DEVICE_TITLES, onDevice } from "../session/device.js";
import type { Placement } from "../session/placement.js";
import type { PartFile } from "./modelFiles.js";

/** What a part is called in messages. */
const PART_NAMES: Readonly<Record<PartRole, string>> = {
  vision: "vision encoder",
  embedding: "token embedding",
  encoder: "encoder",
  decoder: "decoder",
};

/** The kind of session that decides where a part runs. */
function kindOf(role: PartRole): SessionKind {
  return role === "encoder" ? "vision" : role;
}

/** Opens parts; when one cannot be opened, the others are closed again. */
export async function openParts(parts: readonly PartFile[], placement: Placement): Promise<OpenedPart[]> {
  const opened = await Promise.allSettled(parts.map((part) => openPart(part, placement)));
  const failed = opened.find(({ status }) => status === "rejected");
  const whole = opened.flatMap((part) => (part.status === "fulfilled" ? part.value : []));
  if (failed?.status !== "rejected") return whole;
  await Promise.all(whole.map(({ session }) => session.release()));
  throw failed.reason;
}

type OpenedPart = Awaited<ReturnType<typeof openPart>>;

/**
 * Opens a part as transformers.js expects it, which keeps dtype and device on the session. Where `auto` chose a device
 * that the part cannot be opened on, it goes to the CPU, and `moved` says so.
 */
async function openPart({ role, path, dtype }: PartFile, placement: Placement) {
  const kind = kindOf(role);
  const device = placement[kind];
  const open = async (options: ReturnType<typeof onDevice>) => {
    const session = await createSession(PART_NAMES[role], { path }, options);
    return Object.assign(session, { config: { dtype, device: "cpu" } });
  };
  try {
    return { session: await open(onDevice(device)), moved: null };
  } catch (error) {
    if (!(error instanceof DexarError) || !placement.movable.includes(kind)) throw error;
    const notice = `The ${PART_NAMES[role]} runs on the CPU: it could not be opened with ${DEVICE_TITLES[device.name]} (${error.message})`;
    return { session: await open(onDevice({ ...device, name: CPU.name })), moved: { kind, notice } };
  }
}
