import { type FileHandle, open, stat } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';
import type { LogOptions, SandboxClock } from '../api.ts';
import type { ContainerWorker } from './pod/container.ts';
import { wait } from './wait.ts';

export interface LogEntry {
  time: string;
  /** With its newline, unless it is a part of a line. */
  text: string;
}

const POLL_MS = 200;
const PART_BYTES = 256 * 1024;

/** A container's log as `kubectl logs` gets it. */
export async function* readLog(
  container: ContainerWorker | undefined,
  options: LogOptions,
  { clock, signal }: { clock: SandboxClock; signal: AbortSignal },
): AsyncGenerator<Uint8Array> {
  if (!container) return;
  const { restartCount } = container.record;
  const path = container.logPath(options.previous ? restartCount - 1 : restartCount);
  const since = sinceOf(options, clock.now());
  let budget = options.limitBytes ?? Number.POSITIVE_INFINITY;
  const emit = function* (entries: LogEntry[]): Generator<Uint8Array> {
    for (const { time, text } of entries) {
      if (budget <= 0) return;
      const bytes = Buffer.from(options.timestamps ? `${time} ${text}` : text).subarray(0, budget);
      budget -= bytes.length;
      yield bytes;
    }
  };

  const reader = new LogReader(path);
  const rotated = new LogReader(`${path}.1`);
  try {
    const known: LogEntry[] = [];
    // What was rotated away last comes first.
    for (const part of [rotated, reader]) {
      for (let entries = await part.more(); entries.length > 0; entries = await part.more())
        for (const entry of entries) if (since === 0 || Date.parse(entry.time) >= since) known.push(entry);
    }
    const tail = options.tailLines;
    yield* emit(tail === undefined ? known : tail === 0 ? [] : lastLines(known, tail));
    if (!options.follow || options.previous) return;
    while (!signal.aborted && budget > 0) {
      // Looked at before reading, so that the last words of a container are not missed.
      const running = container.record.restartCount === restartCount && container.process !== undefined;
      const entries = await reader.more();
      yield* emit(entries);
      if (!running && entries.length === 0) return;
      if (entries.length === 0) await wait(clock, POLL_MS, signal);
    }
  } finally {
    await rotated.close();
    await reader.close();
  }
}

function sinceOf(options: LogOptions, now: number): number {
  if (options.sinceSeconds !== undefined) return now - options.sinceSeconds * 1000;
  return options.sinceTime === undefined ? 0 : Date.parse(options.sinceTime);
}

/** The last `count` lines; parts that make one line count as one. */
function lastLines(entries: LogEntry[], count: number): LogEntry[] {
  let left = count;
  for (let index = entries.length - 1; index >= 0; index--) {
    const ends = entries[index]!.text.endsWith('\n') || index === entries.length - 1;
    if (ends && left-- === 0) return entries.slice(index + 1);
  }
  return entries;
}

/**
 * Reads a log file from where it stopped. The file is kept open, so that what was written before it was rotated, or removed
 * with its pod, is read all the same: `close` when done.
 */
export class LogReader {
  private file: FileHandle | undefined;
  private offset = 0;
  private rest = '';
  private decoder = new StringDecoder('utf8');
  private atEnd = false;

  constructor(private readonly path: string) {}

  /** Some of what there is since the last time: nothing only at the end. A long log does not hold up everybody else. */
  async more(): Promise<LogEntry[]> {
    for (;;) {
      const part = await this.part();
      if (part.length > 0 || this.atEnd) return part;
    }
  }

  /** Skips what is there already. */
  async toEnd(): Promise<void> {
    const file = await this.opened();
    this.offset = file ? (await file.stat()).size : 0;
  }

  async close(): Promise<void> {
    await this.file?.close();
    this.file = undefined;
  }

  private async part(): Promise<LogEntry[]> {
    this.atEnd = true;
    // In this order: nobody writes to a file any more once another has its name.
    const named = await stat(this.path).catch(() => undefined);
    const file = await this.opened();
    if (!file) return [];
    const { size, ino } = await file.stat();
    if (size <= this.offset) {
      if (!named || named.ino === ino) return [];
      await this.close();
      this.atEnd = false;
      return [];
    }
    const buffer = Buffer.alloc(Math.min(PART_BYTES, size - this.offset));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, this.offset);
    this.offset += bytesRead;
    this.atEnd = bytesRead === 0;
    const lines = (this.rest + this.decoder.write(buffer.subarray(0, bytesRead))).split('\n');
    this.rest = lines.pop()!;
    return parse(lines);
  }

  private async opened(): Promise<FileHandle | undefined> {
    if (this.file) return this.file;
    this.file = await open(this.path, 'r').catch(() => undefined);
    this.offset = 0;
    this.rest = '';
    this.decoder = new StringDecoder('utf8');
    return this.file;
  }
}

function parse(lines: string[]): LogEntry[] {
  return lines.map((line) => {
    const [time = '', , tag] = line.split(' ', 3);
    const text = line.split(' ').slice(3).join(' ');
    return { time, text: tag === 'F' ? `${text}\n` : text };
  });
}
