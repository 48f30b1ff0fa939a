import type { KubeObject } from '../../../api.ts';
import { age } from '../../table/duration.ts';
import { column, nameColumn, wide } from '../../table/printer.ts';
import { invalidValue } from '../../validation/rules.ts';
import { editable } from '../access.ts';
import type { ResourceDefinition } from '../definition.ts';
import { modernEvents } from './modern.ts';

const fieldNames = [
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
];

/** Events of both groups are one kind of stored object: v1 is what is stored. */
export const events: ResourceDefinition = {
  group: '',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  singular: 'event',
  shortNames: ['ev'],
  namespaced: true,
  model: 'CoreV1Event',
  zeros: {
    omitted: ['CoreV1Event.count', 'CoreV1EventSeries.count'],
    written: {
      CoreV1Event: {
        source: {},
        firstTimestamp: null,
        lastTimestamp: null,
        eventTime: null,
        reportingComponent: '',
        reportingInstance: '',
      },
    },
  },
  quota: { ignored: true },
  access: editable,
  storageVersionHash: 'r2yiGXH7wu8=',
  createOnUpdate: true,
  validate(event) {
    const about: string | undefined = event.involvedObject?.namespace;
    const home = event.metadata.namespace;
    if ((about ?? 'default') === home || (about === undefined && home === 'kube-system')) return [];
    return [invalidValue('involvedObject.namespace', about ?? '', 'does not match event.namespace')];
  },
  fields: eventFields,
  fieldNames,
  versions: [modernEvents(fieldNames)],
  table: {
    columns: [
      column('Last Seen', 'CoreV1Event.lastTimestamp'),
      column('Type', 'CoreV1Event.type'),
      column('Reason', 'CoreV1Event.reason'),
      column('Object', 'The object that this event is about.'),
      column('Subobject', 'V1ObjectReference.fieldPath', wide),
      column(
        'Source',
        'The component reporting this event. Should be a short machine understandable string.',
        wide,
      ),
      column('Message', 'V1Status.message'),
      column('First Seen', 'CoreV1Event.firstTimestamp', wide),
      column('Count', 'CoreV1Event.count', wide),
      { ...nameColumn, priority: 1 },
    ],
    row(event, now) {
      const first = event.firstTimestamp ?? event.eventTime;
      const last = event.series?.lastObservedTime ?? event.lastTimestamp ?? first;
      const object = event.involvedObject ?? {};
      const component = event.source?.component || event.reportingComponent || '';
      const host = event.source?.host || event.reportingInstance || '';
      return [
        age(last, now),
        event.type ?? '',
        event.reason ?? '',
        object.name
          ? `${String(object.kind ?? '').toLowerCase()}/${object.name}`
          : String(object.kind).toLowerCase(),
        object.fieldPath ?? '',
        host ? `${component}, ${host}` : component,
        String(event.message ?? '').trim(),
        age(first, now),
        event.series?.count ?? event.count ?? 1,
        event.metadata.name,
      ];
    },
  },
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
