import { appendFileSync, statSync } from 'node:fs';
import type { SandboxClock } from './api.ts';

/** The log of a sandbox in which something fails again and again must not fill the disk. */
const MAX_LOG_BYTES = 10 * 2 ** 20;
const SAME_MS = 10_000;

/** Writes errors with their time and stack to a log; one that repeats within some seconds is written once. */
export function errorLog(file: string, clock: Pick<SandboxClock, 'now'>): (error: unknown) => void {
  const seen = new Map<string, number>();
  return (error) => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const now = clock.now();
    if (now - (seen.get(text) ?? Number.NEGATIVE_INFINITY) < SAME_MS) return;
    if (seen.size > 1000) seen.clear();
    seen.set(text, now);
    try {
      if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > MAX_LOG_BYTES) return;
      appendFileSync(file, `${new Date(now).toISOString()} ${text}\n`, { mode: 0o600 });
    } catch {
      // The folder is gone or the disk is full; there is nowhere to tell it.
    }
  };
}

/**
 * What escapes from one worker of the sandbox (a controller, a pod, a scrape, a stream) ends that piece of work, which its
 * owner tries again, and never the cluster that others are working in.
 */
export function surviveErrors(emitter: NodeJS.EventEmitter, note: (error: unknown) => void): void {
  emitter.on('uncaughtException', note);
  emitter.on('unhandledRejection', note);
}
