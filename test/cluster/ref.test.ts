import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatRef, kubectlWords, parseRef, tryParseRef } from '../../src/cluster/ref.ts';

const name = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,10}[a-z0-9])?$/);
const ref = fc
  .record({
    kind: fc.stringMatching(/^[a-z][a-z0-9]{0,10}$/),
    group: fc.option(fc.stringMatching(/^[a-z0-9]{1,6}(\.[a-z0-9]{1,5})?$/), { nil: undefined }),
    namespace: fc.option(name, { nil: undefined }),
    name,
  })
  .map(({ kind, group, namespace, name: own }) => ({
    kind,
    ...(group && { group }),
    ...(namespace && { namespace }),
    name: own,
  }));

it('reads back every reference it prints', () => {
  fc.assert(
    fc.property(ref, (each) => {
      expect(parseRef(formatRef(each))).toEqual(each);
    }),
  );
});

it('prints every text it reads as it was', () => {
  const texts = fc.oneof(ref.map(formatRef), fc.string());
  fc.assert(
    fc.property(texts, (text) => {
      const read = tryParseRef(text);
      if (read) expect(formatRef(read)).toBe(text);
    }),
  );
});

it.each(['', 'pod', 'Pod/x', 'a/b/c/d', '/quote', 'job.batch//x', 'deploy/', 'deploy/shop/'])(
  'refuses "%s"',
  (text) => {
    expect(() => parseRef(text)).toThrow('Expected a reference');
  },
);

it('becomes kubectl’s words', () => {
  expect(kubectlWords(parseRef('job.batch/batch/report-export'))).toBe('-n batch job.batch/report-export');
  expect(kubectlWords(parseRef('node/node-1'))).toBe('node/node-1');
});
