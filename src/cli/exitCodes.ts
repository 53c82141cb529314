/** Exit codes of `dexar` (design/run-file.md). */
export const EXIT = { done: 0, failed: 1, usage: 2, cancelled: 130 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
