import { describe, expect, it } from 'vitest';
import { commandEffect, isContrary, likeness } from '../../src/playbook/command-effect.ts';
import { matchesStep } from '../../src/playbook/match.ts';
import type { Action, KubeRequest, ValueChange } from '../../src/recorder/action.ts';

const written = (changes: ValueChange[], rest: Partial<KubeRequest> = {}): KubeRequest => ({
  ...{ verb: 'patch', group: 'apps', version: 'v1', resource: 'deployments', status: 200 },
  ...{ namespace: 'shop', name: 'checkout', paths: changes.map(({ path }) => path), changes },
  ...rest,
});
const replicas = (from: number | undefined, to: number) =>
  written([{ path: 'spec.replicas', ...(from !== undefined && { from }), to }]);

describe('what a line of kubectl writes', () => {
  it.each<[string, string, [string, unknown][]]>([
    ['kubectl -n shop scale deployment checkout --replicas=4', 'write', [['spec.replicas', 4]]],
    ['kubectl scale deploy/checkout --replicas 0 -n shop', 'write', [['spec.replicas', 0]]],
    [
      `kubectl patch -n batch job.batch/report-export -p '{"spec":{"suspend":true}}'`,
      'write',
      [['spec.suspend', true]],
    ],
    [
      `kubectl patch job x --type=json -p '[{"op":"replace","path":"/spec/parallelism","value":0}]'`,
      'write',
      [['spec.parallelism', 0]],
    ],
    [
      'kubectl set image deployment/checkout app=shop:2',
      'write',
      [['spec.template.spec.containers[name=app].image', 'shop:2']],
    ],
    ['kubectl label deployment checkout tier-', 'write', [['metadata.labels.tier', null]]],
    ['kubectl delete job report-export -n batch --wait=false', 'delete', []],
    ['kubectl -n shop rollout restart deployment checkout', 'restart', []],
    ['kubectl uncordon node-b', 'write', [['spec.unschedulable', null]]],
  ])('%s', (line, verb, values) => {
    const effect = commandEffect(line);
    expect(effect?.verb).toBe(verb);
    expect([...(effect?.values ?? [])]).toEqual(values);
  });

  it.each([
    'kubectl get pods -A',
    'misfortune dash shop-overview',
    'kubectl -n shop logs deployment/edge',
    "kubectl patch job x -p '{broken'",
    '',
  ])('%j writes nothing that is known', (line) => {
    expect(commandEffect(line)).toBeUndefined();
  });
});

describe('a write and a command', () => {
  const four = commandEffect('kubectl -n shop scale deployment checkout --replicas=4')!;

  it.each<[KubeRequest, 'same' | 'direction' | undefined, boolean]>([
    [replicas(2, 4), 'same', false],
    [replicas(2, 7), 'direction', false],
    [replicas(3, 1), undefined, true],
    [replicas(6, 5), 'direction', false],
    [{ ...replicas(2, 4), name: 'edge' }, undefined, false],
    [{ ...replicas(2, 4), namespace: 'other' }, undefined, false],
    [written([{ path: 'spec.paused', to: true }]), undefined, false],
  ])('%# are as like as their values and directions', (request, like, contrary) => {
    expect([likeness(four, request), isContrary(four, request)]).toEqual([like, contrary]);
  });

  it('un-suspending is contrary to suspending', () => {
    const line = commandEffect(`kubectl -n shop patch deployment checkout -p '{"spec":{"suspend":true}}'`)!;
    expect(isContrary(line, written([{ path: 'spec.suspend', from: true, to: false }]))).toBe(true);
    expect(isContrary(line, written([{ path: 'spec.suspend', to: true }]))).toBe(false);
  });
});

describe('a match with a direction', () => {
  const action = (request: KubeRequest): Action => ({
    ...{ id: 'a', at: 0, until: 0, who: 'a', surface: 'kubectl', effect: 'mutate', title: '' },
    requests: [request],
  });
  const fits = (kube: object, request: KubeRequest) => matchesStep({ kube }, action(request));

  it('wants the value that is set, the number raised or lowered', () => {
    expect(fits({ raises: ['spec.replicas'] }, replicas(2, 3))).toBe(true);
    expect(fits({ raises: ['spec.replicas'] }, replicas(3, 2))).toBe(false);
    expect(fits({ lowers: ['spec.replicas'] }, replicas(undefined, 0))).toBe(true);
    const suspended = written([{ path: 'spec.suspend', from: false, to: true }]);
    expect(fits({ sets: { 'spec.suspend': true } }, suspended)).toBe(true);
    expect(fits({ sets: { 'spec.suspend': false } }, suspended)).toBe(false);
  });

  it('goes by the paths of an old log, which has no values', () => {
    const { changes: _, ...old } = replicas(2, 3);
    expect(fits({ lowers: ['spec.replicas'] }, old)).toBe(true);
    expect(fits({ lowers: ['spec.parallelism'] }, old)).toBe(false);
  });

  it('does not take a patch that changed nothing for a write, or one whose outcome is not known', () => {
    expect(fits({ verb: ['patch'] }, written([]))).toBe(false);
    expect(fits({ verb: ['patch'] }, { ...replicas(2, 3), status: 503, outcome: 'unknown' })).toBe(false);
    expect(fits({ verb: ['patch'] }, { ...replicas(2, 3), status: 503, outcome: 'changed' })).toBe(true);
  });
});
