import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { namesIn, substitute } from '../../src/document/substitute.ts';

const values = { rate: 600, culprit: 'job.batch/batch/report-export', list: [1, 2], on: true };
const fill = (value: unknown) => substitute(value, values).value;

describe('a param', () => {
  it('alone keeps its type', () => {
    expect(fill({ a: '${rate}', b: ['${list}'], c: '${on}' })).toEqual({ a: 600, b: [[1, 2]], c: true });
  });

  it('inside a text is written into it', () => {
    expect(fill('at ${rate}/s, ${on}')).toBe('at 600/s, true');
  });

  it('that is a reference becomes kubectl’s words in a run line and stays itself elsewhere', () => {
    expect(fill({ run: ['kubectl delete ${culprit}'], ref: '${culprit}', say: 'Stop ${culprit}.' })).toEqual({
      run: ['kubectl delete -n batch job.batch/report-export'],
      ref: 'job.batch/batch/report-export',
      say: 'Stop job.batch/batch/report-export.',
    });
  });

  it('that is a reference gives its parts', () => {
    const text = 'kubectl -n ${culprit.namespace} get ${culprit.kind} ${culprit.name}';
    expect(fill({ run: text })).toEqual({ run: 'kubectl -n batch get job report-export' });
  });

  it('that is not known is reported with the nearest name and its path', () => {
    expect(substitute({ a: ['x ${rat}'] }, values).unknown).toEqual([
      {
        name: 'rat',
        code: 'unknown-param',
        path: ['a', 0],
        message: 'Nothing is known by the name ${rat}.',
        todo: 'Did you mean "rate"?',
      },
    ]);
  });

  it('is refused in a key, where nothing is filled in', () => {
    expect(substitute({ nodeSelector: { '${rate}': 'x', '$${kept}': 'y' } }, values).unknown).toEqual([
      {
        name: 'rate',
        code: 'param-in-key',
        path: ['nodeSelector', '${rate}'],
        message: '${rate} stands in a key, where nothing is filled in.',
        todo: 'Write the key as it is to be.',
      },
    ]);
  });

  it('is not seen behind a second dollar sign', () => {
    expect(fill('echo $${HOME}')).toBe('echo ${HOME}');
    expect(namesIn('echo $${HOME} ${rate}')).toEqual(['rate']);
  });

  it('changes nothing in a value without any', () => {
    const plain = fc.jsonValue().filter((value) => !JSON.stringify(value).includes('$'));
    fc.assert(
      fc.property(plain, (value) => {
        expect(fill(value)).toEqual(value);
      }),
    );
  });
});
