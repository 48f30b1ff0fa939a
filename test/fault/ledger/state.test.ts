import { expect, it } from 'vitest';
import { ledgerState } from '../../../src/fault/ledger/state.ts';
import type { Preimage } from '../../../src/recorder/action.ts';

const create = (sequence: number): Preimage => ({
  ...{ sequence, actionId: 'a', at: 0, who: 'alex', verb: 'create' },
  ...{
    apiVersion: 'v1',
    kind: 'ConfigMap',
    resource: 'configmaps',
    namespace: 'shop',
    name: `c-${sequence}`,
  },
});
const state = (...preimages: Preimage[]) =>
  ledgerState(preimages.map((preimage) => ({ type: 'responder', preimage })));

it('a write of a responder that the API server refused is no change, however often that is told', () => {
  const refused = { ...create(2), refused: true as const };
  const { changes } = state(create(1), create(2), refused, refused);
  expect(changes).toEqual([{ by: 'responder', preimage: create(1) }]);
});

it('a write whose answer came is one change, with the answer', () => {
  const after = { kind: 'ConfigMap' };
  expect(state(create(1), { ...create(1), after }).changes).toEqual([
    { by: 'responder', preimage: { ...create(1), after } },
  ]);
});
