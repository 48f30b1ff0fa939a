import { expect, it } from 'vitest';
import { readCreatedObject } from '../../../src/recorder/kube-proxy/created-object.ts';

const delimited = (number: number, content: Buffer | string): Buffer => {
  const bytes = Buffer.from(content as string);
  return Buffer.concat([Buffer.from([number * 8 + 2, bytes.length]), bytes]);
};
/** As `kubectl create configmap made` writes it, with a number before the name as any field may come. */
const protobuf = Buffer.concat([
  Buffer.from('k8s\0', 'latin1'),
  delimited(1, Buffer.concat([delimited(1, 'v1'), delimited(2, 'ConfigMap')])),
  delimited(2, delimited(1, Buffer.concat([Buffer.from([7 * 8, 0xac, 0x02]), delimited(1, 'made')]))),
]);

it('the object of a create is read from JSON and from protobuf', () => {
  const json = JSON.stringify({ kind: 'ConfigMap', metadata: { name: 'made' } });
  expect(readCreatedObject(Buffer.from(json))).toEqual({ kind: 'ConfigMap', name: 'made' });
  expect(readCreatedObject(protobuf)).toEqual({ kind: 'ConfigMap', name: 'made' });
});

it('an object without a name, or a body that is something else, gives none', () => {
  const unnamed = JSON.stringify({ kind: 'Pod', metadata: { generateName: 'made-' } });
  expect(readCreatedObject(Buffer.from(unnamed))).toEqual({ kind: 'Pod', name: '' });
  expect(readCreatedObject(Buffer.from('kind: ConfigMap'))).toBeUndefined();
  expect(readCreatedObject(Buffer.from([0x6b, 0x38, 0x73, 0, 0x0a, 0xff]))).toBeUndefined();
});
