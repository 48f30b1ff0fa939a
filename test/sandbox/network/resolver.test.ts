import type { V1PodSpec } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import { resolvConf, resolverOf } from '../../../src/sandbox/network/resolver.ts';

const conf = (spec: Partial<V1PodSpec>): string =>
  resolvConf(resolverOf('shop', { containers: [], ...spec }));

test.each<[string, Partial<V1PodSpec>, string]>([
  [
    'without anything',
    {},
    'search shop.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n',
  ],
  [
    'ClusterFirst and a dnsConfig',
    { dnsConfig: { nameservers: ['1.2.3.4'], searches: ['a.b'], options: [{ name: 'ndots', value: '2' }] } },
    'search shop.svc.cluster.local svc.cluster.local cluster.local a.b\nnameserver 10.96.0.10\nnameserver 1.2.3.4\noptions ndots:2\n',
  ],
  ['None', { dnsPolicy: 'None', dnsConfig: { nameservers: ['192.0.2.53'] } }, 'nameserver 192.0.2.53\n'],
  ['Default', { dnsPolicy: 'Default' }, 'nameserver 192.168.49.1\n'],
  ['hostNetwork', { hostNetwork: true, dnsPolicy: 'ClusterFirst' }, 'nameserver 192.168.49.1\n'],
])('the resolv.conf of a pod with %s', (_, spec, text) => {
  expect(conf(spec)).toBe(text);
});
