import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { sayReady } from "../../webview/panel/sayReady.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("a page that has come", () => {
  it("says so again, less and less often, until it was answered", () => {
    const start = Date.now();
    const said: number[] = [];
    const answered = sayReady(() => said.push(Date.now() - start));
    expect(said).toEqual([0]);
    vi.advanceTimersByTime(15_000);
    expect(said).toEqual([0, 2000, 6000, 14_000]);
    answered();
    vi.advanceTimersByTime(1_000_000);
    expect(said).toHaveLength(4);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("says it once when the answer comes at once", () => {
    let said = 0;
    sayReady(() => said++)();
    vi.advanceTimersByTime(1_000_000);
    expect(said).toBe(1);
  });
});
