import { open, stat } from 'node:fs/promises';
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
  const known: LogEntry[] = [];
  // What was rotated away last comes first.
  for (const part of [new LogReader(`${path}.1`), reader]) {
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

/** Reads a log file from where it stopped; knows that the file may be rotated under it. */
export class LogReader {
  private offset = 0;
  private inode = 0;
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

  private async part(): Promise<LogEntry[]> {
    this.atEnd = true;
    const info = await stat(this.path).catch(() => undefined);
    if (!info) return [];
    if (info.ino !== this.inode) {
      this.inode = info.ino;
      this.offset = 0;
      this.rest = '';
      this.decoder = new StringDecoder('utf8');
    }
    if (info.size <= this.offset) return [];
    const file = await open(this.path, 'r');
    try {
      const buffer = Buffer.alloc(Math.min(PART_BYTES, info.size - this.offset));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, this.offset);
      this.offset += bytesRead;
      this.atEnd = bytesRead === 0 || this.offset >= info.size;
      const lines = (this.rest + this.decoder.write(buffer.subarray(0, bytesRead))).split('\n');
      this.rest = lines.pop()!;
      return parse(lines);
    } finally {
      await file.close();
    }
  }

  /** Skips what is there already. */
  async toEnd(): Promise<void> {
    const info = await stat(this.path).catch(() => undefined);
    this.inode = info?.ino ?? 0;
    this.offset = info?.size ?? 0;
  }
}

function parse(lines: string[]): LogEntry[] {
  return lines.map((line) => {
    const [time = '', , tag] = line.split(' ', 3);
    const text = line.split(' ').slice(3).join(' ');
    return { time, text: tag === 'F' ? `${text}\n` : text };
  });
}
