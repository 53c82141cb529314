import { chromium, type Browser } from "playwright-core";

/**
 * Chromium drawing frames as fast as it can: waiting for the screen would hide what a frame costs.
 * @param name of the program, or its path
 */
export async function launchChromium(name: string, capped = false): Promise<Browser> {
  const uncapped = capped ? [] : ["--disable-frame-rate-limit", "--disable-gpu-vsync"];
  const quiet = ["--disable-gpu", "--no-first-run", "--disable-background-networking"];
  return chromium.launch({
    executablePath: name,
    headless: true,
    args: ["--no-sandbox", ...uncapped, ...quiet, "--enable-blink-features=ForceEagerMeasureMemory"],
  });
}
