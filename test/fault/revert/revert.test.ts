import { describe, expect, it, vi } from 'vitest';
import { realClock } from '../../../src/clock.ts';
import { apply } from '../../../src/fault/apply/apply.ts';
import { type Baseline, takeBaseline } from '../../../src/fault/compare/compare.ts';
import type { DeleteOperation } from '../../../src/fault/operation.ts';
import { revert } from '../../../src/fault/revert/revert.ts';
import { bench } from '../bench.ts';
import { deadEntry, flood } from '../game.ts';
import { respond } from '../responder.ts';

const edge = { kind: 'configmap', namespace: 'shop', name: 'edge-upstreams' };
const checkout = { kind: 'deployment', group: 'apps', namespace: 'shop', name: 'checkout' };
const job = { kind: 'job', group: 'batch', namespace: 'batch', name: 'report-export' };

const on = bench();

describe('reverting', () => {
  it('puts back what a game with a hidden Job and a dead upstream did', async () => {
    await on.begin({ flood, deadEntry });
    expect(await on.differences()).not.toEqual([]);
    const verdicts = on.game.events.flatMap((event) => (event.type === 'operation-verified' ? [event] : []));
    expect(verdicts.map(({ verdict, seen }) => [verdict, seen])).toEqual([
      ['confirmed', 'there, as stated'],
      ['confirmed', 'there, as stated'],
      ['confirmed', 'the field is as set'],
    ]);
    await on.mend();
  });

  it('may be done twice', async () => {
    await on.begin({ deadEntry });
    await revert(on.game.engine, { undoResponder: true });
    await on.mend();
  });

  it('undoes what the responder did as well, and needs no word of theirs for it', async () => {
    await on.begin({ flood, deadEntry });
    const responder = await respond(on.plane, on.game.ledger);
    await responder.patch(checkout, { spec: { replicas: 5 } });
    await responder.patch(edge, { data: { 'upstreams.yaml': 'upstreams: []\n' } });
    await responder.delete(job);
    await responder.create({ ...note, metadata: { name: 'findings', namespace: 'shop' } });
    const result = await revert(on.game.engine, { undoResponder: true });
    expect(result).toEqual({ differences: [], conflicts: [] });
    expect(await on.differences()).toEqual([]);
    const told = on.game.events.flatMap((event) => (event.type === 'responder-change-undone' ? [event] : []));
    expect(Object.fromEntries(told.map(({ ref, outcome }) => [ref, outcome]))).toMatchObject({
      'deployments.apps/shop/checkout': 'undone',
      'configmap/shop/edge-upstreams': 'undone',
      'configmaps/shop/findings': 'undone',
    });
  });

  it('re-creates what the responder deleted, with its addresses', async () => {
    const service = { kind: 'service', namespace: 'shop', name: 'checkout' };
    const { clusterIP } = (await on.cluster.get(service))!.spec as { clusterIP: string };
    await on.begin({ deadEntry });
    const responder = await respond(on.plane, on.game.ledger);
    await responder.delete(service);
    await responder.delete(checkout);
    await revert(on.game.engine, { undoResponder: true });
    expect(await on.differences()).toEqual([]);
    expect((await on.cluster.get(service))!.spec).toMatchObject({ clusterIP });
  });

  it('keeps what the responder did where that is asked for, but removes a Job of ours that they changed', async () => {
    await on.begin({ flood });
    const responder = await respond(on.plane, on.game.ledger);
    await responder.patch(checkout, { spec: { replicas: 3 } });
    await responder.patch(job, { spec: { parallelism: 0 } });
    await revert(on.game.engine, { undoResponder: false });
    expect(await on.differences()).toEqual(['deployment.apps/shop/checkout spec.replicas: was 2, is 3']);
    await on.cluster.patch(checkout, 'merge', { spec: { replicas: 2 } });
  });

  it("merges a stranger's change of another line and keeps it", async () => {
    await on.begin({ deadEntry });
    const stranger = await on.plane.other();
    const text = await upstreams();
    await stranger.patch(edge, 'merge', { data: { 'upstreams.yaml': `# checked by Wati\n${text}` } });
    expect(await revert(on.game.engine, { undoResponder: true })).toEqual({ differences: [], conflicts: [] });
    expect(await upstreams()).toBe(`# checked by Wati\n${original(on.before)}`);
    await on.cluster.patch(edge, 'merge', { data: { 'upstreams.yaml': original(on.before) } });
  });

  it('leaves a line that somebody else changed too, says so, and lets a person decide', async () => {
    await on.begin({ deadEntry });
    const stranger = await on.plane.other();
    const theirs = (await upstreams()).replace(/10\.244\.\d+\.\d+:8004/, 'storefront-canary:8004');
    await stranger.patch(edge, 'merge', { data: { 'upstreams.yaml': theirs } });
    const open = await revert(on.game.engine, { undoResponder: true });
    expect(open.conflicts).toHaveLength(1);
    expect(open.conflicts[0]).toContain('configmap/shop/edge-upstreams data["upstreams.yaml"]');
    expect(await upstreams()).toBe(theirs);
    const kept = await revert(on.game.engine, { undoResponder: true, decide: async () => 'theirs' });
    expect(kept).toEqual({ differences: [], conflicts: [] });
    expect(await upstreams()).toBe(theirs);
    await on.cluster.patch(edge, 'merge', { data: { 'upstreams.yaml': original(on.before) } });
  });

  it('puts our side back where a person says so', async () => {
    await on.begin({ deadEntry });
    const stranger = await on.plane.other();
    await stranger.patch(edge, 'merge', { data: { 'upstreams.yaml': 'upstreams: []\n' } });
    await revert(on.game.engine, { undoResponder: true, decide: async () => 'ours' });
    expect(await on.differences()).toEqual([]);
  });

  it('says that an object is gone when somebody deleted it, and makes no new one', async () => {
    const spare = { ...note, metadata: { name: 'spare', namespace: 'shop' } };
    await on.cluster.create(spare);
    const ref = { kind: 'configmap', namespace: 'shop', name: 'spare' };
    await on.begin({ edit: { config: { configMap: 'shop/spare', set: { a: '2' } } } });
    await on.cluster.delete(ref);
    await revert(on.game.engine, { undoResponder: true });
    expect(await on.cluster.get(ref)).toBeUndefined();
    const told = on.game.events.find((event) => event.type === 'operation-reverted');
    expect(told).toMatchObject({ seen: 'somebody deleted it: there is nothing to restore' });
  });

  it('leaves an object alone that somebody else made under the name of ours', async () => {
    await on.begin({ flood });
    const program = { kind: 'configmap', namespace: 'batch', name: 'report-export-program' };
    await on.cluster.delete(program);
    await on.cluster.create({ ...note, metadata: { name: program.name, namespace: 'batch' } });
    await revert(on.game.engine, { undoResponder: true });
    expect((await on.cluster.get(program))?.data).toEqual({ a: '1' });
    await on.cluster.delete(program);
  });

  it('re-creates what an operation deleted, with its addresses, and refuses what cannot come back', async () => {
    const ref = { kind: 'service', namespace: 'shop', name: 'checkout' };
    const { clusterIP } = (await on.cluster.get(ref))!.spec as { clusterIP: string };
    const operation: Omit<DeleteOperation, 'ref'> = {
      ...{ id: 'd-1', fault: 'd', verb: 'delete', afterMs: 0, ready: [], reverts: 'reverts' },
      ...{ describe: 'delete it', propagation: 'Background' },
    };
    await apply([{ ...operation, ref }], on.game.engine);
    expect(await on.cluster.get(ref)).toBeUndefined();
    await revert(on.game.engine, { undoResponder: true });
    expect(await on.differences()).toEqual([]);
    expect((await on.cluster.get(ref))!.spec).toMatchObject({ clusterIP });
    const shop = { ...operation, id: 'd-2', ref: { kind: 'namespace', name: 'shop' } };
    await expect(apply([shop], on.game.engine)).rejects.toMatchObject({ code: 'undeletable' });
  });

  it('takes away the annotation that a restart needed, and the map that it lay in', async () => {
    const restart = {
      configMap: 'shop/edge-upstreams',
      set: { extra: 'x' },
      restart: 'deployment.apps/shop/storefront',
    };
    await on.begin({ drift: { config: restart } });
    await revert(on.game.engine, { undoResponder: true });
    expect(await on.differences()).toEqual([]);
    const order = on.game.events.flatMap((event) => (event.type === 'operation-reverted' ? [event.id] : []));
    expect(order).toEqual(['drift-1', 'drift-2']);
  });

  it('ends the runs that a CronJob began with what was changed, and no others', async () => {
    const container = (sessions: string) => ({
      ...{ name: 'nightly', image: 'node:20-slim', env: [{ name: 'SESSIONS', value: sessions }] },
      command: ['node', '-e', 'setInterval(() => {}, 1000)'],
    });
    const template = (sessions: string) => ({
      spec: { template: { spec: { restartPolicy: 'Never', containers: [container(sessions)] } } },
    });
    const batch = { apiVersion: 'batch/v1' };
    const cronJob = await on.cluster.create({
      ...{ ...batch, kind: 'CronJob', metadata: { name: 'nightly', namespace: 'shop' } },
      spec: { schedule: '0 0 29 2 *', jobTemplate: template('2') },
    });
    on.before = await takeBaseline(on.cluster, ['shop', 'batch'], { clock: realClock });
    const field = 'spec.jobTemplate.spec.template.spec.containers[name=nightly].env[name=SESSIONS].value';
    await on.begin({ storm: { patch: { ref: 'cronjob/shop/nightly', set: { [field]: '12' } } } });
    // As its controller makes them, and kubectl.
    const owner = {
      ...batch,
      kind: 'CronJob',
      name: 'nightly',
      uid: cronJob.metadata.uid!,
      controller: true,
    };
    const run = (name: string, sessions: string, annotations = {}) =>
      on.cluster.create({
        ...{ ...batch, kind: 'Job' },
        metadata: { name, namespace: 'shop', annotations, ownerReferences: [owner] },
        ...template(sessions),
      });
    await run('nightly-of-before', '2');
    await run('nightly-storm', '12');
    await run('nightly-by-hand', '12', { 'cronjob.kubernetes.io/instantiate': 'manual' });
    await on.mend();
    const jobs = await on.cluster.list({ kind: 'jobs', group: 'batch' }, { namespace: 'shop' });
    const left = jobs
      .filter(({ metadata }) => !metadata.deletionTimestamp)
      .map(({ metadata }) => metadata.name);
    expect(left.filter((name) => name.startsWith('nightly-')).sort()).toEqual([
      'nightly-by-hand',
      'nightly-of-before',
    ]);
    const [reverted] = on.game.events.filter(({ type }) => type === 'operation-reverted');
    expect(reverted).toMatchObject({ seen: '1 run with what was changed was ended' });
    await on.cluster.delete({ kind: 'cronjob', group: 'batch', namespace: 'shop', name: 'nightly' });
  });

  it('makes pods anew that started while what they read as they start was changed, and leaves the others', async () => {
    const readers = ['deployment.apps/shop/edge'];
    const podsOfEdge = async () => {
      const labelSelector = 'app.kubernetes.io/instance=edge';
      const pods = await on.cluster.list({ kind: 'pods' }, { namespace: 'shop', labelSelector });
      return pods.filter(({ metadata }) => !metadata.deletionTimestamp).map(({ metadata }) => metadata.name);
    };
    const [kept = '', ended = ''] = await podsOfEdge();
    await on.begin({ drift: { config: { configMap: 'shop/edge-upstreams', set: { extra: 'x' }, readers } } });
    expect(await podsOfEdge()).toEqual([kept, ended]);
    await on.cluster.delete({ kind: 'pod', namespace: 'shop', name: ended });
    const late = await vi.waitFor(async () => {
      const others = (await podsOfEdge()).filter((name) => name !== kept && name !== ended);
      expect(others).toHaveLength(1);
      return others[0];
    });
    await on.mend();
    const now = await podsOfEdge();
    expect(now).toHaveLength(2);
    expect(now).toContain(kept);
    expect(now).not.toContain(late);
  });
});

const note = { apiVersion: 'v1', kind: 'ConfigMap', data: { a: '1' } };

async function upstreams(): Promise<string> {
  return ((await on.cluster.get(edge))!.data as Record<string, string>)['upstreams.yaml']!;
}

function original(baselineBefore: Baseline): string {
  const kept = baselineBefore.objects['configmap/shop/edge-upstreams'] as { data: Record<string, string> };
  return kept.data['upstreams.yaml']!;
}
