import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';
import type { LedgerEntry } from '../../../src/fault/ledger-entry.ts';
import { packageRoot } from '../../../src/paths.ts';

export interface DrivenGame {
  ledgerFile: string;
  /** Exit code, or the signal that ended it. */
  ended: Promise<number | NodeJS.Signals>;
  /** What it wrote to stderr. */
  errors(): string;
  /** Resolves to false if it died first. */
  injected: Promise<boolean>;
  /** Resolves when the entry is on disk; false if the game died first. */
  keep(entry: LedgerEntry): Promise<boolean>;
  restore(): void;
  /** kill -9, and waits until it is gone. */
  kill(): Promise<void>;
  remove(): void;
}

/** Bundles the driver once; gives the file. */
export async function bundleDriver(folder: string): Promise<string> {
  const outfile = join(folder, 'driver.mjs');
  const require =
    "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";
  await build({
    entryPoints: [join(packageRoot, 'test/slow/crash/driver.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    banner: { js: require },
    absWorkingDir: packageRoot,
    logLevel: 'warning',
  });
  return outfile;
}

export function startDrivenGame(driver: string, kubeconfig: string, faults: unknown): DrivenGame {
  const folder = mkdtempSync(join(tmpdir(), 'crash-'));
  const child = spawn(process.execPath, [driver, kubeconfig, folder, JSON.stringify(faults)], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.on('error', () => undefined);
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const ended = endOf(child);
  const waiting: { word: string; tell(found: boolean): void }[] = [];
  const expectWord = (word: string) => new Promise<boolean>((tell) => waiting.push({ word, tell }));
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (waiting[0]?.word === line) waiting.shift()!.tell(true);
  });
  void ended.then(() => {
    for (const { tell } of waiting.splice(0)) tell(false);
  });
  return {
    ledgerFile: join(folder, 'ledger.jsonl'),
    ended,
    errors: () => errors,
    injected: expectWord('injected'),
    keep(entry) {
      const kept = child.exitCode === null && child.signalCode === null ? expectWord('kept') : false;
      child.stdin.write(`${JSON.stringify(entry)}\n`);
      return Promise.resolve(kept);
    },
    restore: () => void child.stdin.write('restore\n'),
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

async function endOf(child: ChildProcess): Promise<number | NodeJS.Signals> {
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  return signal ?? code ?? 0;
}
