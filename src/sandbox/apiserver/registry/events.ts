import type { KubeObject } from '../../api.ts';
import { invalidValue } from '../validation/rules.ts';
import type { ResourceDefinition } from './definition.ts';

/** Events of both groups are one kind of stored object: v1 is what is stored (see event-conversion.ts). */
export const events: ResourceDefinition = {
  group: '',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  singular: 'event',
  shortNames: ['ev'],
  namespaced: true,
  model: 'CoreV1Event',
  storageVersionHash: 'r2yiGXH7wu8=',
  createOnUpdate: true,
  validate(event) {
    const about: string | undefined = event.involvedObject?.namespace;
    const home = event.metadata.namespace;
    if ((about ?? 'default') === home || (about === undefined && home === 'kube-system')) return [];
    return [invalidValue('involvedObject.namespace', about ?? '', 'does not match event.namespace')];
  },
  fields: eventFields,
  fieldNames: [
    'involvedObject.kind',
    'involvedObject.namespace',
    'involvedObject.name',
    'involvedObject.uid',
    'involvedObject.apiVersion',
    'involvedObject.resourceVersion',
    'involvedObject.fieldPath',
    'reason',
    'reportingComponent',
    'source',
    'type',
  ],
};

/** Under the names of both versions; which of them a client may use is up to its version's fieldNames. */
function eventFields(event: KubeObject): Record<string, string> {
  const object = event.involvedObject ?? {};
  const source = event.source?.component || event.reportingComponent || '';
  const fields: Record<string, string> = {
    reason: event.reason ?? '',
    reportingComponent: event.reportingComponent ?? '',
    reportingController: event.reportingComponent ?? '',
    source,
    'deprecatedSource.component': source,
    type: event.type ?? '',
  };
  for (const part of ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath']) {
    fields[`involvedObject.${part}`] = object[part] ?? '';
    fields[`regarding.${part}`] = object[part] ?? '';
  }
  return fields;
}
