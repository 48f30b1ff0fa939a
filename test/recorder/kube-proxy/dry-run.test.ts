import { describe, expect, it } from 'vitest';
import { asksForDryRun } from '../../../src/recorder/kube-proxy/dry-run.ts';
import { parseKubeRequest } from '../../../src/recorder/kube-proxy/request.ts';

const pod = '/api/v1/namespaces/shop/pods/a';
const asks = (method: string, path: string, body: Buffer | object) =>
  asksForDryRun(
    parseKubeRequest(method, path)!,
    Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body)),
  );
const message = (number: number, content: Buffer | string) =>
  Buffer.concat([Buffer.from([number * 8 + 2, content.length]), Buffer.from(content)]);
const envelope = (object: Buffer) => Buffer.concat([Buffer.from('k8s\0', 'latin1'), message(2, object)]);

describe('a dry run that only the body of a write tells', () => {
  it.each([
    ['a delete', 'DELETE', pod, { dryRun: ['All'] }],
    [
      'a delete of many',
      'DELETE',
      '/api/v1/namespaces/shop/pods',
      { kind: 'DeleteOptions', dryRun: ['All'] },
    ],
    ['an eviction', 'POST', `${pod}/eviction`, { deleteOptions: { dryRun: ['All'] } }],
    ['a delete in protobuf', 'DELETE', pod, envelope(message(5, 'All'))],
    ['an eviction in protobuf', 'POST', `${pod}/eviction`, envelope(message(2, message(5, 'All')))],
  ])('is %s', (_, method, path, body) => {
    expect(asks(method, path, body)).toBe(true);
  });

  it.each([
    ['a delete', 'DELETE', pod, { propagationPolicy: 'Background' }],
    ['a delete without a body', 'DELETE', pod, Buffer.alloc(0)],
    ['an eviction whose own field is called so', 'POST', `${pod}/eviction`, { dryRun: ['All'] }],
    ['an object with such a field', 'POST', '/api/v1/namespaces/shop/pods', { dryRun: ['All'] }],
  ])('is not %s', (_, method, path, body) => {
    expect(asks(method, path, body)).toBe(false);
  });
});
