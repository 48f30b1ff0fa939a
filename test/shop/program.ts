import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const PROGRAMS = join(import.meta.dirname, '..', '..', 'dist', 'programs');

export const programFile = (name: string): string => join(PROGRAMS, `${name}.cjs`);

/** A program of the shop as a real process on free ports of loopback. */
export interface Program {
  /** Base URLs of its ports. */
  urls: string[];
  child: ChildProcess;
  /** Every log line so far. */
  lines: Record<string, unknown>[];
  /** A page of its second port. */
  admin(path: string): Promise<{ status: number; text: string }>;
  /** The sum of the series of a metric whose labels contain all of `labels`; 0 for none. */
  metric(name: string, labels?: Record<string, string>): Promise<number>;
  /** SIGTERM; resolves to the exit code. */
  stop(): Promise<number | null>;
}

const running = new Set<ChildProcess>();

export async function startProgram(name: string, env: Record<string, string> = {}): Promise<Program> {
  const child = spawn(process.execPath, [programFile(name)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PORT: '0', ADMIN_PORT: '0', DRAIN_SECONDS: '0.3', ...env },
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  const lines: Record<string, unknown>[] = [];
  const listening = await new Promise<{ ports: string; adminPort: number }>((resolve, reject) => {
    createInterface({ input: child.stdout! }).on('line', (text) => {
      const line = JSON.parse(text);
      lines.push(line);
      if (line.msg === 'listening') resolve(line);
    });
    child.once('exit', (code) => reject(new Error(`Expected ${name} to listen, but it ended with ${code}.`)));
  });
  const admin = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${listening.adminPort}${path}`);
    return { status: response.status, text: await response.text() };
  };
  return {
    child,
    lines,
    urls: listening.ports
      .split(',')
      .filter(Boolean)
      .map((port) => `http://127.0.0.1:${port}`),
    admin,
    async metric(metric, labels = {}) {
      const { text } = await admin('/metrics');
      return text
        .split('\n')
        .filter((line) => line.startsWith(`${metric}{`) || line.startsWith(`${metric} `))
        .filter((line) => Object.entries(labels).every(([key, value]) => line.includes(`${key}="${value}"`)))
        .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
    },
    async stop() {
      child.kill('SIGTERM');
      const [code] = await once(child, 'exit');
      return code;
    },
  };
}

/** Ends what a test left running. */
export function stopAll(): void {
  for (const child of running) child.kill('SIGKILL');
}

/** Waits until `condition` holds, looking every 25 ms. */
export async function until(condition: () => Promise<boolean> | boolean, what: string): Promise<void> {
  const deadline = performance.now() + 15_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`Expected ${what} within 15 s.`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
