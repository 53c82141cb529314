import { describe, expect, it } from "vitest";
import { linuxMemory } from "../../../src/runtime/memory/machineMemory.js";

const MB = 1024 * 1024;
const MEMINFO = { "/proc/meminfo": `MemTotal: 1 kB\nMemAvailable:    ${8 * 1024} kB\nSwapFree:   1024 kB\n` };

function read(files: Readonly<Record<string, string>>) {
  return linuxMemory((file) => files[file] ?? null);
}

describe("memory that a Linux machine can still give", () => {
  it("is what is available and free swap; what the process has is told apart", () => {
    const files = { ...MEMINFO, "/proc/self/status": "VmRSS:\t 9 kB\nRssAnon:\t    3072 kB\n" };
    expect(read(files)).toEqual({ available: 9 * MB, own: 3 * MB });
  });

  it("is within the limits of the process's control group and of those above, file cache given up", () => {
    const files = {
      ...MEMINFO,
      "/proc/self/cgroup": "0::/batch/job\n",
      "/sys/fs/cgroup/batch/job/memory.max": "max\n",
      "/sys/fs/cgroup/batch/job/memory.current": `${MB}\n`,
      "/sys/fs/cgroup/batch/memory.max": `${5 * MB}\n`,
      "/sys/fs/cgroup/batch/memory.current": `${4 * MB}\n`,
      "/sys/fs/cgroup/batch/memory.stat": `anon 5\nactive_file ${MB}\ninactive_file ${MB / 2}\n`,
    };
    expect(read(files)?.available).toBe(2.5 * MB + MB);
  });

  it("knows the older control groups, and a container whose path is the host's", () => {
    const files = {
      ...MEMINFO,
      "/proc/self/cgroup": "4:cpu,memory:/docker/abc\n0::/\n",
      "/sys/fs/cgroup/memory/memory.limit_in_bytes": `${3 * MB}\n`,
      "/sys/fs/cgroup/memory/memory.usage_in_bytes": `${2 * MB}\n`,
      "/sys/fs/cgroup/memory/memory.stat": `active_file 0\ninactive_file 0\ntotal_active_file ${MB}\n`,
    };
    expect(read(files)?.available).toBe(2 * MB + MB);
  });

  it("is not less than nothing, and not more than the machine has", () => {
    const group = (limit: number, used: number) => ({
      ...MEMINFO,
      "/proc/self/cgroup": "0::/\n",
      "/sys/fs/cgroup/memory.max": String(limit),
      "/sys/fs/cgroup/memory.current": String(used),
    });
    expect(read(group(2 * MB, 3 * MB))?.available).toBe(MB);
    expect(read(group(2 ** 62, 3 * MB))?.available).toBe(9 * MB);
  });

  it("is unknown where the system does not tell", () => {
    expect(read({})).toBeNull();
  });
});
