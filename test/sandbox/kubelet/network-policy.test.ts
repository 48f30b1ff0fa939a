/** NetworkPolicies between real pods. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { ready, startTestNode, type TestNode } from './node.ts';

let node: TestNode;
let webIP: string;

const SERVER = `
  require('http').createServer((request, response) => {
    console.log(request.headers['user-agent']);
    response.end('web');
  }).listen(8080);`;
const probes = async () => (await node.log('web')).split('kube-probe').length;

beforeAll(async () => {
  node = await startTestNode(1, { unreachable: 200, dropped: 300, unanswered: 200 });
  node.pod(
    'web',
    {
      command: ['node', '-e', SERVER],
      ports: [{ name: 'http', containerPort: 8080 }],
      readinessProbe: { httpGet: { path: '/', port: 'http' }, periodSeconds: 1 },
      livenessProbe: { tcpSocket: { port: 'http' }, periodSeconds: 1, failureThreshold: 1 },
    },
    { labels: { app: 'web' } },
  );
  for (const name of ['client', 'stranger'])
    node.pod(name, { image: 'busybox:1', command: ['sleep', '3600'] }, { labels: { app: name } });
  const web = await node.until('web', ready);
  webIP = web.status.podIP;
  await Promise.all(['client', 'stranger'].map((name) => node.until(name, ready)));
  node.api.create('services', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'default' },
    spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
  });
  node.api.create('endpointslices.discovery.k8s.io', {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'web-1', namespace: 'default', labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    endpoints: [{ addresses: [webIP], conditions: { ready: true } }],
  });
});
afterAll(() => node.close());

const POLICIES = 'networkpolicies.networking.k8s.io';
afterEach(() => {
  for (const { metadata } of node.api.list(POLICIES)) node.api.delete(POLICIES, 'default', metadata.name);
});

function policy(name: string, spec: Record<string, unknown>): void {
  node.api.create(POLICIES, {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace: 'default' },
    spec,
  });
}

const curl = (from: string, url = 'http://web/') => node.exec(from, 'curl', '-sS', url);
const timedOut = { out: '', exitCode: 28 };
const served = { out: 'web', err: '', exitCode: 0 };

test('without a policy everything is reached', async () => {
  expect(await curl('client')).toEqual(served);
  expect(await curl('stranger', `http://${webIP}:8080/`)).toEqual(served);
});

test('ingress: all is dropped, then only what a policy lists passes; the probes of the kubelet always do', async () => {
  const { restartCount } = node.get('web')!.status.containerStatuses[0];
  policy('deny-all', { podSelector: {}, policyTypes: ['Ingress'] });
  expect(await curl('client')).toMatchObject(timedOut);
  expect(await curl('client', `http://${webIP}:8080/`)).toMatchObject(timedOut);
  policy('from-client', {
    podSelector: { matchLabels: { app: 'web' } },
    ingress: [{ from: [{ podSelector: { matchLabels: { app: 'client' } } }], ports: [{ port: 'http' }] }],
  });
  expect(await curl('client')).toEqual(served);
  expect(await curl('stranger')).toMatchObject(timedOut);
  // A port that nobody listens on: the packets are dropped before anybody could refuse them.
  expect(await curl('stranger', `http://${webIP}:9/`)).toMatchObject(timedOut);
  expect(await curl('client', `http://${webIP}:9/`)).toMatchObject(timedOut);
  const before = await probes();
  await expect.poll(probes, { timeout: 5000 }).toBeGreaterThan(before + 1);
  expect(ready(node.get('web')!)).toBe(true);
  expect(node.get('web')!.status.containerStatuses[0].restartCount).toBe(restartCount);
});

test('ingress: other namespaces by their labels, addresses by their range', async () => {
  policy('elsewhere', {
    podSelector: { matchLabels: { app: 'web' } },
    ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: 'none' } } }] }],
  });
  expect(await curl('client')).toMatchObject(timedOut);
  policy('here', {
    podSelector: { matchLabels: { app: 'web' } },
    ingress: [
      {
        from: [
          {
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'default' } },
            podSelector: { matchLabels: { app: 'client' } },
          },
        ],
      },
    ],
  });
  expect(await curl('client')).toEqual(served);
  expect(await curl('stranger')).toMatchObject(timedOut);
  const { podIP } = node.get('stranger')!.status;
  policy('range', {
    podSelector: { matchLabels: { app: 'web' } },
    ingress: [{ from: [{ ipBlock: { cidr: '10.244.0.0/16', except: [`${podIP}/32`] } }] }],
  });
  expect(await curl('stranger')).toMatchObject(timedOut);
});

test('egress: a pod that may not ask the DNS resolves nothing, but still reaches addresses it may', async () => {
  policy('only-web', {
    podSelector: { matchLabels: { app: 'client' } },
    policyTypes: ['Egress'],
    egress: [
      { to: [{ podSelector: { matchLabels: { app: 'web' } } }], ports: [{ port: 8000, endPort: 8100 }] },
    ],
  });
  expect(await curl('client', `http://${webIP}:8080/`)).toEqual(served);
  expect(await curl('client')).toMatchObject({ exitCode: 6, err: 'curl: (6) Could not resolve host: web\n' });
  expect((await node.exec('client', 'nslookup', 'web')).out).toContain('connection timed out');
  expect(await curl('stranger')).toEqual(served);
  policy('dns', {
    podSelector: {},
    policyTypes: ['Egress'],
    egress: [
      {
        to: [
          {
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
            podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
          },
        ],
        ports: [{ port: 53, protocol: 'UDP' }],
      },
    ],
  });
  expect(await curl('client')).toEqual(served);
  expect(await curl('stranger')).toMatchObject(timedOut);
});

test('a program sees the time-out of its operating system; a connection that is open stays so', async () => {
  const source = `
    const http = require('http');
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const ask = (options) => new Promise((resolve) => {
      http.get({ host: 'web', ...options }, (answer) => { answer.resume(); answer.on('end', () => resolve('answered')); })
        .on('error', (error) => resolve(error.code + ' ' + error.syscall));
    });
    (async () => {
      for (;;) {
        console.log(await ask({ agent }), await ask({ agent: false }));
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    })();`;
  node.pod('program', { command: ['node', '-e', source] }, { labels: { app: 'program' } });
  await node.until('program', ready);
  await expect.poll(() => node.log('program'), { timeout: 5000 }).toContain('answered answered');
  policy('deny-all', { podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Ingress'] });
  await expect.poll(() => node.log('program'), { timeout: 5000 }).toContain('answered ETIMEDOUT connect');
  node.api.delete('pods', 'default', 'program', { gracePeriodSeconds: 0 });
});

test('case S6: a pod that names other name servers finds nobody; with a search list of its own it finds by that', async () => {
  const source = `
    const say = (url) => fetch(url).then((it) => it.text(), (error) => error.cause.code);
    Promise.all(['http://web/', 'http://web.default/'].map(say)).then((all) => console.log(all.join()));`;
  const ask = (name: string, pod: Record<string, unknown>): void =>
    void node.pod(name, { command: ['node', '-e', source], pod: { restartPolicy: 'Never', ...pod } });
  ask('dns-other', { dnsPolicy: 'None', dnsConfig: { nameservers: ['192.0.2.53'] } });
  ask('dns-node', { dnsPolicy: 'Default' });
  ask('dns-own', {
    dnsPolicy: 'None',
    dnsConfig: { nameservers: ['10.96.0.10'], searches: ['default.svc.cluster.local'] },
  });
  const said = async (name: string): Promise<string> => {
    await node.until(name, ({ status }) => status?.phase === 'Succeeded');
    return node.log(name);
  };
  expect(await said('dns-other')).toBe('EAI_AGAIN,EAI_AGAIN\n');
  expect(await said('dns-node')).toBe('ENOTFOUND,ENOTFOUND\n');
  expect(await said('dns-own')).toBe('web,ENOTFOUND\n');
});
