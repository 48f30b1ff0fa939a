import { describe, expect, it } from 'vitest';
import type { Movement } from '../../src/grade/dashboards/movement.ts';
import { withoutSuccession } from '../../src/grade/dashboards/succession.ts';

const movement = (kind: Movement['kind'], pod: string, value: number, more = {}): Movement => ({
  labels: { namespace: 'shop', pod, container: 'app', ...more },
  ...{ kind, moved: true, noisy: false, score: 50, placebo: 0, z: 50, d: 1 },
  before: kind === 'appeared' ? null : value,
  during: kind === 'vanished' ? null : value,
});
const left = (...movements: Movement[]) => withoutSuccession(movements).map(({ labels }) => labels.pod);

describe('series of pods that came and went', () => {
  it.each([
    ['a Deployment', 'storefront-6b45fb479d-kncvx', 'storefront-898494c85-gvs7t'],
    ['a DaemonSet or Job', 'proxy-kncvx', 'proxy-gvs7t'],
    ['a CronJob', 'backup-29870515-hjcmr', 'backup-29870516-gvs7t'],
  ])('are one where the pods of %s show the same', (_, old, next) => {
    expect(left(movement('vanished', old, 1), movement('appeared', next, 1))).toEqual([]);
    expect(left(movement('level', old, 1), movement('appeared', next, 1, { uid: 'other' }))).toEqual([old]);
  });

  it('are one where an old ReplicaSet is at 0 and a new one has its pods', () => {
    const [old, next] = ['ingress-6b45fb479d', 'ingress-898494c85'];
    expect(left({ ...movement('level', old, 1), during: 0 }, movement('appeared', next, 1))).toEqual([]);
  });

  it('stay where a pod went or stopped and no new one came, though others of its workload go on', () => {
    const [gone, other] = ['checkout-6b45fb479d-kncvx', 'checkout-6b45fb479d-gvs7t'];
    const goesOn = { ...movement('level', other, 10), moved: false };
    expect(left(movement('vanished', gone, 10), goesOn)).toContain(gone);
    expect(left({ ...movement('level', gone, 10), during: 0 }, goesOn)).toContain(gone);
  });

  it('stay apart where the new one shows something else', () => {
    const [old, next] = ['storefront-6b45fb479d-kncvx', 'storefront-898494c85-gvs7t'];
    expect(left(movement('vanished', old, 1), movement('appeared', next, 0.4))).toEqual([old, next]);
  });

  it('stay where nothing was there before: a Job that nobody knew, another container, another namespace', () => {
    const hidden = movement('appeared', 'report-export-kncvx', 1);
    expect(left(movement('level', 'checkout-6b45fb479d-kncvx', 1), hidden)).toContain('report-export-kncvx');
    for (const more of [{ container: 'side-car' }, { namespace: 'batch' }])
      expect(left(movement('level', 'report-export-gvs7t', 1, more), hidden)).toContain(
        'report-export-kncvx',
      );
  });
});
