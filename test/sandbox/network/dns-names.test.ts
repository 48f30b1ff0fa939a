import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PodAddresses } from '../../../src/sandbox/network/addresses.ts';
import { clusterName, fullNames } from '../../../src/sandbox/network/dns-names.ts';

const clusterNames = (host: string, namespace: string) =>
  fullNames(host, namespace).flatMap((name) => clusterName(name) ?? []);

const label = fc
  .stringMatching(/^[a-z][a-z0-9]{0,8}$/)
  .filter((name) => !['svc', 'pod', 'cluster', 'local'].includes(name));

test('a short name is a service of the pod’s own namespace first', () => {
  fc.assert(
    fc.property(label, label, (name, namespace) => {
      expect(clusterNames(name, namespace)[0]).toEqual({ kind: 'service', name, namespace });
    }),
  );
});

test('the full name is the same service from every namespace', () => {
  fc.assert(
    fc.property(label, label, label, (name, namespace, from) => {
      const wanted = { kind: 'service', name, namespace };
      expect(clusterNames(`${name}.${namespace}.svc.cluster.local`, from)).toContainEqual(wanted);
      expect(clusterNames(`${name}.${namespace}.svc.cluster.local.`, from)).toEqual([wanted]);
      expect(clusterNames(`${name}.${namespace}`, from)).toContainEqual(wanted);
    }),
  );
});

test('a pod’s address has a name', () => {
  expect(clusterNames('10-244-1-7.shop.pod.cluster.local.', 'default')).toEqual([
    { kind: 'pod', ip: '10.244.1.7' },
  ]);
});

test('pods never share an address, and one that was freed is not used again at once', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 300 }), (frees) => {
      const addresses = new PodAddresses(['node-a']);
      const held = new Map<string, string>();
      let last = '';
      for (const [index, free] of frees.entries()) {
        const ip = addresses.allocate('node-a', `pod-${index}`);
        expect([...held.values()]).not.toContain(ip);
        expect(ip).not.toBe(last);
        held.set(`pod-${index}`, ip);
        last = ip;
        if (free || held.size > 200) {
          addresses.release(`pod-${index}`);
          held.delete(`pod-${index}`);
        }
      }
    }),
  );
});
