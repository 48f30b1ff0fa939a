import { describe, expect, it } from 'vitest';
import type { ClusterObject } from '../../../src/cluster/cluster.ts';
import { formatRef, parseRef } from '../../../src/cluster/ref.ts';
import { firstLooks, giveaways, ownersAmong } from '../../../src/game/validate/giveaway.ts';
import { tooTelling } from '../../../src/game/validate/giveaway-case.ts';

const owned = (kind: string, name: string, ownerKind: string, owner: string) =>
  ({
    apiVersion: 'v1',
    kind,
    metadata: {
      name,
      namespace: 'shop',
      ownerReferences: [{ kind: ownerKind, name: owner, controller: true }],
    },
  }) as unknown as ClusterObject;
const objects = ['checkout', 'edge'].flatMap((name) => [
  owned('ReplicaSet', `${name}-6c5f`, 'Deployment', name),
  owned('Pod', `${name}-6c5f-abcde`, 'ReplicaSet', `${name}-6c5f`),
]);
const ownerOf = ownersAmong([...objects, owned('Job', 'mail-1', 'CronJob', 'mail')]);

function asked(command: string, before: string[], now: string[], culprit = 'deployment/shop/checkout') {
  const look = firstLooks.find((one) => one.command.startsWith(command))!;
  const [found] = giveaways([{ look, before: before.join('\n'), now: now.join('\n') }], {
    culprits: [parseRef(culprit)],
    life: [parseRef('cronjob/shop/mail')],
    ownerOf,
  });
  return { tells: found!.tells, stands: found!.stands.map(formatRef) };
}

describe('a single look', () => {
  const head = 'NAMESPACE   NAME                  READY   STATUS    RESTARTS   AGE';
  const pod = (name: string, rest: string) => `shop        ${name}   ${rest}`;
  const quiet = [
    head,
    pod('checkout-6c5f-abcde', '1/1   Running   0   5m'),
    pod('edge-6c5f-abcde', '1/1   Running   0   5m'),
  ];

  it('tells all where the culprit is all that is new, and not where something else is', () => {
    const broken = [head, pod('checkout-6c5f-abcde', '0/1   Error   2 (3s ago)   7m'), quiet[2]!];
    expect(asked('kubectl get pods', quiet, broken)).toEqual({
      tells: true,
      stands: ['deployment/shop/checkout'],
    });
    const both = [...broken.slice(0, 2), pod('edge-77aa-fghij', '1/1   Running   0   12s')];
    expect(asked('kubectl get pods', quiet, both)).toMatchObject({ tells: false });
    expect(asked('kubectl get pods', quiet, broken, 'deployment/shop/edge')).toMatchObject({ tells: false });
  });

  it('shows nothing new where only ages have changed', () => {
    const older = quiet.map((line) => line.replace('5m', '2d3h'));
    expect(asked('kubectl get pods', quiet, older)).toEqual({ tells: false, stands: [] });
  });

  it('takes what comes and goes all day for nothing new, even of a culprit: it came and went before', () => {
    const mail = [...quiet, pod('mail-1', '0/1   Completed   0   3s')];
    expect(asked('kubectl get pods', quiet, mail)).toMatchObject({ stands: [] });
    expect(asked('kubectl get pods', quiet, mail, 'cronjob/shop/mail')).toMatchObject({ stands: [] });
    const cron = (suspend: string, active: number) =>
      `shop        cronjob.batch/mail   */10 * * * *   <none>   ${suspend}   ${active}   4m   9m`;
    const [before, busy, held] = [[cron('False', 0)], [cron('False', 1)], [cron('True', 0)]];
    const look = 'kubectl get deployments';
    expect(asked(look, before, busy, 'cronjob/shop/mail')).toMatchObject({ stands: [] });
    expect(asked(look, before, held, 'cronjob/shop/mail')).toMatchObject({ tells: true });
    expect(asked(look, before, held)).toMatchObject({ stands: [] });
  });

  it('knows the owner of a pod that is gone by how it is named', () => {
    const events = ['NAMESPACE   LAST SEEN   TYPE     REASON    OBJECT                     MESSAGE'];
    const killed =
      'shop        4s          Normal   Killing   pod/checkout-99ff-zzzzz   Stopping container checkout';
    expect(asked('kubectl get events', events, [...events, killed])).toEqual({
      tells: true,
      stands: ['deployment/shop/checkout'],
    });
  });

  it('sees a pod that is busy in top, and not each number that is another one', () => {
    const top = ['NAMESPACE   NAME                  CPU(cores)   MEMORY(bytes)'];
    const used = (cpu: number) => [...top, `shop        checkout-6c5f-abcde   ${cpu}m          40Mi`];
    expect(asked('kubectl top', used(12), used(31))).toMatchObject({ stands: [] });
    expect(asked('kubectl top', used(12), used(480))).toMatchObject({ tells: true });
  });

  it('has rows of nodes, and of several kinds under a heading each', () => {
    const nodes = ['NAME     STATUS   ROLES   AGE   VERSION', 'node-1   Ready    <none>   5m   v1.36.0'];
    const cordoned = [nodes[0]!, 'node-1   Ready,SchedulingDisabled   <none>   5m   v1.36.0'];
    expect(asked('kubectl get nodes', nodes, cordoned, 'node/node-1')).toMatchObject({ tells: true });
    const all = ['NAMESPACE   NAME                READY', 'shop        pod/checkout-6c5f-abcde   1/1', ''];
    const more = [
      ...all,
      'NAMESPACE   NAME                 TYPE',
      'shop        service/checkout   ClusterIP',
    ];
    expect(asked('kubectl get all', all, more)).toEqual({ tells: false, stands: ['service/shop/checkout'] });
  });

  it('may tell all once, as an alert leads there; twice is too much', () => {
    expect(tooTelling(['kubectl get pods -A'])).toEqual([]);
    expect(tooTelling(['kubectl get pods -A', 'kubectl get nodes'])[0]).toMatch(
      /^2 single commands show the culprit and nothing else that is new: kubectl get pods -A; kubectl get nodes\./,
    );
  });
});
