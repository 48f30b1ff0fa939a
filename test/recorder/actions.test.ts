import { beforeEach, describe, expect, it } from 'vitest';
import type { Action, KubeRequest } from '../../src/recorder/action.ts';
import { Actions } from '../../src/recorder/actions.ts';
import { ManualClock } from '../game/manual-clock.ts';

let told: Map<string, Action>;
let clock: ManualClock;
let recorded: Actions;
beforeEach(() => {
  told = new Map();
  clock = new ManualClock();
  recorded = new Actions('alex', clock, (action) => told.set(action.id, action));
});

const pods: KubeRequest = {
  verb: 'list',
  group: '',
  version: 'v1',
  resource: 'pods',
  namespace: 'shop',
  status: 200,
};
const into = (...command: string[]): KubeRequest => ({
  ...pods,
  ...{ verb: 'connect', subresource: 'exec', name: 'edge-a', status: 101, command },
});

function tell(caller: { session?: string; command?: string }, ...requests: KubeRequest[]): Action[] {
  const whole = { userAgent: 'k9s', ...caller };
  for (const request of requests) {
    const id = recorded.begin(whole, ['patch', 'delete', 'update'].includes(request.verb));
    recorded.answered(id, whole, request);
  }
  recorded.flushAll();
  return [...told.values()];
}

describe('kubectl cp', () => {
  const cp = { session: 's', command: 'kubectl cp' };

  it('into a pod is a change, and says where to', () => {
    const [action] = tell(cp, into('test', '-d', '/srv'), into('tar', '-xmf', '-', '-C', '/srv'));
    expect(action).toMatchObject({
      effect: 'mutate',
      title: 'kubectl cp edge-a -n shop (copies into /srv)',
    });
    expect(action?.requests).toHaveLength(2);
  });

  it.each([
    [['tar', 'cf', '-', '/srv/export.txt'], 'read'],
    [['tar', 'cf', '-', 'export'], 'read'],
    [['tar', '--create', '-X', 'list'], 'read'],
    [['/bin/tar', 'xf', '-'], 'mutate'],
    [['tar', '--no-same-permissions', '-xmf', '-'], 'mutate'],
    [['ls', '-x'], 'read'],
  ])('runs %j: %s', (command, effect) => {
    expect(tell(cp, into(...command))[0]?.effect).toBe(effect);
  });
});

describe('a client that does not tell its processes apart', () => {
  const patch: KubeRequest = { ...pods, verb: 'patch', name: 'edge-a' };

  it('has looked at a list that was open for a while before it writes', () => {
    const k9s = { userAgent: 'k9s' };
    for (let times = 0; times < 4; times++) {
      recorded.answered(recorded.begin(k9s), k9s, { ...pods });
      clock.advance(1_500);
    }
    const actions = tell({}, { ...patch });
    expect(actions.map(({ effect }) => effect).sort()).toEqual(['mutate', 'read']);
    expect(actions.flatMap(({ requests }) => requests).some(({ aside }) => aside)).toBe(false);
  });

  it('has not looked at what it lists in the moment in which it writes', () => {
    const actions = tell({}, { ...pods }, { ...patch });
    expect(actions[0]?.requests).toMatchObject([{ verb: 'list', aside: true }]);
  });
});
