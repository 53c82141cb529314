import packageJson from "../../package.json" with { type: "json" };

/** Name and version of the tool as run files record it. */
export const TOOL = `${packageJson.name} ${packageJson.version}`;
