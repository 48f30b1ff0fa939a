import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  HASH_LABEL,
  sameTemplate,
  templateHash,
  withHash,
} from '../../../src/sandbox/controllers/deployment/template-hash.ts';

const plain = { noNullPrototype: true };
const labels = fc.dictionary(fc.constantFrom('app', 'tier', 'zone'), fc.string(), plain);
const container = fc.record({ name: fc.string(), image: fc.string() }, plain);
const template = fc.record(
  {
    metadata: fc.record({ labels }, plain),
    spec: fc.record(
      {
        restartPolicy: fc.constantFrom('Always', 'Never'),
        containers: fc.array(container, { minLength: 1, maxLength: 3 }),
      },
      plain,
    ),
  },
  plain,
);

/** The same object with the keys of every object in the opposite order. */
function reversed<T>(value: T): T {
  if (Array.isArray(value)) return value.map(reversed) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, item]) => [key, reversed(item)]),
  ) as T;
}

test('the hash depends on what a template says, not on the order of its keys', () => {
  fc.assert(
    fc.property(template, template, (a, b) => {
      expect(templateHash(reversed(a))).toBe(templateHash(a));
      expect(templateHash(a) === templateHash(b)).toBe(sameTemplate(a, b));
    }),
  );
});

test('a template with its hash is still the same template, and hashes are fit for names', () => {
  fc.assert(
    fc.property(template, fc.nat({ max: 3 }), (a, collisions) => {
      const hash = templateHash(a, collisions);
      expect(hash).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{1,10}$/);
      const labelled = withHash(a, hash);
      expect(labelled.metadata?.labels).toHaveProperty([HASH_LABEL], hash);
      expect(sameTemplate(labelled, a)).toBe(true);
    }),
  );
});

test('after a collision the hash is another one', () => {
  const one = { metadata: { labels: { app: 'web' } }, spec: { containers: [] } };
  expect(new Set([0, 1, 2].map((collisions) => templateHash(one, collisions))).size).toBe(3);
});
