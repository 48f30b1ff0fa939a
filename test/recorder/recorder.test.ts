import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import https from 'node:https';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { realClock } from '../../src/clock.ts';
import { loadCredentials } from '../../src/cluster/connection/credentials.ts';
import type { Action, Preimage } from '../../src/recorder/action.ts';
import { type Recorder, startRecorder } from '../../src/recorder/recorder.ts';
import { kubectlVersions, runKubectl } from '../kubectl.ts';
import { startTestServer, type TestServer } from '../sandbox/apiserver/test-server.ts';

let server: TestServer;
let recorder: Recorder;
const actions = new Map<string, Action>();
let preimages: (Preimage & { liveAtThatTime?: unknown })[] = [];
let refuse: string | undefined;

beforeAll(async () => {
  server = await startTestServer();
  for (const name of ['shop', 'batch']) {
    server.api.create('namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, labels: { 'misfortune.dev/game-days': 'allowed', team: 'a' } },
    });
  }
  recorder = await startRecorder({
    credentials: await loadCredentials({ kubeconfig: server.kubeconfig }),
    namespace: 'shop',
    monitoring: {},
    who: 'alex',
    clock: realClock,
    folder: join(server.folder, 'recorder'),
    sink: {
      actions: async (batch) => {
        for (const action of batch) actions.set(action.id, action);
      },
      preimages: async (batch) => {
        if (refuse) throw new Error(refuse);
        for (const one of batch) {
          const live = server.api.get(
            one.resource === 'deployments' ? 'deployments.apps' : one.resource,
            one.namespace,
            one.name,
          );
          preimages.push({ ...one, liveAtThatTime: structuredClone(live) });
        }
      },
    },
  });
});
afterAll(async () => {
  await recorder.close();
  await server.close();
});
beforeEach(() => {
  actions.clear();
  preimages = [];
  refuse = undefined;
});

/** The action that a command became, once it has been quiet; told from others by its title. */
async function action(title: string | RegExp): Promise<Action> {
  const fits = (one: Action): boolean =>
    typeof title === 'string' ? one.title === title : title.test(one.title);
  await expect
    .poll(() => [...actions.values()].map((one) => one.title))
    .toContainEqual(typeof title === 'string' ? title : expect.stringMatching(title));
  return [...actions.values()].find(fits) as Action;
}

describe.each(kubectlVersions())('kubectl $name through the recorder', ({ name, path }) => {
  const kubectl = (args: string[], stdin?: string) =>
    runKubectl(args, { kubeconfig: recorder.kubeconfig, path, stdin });
  const suffix = name.replaceAll('.', '-');
  const seed = (object: string) =>
    server.api.create('configmaps', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: object, namespace: 'shop' },
      data: { a: '1' },
    });
  const deployment = `web-${suffix}`;

  it('makes one action of one command, with what it asked for', async () => {
    expect((await kubectl(['get', 'pods,configmaps', '-l', 'app=x'])).exitCode).toBe(0);
    const seen = await action('kubectl get pods,configmaps -n shop -l app=x');
    expect(seen).toMatchObject({ who: 'alex', surface: 'kubectl', effect: 'read' });
    expect(
      seen.requests.map(({ verb, resource, namespace, labelSelector }) => ({
        verb,
        resource,
        namespace,
        labelSelector,
      })),
    ).toEqual([
      { verb: 'list', resource: 'pods', namespace: 'shop', labelSelector: 'app=x' },
      { verb: 'list', resource: 'configmaps', namespace: 'shop', labelSelector: 'app=x' },
    ]);
  });

  it('sees a list over all namespaces', async () => {
    await kubectl(['get', 'jobs', '-A']);
    expect((await action('kubectl get jobs -A')).requests).toEqual([
      expect.objectContaining({ verb: 'list', resource: 'jobs', allNamespaces: true, status: 200 }),
    ]);
  });

  it('keeps the object as it was before a write is sent on, and as the write left it', async () => {
    seed(`patched-${suffix}`);
    await kubectl(['patch', 'configmap', `patched-${suffix}`, '--type=merge', '-p', '{"data":{"a":"2"}}']);
    const seen = await action(`kubectl patch configmap patched-${suffix} -n shop -p '{"data":{"a":"2"}}'`);
    expect(seen).toMatchObject({ effect: 'mutate', command: 'kubectl patch' });
    expect(seen.requests.at(-1)).toMatchObject({
      paths: ['data.a'],
      changes: [{ path: 'data.a', from: '1', to: '2' }],
    });
    expect(preimages).toHaveLength(2);
    expect(preimages[0]).toMatchObject({
      verb: 'patch',
      kind: 'ConfigMap',
      name: `patched-${suffix}`,
      before: { data: { a: '1' } },
      liveAtThatTime: { data: { a: '1' } },
    });
    expect(preimages[1]).toMatchObject({ sequence: preimages[0]?.sequence, after: { data: { a: '2' } } });
    // A restore writes them back: whose field it was is the server's to say.
    for (const image of [preimages[0]?.before, preimages[1]?.after])
      expect(image).not.toHaveProperty('metadata.managedFields');
  });

  it('keeps that a create is on its way, and what it made, by UID', async () => {
    await kubectl(['create', 'configmap', `made-${suffix}`, '--from-literal=k=v']);
    const live = server.api.get('configmaps', 'shop', `made-${suffix}`);
    await action(`kubectl create configmap made-${suffix} -n shop`);
    const made = { verb: 'create', kind: 'ConfigMap', namespace: 'shop', name: `made-${suffix}` };
    expect(preimages).toMatchObject([made, { ...made, uid: live?.metadata.uid }]);
    expect(preimages[0]).not.toHaveProperty('after');
    expect(preimages[1]?.sequence).toBe(preimages[0]?.sequence);
    expect(preimages.map(({ before }) => before)).toEqual([undefined, undefined]);
  });

  it('keeps nothing of a create under a name that is taken', async () => {
    seed(`taken-${suffix}`);
    expect((await kubectl(['create', 'configmap', `taken-${suffix}`])).exitCode).toBe(1);
    expect(preimages).toEqual([]);
  });

  it('keeps what a delete takes away', async () => {
    seed(`gone-${suffix}`);
    await kubectl(['delete', 'configmap', `gone-${suffix}`]);
    expect((await action(`kubectl delete configmap gone-${suffix} -n shop`)).effect).toBe('mutate');
    expect(preimages).toMatchObject([
      { verb: 'delete', before: { data: { a: '1' } }, liveAtThatTime: { data: { a: '1' } } },
    ]);
  });

  it('tells a scale by the replicas of the object, not by the Scale', async () => {
    await runKubectl(
      ['-n', 'shop', 'create', 'deployment', deployment, '--image=node:20-slim', '--replicas=1'],
      { kubeconfig: server.kubeconfig, path },
    );
    await kubectl(['scale', 'deployment', deployment, '--replicas=3']);
    const seen = await action(`kubectl scale deployment ${deployment} -n shop --replicas=3`);
    expect(seen.effect).toBe('mutate');
    expect(seen.requests.find((request) => request.verb === 'patch')).toMatchObject({
      subresource: 'scale',
      paths: ['spec.replicas'],
      changes: [{ path: 'spec.replicas', from: 1, to: 3 }],
    });
    expect(preimages.at(-1)?.after).toMatchObject({ kind: 'Deployment', spec: { replicas: 3 } });
  });

  it('counts a dry run and a question about rights as reads, and a refused write as attempted', async () => {
    await kubectl(['create', 'configmap', 'dry', '--dry-run=server']);
    expect((await action(/^kubectl create configmaps? .*\(dry run\)$/)).effect).toBe('read');
    expect(preimages).toEqual([]);
    const kept = seed(`stays-${suffix}`).metadata.name;
    await kubectl(['delete', 'configmap', kept, '--dry-run=server', '--wait=false']);
    expect((await action(/^kubectl delete configmap .*\(dry run\)$/)).effect).toBe('read');
    expect(preimages).toEqual([]);
    await kubectl(['auth', 'can-i', 'delete', 'pods']);
    expect((await action(/^kubectl auth can-i/)).effect).toBe('read');
    await kubectl(['patch', 'deployment', deployment, '--type=merge', '-p', '{"spec":{"replicas":-1}}']);
    const refused = await action(
      `kubectl patch deployment ${deployment} -n shop -p '{"spec":{"replicas":-1}}'`,
    );
    expect(refused.effect).toBe('attempted');
    expect(preimages.at(-1)).toMatchObject({ name: deployment, refused: true });
  });

  it('shows namespaces without our label, in tables, in YAML and in an edit', async () => {
    expect((await kubectl(['get', 'namespaces', '--show-labels'])).stdout).toMatch(
      /shop +Active +\S+ +kubernetes.io\/metadata.name=shop,team=a\n/,
    );
    expect((await kubectl(['get', 'namespace', 'shop', '-o', 'yaml'])).stdout).not.toMatch(/misfortune/);
    await kubectl(['label', 'namespace', 'shop', `tier-${suffix}=front`]);
    expect(server.api.get('namespaces', undefined, 'shop')?.metadata.labels).toMatchObject({
      'misfortune.dev/game-days': 'allowed',
      [`tier-${suffix}`]: 'front',
    });
    await kubectl(['label', 'namespace', 'shop', `tier-${suffix}-`]);
  });

  it('tells an edit from other writes, and names what top lists once', async () => {
    seed(`edited-${suffix}`);
    const editor = { KUBE_EDITOR: `sed -i -e 's/a: "1"/a: "2"/'` };
    const edit = await runKubectl(['edit', 'configmap', `edited-${suffix}`], {
      kubeconfig: recorder.kubeconfig,
      path,
      env: editor,
    });
    expect(edit).toMatchObject({ exitCode: 0 });
    // While the editor is open it is a read; then the same action is told again.
    await expect
      .poll(() => action(`kubectl edit configmap edited-${suffix} -n shop (data.a: 1 → 2)`))
      .toMatchObject({
        effect: 'mutate',
        requests: expect.arrayContaining([
          expect.objectContaining({ verb: 'get' }),
          expect.objectContaining({ verb: 'patch', fieldManager: 'kubectl-edit', status: 200 }),
        ]),
      });
    await kubectl(['top', 'pods']);
    expect((await action(/^kubectl top/)).title).toBe('kubectl top pod -n shop');
  });

  it('passes a watch through as it happens, and tells it at once', async () => {
    const watch = spawn(path, ['get', 'configmaps', '-w', '--no-headers', '-o', 'name'], {
      env: { ...process.env, KUBECONFIG: recorder.kubeconfig },
    });
    let printed = '';
    watch.stdout.on('data', (chunk) => {
      printed += chunk;
    });
    await expect.poll(() => printed, { timeout: 20_000 }).toContain('kube-root-ca.crt');
    seed(`watched-${suffix}`);
    await expect.poll(() => printed, { timeout: 20_000 }).toContain(`watched-${suffix}`);
    expect(
      (await action('kubectl get configmaps -n shop')).requests.some((request) => request.verb === 'watch'),
    ).toBe(true);
    watch.kill();
  });

  it('does not send on a write whose undo could not be kept', async () => {
    seed(`kept-${suffix}`);
    refuse = 'the disk is full';
    const { exitCode, stderr } = await kubectl([
      'patch',
      'configmap',
      `kept-${suffix}`,
      '--type=merge',
      '-p',
      '{"data":{"a":"2"}}',
    ]);
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain('the disk is full');
    expect(server.api.get('configmaps', 'shop', `kept-${suffix}`)?.data).toEqual({ a: '1' });
  });
});

describe('the recorder', () => {
  const ask = (headers: Record<string, string>): Promise<{ status: number; body: string }> => {
    const { clusters } = parse(readFileSync(recorder.kubeconfig, 'utf8')) as {
      clusters: { cluster: { server: string; 'certificate-authority-data': string } }[];
    };
    const { server: url, 'certificate-authority-data': ca } = clusters[0]!.cluster;
    return new Promise((resolve, reject) => {
      https
        .get(
          `${url}/apis/authentication.k8s.io/v1`,
          { ca: Buffer.from(ca, 'base64'), headers, agent: false },
          (response) => {
            let body = '';
            response.on('data', (chunk) => {
              body += chunk;
            });
            response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
          },
        )
        .on('error', reject);
    });
  };

  it('lets nobody in without its token', async () => {
    expect((await ask({})).status).toBe(401);
    expect((await ask({ authorization: 'Bearer x' })).status).toBe(401);
  });

  it('drops impersonation: a responder is who they are', async () => {
    const { exitCode, stdout, stderr } = await runKubectl(
      ['auth', 'whoami', '--as=somebody-else', '-o', 'jsonpath={.status.userInfo.username}'],
      { kubeconfig: recorder.kubeconfig, path: kubectlVersions()[0]!.path },
    );
    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 0, stdout: 'kubernetes-admin', stderr: '' });
  });

  it('writes a kubeconfig that only its owner can read', async () => {
    const { statSync } = await import('node:fs');
    expect(statSync(recorder.kubeconfig).mode & 0o777).toBe(0o600);
  });
});
