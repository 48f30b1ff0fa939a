import { describe, expect, it } from 'vitest';
import { parseSource } from '../../../src/document/read.ts';
import type { Case } from '../../../src/game/validate/cases.ts';
import { selectCases, shardOf } from '../../../src/game/validate/select.ts';

const one = (kind: Case['kind'], name: string) => ({ kind, name, skip: '' }) as Case;
const document = (file: string) => parseSource(file, 'name: x').document!;
const sources = { scenario: document('s.yaml'), playbook: document('p.yaml') };
const all = [
  {
    sources,
    scenario: 'haymaker',
    cases: [one('fixes', 'delete the job'), one('nothing', 'until the time-out')],
  },
  { sources, scenario: 'other', cases: [one('fixes', 'put it back'), one('nothing', 'until the time-out')] },
];
const chosen = (selection: Parameters<typeof selectCases>[1]) =>
  selectCases(all, selection).flatMap(({ scenario, cases }) =>
    cases.map(({ name }) => `${scenario}: ${name}`),
  );

describe('the cases to run', () => {
  it('are all, or those of a kind, or those of a name', () => {
    expect(chosen({})).toHaveLength(4);
    expect(chosen({ kinds: ['fixes'] })).toEqual(['haymaker: delete the job', 'other: put it back']);
    expect(chosen({ names: ['until the time-out'] })).toHaveLength(2);
    expect(chosen({ kinds: ['fixes'], names: ['put it back'] })).toEqual(['other: put it back']);
  });

  it('are never none: a word that is not known, or words that fit nothing together, are wrong use', () => {
    const refused = (selection: Parameters<typeof selectCases>[1]) => {
      try {
        selectCases(all, selection);
      } catch (error) {
        return error;
      }
      return undefined;
    };
    expect(refused({ kinds: ['fixs'] })).toMatchObject({ exitCode: 2, todo: 'Did you mean "fixes"?' });
    expect(refused({ names: ['delete teh job'] })).toMatchObject({ todo: 'Did you mean "delete the job"?' });
    expect(refused({ names: ['foo'] }), 'case C2').toMatchObject({
      message: 'There is no case "foo" in haymaker, other.',
    });
    expect(refused({ kinds: ['nothing'], names: ['put it back'] })).toMatchObject({ code: 'unknown-case' });
  });
});

describe('shards', () => {
  const all = ['a', 'b', 'c', 'd', 'e'];

  it('have each scenario once, together all of them', () => {
    for (const of of [1, 2, 3, 7]) {
      const parts = Array.from({ length: of }, (_, index) => shardOf(all, `${index + 1}/${of}`));
      expect(parts.flat().sort()).toEqual(all);
    }
  });

  it.each(['0/2', '3/2', '2', 'a/b', '1/0', '1/2/3'])('are not %s', (text) => {
    expect(() => shardOf(all, text)).toThrow('Expected --shard as 1/4');
  });
});
