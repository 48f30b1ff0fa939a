import { afterAll, beforeAll, expect, test } from 'vitest';
import { ready, startTestNode, type TestNode } from './node.ts';

let node: TestNode;
beforeAll(async () => {
  node = await startTestNode();
});
afterAll(() => node.close());

const SERVER = `
  const http = require('http');
  http.createServer((request, response) => {
    console.log(request.method, request.url);
    response.end('hello from ' + require('os').hostname());
  }).listen(80, () => console.log('listening'));
`;

test('a pod is a process with a log that another pod reaches through a Service', async () => {
  node.api.create('services', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'default' },
    spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 8080, targetPort: 80 }] },
  });
  node.pod(
    'web',
    {
      command: ['node', '-e', SERVER],
      readinessProbe: { httpGet: { path: '/healthz', port: 80 }, periodSeconds: 1 },
    },
    { labels: { app: 'web' } },
  );
  const web = await node.until('web', ready);
  node.api.create('endpointslices.discovery.k8s.io', {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'web-1', namespace: 'default', labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 80, protocol: 'TCP' }],
    endpoints: [{ addresses: [web.status.podIP], conditions: { ready: true } }],
  });
  const call = 'fetch("http://web:8080/price").then((it) => it.text()).then(console.log)';
  node.pod('client', {
    command: ['node', '-e', call],
    containers: undefined,
    pod: { restartPolicy: 'Never' },
  });
  await node.until('client', (pod) => pod.status?.phase === 'Succeeded');
  expect(await node.log('client')).toBe('hello from web\n');
  expect(await node.log('web')).toMatch(/^listening\n(GET .*\n)+$/);
});

// Two, five seconds apart: what looks every ten seconds only would be too late for one of them.
test('a program above its memory limit is ended within seconds, at speed 1 as well', async () => {
  const greedyAfter = { soon: 2500, later: 7500 };
  for (const [name, after] of Object.entries(greedyAfter)) {
    const grow = `setTimeout(() => setInterval(() => all.push(Buffer.alloc(8e6, 1)), 20), ${after})`;
    node.pod(name, {
      command: ['node', '-e', `const all = []; ${grow}`],
      resources: { limits: { memory: '64Mi' } },
      pod: { restartPolicy: 'Never' },
    });
  }
  for (const [name, after] of Object.entries(greedyAfter)) {
    const { status } = await node.until(name, (pod) => pod.status?.phase === 'Failed');
    const { terminated } = status.containerStatuses[0].state;
    expect(terminated).toMatchObject({ exitCode: 137, reason: 'OOMKilled' });
    expect(Date.parse(terminated.finishedAt) - Date.parse(terminated.startedAt)).toBeLessThanOrEqual(
      after + 4500,
    );
  }
});
