import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { ClusterObject, Ref } from '../../../src/cluster/cluster.ts';
import type { FaultInput } from '../../../src/fault/fault-type.ts';
import type { Operation } from '../../../src/fault/operation.ts';
import { packageRoot } from '../../../src/paths.ts';

/** What is applied and reverted: faults as a plan wants them, or operations as they are; how often they come. */
export type Breakage = ({ faults: FaultInput[] } | { operations: Operation[] }) & {
  turns?: number;
  /** What others do then. */
  aftermath?: Aftermath;
};

export interface Aftermath {
  /** A responder makes this, by way of the recorder. */
  remade?: ClusterObject;
  /** An autoscaler sets a workload's number of pods. */
  scaled?: { ref: Ref; replicas: number };
}

/** A driver as a process of its own. */
export interface DriverProcess {
  /** Exit code, or the signal that ended it. */
  ended: Promise<number | NodeJS.Signals>;
  /** What it wrote to stderr. */
  errors(): string;
  /** kill -9, and waits until it is gone. */
  kill(): Promise<void>;
}

export interface EngineProcess extends DriverProcess {
  ledgerFile: string;
  remove(): void;
}

/** Bundles `test/slow/crash/NAME.ts` once; gives the file. */
export async function bundleDriver(name: string, folder: string): Promise<string> {
  const outfile = join(folder, `${name}.mjs`);
  const require =
    "import { createRequire as misfortuneRequire } from 'node:module'; const require = misfortuneRequire(import.meta.url);";
  await build({
    entryPoints: [join(packageRoot, `test/slow/crash/${name}.ts`)],
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

export function startDriver(driver: string, args: string[]): DriverProcess {
  const child = spawn(process.execPath, [driver, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const ended = endOf(child);
  return {
    ended,
    errors: () => errors,
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

export function startEngine(driver: string, kubeconfig: string, breakage: Breakage): EngineProcess {
  const folder = mkdtempSync(join(tmpdir(), 'crash-'));
  return {
    ...startDriver(driver, [kubeconfig, folder, JSON.stringify(breakage)]),
    ledgerFile: join(folder, 'ledger.jsonl'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

async function endOf(child: ChildProcess): Promise<number | NodeJS.Signals> {
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  return signal ?? code ?? 0;
}
