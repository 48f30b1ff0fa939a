/** NetworkPolicies that disturb connections instead of refusing them, between real pods. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { ready, startTestNode, type TestNode } from './node.ts';

const POLICIES = 'networkpolicies.networking.k8s.io';
const SERVER = `require('http').createServer((request, response) => response.end('web')).listen(8080);`;
/** Asks by a connection that is kept and, if it is not patient, by a new one, again and again, and says how many ms each took. */
const CLIENT = `
  const http = require('http');
  const kept = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const ask = (agent) => new Promise((resolve) => {
    const begun = performance.now();
    const end = (what) => resolve(what ?? Math.round(performance.now() - begun));
    const request = http.get({ host: process.env.WEB, port: 8080, agent, timeout: Number(process.env.TIMEOUT) }, (answer) => {
      answer.resume();
      answer.on('end', () => end());
    });
    request.on('timeout', () => request.destroy(new Error(request.socket.connecting ? 'connecting' : 'hangs')));
    request.on('error', (error) => end(error.message));
  });
  (async () => {
    for (;;) {
      const all = await Promise.all(process.env.TIMEOUT > 1000 ? [ask(kept)] : [ask(kept), ask(false)]);
      console.log(JSON.stringify(all));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();`;

let node: TestNode;
let web: string;

beforeAll(async () => {
  node = await startTestNode();
  node.pod(
    'web',
    { command: ['node', '-e', SERVER], ports: [{ containerPort: 8080 }], readinessProbe },
    labelled('web'),
  );
  web = (await node.until('web', ready)).status.podIP;
  const timeouts = { client: '1000', other: '1000', patient: '60000' };
  for (const [name, TIMEOUT] of Object.entries(timeouts)) {
    const env = Object.entries({ WEB: web, TIMEOUT }).map(([key, value]) => ({ name: key, value }));
    node.pod(name, { command: ['node', '-e', CLIENT], env }, labelled(name));
  }
  await Promise.all(Object.keys(timeouts).map((name) => node.until(name, ready)));
});
afterAll(() => node.close());
afterEach(() => {
  for (const { metadata } of node.api.list(POLICIES)) node.api.delete(POLICIES, 'default', metadata.name);
});

const readinessProbe = { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 };
function labelled(app: string) {
  return { labels: { app } };
}

function disturb(annotations: Record<string, string>): void {
  node.api.create(POLICIES, {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'client-egress', namespace: 'default', annotations },
    spec: {
      podSelector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['client', 'patient'] }] },
      policyTypes: ['Egress'],
      egress: [{ to: [{ podSelector: { matchLabels: { app: 'web' } } }] }],
    },
  });
}

const linesOf = async (pod: string) => (await node.log(pod)).trim().split('\n');

/** The next `count` answers that a pod gets: over the kept connection, and over a new one. */
async function answers(pod: string, count: number): Promise<[number | string, number | string][]> {
  const lines = () => linesOf(pod);
  // The one that is under way now began before.
  const from = (await lines()).length + 1;
  await expect
    .poll(async () => (await lines()).length, { timeout: 30_000 })
    .toBeGreaterThanOrEqual(from + count);
  return (await lines()).slice(from, from + count).map((line) => JSON.parse(line));
}

test('a delay is felt by the connections that are open and by new ones, by no other pod, and no longer than it is there', async () => {
  disturb({ 'shaping.network/delay': '300ms', 'shaping.network/jitter': '20ms' });
  const [slow, others] = await Promise.all([answers('client', 3), answers('other', 3)]);
  for (const [kept, fresh] of slow) {
    expect(kept).toBeGreaterThanOrEqual(280);
    expect(kept).toBeLessThan(450);
    // There and back to connect, and then the request.
    expect(fresh).toBeGreaterThanOrEqual(560);
    expect(fresh).toBeLessThan(800);
  }
  for (const ms of others.flat()) expect(ms).toBeLessThan(150);
  const { out, exitCode } = await node.exec(
    'client',
    'curl',
    '-sS',
    '-w',
    ' %{time_total}',
    `http://${web}:8080/`,
  );
  expect({ exitCode, seconds: Number(out.split(' ')[1]) >= 0.56 }).toEqual({ exitCode: 0, seconds: true });
  node.api.delete(POLICIES, 'default', 'client-egress');
  for (const ms of (await answers('client', 3)).flat()) expect(ms).toBeLessThan(150);
});

test('what is lost is sent again: some answers take longer by 200 ms or more, and none is missing', async () => {
  disturb({ 'shaping.network/loss': '25%' });
  const taken: (number | string)[] = [];
  const late = () => taken.filter((ms) => Number(ms) >= 200);
  const quick = () => taken.filter((ms) => Number(ms) < 150);
  while (late().length < 2 || quick().length < 2) taken.push(...(await answers('patient', 3)).flat());
  expect(taken.filter((ms) => typeof ms !== 'number')).toEqual([]);
});

test('where all is lost, connecting goes on for as long as somebody waits, and what is open hangs; then it goes on', async () => {
  // What was lost in the test before is over, and its connection is open.
  const isQuick = async () => (await answers('client', 1)).flat().every((ms) => Number(ms) < 150);
  await expect.poll(isQuick, { timeout: 10_000 }).toBe(true);
  const before = (await linesOf('client')).length;
  disturb({ 'shaping.network/loss': '100%' });
  const since = async () => (await linesOf('client')).slice(before);
  await expect.poll(since, { timeout: 10_000 }).toContain('["connecting","connecting"]');
  const lines = (await since()).map((line): (number | string)[] => JSON.parse(line));
  const course = (which: number) =>
    lines.map((line) => (typeof line[which] === 'number' ? 'ok' : line[which])).join(' ');
  expect(course(0)).toMatch(/^(ok )*hangs( connecting)+$/);
  // A new connection hangs only if it was open at that moment.
  expect(course(1)).toMatch(/^(ok )*(hangs )?connecting( connecting)*$/);
  const curl = await node.exec('client', 'curl', '-sS', '-m', '1', `http://${web}:8080/`);
  expect(curl.exitCode).toBe(28);
  node.api.delete(POLICIES, 'default', 'client-egress');
  for (const ms of (await answers('client', 2)).flat()) expect(ms).toBeLessThan(150);
});

test('it neither lets through nor keeps out: what the policy does not list is reached as ever', async () => {
  disturb({ 'shaping.network/delay': '300ms' });
  const other = node.get('other')!.status.podIP;
  // Nobody listens there: it is refused, and not dropped.
  const { exitCode } = await node.exec('client', 'curl', '-sS', '-m', '2', `http://${other}:8080/`);
  expect(exitCode).toBe(7);
});

test('an annotation that says nothing is refused', () => {
  expect(() => disturb({ 'shaping.network/delay': 'slow' })).toThrow(/milliseconds, for example 300ms/);
  expect(() => disturb({ 'shaping.network/loss': '101%' })).toThrow(/a share of the packets/);
});
