import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { GameEvent } from '../../../src/log/events.ts';
import { program } from '../../../src/paths.ts';

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a program to its end; `timeout` in ms. */
export function run(
  command: string,
  args: string[],
  env: Record<string, string> = {},
  input = '',
  timeout = 300_000,
): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(
      command,
      args,
      { env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024, timeout },
      (error, stdout, stderr) => {
        resolve({ code: error ? (typeof error.code === 'number' ? error.code : 255) : 0, stdout, stderr });
      },
    );
    child.stdin?.end(input);
  });
}

/** Runs one of our commands. */
export const misfortune = (args: string[], env: Record<string, string>, timeout?: number): Promise<Ran> =>
  run(process.execPath, [program('cli.js'), ...args], env, '', timeout);

/** `misfortune play … --json`, with the events that it has printed. */
export interface PlayedGame {
  child: ChildProcess;
  events: GameEvent[];
  said: () => string;
  ended: Promise<number | null>;
  /** Waits for an event; fails with what the game said if it ends first. */
  until<Type extends GameEvent['type']>(
    type: Type,
    fits?: (event: Extract<GameEvent, { type: Type }>) => boolean,
  ): Promise<Extract<GameEvent, { type: Type }>>;
}

export function play(args: string[], env: Record<string, string>): PlayedGame {
  const child = spawn(process.execPath, [program('cli.js'), 'play', ...args, '--json'], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const events: GameEvent[] = [];
  let said = '';
  const waiting: (() => void)[] = [];
  const tell = (): void => {
    for (const wake of waiting.splice(0)) wake();
  };
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    events.push(JSON.parse(line) as GameEvent);
    tell();
  });
  let over = false;
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve)).finally(() => {
    over = true;
    tell();
  });
  return {
    child,
    events,
    said: () => said,
    ended,
    async until(type, fits = () => true) {
      type Wanted = Extract<GameEvent, { type: typeof type }>;
      for (;;) {
        const found = events.find((event): event is Wanted => event.type === type && fits(event as Wanted));
        if (found) return found;
        if (over) throw new Error(`Expected ${type}, but the game ended. ${said}\n${told(events)}`);
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
  };
}

const told = (events: GameEvent[]): string =>
  events
    .slice(-12)
    .map((event) => JSON.stringify(event).slice(0, 400))
    .join('\n');
