import { readFileSync } from 'node:fs';
import type { SandboxClock, SandboxState } from './api.ts';

const PERIOD_MS = 2000;

/**
 * Calls `orphaned` once a sandbox cannot be found any more, since its state file is gone or another's: nobody could stop it
 * then. Returns stop.
 */
export function watchState(clock: SandboxClock, file: string, pid: number, orphaned: () => void): () => void {
  return clock.setInterval(() => {
    if (readState(file)?.pid !== pid) orphaned();
  }, PERIOD_MS);
}

/** What a state file says; undefined if there is none or it cannot be read. */
export function readState(file: string): SandboxState | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as SandboxState;
  } catch {
    return undefined;
  }
}
