/** A kubelet with its network and runtime on a real API, without controllers: tests put pods on its nodes. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { program } from '../../../src/paths.ts';
import { findPostgres } from '../../../src/postgres.ts';
import type { KubeObject } from '../../../src/sandbox/api.ts';
import { createApi, type LocalApi } from '../../../src/sandbox/apiserver/api.ts';
import { realClock } from '../../../src/sandbox/clock.ts';
import { type RunningKubelet, startKubelet } from '../../../src/sandbox/kubelet/pod/start.ts';
import { PostgresHost } from '../../../src/sandbox/kubelet/postgres-host.ts';
import type { NetworkTimeouts } from '../../../src/sandbox/network/failures.ts';
import { type SandboxNetwork, startNetwork } from '../../../src/sandbox/network/network.ts';
import { type Runtime, startRuntime } from '../../../src/sandbox/runtime/client.ts';
import { ORDINARY_USER } from '../../../src/sandbox/wall/script.ts';
import { tryWall } from '../../../src/sandbox/wall/wall.ts';

export interface TestNode {
  api: LocalApi;
  network: SandboxNetwork;
  runtime: Runtime;
  kubelet: RunningKubelet;
  folder: string;
  /** What went wrong and was survived. */
  survived: unknown[];
  /** Creates a pod on the node; `spec` is that of its only container unless it has `containers`. */
  pod(name: string, spec: Record<string, unknown>, metadata?: Record<string, unknown>): KubeObject;
  get(name: string): KubeObject | undefined;
  /** Resolves with the pod as soon as `test` holds for it; rejects after `seconds` (20). */
  until(name: string, test: (pod: KubeObject) => unknown, seconds?: number): Promise<KubeObject>;
  log(name: string, options?: Record<string, unknown>): Promise<string>;
  exec(
    name: string,
    ...command: string[]
  ): Promise<{ out: string; err: string; exitCode: number; error?: string }>;
  /** `exec` with a standard input. */
  execWith(
    name: string,
    input: Uint8Array,
    ...command: string[]
  ): Promise<{ out: string; err: string; exitCode: number; error?: string }>;
  events(name: string): string[];
  close(): Promise<void>;
}

export const ready = (pod: KubeObject): boolean =>
  pod.status?.conditions?.some(
    (it: { type: string; status: string }) => it.type === 'Ready' && it.status === 'True',
  );

/** `walled`: behind the second wall, if this machine allows it. `broken` puts a network that fails before the real one. */
export async function startTestNode(
  speed = 1,
  timeouts?: NetworkTimeouts,
  walled = tryWall().stands,
  broken: (network: SandboxNetwork) => Partial<SandboxNetwork> = () => ({}),
): Promise<TestNode> {
  const survived: unknown[] = [];
  const found = findPostgres();
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'node-')));
  const inside = (name: string): string => join(folder, name);
  for (const name of ['pods', 'net', 'root']) mkdirSync(inside(name));
  const sockets = { pods: inside('net/pods'), api: inside('net/api') };
  const places = {
    root: inside('root'),
    readable: [
      ...[process.execPath, program('runtime.cjs'), program('preload.cjs'), program('postgres.cjs')],
      ...('missing' in found ? [] : [found.folder]),
    ],
    writable: [inside('pods'), inside('net')],
    ordinaryUser: ORDINARY_USER,
  };
  const postgres =
    'missing' in found
      ? undefined
      : new PostgresHost({
          found,
          program: program('postgres.cjs'),
          // Of all tests: made once.
          templates: join(tmpdir(), `postgres-templates-${process.getuid?.()}`),
          folder: inside('pods'),
          sockets: inside('net'),
          walled,
        });
  const api = createApi({ clock: realClock });
  const network = await startNetwork({
    api,
    nodes: ['node-a'],
    socket: inside('net/net'),
    ...(walled && { wall: sockets }),
    ...(timeouts && { timeouts }),
  });
  const runtime = startRuntime({
    program: program('runtime.cjs'),
    ...(walled && { wall: { places, sockets } }),
  });
  const kubelet = startKubelet({
    api,
    clock: realClock,
    network: { ...network, ...broken(network) },
    runtime,
    onError: (error) => survived.push(error),
    nodes: [{ name: 'node-a', ip: '10.0.0.1' }],
    folder: inside('pods'),
    preload: program('preload.cjs'),
    redis: program('redis.cjs'),
    ...(postgres && { postgres }),
    session: program('session.js'),
    speed,
  });
  const events = (name: string): string[] =>
    api
      .list('events', { namespace: 'default' })
      .filter((event) => event.involvedObject.name === name)
      .map((event) => `${event.type} ${event.reason} ${event.message}`);
  const log = async (name: string, options = {}): Promise<string> => {
    let text = '';
    const signal = AbortSignal.timeout(10_000);
    for await (const chunk of kubelet.logs(get(name)!, 'app', options, signal))
      text += Buffer.from(chunk).toString();
    return text;
  };
  const run = async (name: string, input: Uint8Array | undefined, command: string[]) => {
    let out = '';
    let err = '';
    async function* stdin() {
      yield input!;
    }
    const io = {
      ...(input && { stdin: stdin() }),
      stdout: (chunk: Uint8Array) => {
        out += Buffer.from(chunk).toString();
      },
      stderr: (chunk: Uint8Array) => {
        err += Buffer.from(chunk).toString();
      },
      tty: false,
    };
    const result = await kubelet.exec(get(name)!, 'app', command, io, AbortSignal.timeout(10_000));
    return { out, err, ...result };
  };
  const get = (name: string): KubeObject | undefined => api.get('pods', 'default', name);
  return {
    api,
    network,
    runtime,
    kubelet,
    folder,
    survived,
    get,
    pod: (name, spec, metadata) => {
      const containers = spec.containers ?? [{ name: 'app', image: 'node:20', ...spec }];
      const whole = spec.containers ? spec : {};
      return api.create('pods', {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, namespace: 'default', ...metadata },
        spec: {
          nodeName: 'node-a',
          terminationGracePeriodSeconds: 1,
          ...whole,
          ...(spec.pod as object),
          containers,
        },
      });
    },
    until: async (name, test, seconds = 20) => {
      for (let tries = 0; tries < seconds * 20; tries++) {
        const pod = get(name);
        if (pod && test(pod)) return pod;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      const status = JSON.stringify(get(name)?.status.containerStatuses, undefined, 1);
      throw new Error([`pod ${name} did not get there`, status, ...events(name), await log(name)].join('\n'));
    },
    log,
    exec: (name, ...command) => run(name, undefined, command),
    execWith: (name, input, ...command) => run(name, input, command),
    events,
    close: async () => {
      await kubelet.close();
      await runtime.close();
      await network.close();
      postgres?.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
