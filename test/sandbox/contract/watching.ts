/** Reads watches: events as they come. */
import type { IncomingMessage } from 'node:http';
import type { Request } from './cases.ts';
import { headOf, open, type Target } from './target.ts';

export interface Watching {
  head: ReturnType<typeof headOf>;
  /** Events so far. */
  events: { type: string; object: Record<string, unknown> }[];
  /** Text that is no event: a Status. */
  text(): string;
  /** Resolves true when `done` holds, false when the server ended or time is up. */
  until(done: () => boolean, seconds: number): Promise<boolean>;
  /** Resolves when the server ends it; false after `seconds`. */
  ended(seconds: number): Promise<boolean>;
  stop(): void;
}

export async function startWatch(target: Target, request: Request): Promise<Watching> {
  const response = await open(target, request);
  const events: Watching['events'] = [];
  let pending = '';
  let closed = false;
  const changed = new Set<() => void>();
  const tell = () => {
    for (const listener of [...changed]) listener();
  };
  read(response, (text) => {
    const lines = (pending + text).split('\n');
    pending = lines.pop() ?? '';
    for (const line of lines) {
      const event = line ? JSON.parse(line) : undefined;
      if (event?.type) events.push(event);
      else pending += line;
    }
    tell();
  }).then(() => {
    closed = true;
    tell();
  });
  const wait = (done: () => boolean, seconds: number) =>
    new Promise<boolean>((resolve) => {
      const check = () => {
        if (done()) finish(true);
        else if (closed) finish(false);
      };
      const finish = (result: boolean) => {
        clearTimeout(timer);
        changed.delete(check);
        resolve(result);
      };
      const timer = setTimeout(() => finish(done()), seconds * 1000);
      changed.add(check);
      check();
    });
  return {
    head: headOf(response),
    events,
    text: () => pending,
    until: wait,
    ended: (seconds) => wait(() => closed, seconds),
    stop: () => response.destroy(),
  };
}

async function read(response: IncomingMessage, on: (text: string) => void): Promise<void> {
  response.setEncoding('utf8');
  try {
    for await (const chunk of response) on(chunk as string);
  } catch {
    // Stopped by us.
  }
}
