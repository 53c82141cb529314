import * as vscode from "vscode";

/**
 * A run's time in the editor's language: today's without the date.
 * @param iso as in a run file
 */
export function formatTime(iso: string, now: Date): string {
  const time = new Date(iso);
  const isToday = time.toDateString() === now.toDateString();
  const clock = { hour: "2-digit", minute: "2-digit" } as const;
  const date = { year: "numeric", month: "short", day: "numeric" } as const;
  return new Intl.DateTimeFormat(vscode.env.language, isToday ? clock : { ...date, ...clock }).format(time);
}
