import { bytesText } from "../../core/memory/bytesText.js";
import type { GraphWeights, ModelMemory } from "../../core/memory/types.js";
import type { SessionKind } from "../../protocol/modelProcess.js";
import { DEVICE_TITLES } from "../session/device.js";
import { movedToCpu, type Placement } from "../session/placement.js";
import type { ReadCardMemory } from "./cardMemory.js";

/** What cache, activations and the driver itself take beside the weights, as a part of them. */
const BESIDE = 0.2;

/**
 * Moves to the CPU what does not fit on the graphics card: the decoder has the first claim, which spends most of the
 * time; the vision encoder takes what is left. Only what `auto` placed is moved, and where the card's memory is known.
 * @param memory read only when there is something to move
 */
export function fitOnCard(
  placement: Placement,
  memory: () => ModelMemory | null,
  read: ReadCardMemory,
): Placement {
  const kinds = (["decoder", "vision"] as const).filter((kind) => placement.movable.includes(kind));
  const [first] = kinds;
  const free = first === undefined ? null : read(placement[first].name);
  if (first === undefined || free === null) return placement;
  const known = memory();
  if (known === null) return placement;
  let [left, placed] = [free, placement];
  for (const kind of kinds) {
    const bytes = needOf(kind, known);
    if (bytes <= left) left -= bytes;
    else placed = movedToCpu(placed, [kind], tooLarge(kind, placement, bytes, left));
  }
  return placed;
}

function needOf(kind: Exclude<SessionKind, "embedding">, { weights }: ModelMemory): number {
  const stored = (graph: GraphWeights): number =>
    Object.values(graph.byType).reduce((sum, bytes) => sum + bytes, 0);
  // Decoder and gradient each have their own copy on the card.
  const bytes = kind === "vision" ? stored(weights.visionEncoder) : 2 * stored(weights.tappedDecoder);
  return bytes * (1 + BESIDE);
}

function tooLarge(kind: SessionKind, placement: Placement, bytes: number, left: number): string {
  const part = kind === "vision" ? "vision encoder" : "decoder";
  const device = DEVICE_TITLES[placement[kind].name];
  return `The ${part} runs on the CPU: it takes about ${bytesText(bytes)} of the graphics card's memory, and ${bytesText(left)} are free for it (${device}).`;
}
