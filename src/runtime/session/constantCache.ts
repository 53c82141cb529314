import type { InferenceSession } from "onnxruntime-node";

type Values = InferenceSession.OnnxValueMapType;

/**
 * Caches that a step takes in and does not give out again, by the names of the outputs: keys and values of an encoder,
 * in whose place merged decoders give an empty tensor after the first step.
 */
export function constantCaches(feeds: Values, outputs: Values): Values {
  const kept = Object.entries(outputs).flatMap(([name, value]) => {
    const given = name.startsWith("present") ? feeds[name.replace("present", "past_key_values")] : undefined;
    return given !== undefined && given.size > 0 && value.size === 0 ? [[name, given] as const] : [];
  });
  return Object.fromEntries(kept);
}
