import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Action } from '../../src/recorder/action.ts';
import { kubectlVersions, runKubectl } from '../kubectl.ts';
import { startTestServer, type TestServer } from '../sandbox/apiserver/test-server.ts';
import { deployment, namespace, pod, type Recorded, startRecorded } from './recorded.ts';

/** What each command looks at: all else that it asks is for its own work. No pod runs, so nothing is forwarded. */
const looks: [string, string[]][] = [
  ['get pods', ['list pods']],
  ['get deployment edge -o yaml', ['get deployments']],
  ['logs deployment/edge', ['get pods log']],
  ['exec deployment/edge -- ls', ['connect pods exec']],
  ['port-forward deployment/edge :80', []],
  ['cp edge-a:/etc/hosts /tmp/deeds-hosts', ['connect pods exec']],
  ['describe deployment edge', ['get deployments']],
  ['describe pod edge-a', ['get pods']],
  ['describe pods', ['list pods', 'get pods']],
  ['rollout history deployment/edge', ['get deployments']],
  ['rollout restart deployment/edge', ['patch deployments']],
  ['scale deployment edge --replicas=2', ['patch deployments scale']],
  ['delete pod no-such-pod', ['delete pods']],
  ['label deployment edge tier=front --overwrite', ['patch deployments']],
  ['set env deployment/edge MODE=fast', ['patch deployments']],
  ['top pods', ['list pods']],
];

const titles: [string, string][] = [
  ['scale deployment edge --replicas=0', 'kubectl scale deployment edge -n shop --replicas=0'],
  ['scale deployment edge --replicas=2', 'kubectl scale deployment edge -n shop --replicas=2'],
  ['set image deployment/edge app=shop:3', 'kubectl set image deployment edge -n shop app=shop:3'],
  [
    'set resources deployment edge --limits=cpu=50m,memory=64Mi',
    'kubectl set resources deployment edge -n shop --limits=cpu=50m,memory=64Mi',
  ],
  [
    'set env deployment/edge MODE=slow DB_PASSWORD=hunter2',
    'kubectl set env deployment edge -n shop MODE=slow DB_PASSWORD=…',
  ],
  ['set env deployment/edge OLD-', 'kubectl set env deployment edge -n shop OLD-'],
  [
    'patch deployment edge -p {"spec":{"paused":true}}',
    `kubectl patch deployment edge -n shop -p '{"spec":{"paused":true}}'`,
  ],
  ['patch secret key -p {"data":{"k":"Yg=="}}', "kubectl patch secret key -n shop -p '…'"],
  ['label deployment edge tier-', 'kubectl label deployment edge -n shop tier-'],
  ['autoscale deployment edge --min=2 --max=6', 'kubectl autoscale deployment edge -n shop --min=2 --max=6'],
  ['expose deployment edge --port=80 --name=door', 'kubectl expose deployment edge -n shop --name=door'],
  ['run once --image=shop:1', 'kubectl run once -n shop --image=shop:1'],
  ['delete pods -l app=nobody', 'kubectl delete pods -n shop -l app=nobody'],
  ['events', 'kubectl events -n shop'],
  ['delete pod edge-b --grace-period=0 --force', 'kubectl delete pod edge-b -n shop --grace-period=0'],
];

const secrets = [
  'set env deployment/edge API_TOKEN=s3cret-value',
  'patch secret key -p {"data":{"k":"c2Vj"}}',
];
const waiting = 'wait deployment/edge --for=jsonpath={.spec.replicas}=3 --timeout=1s';

let server: TestServer;
let recorded: Recorded;
const made = new Map<string, Action>();
beforeAll(async () => {
  server = await startTestServer();
  server.api.create('namespaces', namespace('shop'));
  const { spec, ...head } = deployment('edge');
  const env = ['OLD', 'KEPT'].map((name) => ({ name, value: '1' }));
  const containers = [{ name: 'app', image: 'shop:1', env }];
  const template = { ...spec.template, spec: { containers } };
  server.api.create('deployments.apps', { ...head, spec: { ...spec, template } });
  for (const name of ['edge-a', 'edge-b']) server.api.create('pods', pod(name, 'edge'));
  server.api.create('secrets', {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'key', namespace: 'shop' },
    data: { k: 'YQ==' },
  });
  recorded = await startRecorded(server);
  const commands = [...looks, ...titles].map(([command]) => command).concat(secrets, waiting);
  const { path } = kubectlVersions().at(-1)!;
  for (const command of commands)
    await runKubectl(command.split(' '), { kubeconfig: recorded.recorder.kubeconfig, path });
  await recorded.recorder.close();
  // In the order in which they were run: each has been quiet for a moment before it is handed on.
  const actions = [...recorded.actions.values()].sort((a, b) => a.at - b.at);
  expect(actions).toHaveLength(commands.length);
  for (const [index, command] of commands.entries()) made.set(command, actions[index]!);
}, 120_000);
afterAll(() => server.close());

const of = (command: string) => made.get(command)!;
const wordsOf = ({ verb, resource, subresource }: Action['requests'][number]) =>
  [verb, resource, subresource].filter(Boolean).join(' ');

describe('case G5: what kubectl asks besides', () => {
  it.each(looks)('%s: looks at %j only', (command, wanted) => {
    const seen = of(command).requests.filter(({ aside }) => !aside);
    expect([...new Set(seen.map(wordsOf))]).toEqual(wanted);
  });

  it('wait looks at what it waits for, and at nothing else', () => {
    const seen = of(waiting).requests.filter(({ aside }) => !aside);
    expect([...new Set(seen.map(({ resource }) => resource))]).toEqual(['deployments']);
  });
});

describe('the title of a write', () => {
  it.each(titles)('%s: keeps the arguments that matter', (command, title) => {
    expect(of(command).title).toBe(title);
  });

  it('keeps no value of a Secret, and none of a variable that is named like one', () => {
    expect(JSON.stringify(secrets.map(of))).not.toMatch(/s3cret-value|c2Vj/);
  });
});
