import { DexarError } from "../../core/errors.js";
import { bytesText } from "../../core/memory/bytesText.js";
import { estimateMemory } from "../../core/memory/estimateMemory.js";
import type { AnswerSize, ModelMemory } from "../../core/memory/types.js";
import type { MachineMemory, ReadMachineMemory } from "./machineMemory.js";

/** The estimate is right within this part of it: what could still work is never refused. */
const UNCERTAIN = 0.15;

/** What every use of a model needs at least. */
const SMALLEST_ANSWER: AnswerSize = {
  promptTokens: 1,
  imageTokens: 0,
  answerTokens: 1,
  captureEvery: null,
  forced: false,
};

/** A model in one of its weight types. */
export interface SizedModel {
  readonly dtype: string;
  /** Null where its files could not be read: loading says why. */
  readonly memory: ModelMemory | null;
}

/** The model that is to be loaded. */
export interface CheckedModel extends SizedModel {
  readonly name: string;
  /** It in the other weight types of its folder, read when they are asked for. */
  readonly others: () => readonly SizedModel[];
}

/** Compares what a model needs with what the machine has, before the memory is taken. */
export class MemoryCheck {
  constructor(
    private readonly model: CheckedModel,
    private readonly read: ReadMachineMemory,
  ) {}

  /** @throws DexarError `not-enough-memory` when the model certainly cannot be loaded and answer */
  beforeLoading(): void {
    this.refuse(SMALLEST_ANSWER);
  }

  /**
   * Warns of an answer that may not fit, once its prompt is known.
   * @param answer with the greatest length it can have
   * @throws DexarError `not-enough-memory` when even its prompt certainly does not fit
   */
  beforeAnswer(answer: AnswerSize): string[] {
    this.refuse(answer.forced ? answer : { ...answer, answerTokens: 1 });
    const bytes = needOf(this.model, answer);
    const room = roomOf(this.read());
    if (bytes <= room) return [];
    return [
      `This answer may take about ${bytesText(bytes)} of memory, and ${bytesText(room)} can be had: it may be slow or end early. Ask for fewer new tokens, choose a smaller weight type, or close other programs.`,
    ];
  }

  private refuse(answer: AnswerSize): void {
    const [bytes, room] = [needOf(this.model, answer), roomOf(this.read())];
    if (bytes * (1 - UNCERTAIN) <= room) return;
    const { name, dtype } = this.model;
    const prompt = answer.promptTokens > 1 ? ` for a prompt of ${answer.promptTokens} tokens` : "";
    throw new DexarError(
      "not-enough-memory",
      `${name} in ${dtype} needs about ${bytesText(bytes)} of memory${prompt}, and ${bytesText(room)} can be had.`,
      this.nextStep(answer, bytes, room),
    );
  }

  private nextStep(answer: AnswerSize, bytes: number, room: number): string {
    const smaller = this.model
      .others()
      .flatMap((other) => (other.memory === null ? [] : { dtype: other.dtype, bytes: needOf(other, answer) }))
      .filter((other) => other.bytes < bytes)
      .sort((a, b) => b.bytes - a.bytes);
    const fitting = smaller.find((other) => other.bytes <= room);
    if (fitting !== undefined) {
      return `Choose the weight type ${fitting.dtype}, which needs about ${bytesText(fitting.bytes)}.`;
    }
    const least = smaller.at(-1);
    const even = least === undefined ? "" : ` Even ${least.dtype} needs about ${bytesText(least.bytes)}.`;
    const shorter = answer.promptTokens > 1 ? "shorten the prompt, " : "";
    return `Close other programs, ${shorter}or take a smaller model.${even}`;
  }
}

/** 0 where it is not known: nothing is refused then. */
function needOf({ memory }: SizedModel, answer: AnswerSize): number {
  return memory === null ? 0 : estimateMemory(memory, answer).privatePeak;
}

/** All that this process can have: what it holds already is part of what it needs. */
function roomOf({ available, own }: MachineMemory): number {
  return available + own;
}
