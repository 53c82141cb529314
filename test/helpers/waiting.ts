/** How long `vi.waitFor` waits for what must come: long enough for any machine, as a second is not. */
export const WAIT = { timeout: 30_000, interval: 5 };
