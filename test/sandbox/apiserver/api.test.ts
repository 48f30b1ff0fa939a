import { describe, expect, it } from 'vitest';
import type { WatchEvent } from '../../../src/sandbox/api.ts';
import { createApi } from '../../../src/sandbox/apiserver/api.ts';

const clock = { now: () => Date.parse('2026-01-02T03:04:05Z') };

describe('the API inside its own process', () => {
  it('starts with the usual namespaces, each with a ServiceAccount and the CA', () => {
    const api = createApi({ clock, caPem: 'PEM' });
    const names = api.list('namespaces').map((namespace) => namespace.metadata.name);
    expect(names).toEqual(['default', 'kube-node-lease', 'kube-public', 'kube-system']);
    for (const name of names) {
      expect(api.get('serviceaccounts', name, 'default')).toBeDefined();
      expect(api.get('configmaps', name, 'kube-root-ca.crt')?.data).toEqual({ 'ca.crt': 'PEM' });
    }
    expect(api.get('services', 'default', 'kubernetes')?.spec.clusterIP).toBe('10.96.0.1');
  });

  it('shows a watch what exists and then each change in order, also changes made by listeners', () => {
    const api = createApi({ clock });
    const seen: string[] = [];
    const note = ({ type, object }: WatchEvent) =>
      seen.push(`${type} ${object.metadata.name} ${object.data?.n ?? ''}`);
    api.create('configmaps', configMap('a', '0'));
    const stopWriter = api.watch('configmaps', ({ object }) => {
      if (object.metadata.name !== 'a' || Number(object.data.n) >= 2) return;
      api.update('configmaps', 'default', 'a', (draft) => {
        draft.data.n = String(Number(draft.data.n) + 1);
        return draft;
      });
    });
    const stop = api.watch(
      'configmaps',
      (event) => event.object.metadata.namespace === 'default' && note(event),
    );
    expect(seen).toEqual(['ADDED a 2', 'ADDED kube-root-ca.crt ']);
    api.delete('configmaps', 'default', 'a');
    api.create('configmaps', configMap('a', '1'));
    expect(seen.slice(2)).toEqual(['DELETED a 2', 'ADDED a 1', 'MODIFIED a 2']);
    stop();
    stopWriter();
  });

  it('leaves the resourceVersion alone when a write changes nothing', () => {
    const api = createApi({ clock });
    const before = api.create('configmaps', configMap('a', '0'));
    expect(api.update('configmaps', 'default', 'a', (draft) => draft)).toBe(before);
    expect(api.update('configmaps', 'default', 'a', () => undefined)).toBe(before);
  });

  it('writes only the status through the status subresource, and everything else without it', () => {
    const api = createApi({ clock });
    api.create('deployments.apps', deployment);
    const change = (draft: { spec: { replicas: number }; status: object }) => {
      draft.spec.replicas = 7;
      draft.status = { replicas: 3 };
    };
    const status = api.update(
      'deployments.apps',
      'default',
      'web',
      (draft) => {
        change(draft as never);
        return draft;
      },
      { subresource: 'status' },
    );
    expect(status).toMatchObject({
      spec: { replicas: 1 },
      status: { replicas: 3 },
      metadata: { generation: 1 },
    });
    const spec = api.update('deployments.apps', 'default', 'web', (draft) => {
      draft.spec.replicas = 7;
      draft.status = { replicas: 9 };
      return draft;
    });
    expect(spec).toMatchObject({
      spec: { replicas: 7 },
      status: { replicas: 3 },
      metadata: { generation: 2 },
    });
  });
});

const configMap = (name: string, n: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
  data: { n },
});

const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'app', image: 'node:22' }] },
    },
  },
};
