/** Streams of kubectl to real pods: port-forward, cp and debug, with every kubectl at hand, straight and through the recorder. */
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { realClock } from '../../src/clock.ts';
import { loadCredentials } from '../../src/cluster/connection/credentials.ts';
import { program } from '../../src/paths.ts';
import type { Action } from '../../src/recorder/action.ts';
import { type Recorder, startRecorder } from '../../src/recorder/recorder.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/start.ts';
import { kubectlVersions, runKubectl } from '../kubectl.ts';

let sandbox: Sandbox;
let recorder: Recorder;
let hostServer: Server;
const actions = new Map<string, Action>();
const faults: unknown[] = [];

/** Answers with what it was sent, or with its own loopback-only port. */
const PROGRAM = `
  const http = require('http');
  http.createServer((request, response) => {
    if (request.method === 'GET') return response.end('hello from ' + require('os').hostname());
    request.pipe(response);
  }).listen(8080);
  http.createServer((_, response) => response.end('only inside')).listen(9090, '127.0.0.1');
`;

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'streams-'));
  sandbox = await startSandbox({
    folder,
    dist: dirname(program('sandbox.js')),
    speed: 1,
    nodeCount: 1,
    stack: 'none',
    signal: new AbortController().signal,
    onError: (error) => faults.push(error),
  });
  sandbox.api.create('deployments.apps', {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: {
          terminationGracePeriodSeconds: 1,
          containers: [
            {
              name: 'app',
              image: 'node:20',
              command: ['node', '-e', PROGRAM],
              ports: [{ name: 'http', containerPort: 8080 }],
              readinessProbe: { httpGet: { path: '/', port: 'http' }, periodSeconds: 1 },
            },
          ],
        },
      },
    },
  });
  sandbox.api.create('services', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'default' },
    spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 'http' }] },
  });
  recorder = await startRecorder({
    credentials: await loadCredentials({ kubeconfig: sandbox.state.responderKubeconfig }),
    namespace: 'default',
    monitoring: {},
    who: 'alex',
    clock: realClock,
    folder: join(folder, 'recorder'),
    sink: {
      actions: async (batch) => {
        for (const action of batch) actions.set(action.id, action);
      },
      preimages: async () => undefined,
    },
  });
  hostServer = createServer((_, response) => response.end('the laptop'));
  await new Promise<void>((resolve) => hostServer.listen(0, '127.0.0.1', resolve));
  const available = () => sandbox.api.get('deployments.apps', 'default', 'web')?.status?.availableReplicas;
  await vi.waitFor(() => expect(available()).toBe(1), { timeout: 20_000 });
});
afterAll(async () => {
  hostServer?.close();
  await recorder?.close();
  await sandbox?.close();
  expect(faults).toEqual([]);
});

interface Forward {
  url: string;
  stderr(): string;
  stop(): Promise<void>;
}

/** `kubectl port-forward`, as soon as it listens. */
async function forward(
  path: string,
  kubeconfig: string,
  what: string,
  port: string,
  env: Record<string, string> = {},
): Promise<Forward> {
  const child = spawn(path, ['port-forward', what, port, '--address=127.0.0.1'], {
    env: { ...process.env, KUBECONFIG: kubeconfig, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = (): Promise<void> => {
    child.kill();
    return exited;
  };
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const local = /^Forwarding from 127\.0\.0\.1:(\d+)/.exec(line)?.[1];
      if (local) resolve(`http://127.0.0.1:${local}/`);
    });
    void exited.then(() => reject(new Error(`port-forward ended: ${stderr}`)));
  });
  return { url, stderr: () => stderr, stop };
}

const podName = (): string =>
  sandbox.api.list('pods', { namespace: 'default', labelSelector: 'app=web' })[0]!.metadata.name;

describe.each(kubectlVersions())('port-forward with kubectl $name', ({ path }) => {
  it.each([
    ['a pod', () => `pod/${podName()}`, ':8080', {}],
    ['a deployment', () => 'deploy/web', ':8080', {}],
    ['a service, by its own port', () => 'svc/web', ':80', {}],
    [
      'a pod, without WebSockets',
      () => `pod/${podName()}`,
      ':8080',
      { KUBECTL_PORT_FORWARD_WEBSOCKETS: 'false' },
    ],
  ])('reaches %s', async (_, what, port, env) => {
    const one = await forward(path, sandbox.state.kubeconfig, what(), port, env);
    try {
      const answers = await Promise.all(
        Array.from({ length: 8 }, () => fetch(one.url).then((it) => it.text())),
      );
      expect(answers).toEqual(Array(8).fill(`hello from ${podName()}`));
      expect(one.stderr()).toBe('');
    } finally {
      await one.stop();
    }
  });

  it('carries megabytes both ways unchanged, through the recorder, as one action', async () => {
    actions.clear();
    const one = await forward(path, recorder.kubeconfig, 'deploy/web', ':8080');
    try {
      const body = randomBytes(5_000_000);
      const answer = await fetch(one.url, { method: 'POST', body }).then((it) => it.arrayBuffer());
      const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
      expect(hash(new Uint8Array(answer))).toBe(hash(body));
      await fetch(one.url);
    } finally {
      await one.stop();
    }
    const streams = () =>
      [...actions.values()].filter(({ requests }) => requests.some((it) => it.subresource === 'portforward'));
    await expect.poll(() => streams().length).toBe(1);
    expect(streams()[0]).toMatchObject({ surface: 'kubectl', effect: 'read' });
    expect(streams()[0]!.title).toContain('port-forward');
  });
});

describe.each(kubectlVersions())('cp with kubectl $name', ({ path, name }) => {
  it('brings a folder and fetches it again unchanged, through the recorder, each as one action', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cp-'));
    const from = join(folder, 'from');
    const kubectl = (...args: string[]) => runKubectl(args, { kubeconfig: recorder.kubeconfig, path });
    try {
      mkdirSync(join(from, 'deep'), { recursive: true });
      const bytes = randomBytes(3_000_000);
      const long = 'n'.repeat(120);
      writeFileSync(join(from, 'deep', 'big'), bytes);
      writeFileSync(join(from, long), 'long', { mode: 0o755 });
      actions.clear();
      const pod = podName();
      const quiet = { exitCode: 0, stdout: '', stderr: '' };
      expect(await kubectl('cp', from, `${pod}:/tmp/${name}`)).toEqual(quiet);
      expect(await kubectl('cp', `${pod}:/tmp/${name}`, join(folder, 'to'))).toMatchObject({ exitCode: 0 });
      expect(readFileSync(join(folder, 'to', 'deep', 'big')).equals(bytes)).toBe(true);
      expect(readFileSync(join(folder, 'to', long), 'utf8')).toBe('long');
      await expect.poll(() => [...actions.values()].map(({ title }) => title)).toHaveLength(2);
      for (const { title } of actions.values()) expect(title).toContain('cp');
      // What is brought into a pod is a change there.
      expect([...actions.values()].map(({ effect }) => effect)).toEqual(['mutate', 'read']);
      const { stdout } = await kubectl('exec', pod, '--', 'ls', '-l', `/tmp/${name}`);
      expect(stdout).toMatch(new RegExp(`-rwxr-xr-x .* ${long}\n`));
      // It is told a moment after its answer: not among those of the next version.
      await expect.poll(() => actions.size).toBe(3);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('says what is missing as tar does', async () => {
    const { kubeconfig } = sandbox.state;
    const run = await runKubectl(['cp', `${podName()}:/nope`, join(tmpdir(), 'nope')], { kubeconfig, path });
    // On its standard output; the exit code is a race within kubectl, which may see the archive's end first.
    expect(run.stdout + run.stderr).toContain('tar: /nope: Cannot stat: No such file or directory');
  });
});

describe.each(kubectlVersions())('debug with kubectl $name', ({ path }) => {
  it('runs a container in the pod, with the pod’s network and what is typed as its input', async () => {
    const { kubeconfig } = sandbox.state;
    const args = ['debug', '-i', podName(), '--image=busybox:1', '--', 'sh'];
    const stdin = 'echo in $(hostname)\nwget -qO- http://localhost:9090/\nexit 3\n';
    const run = await runKubectl(args, { kubeconfig, path, stdin });
    const container = /^Defaulting debug container name to (debugger-\w+)\./.exec(run.stdout)?.[1];
    expect(run.stdout.split('\n').slice(1)).toEqual([`in ${podName()}`, 'only inside']);
    expect(container).toBeDefined();
    const status = () =>
      (sandbox.api.get('pods', 'default', podName())?.status?.ephemeralContainerStatuses ?? []).find(
        ({ name }: { name: string }) => name === container,
      );
    await expect.poll(() => status()?.state.terminated?.exitCode).toBe(3);
    expect(sandbox.api.get('pods', 'default', podName())?.status?.phase).toBe('Running');
  });
});

describe('what port-forward cannot do', () => {
  const { path } = kubectlVersions()[0]!;

  it('reaches what listens on the loopback address of the pod, but no port of the laptop', async () => {
    const { port } = hostServer.address() as AddressInfo;
    const inside = await forward(path, sandbox.state.kubeconfig, 'deploy/web', ':9090');
    const outside = await forward(path, sandbox.state.kubeconfig, 'deploy/web', `:${port}`);
    try {
      expect(await fetch(inside.url).then((it) => it.text())).toBe('only inside');
      await expect(fetch(outside.url)).rejects.toThrow();
      expect(outside.stderr()).toMatch(
        new RegExp(
          `an error occurred forwarding \\d+ -> ${port}: error forwarding port ${port} to pod [0-9a-f]{64}, uid : failed to execute portforward .*connection refused`,
        ),
      );
    } finally {
      await Promise.all([inside.stop(), outside.stop()]);
    }
  });
});
