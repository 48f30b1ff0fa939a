import { expect, it } from 'vitest';
import { takesBack } from '../../src/grade/playbook/undoing.ts';
import type { Action, KubeRequest } from '../../src/recorder/action.ts';

const action = (request: Partial<KubeRequest>): Action => ({
  ...{ id: 'a', at: 0, until: 0, who: 'alex', surface: 'kubectl', effect: 'mutate', title: '' },
  requests: [
    {
      verb: 'get',
      group: '',
      version: 'v1',
      resource: 'pods',
      namespace: 'shop',
      name: 'p',
      status: 200,
      ...request,
    },
  ],
});
const deleted = action({ verb: 'delete' });
const evicted = action({ verb: 'create', subresource: 'eviction' });
const made = action({ verb: 'create' });

it('an eviction takes away, like a delete, and is taken back by what makes the pod again', () => {
  expect(takesBack(evicted, deleted)).toBe(false);
  expect(takesBack(evicted, made)).toBe(true);
  expect(takesBack(made, evicted)).toBe(true);
});
