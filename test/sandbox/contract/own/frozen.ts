import { configMap, core, create, like, patch, refused, scene, topic } from './steps.ts';

const frozen = 'Forbidden: field is immutable when `immutable` is set';
const invalid = (kind: string, ...fields: string[]) => ({
  message: `${kind} "a" is invalid: ${fields.length > 1 ? `[${fields.map((field) => `${field}: ${frozen}`).join(', ')}]` : `${fields[0]}: ${frozen}`}`,
});

export const frozenObjects = topic('frozen', 'what says of itself that it is immutable', [
  scene('a ConfigMap keeps what it holds, and stays immutable; its labels may change', (ns) => {
    const path = `${core(ns, 'configmaps')}/a`;
    return [
      create(core(ns, 'configmaps'), { ...configMap('a'), binaryData: { b: 'AAEC' }, immutable: true }),
      refused(patch(path, { data: { a: '2' } }), 422, 'Invalid', invalid('ConfigMap', 'data')),
      refused(
        patch(path, { immutable: null, binaryData: { b: 'AAED' } }),
        422,
        'Invalid',
        invalid('ConfigMap', 'immutable', 'binaryData'),
      ),
      patch(
        path,
        { metadata: { labels: { seen: 'yes' } } },
        like({ metadata: { labels: { seen: 'yes' } }, data: { a: '1' }, immutable: true }),
      ),
    ];
  }),
  scene('a Secret does as well; one that only becomes immutable may change once more', (ns) => {
    const path = `${core(ns, 'secrets')}/a`;
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' }, data: { a: 'Yg==' } };
    return [
      create(core(ns, 'secrets'), secret),
      patch(path, { data: { a: 'Yw==' }, immutable: true }, like({ data: { a: 'Yw==' }, immutable: true })),
      refused(patch(path, { stringData: { a: 'd' } }), 422, 'Invalid', invalid('Secret', 'data')),
      refused(patch(path, { immutable: false }), 422, 'Invalid', invalid('Secret', 'immutable')),
    ];
  }),
]);
