import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ServerResponse } from 'node:http';
import type { SandboxClock } from './api.ts';

const CHANNEL = 'http.server.request.start';

/** Calls `idle` once no HTTP server of this process has had a client for `minutes`. Returns stop. */
export function watchIdle(clock: SandboxClock, minutes: number, idle: () => void): () => void {
  let open = 0;
  let last = clock.now();
  const started = (message: unknown): void => {
    open++;
    (message as { response: ServerResponse }).response.once('close', () => {
      open--;
      last = clock.now();
    });
  };
  subscribe(CHANNEL, started);
  const cancel = clock.setInterval(() => {
    if (open === 0 && clock.now() - last >= minutes * 60_000) idle();
  }, 15_000);
  return () => {
    cancel();
    unsubscribe(CHANNEL, started);
  };
}
