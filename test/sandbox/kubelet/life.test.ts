import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { KubeObject } from '../../../src/sandbox/api.ts';
import { ready, startTestNode, type TestNode } from './node.ts';

let node: TestNode;
beforeAll(async () => {
  node = await startTestNode(10);
});
afterAll(() => node.close());

const over = ({ status }: KubeObject): boolean => ['Failed', 'Succeeded'].includes(status?.phase);

test('a changed ConfigMap reaches the files of a running pod within two seconds', async () => {
  const map = (text: string) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'upstreams', namespace: 'default' },
    data: { 'list.yaml': text },
  });
  node.api.create('configmaps', map('one'));
  const source = `
    const fs = require('fs');
    let before;
    setInterval(() => {
      const text = fs.readFileSync('/etc/edge/list.yaml', 'utf8');
      if (text !== before) console.log(before = text);
    }, 20);`;
  node.pod('reader', {
    command: ['node', '-e', source],
    volumeMounts: [{ name: 'list', mountPath: '/etc/edge' }],
    pod: { volumes: [{ name: 'list', configMap: { name: 'upstreams' } }] },
  });
  await node.until('reader', ready);
  await expect.poll(() => node.log('reader')).toBe('one\n');
  node.api.update('configmaps', 'default', 'upstreams', (draft) => ({
    ...draft,
    data: { 'list.yaml': 'two' },
  }));
  await expect.poll(() => node.log('reader'), { timeout: 2000 }).toBe('one\ntwo\n');
});

test('a program sees a container: process 1, its own files, the pod’s name and address', async () => {
  const source = `
    const os = require('os'), fs = require('fs');
    fs.writeFileSync('/tmp/note', 'x');
    console.log(process.pid, process.cwd(), os.hostname(), os.homedir(), process.argv0 !== '', process.execPath);
    console.log(fs.readdirSync('/tmp').join(), fs.existsSync('/etc/passwd'), fs.readFileSync('/etc/hostname', 'utf8').trim());
    console.log(os.networkInterfaces().eth0[0].address === process.env.MY_IP);
    try { fs.readFileSync('/nope') } catch (error) { console.log(error.message) }`;
  node.pod('inside', {
    command: ['node', '-e', source],
    env: [{ name: 'MY_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }],
    pod: { restartPolicy: 'Never' },
  });
  await node.until('inside', over);
  expect(await node.log('inside')).toBe(
    [
      '1 / inside /root true /usr/local/bin/node',
      'note false inside',
      'true',
      "ENOENT: no such file or directory, open '/nope'",
      '',
    ].join('\n'),
  );
});

test('a program is asked to end by SIGTERM and has its grace period', async () => {
  const source = `process.on('SIGTERM', () => { console.log('draining'); setTimeout(() => process.exit(0), 200); }); setInterval(() => {}, 1000)`;
  node.pod('polite', { command: ['node', '-e', source], pod: { terminationGracePeriodSeconds: 20 } });
  await node.until('polite', ready);
  const began = performance.now();
  node.api.delete('pods', 'default', 'polite');
  await expect.poll(() => node.get('polite'), { timeout: 10_000 }).toBeUndefined();
  expect(performance.now() - began).toBeLessThan(5000);
});

test('a program without a handler is not ended by SIGTERM, as the first process of a container is not', async () => {
  node.pod('deaf', {
    command: ['node', '-e', 'console.log("up"); setInterval(() => {}, 1000)'],
    pod: { terminationGracePeriodSeconds: 1 },
  });
  await node.until('deaf', ready);
  await expect.poll(() => node.log('deaf'), { timeout: 10_000 }).toBe('up\n');
  const began = performance.now();
  node.api.delete('pods', 'default', 'deaf');
  await expect.poll(() => node.get('deaf'), { timeout: 10_000 }).toBeUndefined();
  expect(performance.now() - began).toBeGreaterThan(900);
});

test('a program that takes more memory than its limit is OOMKilled', async () => {
  node.pod('greedy', {
    command: ['node', '-e', 'const all = []; setInterval(() => all.push(Buffer.alloc(8e6, 1)), 20)'],
    resources: { limits: { memory: '64Mi' } },
    pod: { restartPolicy: 'Never' },
  });
  const { status } = await node.until('greedy', over);
  expect(status.containerStatuses[0].state.terminated).toMatchObject({ exitCode: 137, reason: 'OOMKilled' });
});

test('an idle program is well below a small memory limit', async () => {
  node.pod('modest', {
    command: ['node', '-e', 'setInterval(() => {}, 1000)'],
    resources: { limits: { memory: '32Mi' } },
  });
  const pod = await node.until('modest', ready);
  await expect.poll(() => node.kubelet.usage(pod).length, { timeout: 10_000 }).toBe(1);
  const [usage] = node.kubelet.usage(pod);
  expect(usage!.memoryBytes).toBeLessThan(24 * 2 ** 20);
  expect(usage!.cpuCores).toBeLessThan(0.2);
  expect(node.get('modest')?.status.containerStatuses[0].restartCount).toBe(0);
});

test('an address that no pod has is unreachable, one without a listener refuses, a name without a service is unknown', async () => {
  const source = `
    const say = (url) => fetch(url).then((it) => it.text(), (error) => error.cause.code);
    Promise.all(['http://10.244.0.250/', 'http://' + process.env.MY_IP + ':81/', 'http://nobody/'].map(say)).then((all) => console.log(all.join()));`;
  node.pod('lost', {
    command: ['node', '-e', source],
    env: [{ name: 'MY_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }],
    pod: { restartPolicy: 'Never' },
  });
  await node.until('lost', over);
  expect(await node.log('lost')).toBe('EHOSTUNREACH,ECONNREFUSED,ENOTFOUND\n');
});

test('when the container runtime dies, containers start again', async () => {
  node.pod('phoenix', { command: ['node', '-e', 'console.log("up"); setInterval(() => {}, 1000)'] });
  const before = await node.until('phoenix', ready);
  const { execFileSync } = await import('node:child_process');
  const rows = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n');
  const own = rows.find((row) => row.includes(`${process.pid} `) && row.includes('runtime.cjs'));
  process.kill(Number(own!.trim().split(/\s+/)[0]), 'SIGKILL');
  const after = await node.until(
    'phoenix',
    (pod) => ready(pod) && pod.status.containerStatuses[0].restartCount > 0,
  );
  expect(after.metadata.uid).toBe(before.metadata.uid);
  expect(after.status.containerStatuses[0].lastState.terminated.exitCode).toBe(137);
});

test('a readiness probe makes a pod ready and unready again, without a restart', async () => {
  node.pod('moody', {
    image: 'busybox:1',
    command: ['sleep', '3600'],
    readinessProbe: { exec: { command: ['cat', '/tmp/ok'] }, periodSeconds: 1, failureThreshold: 1 },
  });
  await node.until('moody', ({ status }) => status?.phase === 'Running');
  expect(ready(node.get('moody')!)).toBe(false);
  await node.exec('moody', 'touch', '/tmp/ok');
  await node.until('moody', ready);
  await node.exec('moody', 'rm', '/tmp/ok');
  const { status } = await node.until('moody', (pod) => !ready(pod));
  expect(status.containerStatuses[0]).toMatchObject({ ready: false, started: true, restartCount: 0 });
  expect(node.events('moody')).toContain(
    "Warning Unhealthy Readiness probe failed: cat: can't open '/tmp/ok': No such file or directory\n",
  );
});

test.skipIf(process.platform !== 'linux')(
  'a pod that is deleted while it starts leaves no process',
  async () => {
    const running = () =>
      readdirSync('/proc')
        .filter((entry) => /^\d+$/.test(entry))
        .filter((pid) => commandOf(pid).includes(node.folder) && commandOf(pid).includes('early'));
    for (let index = 0; index < 24; index++) {
      const name = `early-${index}`;
      node.pod(name, { command: ['node', '-e', `'early'; setInterval(() => {}, 1000)`] });
      await new Promise((resolve) => setTimeout(resolve, index * 10));
      node.api.delete('pods', 'default', name, { gracePeriodSeconds: index % 2 });
    }
    await expect
      .poll(() => node.api.list('pods', { namespace: 'default' }).filter(isEarly), { timeout: 15_000 })
      .toEqual([]);
    await expect.poll(running, { timeout: 5000 }).toEqual([]);
  },
  60_000,
);

const isEarly = ({ metadata }: KubeObject): boolean => metadata.name.startsWith('early-');

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
