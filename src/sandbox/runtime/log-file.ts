import { appendFileSync, mkdirSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { StringDecoder } from 'node:string_decoder';

export type LogStream = 'stdout' | 'stderr';

/**
 * The log of one container in the format of the container runtime interface: a line is
 * `2006-01-02T15:04:05.000000000Z stdout F text`, F for a full line, P for a part of one.
 * One older file (`.1`) is kept when the log grows past `maxBytes`.
 */
export class LogFile {
  private size = 0;
  private readonly open = new Map<LogStream, { decoder: StringDecoder; rest: string }>();

  constructor(
    readonly path: string,
    private readonly maxBytes: number,
    private readonly now: () => number,
    /** Applied to every line, e.g. to take the host's paths out. */
    private readonly rewrite: (line: string) => string = (line) => line,
  ) {
    mkdirSync(dirname(path), { recursive: true });
    appendFileSync(path, '', { mode: 0o600 });
  }

  write(stream: LogStream, chunk: Uint8Array): void {
    const state = this.open.get(stream) ?? { decoder: new StringDecoder('utf8'), rest: '' };
    this.open.set(stream, state);
    const lines = (state.rest + state.decoder.write(Buffer.from(chunk))).split('\n');
    state.rest = lines.pop()!;
    let text = '';
    for (const line of lines) text += this.entry(stream, 'F', line);
    while (state.rest.length > MAX_LINE) {
      text += this.entry(stream, 'P', state.rest.slice(0, MAX_LINE));
      state.rest = state.rest.slice(MAX_LINE);
    }
    this.append(text);
  }

  /** Writes what is left of an unfinished line. */
  end(): void {
    for (const [stream, state] of this.open) {
      const rest = state.rest + state.decoder.end();
      if (rest) this.append(this.entry(stream, 'P', rest));
    }
    this.open.clear();
  }

  private entry(stream: LogStream, tag: 'F' | 'P', line: string): string {
    return `${timestamp(this.now())} ${stream} ${tag} ${this.rewrite(line)}\n`;
  }

  private append(text: string): void {
    if (!text) return;
    try {
      if (this.size > this.maxBytes) {
        renameSync(this.path, `${this.path}.1`);
        this.size = 0;
      }
      appendFileSync(this.path, text);
    } catch {
      // The pod's folder may be gone already, or the disk full: it must not end the other containers.
    }
    this.size += Buffer.byteLength(text);
  }
}

/** As containerd splits lines: 16 KiB. */
const MAX_LINE = 16_384;

/** RFC 3339 with nine decimals. */
export function timestamp(ms: number): string {
  const whole = Math.floor(ms);
  return `${new Date(whole).toISOString().slice(0, -1)}000000Z`;
}
