import { floatAttribute } from "../../graph/attributes.js";
import type { RuleContext, RuleTable } from "../rule.js";

const mul = (c: RuleContext, a: string, b: string) => c.emit.op("Mul", [a, b]);
const sub = (c: RuleContext, a: string, b: string) => c.emit.op("Sub", [a, b]);
const mean = (c: RuleContext, a: string) => c.emit.op("ReduceMean", [a, c.emit.ints(-1)], { keepdims: 1n });

/** 1 / sqrt(mean(x^2) + eps) */
function inverseRms(c: RuleContext, x: string): string {
  const epsilon = c.emit.scalar(floatAttribute(c.node, "epsilon", 1e-5));
  return c.emit.op("Reciprocal", [c.emit.op("Sqrt", [c.emit.op("Add", [mean(c, mul(c, x, x)), epsilon])])]);
}

/** y = r x w with r = 1 / rms(x), u = g w:  r (u - x r^2 mean(u x)) */
function rmsNorm(c: RuleContext): string {
  const x = c.x(0);
  const u = mul(c, c.g(), c.x(1));
  const r = inverseRms(c, x);
  const along = mul(c, mul(c, r, r), mean(c, mul(c, u, x)));
  return mul(c, r, sub(c, u, mul(c, x, along)));
}

/** y = n w + b with n = r (x - mean x), r = 1 / std(x), u = g w:  r (u - mean u - n mean(u n)) */
function layerNorm(c: RuleContext): string {
  const centred = sub(c, c.x(0), mean(c, c.x(0)));
  const r = inverseRms(c, centred);
  const n = mul(c, centred, r);
  const u = mul(c, c.g(), c.x(1));
  return mul(c, r, sub(c, sub(c, u, mean(c, u)), mul(c, n, mean(c, mul(c, u, n)))));
}

const rms = { shape: (c: { shape(i: number): readonly number[] }) => [c.shape(0)], vjp: [rmsNorm] };

/** Normalisation over the last axis; weights (and biases) are constant. */
export const norms: RuleTable = {
  SimplifiedLayerNormalization: rms,
  RMSNormalization: rms,
  LayerNormalization: { shape: (c) => [c.shape(0)], vjp: [layerNorm] },
};
