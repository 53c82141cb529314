import { readdirSync, readFileSync } from "node:fs";

/** A running process. */
export interface ProcessInfo {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** All processes of this machine (Linux), zombies left out. */
function allProcesses(): ProcessInfo[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        // The name in brackets may hold spaces and brackets itself: what follows the last one is plain.
        const stat = readFileSync(`/proc/${name}/stat`, "utf8");
        const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        if (state === "Z") return [];
        const command = readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ").trim();
        return [{ pid: Number(name), parent: Number(parent), command }];
      } catch {
        return []; // it ended between listing and reading
      }
    });
}

/** Every process below `pid`, itself left out. */
export function descendants(pid: number): ProcessInfo[] {
  const all = allProcesses();
  const found: ProcessInfo[] = [];
  const open = [pid];
  for (let parent = open.pop(); parent !== undefined; parent = open.pop()) {
    const children = all.filter((one) => one.parent === parent);
    found.push(...children);
    open.push(...children.map((child) => child.pid));
  }
  return found;
}

/** Every model process on this machine that runs the bundle below `extensionsDir`, whoever is its parent now. */
export function modelProcesses(extensionsDir: string): ProcessInfo[] {
  return allProcesses().filter(
    ({ command }) => command.includes(extensionsDir) && command.includes("/dist/modelProcess.js"),
  );
}
