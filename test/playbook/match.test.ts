import { describe, expect, it } from 'vitest';
import { matchesDeclaration, matchesStep } from '../../src/playbook/match.ts';
import { type Match, matchSchema } from '../../src/playbook/schema.ts';
import type { Action, KubeRequest } from '../../src/recorder/action.ts';

const request = (more: Partial<KubeRequest>): KubeRequest => ({
  verb: 'get',
  group: '',
  version: 'v1',
  resource: 'pods',
  namespace: 'shop',
  status: 200,
  ...more,
});
const action = (more: Partial<Action>): Action => ({
  id: '1',
  at: 0,
  until: 0,
  who: 'responder',
  surface: 'kubectl',
  effect: 'read',
  title: '',
  requests: [],
  ...more,
});
const match = (written: unknown): Match => matchSchema.parse(written);
const fits = (written: unknown, ...requests: Partial<KubeRequest>[]) =>
  matchesStep(match(written), action({ requests: requests.map(request) }));

const job = { group: 'batch', resource: 'jobs', namespace: 'batch', name: 'report-export' };
const stop = { kube: { verb: ['delete', 'patch'], ref: 'job.batch/batch/report-export' } };

describe('a step about kubectl', () => {
  it.each([
    ['delete', { ...job, verb: 'delete' }, true],
    ['patch', { ...job, verb: 'patch' }, true],
    ['a read', { ...job, verb: 'get' }, false],
    ['another name', { ...job, verb: 'delete', name: 'other' }, false],
    ['another namespace', { ...job, verb: 'delete', namespace: 'shop' }, false],
    ['another kind of that name', { ...job, verb: 'delete', group: '', resource: 'pods' }, false],
    ['a write that was refused', { ...job, verb: 'delete', status: 403 }, false],
    ['a dry run', { ...job, verb: 'delete', dryRun: true }, false],
  ] as [string, Partial<KubeRequest>, boolean][])('is told by its effect: %s', (_, asked, wanted) => {
    expect(fits(stop, asked)).toBe(wanted);
  });

  it.each(['jobs', 'job', 'jobs.batch', 'job.batch', 'Job'])('takes %s for the same resource', (resource) => {
    expect(fits({ kube: { verb: 'delete', resource } }, { ...job, verb: 'delete' })).toBe(true);
  });

  it.each([
    ['networkpolicy', 'networking.k8s.io', 'networkpolicies'],
    ['ingress', 'networking.k8s.io', 'ingresses'],
    ['endpoints', '', 'endpoints'],
    ['deploy', 'apps', 'deployments'],
    ['endpointslice.discovery', 'discovery.k8s.io', 'endpointslices'],
  ])('takes %s for the plural', (word, group, resource) => {
    expect(fits({ kube: { resource: word } }, { group, resource })).toBe(true);
  });

  it('sees a list over all namespaces', () => {
    const wanted = { kube: { verb: 'list', resource: ['pods', 'jobs'], allNamespaces: true } };
    expect(fits(wanted, { verb: 'list', namespace: undefined, allNamespaces: true })).toBe(true);
    expect(fits(wanted, { verb: 'list' })).toBe(false);
  });

  it('needs one request that fits in all its keys, not several that fit in one each', () => {
    expect(fits({ kube: { verb: 'delete', name: 'a' } }, { verb: 'delete', name: 'b' }, { name: 'a' })).toBe(
      false,
    );
  });

  it('takes read and write for all their verbs', () => {
    expect(fits({ kube: { verb: 'write' } }, { verb: 'update' })).toBe(true);
    expect(fits({ kube: { verb: 'write' } }, { verb: 'patch', dryRun: true })).toBe(false);
    expect(fits({ kube: { verb: 'read' } }, { verb: 'patch', dryRun: true })).toBe(true);
    expect(fits({ kube: { verb: 'delete' } }, { verb: 'deletecollection' })).toBe(true);
  });

  it.each([404, 403, 0])('takes a read that was answered with %s for none', (status) => {
    for (const verb of ['read', 'get']) expect(fits({ kube: { verb } }, { verb: 'get', status })).toBe(false);
  });

  it.each([
    ['the path itself', ['spec.replicas'], true],
    ['what is above it', ['spec'], true],
    ['what is beside it', ['spec.paused'], false],
    ['nothing known', undefined, false],
  ])('knows what a write touched: %s', (_, paths, wanted) => {
    const scale = { kube: { verb: 'write', resource: 'deployments', paths: 'spec.replicas' } };
    expect(fits(scale, { verb: 'patch', group: 'apps', resource: 'deployments', paths })).toBe(wanted);
  });

  it('knows the same image change by whatever command it came', () => {
    const image = { kube: { verb: 'write', paths: 'spec.template.spec.containers' } };
    for (const path of ['spec.template', 'spec.template.spec.containers[name=app].image']) {
      expect(fits(image, { verb: 'patch', paths: [path] })).toBe(true);
    }
  });
});

describe('a step about looking', () => {
  const query = (text: string, metrics: string[]) =>
    action({ surface: 'prometheus', promql: { query: text, metrics } });

  it('knows a metric in a query', () => {
    const wanted = match({ promql: { metric: ['request_total', 'http_requests_total'] } });
    expect(matchesStep(wanted, query('sum(rate(request_total[1m]))', ['request_total']))).toBe(true);
    expect(matchesStep(wanted, query('up', ['up']))).toBe(false);
  });

  it('knows a dashboard, and a panel of it', () => {
    const opened = action({ surface: 'dash', dashboard: { uid: 'edge', panel: 'Errors' } });
    expect(matchesStep(match({ dashboard: 'edge' }), opened)).toBe(true);
    expect(matchesStep(match({ dashboard: 'edge', panel: 'Errors' }), opened)).toBe(true);
    expect(matchesStep(match({ dashboard: 'edge', panel: 'Latency' }), opened)).toBe(false);
    expect(matchesStep(match({ dashboard: 'other' }), opened)).toBe(false);
  });

  it('knows an alert, not one whose name begins like it', () => {
    const wanted = match({ alert: 'Slow' });
    expect(matchesStep(wanted, query('ALERTS{alertname="Slow"}', ['ALERTS']))).toBe(true);
    expect(matchesStep(wanted, query('ALERTS{alertname="SlowEdge"}', ['ALERTS']))).toBe(false);
    expect(matchesStep(wanted, action({ surface: 'alertmanager', title: 'opened Slow' }))).toBe(true);
  });

  it('combines with any, all and not', () => {
    const wanted = match({
      any: [{ dashboard: 'a' }, { all: [{ dashboard: 'b' }, { not: { panel: 'boring' } }] }],
    });
    const open = (uid: string, panel?: string) => matchesStep(wanted, action({ dashboard: { uid, panel } }));
    expect([open('a'), open('b', 'x'), open('b', 'boring'), open('c')]).toEqual([true, true, false, false]);
  });

  it('about a declaration is never an action', () => {
    const wanted = match({ declared: 'note' });
    expect(matchesStep(wanted, action({}))).toBe(false);
    expect(matchesDeclaration(wanted, 'note')).toBe(true);
    expect(matchesDeclaration(match({ any: [{ dashboard: 'a' }, { declared: ['ack'] }] }), 'ack')).toBe(true);
    expect(matchesDeclaration(match({ dashboard: 'a' }), 'ack')).toBe(false);
  });
});
