import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatPath, parseReadPath, readField } from '../../../src/cluster/fields/path.ts';

const object = {
  spec: { replicas: 2, containers: [{ name: 'app', image: 'node:20', ports: [{ port: 80 }] }] },
  data: { 'upstreams.yaml': 'x' },
  metadata: { annotations: { 'example.com/on.off': 'yes' } },
};

it.each([
  ['spec.replicas', 2],
  ['spec.containers[name=app].image', 'node:20'],
  ['spec.containers[0].ports[0].port', 80],
  ['data["upstreams.yaml"]', 'x'],
  ['data.upstreams.yaml', 'x'],
  ['metadata.annotations.example.com/on.off', 'yes'],
  ['spec.containers[name=other].image', undefined],
  ['spec.replicas.deeper', undefined],
  ['spec..replicas]', undefined],
])('reads %s', (path, value) => {
  expect(readField(object, path)).toEqual(value);
});

it('reads back every path it prints', () => {
  const key = fc.string({ minLength: 1, maxLength: 8 });
  const where = fc
    .tuple(fc.stringMatching(/^[a-z]{1,5}$/), fc.stringMatching(/^[a-z0-9.-]{0,8}$/))
    .map(([word, equals]) => ({ [word]: equals }));
  const port = fc.nat(65535).map((number) => ({ containerPort: number }));
  const step = fc.oneof(key, fc.nat(99), where, port);
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 5 }), (steps) => {
      expect(parseReadPath(formatPath(steps))).toEqual(steps);
    }),
  );
});
