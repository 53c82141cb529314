import type { RawImage } from "@huggingface/transformers";

/** The fields of a preprocessor_config.json that say how bytes become pixel values. */
export interface ValueRules {
  readonly do_rescale?: boolean;
  readonly rescale_factor?: number;
  readonly do_normalize?: boolean;
  readonly image_mean?: readonly number[];
  readonly image_std?: readonly number[];
}

/** What the model sees for a byte of a colour, as Python's processors rescale and normalise it. */
export function valueOf(rules: ValueRules): (byte: number, channel: number) => number {
  const factor = rules.do_rescale === false ? 1 : (rules.rescale_factor ?? 1 / 255);
  const normalised = rules.do_normalize !== false;
  const mean = normalised ? (rules.image_mean ?? [0.5, 0.5, 0.5]) : [0, 0, 0];
  const deviation = normalised ? (rules.image_std ?? [0.5, 0.5, 0.5]) : [1, 1, 1];
  return (byte, channel) => (byte * factor - (mean[channel] ?? 0)) / (deviation[channel] ?? 1);
}

/** The pixel values of an RGB image [3, height, width]. */
export function planes({ data, width, height }: RawImage, rules: ValueRules): Float32Array {
  const area = width * height;
  const value = valueOf(rules);
  const values = new Float32Array(3 * area);
  for (let channel = 0; channel < 3; channel++) {
    for (let pixel = 0; pixel < area; pixel++) {
      values[channel * area + pixel] = value(data[3 * pixel + channel] ?? 0, channel);
    }
  }
  return values;
}
