import { dirname, basename } from "node:path";
import type { Decoder } from "../../core/graph/decoder.js";
import { readDecoder } from "../../core/graph/decoder.js";
import { rewriteDecoder } from "../../core/instrument/rewriteDecoder.js";
import { decoderSize } from "../../core/memory/decoderSize.js";
import { bytesReadInPlace, graphWeights } from "../../core/memory/graphWeights.js";
import type { DecoderSize, GraphWeights } from "../../core/memory/types.js";
import { readModel } from "../../core/onnx/index.js";
import { HALF_IS_NATIVE } from "../memory/halfIsNative.js";
import { openModelFolder, type DiskModelFolder } from "../modelFolder.js";
import { sessionModel, type SessionModel } from "../sessionModel.js";
import { createSession, type SessionSource } from "../session/createSession.js";
import { onDevice, operatorsFor, type ReadyDevice, type SessionDevice } from "../session/device.js";
import { DecoderSession } from "../session/decoderSession.js";
import { GradientSession } from "../session/gradientSession.js";
import { inPieces } from "../session/inPieces.js";

/** A decoder file read and rewritten for the explanation, not yet loaded into ONNX Runtime. */
export interface ExplainableDecoder {
  readonly structure: Decoder;
  /** Values per tapped row. */
  readonly tapWidth: number;
  /** For plain generation. */
  readonly plain: SessionSource;
  readonly tapped: SessionModel;
  readonly gradient: SessionModel;
  readonly memory: DecoderMemory;
}

/** What is known of a decoder's memory before it is loaded. */
export interface DecoderMemory {
  readonly size: DecoderSize;
  /** As the decoder is opened for plain generation. */
  readonly weights: GraphWeights;
  /** As the tapped decoder is opened. */
  readonly tappedWeights: GraphWeights;
  /** Mapped bytes that the gradient model reads. */
  readonly gradient: number;
}

/**
 * Reads a decoder, finds its structure and writes the two graphs; weights stay in the original file.
 * @param device where the gradient will run
 */
export function readExplainableDecoder(
  path: string,
  folder: DiskModelFolder = openModelFolder(dirname(path)),
  device: SessionDevice = "cpu",
): ExplainableDecoder {
  const model = readModel(folder, basename(path));
  const structure = readDecoder(model);
  const written = rewriteDecoder(model, structure, folder, operatorsFor(device));
  const { model: gradient, taps, lean, tapped } = written;
  return {
    structure,
    tapWidth: taps.width,
    plain: lean === null ? { path } : sessionModel(folder, lean),
    tapped: sessionModel(folder, tapped),
    gradient: sessionModel(folder, gradient),
    memory: {
      size: decoderSize(structure, gradient, { tapWidth: taps.width, lastLogits: lean !== null }),
      weights: graphWeights(model, lean === null ? basename(path) : null, HALF_IS_NATIVE),
      tappedWeights: graphWeights(model, null, HALF_IS_NATIVE),
      gradient: bytesReadInPlace(gradient),
    },
  };
}

/** Loads a decoder, as its file has it or tapped; its cache stays on the device. */
export async function openDecoder(
  source: SessionSource,
  { structure }: ExplainableDecoder,
  dtype: string,
  device: ReadyDevice,
): Promise<DecoderSession> {
  const cache = structure.proto.output.map(({ name }) => name).filter((name) => name.startsWith("present"));
  const session = await createSession("decoder", source, { ...onDevice(device), staying: cache });
  // Of a merged decoder only the first half takes more than one position for sure, and only without a cache.
  const whole = device.piece === null || structure.merge !== null;
  return new DecoderSession(whole ? session : inPieces(session, device.piece), dtype, device.name);
}

/** Hidden width up to which the gradient's few rows are done before a second thread has woken up. */
const ONE_THREAD_WIDTH = 512;

/**
 * Loads the gradient model. It runs once per batch of tokens over a few rows: its weights are read where the
 * file is mapped, not copied into ORT's own layout, and the graph is run as written.
 */
export async function openGradient(
  decoder: ExplainableDecoder,
  device: ReadyDevice,
): Promise<GradientSession> {
  const session = await createSession("gradient of the decoder", decoder.gradient, {
    ...onDevice(device),
    prepack: false,
    optimise: false,
    ...(decoder.structure.head.hidden <= ONE_THREAD_WIDTH ? { threads: 1 } : {}),
  });
  const values = decoder.structure.layers.map((layer) => layer.attention.value);
  return new GradientSession(session, values, decoder.tapWidth);
}
