import { DexarError } from "../../errors.js";
import { floatAttribute, stringAttribute } from "../../graph/attributes.js";
import type { Rule, RuleContext, RuleTable } from "../rule.js";
import { add, exp, k, mul, neg, sub } from "./notation.js";

/** An activation from its derivative f'(x): y = f(x), gradient g f'(x). */
function activation(derivative: (c: RuleContext) => string): Rule {
  return { shape: (c) => [c.shape(0)], vjp: [(c) => mul(c, c.g(), derivative(c))] };
}

/** Activation functions: each line is f'(x), with y = f(x). */
export const activations: RuleTable = {
  // y (1 - y)
  Sigmoid: activation((c) => sigmoidSlope(c, c.y())),
  // 1 - y^2
  Tanh: activation((c) => sub(c, k(c, 1), mul(c, c.y(), c.y()))),
  // 1 where x > 0, else 0: Sign is 0 at 0, as in PyTorch
  Relu: activation((c) => c.emit.op("Sign", [c.y()])),
  // 2 / sqrt(pi) e^(-x^2)
  Erf: activation((c) => mul(c, k(c, 2 / Math.sqrt(Math.PI)), exp(c, neg(c, mul(c, c.x(0), c.x(0)))))),
  // the formulas of the GELUs and of the SiLU (QuickGelu with alpha 1) are below
  Gelu: activation(geluSlope),
  "com.microsoft:Gelu": activation((c) => exactGeluSlope(c, c.x(0))),
  "com.microsoft:BiasGelu": activation((c) => exactGeluSlope(c, biased(c))),
  "com.microsoft:FastGelu": activation((c) => tanhGeluSlope(c, biased(c))),
  "com.microsoft:QuickGelu": activation(quickGeluSlope),
};

/** s = sigmoid(x): s (1 - s). */
function sigmoidSlope(c: RuleContext, s: string): string {
  return mul(c, s, sub(c, k(c, 1), s));
}

/** GELU: Phi(x) + x phi(x), with Phi and phi the normal distribution and density. */
function exactGeluSlope(c: RuleContext, x: string): string {
  const phi = mul(c, k(c, 1 / Math.sqrt(2 * Math.PI)), exp(c, mul(c, k(c, -0.5), x, x)));
  const cdf = mul(c, k(c, 0.5), add(c, k(c, 1), c.emit.op("Erf", [mul(c, k(c, Math.SQRT1_2), x)])));
  return add(c, cdf, mul(c, x, phi));
}

/** tanh-GELU, u = a (x + b x^3), t = tanh u: (1 + t)/2 + x (1 - t^2) a (1 + 3 b x^2) / 2. */
function tanhGeluSlope(c: RuleContext, x: string): string {
  const [a, b] = [Math.sqrt(2 / Math.PI), 0.044715];
  const square = mul(c, x, x);
  const t = c.emit.op("Tanh", [mul(c, k(c, a), x, add(c, k(c, 1), mul(c, k(c, b), square)))]);
  const slope = mul(c, sub(c, k(c, 1), mul(c, t, t)), k(c, a), add(c, k(c, 1), mul(c, k(c, 3 * b), square)));
  return mul(c, k(c, 0.5), add(c, add(c, k(c, 1), t), mul(c, x, slope)));
}

/** x sigmoid(a x): s + a x s (1 - s). */
function quickGeluSlope(c: RuleContext): string {
  const a = k(c, floatAttribute(c.node, "alpha", 1.702));
  const s = c.emit.op("Sigmoid", [mul(c, a, c.x(0))]);
  return add(c, s, mul(c, a, c.x(0), sigmoidSlope(c, s)));
}

/** com.microsoft FastGelu may carry a bias as second input: y = gelu(x + b). */
function biased(c: RuleContext): string {
  return c.node.input[1] ? add(c, c.x(0), c.x(1)) : c.x(0);
}

function geluSlope(c: RuleContext): string {
  const approximate = stringAttribute(c.node, "approximate", "none");
  if (approximate === "none") return exactGeluSlope(c, c.x(0));
  if (approximate === "tanh") return tanhGeluSlope(c, c.x(0));
  throw new DexarError(
    "unsupported-op",
    `Gelu with approximate="${approximate}" (node ${c.node.name}) in ${c.place} is not supported.`,
    "Export the model with the exact or the tanh GELU.",
  );
}
