import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ensureCodeServer } from "../../../scripts/codeServer/install.js";
import { forwardTo } from "./forward.js";
import { descendants } from "./processes.js";

const QUIET_SETTINGS = {
  "security.workspace.trust.enabled": false,
  "workbench.startupEditor": "none",
  "telemetry.telemetryLevel": "off",
  "chat.disableAIFeatures": true,
  "workbench.tips.enabled": false,
  "extensions.ignoreRecommendations": true,
  "update.mode": "none",
  "files.simpleDialog.enable": true,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
};

/** A VS Code server with its own settings, extensions and home. */
export interface CodeServer {
  readonly url: string;
  readonly pid: number;
  /** Whether its processes have no network at all (a network namespace of their own). */
  readonly offline: boolean;
  readonly folder: string;
  readonly userDataDir: string;
  readonly extensionsDir: string;
  readonly workspace: string;
  /** Ends it and everything below it, and removes its folders. */
  stop(): Promise<void>;
}

export interface CodeServerOptions {
  readonly vsix: string | readonly string[];
  /** Settings beside those that keep VS Code quiet. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Fills the workspace, an empty folder, before the server starts. */
  readonly prepare?: (workspace: string) => void;
  /** The user's own settings, such as those of proxies, which are none of the machine that extensions run on. */
  readonly userSettings?: Readonly<Record<string, unknown>>;
  /** Leave it the machine's network, for a server that the test itself started. */
  readonly network?: boolean;
  /** Keep VS Code's question whether the folder is trusted. */
  readonly askForTrust?: boolean;
}

/** Starts code-server with the extension of `vsix` installed as a user installs it. */
export async function startCodeServer(options: CodeServerOptions): Promise<CodeServer> {
  const program = ensureCodeServer();
  const folder = mkdtempSync(path.join(tmpdir(), "dexar-vscode-"));
  const [home, userDataDir, extensionsDir, workspace] = ["home", "user", "extensions", "workspace"].map(
    (name) => {
      const made = path.join(folder, name);
      mkdirSync(made);
      return made;
    },
  ) as [string, string, string, string];
  writeSettings(userDataDir, "User", { ...QUIET_SETTINGS, ...options.userSettings });
  writeSettings(userDataDir, "Machine", options.settings ?? {});
  options.prepare?.(workspace);

  const env = cleanEnvironment(home);
  const dirs = ["--user-data-dir", userDataDir, "--extensions-dir", extensionsDir];
  const install = [options.vsix].flat().flatMap((vsix) => ["--install-extension", vsix]);
  if (install.length > 0)
    execFileSync(program.node, [program.entry, ...dirs, ...install], { env, stdio: "pipe" });

  const socket = path.join(folder, "server.sock");
  const quiet = [
    "--auth=none",
    "--disable-telemetry",
    "--disable-update-check",
    "--disable-getting-started-override",
  ];
  const trust = options.askForTrust ? [] : ["--disable-workspace-trust"];
  const command = [program.node, program.entry, ...dirs, ...quiet, ...trust, "--socket", socket, workspace];
  const offline = options.network !== true && canCutNetwork();
  const [executable = "", ...args] = offline ? ["unshare", "--map-root-user", "--net", ...command] : command;
  const log = openSync(path.join(folder, "server.log"), "w");
  const child = spawn(executable, args, { env, stdio: ["ignore", log, log], detached: true });
  await answering(child, socket);
  const forward = await forwardTo(socket);
  return {
    url: `http://127.0.0.1:${forward.port}/?folder=${encodeURIComponent(workspace)}`,
    pid: child.pid ?? 0,
    ...{ offline, folder, userDataDir, extensionsDir, workspace },
    stop: async () => {
      await forward.close();
      await endTree(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * Replaces a file of settings; VS Code takes them up soon after.
 * @param place `User`, or `Machine`: where extensions run, the only one that may hold settings of machine scope
 */
export function writeSettings(
  userDataDir: string,
  place: "User" | "Machine",
  settings: Readonly<Record<string, unknown>>,
): void {
  const folder = path.join(userDataDir, place);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, "settings.json"), JSON.stringify(settings, null, 2));
}

/** Without what npm, vitest and an editor around the test put there. */
function cleanEnvironment(home: string): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|VITEST|VSCODE_|NODE_|XDG_|TEST$)/i.test(name),
  );
  return { ...Object.fromEntries(kept), HOME: home };
}

/** Linux can give a process a network namespace without any interface; not every container allows it. */
function canCutNetwork(): boolean {
  try {
    execFileSync("unshare", ["--map-root-user", "--net", "true"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

async function answering(child: ChildProcess, socket: string): Promise<void> {
  while (!existsSync(socket)) {
    if (child.exitCode !== null)
      throw new Error(`code-server ended with ${child.exitCode} before it answered`);
    await sleep(50);
  }
}

async function endTree(child: ChildProcess): Promise<void> {
  const pid = child.pid ?? 0;
  const all = [pid, ...descendants(pid).map((one) => one.pid)];
  const ended = new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve(null);
    else child.once("exit", resolve);
  });
  for (const one of all) {
    try {
      process.kill(one, "SIGKILL");
    } catch {
      // It has ended already.
    }
  }
  await ended;
}
