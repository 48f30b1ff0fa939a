import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changedPaths } from '../../src/recorder/changed-paths.ts';

describe('the paths that a write changed', () => {
  it('names list elements by their identity', () => {
    const before = {
      spec: {
        containers: [
          { name: 'app', image: 'a:1' },
          { name: 'side', image: 'b' },
        ],
      },
    };
    const after = {
      spec: {
        containers: [
          { name: 'side', image: 'b' },
          { name: 'app', image: 'a:2' },
        ],
      },
    };
    expect(changedPaths(before, after)).toEqual(['spec.containers[name=app].image']);
  });

  it('quotes keys with dots and leaves the bookkeeping of the API server out', () => {
    const before = {
      metadata: { resourceVersion: '1', annotations: {} },
      data: { 'a.yaml': 'x' },
      status: { a: 1 },
    };
    const after = {
      metadata: { resourceVersion: '2', annotations: { 'k.io/at': 'now' } },
      data: { 'a.yaml': 'y' },
      status: { a: 2 },
    };
    expect(changedPaths(before, after)).toEqual(['metadata.annotations["k.io/at"]', 'data["a.yaml"]']);
  });

  it('finds nothing between equal objects, and something between different ones', () => {
    const object = fc.dictionary(fc.constantFrom('spec', 'data', 'x'), fc.jsonValue());
    fc.assert(
      fc.property(object, object, (a, b) => {
        expect(changedPaths(a, structuredClone(a))).toEqual([]);
        if (changedPaths(a, b).length === 0) expect(sorted(a)).toEqual(sorted(b));
      }),
    );
  });
});

/** JSON with sorted keys; an empty list and an absent one mean the same to Kubernetes. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map(sorted);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value)
        .map(([key, inner]) => [key, sorted(inner)])
        .sort(),
    );
  return Object.is(value, -0) ? 0 : value;
}
