import { execFile } from "node:child_process";
import { DexarError } from "../core/errors.js";

const OLDEST = 20;
const ANSWER_MS = 20_000;
const NEXT_STEP = `Give the path of Node ${OLDEST} or newer, or none: then the built-in one is used.`;

/**
 * Asks a program for its version, before it is trusted to run the model process.
 * @throws DexarError `node-not-found`, `node-not-node` or `node-too-old`
 */
export async function checkNode(execPath: string, env: NodeJS.ProcessEnv): Promise<void> {
  const answer = await new Promise<string>((resolve, reject) => {
    execFile(execPath, ["--version"], { env, timeout: ANSWER_MS }, (error, stdout) => {
      if (error !== null && typeof error.code === "string") reject(notFound(execPath, error.code, error));
      else resolve(error === null ? stdout.trim() : "");
    });
  });
  const major = /^v(\d+)\.\d+\.\d+/.exec(answer)?.[1];
  if (major === undefined) throw notNode(execPath, answer);
  if (Number(major) >= OLDEST) return;
  throw new DexarError(
    "node-too-old",
    `The given Node is too old: ${execPath} is ${answer}, the model process needs v${OLDEST} or newer.`,
    NEXT_STEP,
  );
}

/** The error of a program that the system does not start. */
function notFound(execPath: string, code: string, cause: Error): DexarError {
  const why = code === "ENOENT" ? "there is nothing at this path" : `it cannot be started (${code})`;
  return new DexarError("node-not-found", `The given Node is not usable: ${execPath}: ${why}.`, NEXT_STEP, {
    cause,
  });
}

function notNode(execPath: string, answer: string): DexarError {
  const said = answer === "" ? "nothing" : `"${(answer.split("\n")[0] ?? "").slice(0, 80)}"`;
  return new DexarError(
    "node-not-node",
    `The given Node is not Node: ${execPath} answered ${said} when asked for its version.`,
    NEXT_STEP,
  );
}
