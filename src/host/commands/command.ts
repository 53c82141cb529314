import type { Services } from "../services.js";

/** Makes the services when they are first needed: nothing exists before a command or view asks for it. */
export type GetServices = () => Services;

/** What runs when a command is called, with whatever arguments the caller passes. */
export type CommandHandler = (...args: readonly unknown[]) => unknown;

/** Handlers by command id. */
export type CommandTable = Readonly<Record<string, CommandHandler>>;
