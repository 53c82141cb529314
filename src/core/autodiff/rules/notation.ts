import type { RuleContext, Shape } from "../rule.js";

// Short names for the operators that the formulas of the rules are written with.

export const add = (c: RuleContext, a: string, b: string): string => c.emit.op("Add", [a, b]);
export const sub = (c: RuleContext, a: string, b: string): string => c.emit.op("Sub", [a, b]);
export const div = (c: RuleContext, a: string, b: string): string => c.emit.op("Div", [a, b]);
export const neg = (c: RuleContext, a: string): string => c.emit.op("Neg", [a]);
export const exp = (c: RuleContext, a: string): string => c.emit.op("Exp", [a]);
export const k = (c: RuleContext, value: number): string => c.emit.scalar(value);

/** The product of two or more factors. */
export function mul(c: RuleContext, first: string, ...others: readonly string[]): string {
  return others.reduce((product, factor) => c.emit.op("Mul", [product, factor]), first);
}

/** The mean over the last axis, which stays with size 1. */
export function mean(c: RuleContext, a: string): string {
  return c.emit.op("ReduceMean", [a, c.emit.ints(-1)], { keepdims: 1n });
}

/** Size of the last axis. */
export function width(shape: Shape): number {
  return shape.at(-1) ?? 1;
}

/** True when `axis`, counted from either end, is the last one of `shape`. */
export function isLastAxis(axis: number, shape: Shape): boolean {
  return axis === -1 || axis === shape.length - 1;
}
