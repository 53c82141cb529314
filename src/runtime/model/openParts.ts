import { DexarError } from "../../core/errors.js";
import type { SessionKind } from "../../protocol/modelProcess.js";
import type { PartRole } from "../families/parts.js";
import { createSession } from "../session/createSession.js";
import { DEVICE_TITLES, onDevice } from "../session/device.js";
import { movedToCpu, type Placement } from "../session/placement.js";
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

/** Sessions of parts, in their order, and where they turned out to run. */
export interface OpenedParts {
  readonly sessions: readonly OpenedPart[];
  readonly placement: Placement;
}

/**
 * Opens parts; when one cannot be opened, the others are closed again. Where `auto` chose the device, all parts of its
 * kind go to the CPU then, and the placement says why.
 */
export async function openParts(parts: readonly PartFile[], placement: Placement): Promise<OpenedParts> {
  const opened = await Promise.allSettled(parts.map((part) => openPart(part, placement)));
  const sessions = opened.flatMap((part) => (part.status === "fulfilled" ? part.value : []));
  const failures = parts.flatMap((part, index) => {
    const result = opened[index];
    return result?.status === "rejected" ? [{ part, reason: result.reason as unknown }] : [];
  });
  const [first] = failures;
  if (first === undefined) return { sessions, placement };
  await Promise.all(sessions.map((session) => session.release()));
  const { part, reason } = first;
  const kind = kindOf(part.role);
  if (!(reason instanceof DexarError) || !placement.movable.includes(kind)) throw reason;
  const moved = parts.filter(({ role }) => kindOf(role) === kind);
  const why = `could not be opened with ${DEVICE_TITLES[placement[kind].name]} (${reason.message})`;
  return openParts(parts, movedToCpu(placement, [kind], movedNotice(moved, part, why)));
}

type OpenedPart = Awaited<ReturnType<typeof openPart>>;

/** Opens a part as transformers.js expects it, which keeps dtype and device on the session. */
async function openPart({ role, path, dtype }: PartFile, placement: Placement) {
  const session = await createSession(PART_NAMES[role], { path }, onDevice(placement[kindOf(role)]));
  return Object.assign(session, { config: { dtype, device: "cpu" } });
}

function movedNotice(moved: readonly PartFile[], failed: PartFile, why: string): string {
  const names = `The ${moved.map(({ role }) => PART_NAMES[role]).join(" and the ")}`;
  if (moved.length === 1) return `${names} runs on the CPU: it ${why}`;
  return `${names} run on the CPU: the ${PART_NAMES[failed.role]} ${why}`;
}
