import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { Clock } from '../clock.ts';
import { exitCodes, MisfortuneError } from '../errors.ts';
import type { EventBody, GameEvent } from './events.ts';

/** The one writer of a game's log. Only the conductor has one (and `recover`, once the conductor is gone). */
export interface GameLog {
  /** Everything so far, in order; grows. */
  readonly events: readonly GameEvent[];
  /**
   * Numbers, stamps, writes and hands out one event. On a full or failing disk the event still reaches the
   * listeners and is kept in memory, the next append tries again, and `failure` says what is wrong: a
   * game that cannot be recorded must end, but restoring must not depend on the disk.
   */
  append(body: EventBody): GameEvent;
  /** Calls `listener` for every event from now on, in order. Returns the stop. */
  listen(listener: (event: GameEvent) => void): () => void;
  readonly failure: MisfortuneError | undefined;
  /** Writes what is still in memory and closes the file. */
  close(): void;
}

/** Opens a log for appending; a half-written last line of a crash is cut off first. */
export function openLog(path: string, clock: Clock): GameLog {
  return new FileLog(path, clock);
}

export interface ReadLog {
  events: GameEvent[];
  /** Bytes of a last line that a crash left unfinished; 0 for a whole log. */
  unfinished: number;
}

/**
 * Reads a log. A crash may leave the last line unfinished: it is left out and counted. Anything else that is not
 * the next event in sequence is damage.
 * @throws MisfortuneError `log-unreadable`, `log-damaged`, `log-gap`
 */
export function readLog(path: string): ReadLog {
  let content: Buffer;
  try {
    content = readFileSync(path);
  } catch (cause) {
    throw new MisfortuneError(
      'log-unreadable',
      `The log ${path} cannot be read: ${(cause as Error).message}`,
      {
        todo: 'Name the folder of a game; `misfortune games` lists them.',
        exitCode: exitCodes.usage,
        cause,
      },
    );
  }
  // In bytes: a crash may cut a character in two.
  const whole = content.subarray(0, content.lastIndexOf(10) + 1);
  const lines = whole.toString().split('\n').slice(0, -1);
  const unfinished = content.length - whole.length;
  return { events: lines.map((line, index) => parseEvent(line, index, path)), unfinished };
}

/** Events that come many times a minute and can be lost to a power cut without harm. */
const cheap: ReadonlySet<GameEvent['type']> = new Set(['signals-sampled', 'oracle-checked', 'abort-checked']);

class FileLog implements GameLog {
  readonly events: GameEvent[];
  failure: MisfortuneError | undefined;
  readonly #listeners = new Set<(event: GameEvent) => void>();
  readonly #clock: Clock;
  readonly #path: string;
  readonly #file: number;
  readonly #monoStart: number;
  #size: number;
  /** Lines that the disk has not taken yet. */
  #waiting: string[] = [];

  constructor(path: string, clock: Clock) {
    this.#path = path;
    this.#clock = clock;
    this.#file = openSync(path, 'a+', 0o600);
    const { events, unfinished } = readLog(path);
    this.events = events;
    this.#size = fstatSync(this.#file).size - unfinished;
    if (unfinished > 0) ftruncateSync(this.#file, this.#size);
    const last = events.at(-1);
    const elapsed = last ? last.mono + Math.max(0, clock.now() - last.at) : 0;
    this.#monoStart = clock.mono() - elapsed;
  }

  append(body: EventBody): GameEvent {
    const head = {
      v: 1 as const,
      seq: this.events.length + 1,
      at: Math.round(this.#clock.now()),
      mono: Math.round(this.#clock.mono() - this.#monoStart),
    };
    const event: GameEvent = { ...head, ...body };
    this.events.push(event);
    this.#waiting.push(`${JSON.stringify(event)}\n`);
    this.#flush(!cheap.has(event.type));
    for (const listener of [...this.#listeners]) listener(event);
    return event;
  }

  listen(listener: (event: GameEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#flush(true);
    closeSync(this.#file);
  }

  #flush(sync: boolean): void {
    const chunk = Buffer.from(this.#waiting.join(''));
    try {
      let written = 0;
      while (written < chunk.length) written += writeSync(this.#file, chunk, written);
      if (sync) fsyncSync(this.#file);
      this.#size += chunk.length;
      this.#waiting = [];
      this.failure = undefined;
    } catch (cause) {
      this.#dropHalfWritten();
      this.failure = new MisfortuneError(
        'log-not-written',
        `The log ${this.#path} cannot be written: ${(cause as Error).message}`,
        { todo: 'Make room on that disk.', exitCode: exitCodes.unavailable, cause },
      );
    }
  }

  #dropHalfWritten(): void {
    try {
      ftruncateSync(this.#file, this.#size);
    } catch {
      // The disk is gone: a reader leaves out the unfinished line.
    }
  }
}

function parseEvent(line: string, index: number, file: string): GameEvent {
  const place = { file, line: index + 1 };
  let event: unknown;
  try {
    event = JSON.parse(line);
  } catch (cause) {
    throw new MisfortuneError(
      'log-damaged',
      `Expected one JSON event, got ${JSON.stringify(line.slice(0, 60))}`,
      {
        place,
        cause,
      },
    );
  }
  if (!isEvent(event)) {
    throw new MisfortuneError('log-damaged', 'Expected an event with v: 1, seq, at, mono and type', {
      place,
    });
  }
  if (event.seq !== index + 1) {
    throw new MisfortuneError('log-gap', `Expected event number ${index + 1}, got ${event.seq}`, {
      place,
      todo: 'Lines were lost or added: this log cannot be graded.',
    });
  }
  const renamed = renamedTypes[event.type];
  return renamed === undefined ? event : ({ ...event, type: renamed } as GameEvent);
}

/** Types of events under the names that older logs have. */
const renamedTypes: Record<string, GameEvent['type']> = { 'calm-awaited': 'steady-state-awaited' };

function isEvent(value: unknown): value is GameEvent {
  if (typeof value !== 'object' || value === null) return false;
  const { v, seq, at, mono, type } = value as Record<string, unknown>;
  const numbers = [seq, at, mono].every((one) => typeof one === 'number');
  return v === 1 && numbers && typeof type === 'string';
}
