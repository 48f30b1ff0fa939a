import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { realClock } from '../clock.ts';
import { startSandbox, stopSandbox } from '../game/start/sandbox-process.ts';
import { type Figure, median } from './measure.ts';
import { privateMemory, processTree } from './processes.ts';

/** Minutes, if MISFORTUNE_SOAK_MINUTES does not say otherwise. */
const usual = 120;
/** What fills up after a start (series of the last hour, caches) is not growth. */
const warmUpShare = 10 / usual;

/** One look: kibibytes of private memory, and open descriptors. */
interface Sample {
  minute: number;
  controlPlane: number;
  runtime: number;
  pods: number;
  descriptors: number;
}

/**
 * A sandbox with its shop and one who watches it, sampled each minute: does it grow? Each sample goes to stderr as it
 * is taken. Compared are the medians of the first and of the last tenth after the warm-up, so that one collection of
 * garbage decides nothing. Linux only.
 */
export async function soakFigures(home: string): Promise<Figure[]> {
  const minutes = Number(process.env.MISFORTUNE_SOAK_MINUTES ?? usual);
  const access = await startSandbox({ stateHome: home });
  const watchers = watch(access.responderKubeconfig);
  try {
    const samples: Sample[] = [];
    for (let minute = 1; minute <= minutes; minute++) {
      await realClock.sleep(60_000);
      const sample = look(minute, access.pid);
      if (!sample) {
        const how = 'no such process in /proc';
        return [{ what: 'soak', value: `not measured after ${minute} min`, how }];
      }
      samples.push(sample);
      process.stderr.write(
        `${minute} min: control plane ${mebibytes(sample.controlPlane)} MiB, runtime ${mebibytes(sample.runtime)} MiB, pods ${mebibytes(sample.pods)} MiB, ${sample.descriptors} descriptors\n`,
      );
    }
    return growth(samples.slice(Math.ceil(minutes * warmUpShare)));
  } finally {
    watchers.stop();
    await stopSandbox(access);
  }
}

/** Watchers, without whom the sandbox would end itself; the API server ends each watch after half an hour or more. */
function watch(kubeconfig: string): { stop(): void } {
  const running = new Set<ChildProcess>();
  let stopped = false;
  const begin = (kind: string): void => {
    const env = { ...process.env, KUBECONFIG: kubeconfig };
    const watcher = spawn('kubectl', ['get', kind, '-A', '--watch'], { env, stdio: 'ignore' });
    running.add(watcher);
    watcher.once('error', (error) => process.stderr.write(`no watcher: ${error.message}\n`));
    watcher.once('exit', () => {
      running.delete(watcher);
      if (!stopped) setTimeout(begin, 1_000, kind).unref();
    });
  };
  for (const kind of ['pods', 'events', 'deployments']) begin(kind);
  return {
    stop() {
      stopped = true;
      for (const watcher of running) watcher.kill();
    },
  };
}

function look(minute: number, pid: number): Sample | undefined {
  const controlPlane = privateMemory(pid);
  if (controlPlane === undefined) return undefined;
  const tree = processTree(pid);
  const [runtime = 0, ...pods] = tree.map((child) => privateMemory(child) ?? 0);
  const descriptors = [pid, ...tree].reduce((sum, each) => sum + openDescriptors(each), 0);
  return { minute, controlPlane, runtime, pods: pods.reduce((a, b) => a + b, 0), descriptors };
}

function openDescriptors(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return 0;
  }
}

function growth(samples: readonly Sample[]): Figure[] {
  const tenth = Math.max(1, Math.floor(samples.length / 10));
  const row = (
    what: string,
    key: Exclude<keyof Sample, 'minute'>,
    show: (value: number) => string,
  ): Figure => {
    const first = median(samples.slice(0, tenth).map((sample) => sample[key]));
    const last = median(samples.slice(-tenth).map((sample) => sample[key]));
    const percent = (last / first - 1) * 100;
    return {
      what: `soak: ${what}`,
      value: `${percent >= 0 ? '+' : ''}${percent.toFixed(1)} %`,
      how: `${show(first)} to ${show(last)}, medians of ${tenth} min, from minute ${samples[0]?.minute} to ${samples.at(-1)?.minute}`,
    };
  };
  const memory = (value: number): string => `${mebibytes(value)} MiB`;
  return [
    row('control plane', 'controlPlane', memory),
    row('container runtime', 'runtime', memory),
    row('pods together', 'pods', memory),
    row('open descriptors', 'descriptors', String),
  ];
}

function mebibytes(kibibytes: number): string {
  return (kibibytes / 1024).toFixed(0);
}
