import { floatAttribute, intAttribute } from "../../graph/attributes.js";
import type { RuleContext, RuleTable, Shape, ShapeContext } from "../rule.js";
import { add, isLastAxis, k, mean, mul, sub } from "./notation.js";

/** Normalisation over the last axis; weights (and biases) are constant. */
export const norms: RuleTable = {
  // y = x / rms(x) w
  SimplifiedLayerNormalization: { shape: overLastAxis, vjp: [rmsNorm] },
  // y = (x - mean x) / std(x) w + b
  LayerNormalization: { shape: overLastAxis, vjp: [layerNorm] },
};

/** y = r x w with r = 1 / rms(x), u = g w:  r (u - x r^2 mean(u x)) */
function rmsNorm(c: RuleContext): string {
  const x = c.x(0);
  const u = mul(c, c.g(), c.x(1));
  const r = inverseRms(c, x);
  return mul(c, r, sub(c, u, mul(c, x, mul(c, r, r, mean(c, mul(c, u, x))))));
}

/** y = n w + b with n = r (x - mean x), r = 1 / std(x), u = g w:  r (u - mean u - n mean(u n)) */
function layerNorm(c: RuleContext): string {
  const centred = sub(c, c.x(0), mean(c, c.x(0)));
  const r = inverseRms(c, centred);
  const n = mul(c, centred, r);
  const u = mul(c, c.g(), c.x(1));
  return mul(c, r, sub(c, sub(c, u, mean(c, u)), mul(c, n, mean(c, mul(c, u, n)))));
}

/** 1 / sqrt(mean(x^2) + eps) */
function inverseRms(c: RuleContext, x: string): string {
  const epsilon = k(c, floatAttribute(c.node, "epsilon", 1e-5));
  return c.emit.op("Reciprocal", [c.emit.op("Sqrt", [add(c, mean(c, mul(c, x, x)), epsilon)])]);
}

function overLastAxis(c: ShapeContext): Shape[] {
  if (isLastAxis(intAttribute(c.node, "axis", -1), c.shape(0))) return [c.shape(0)];
  throw new RangeError("a norm over more axes than the last");
}
