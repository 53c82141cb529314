// A process from another version of the program.
process.send?.({ kind: "hello", protocol: 0, tool: "old", pid: process.pid });
setInterval(() => {}, 1000);
