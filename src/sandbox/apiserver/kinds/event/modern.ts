/** Events as events.k8s.io/v1 shows them: the same stored objects under other field names. */

import type { KubeObject } from '../../../api.ts';
import type { OtherVersion } from '../definition.ts';

const renamed: [core: string, modern: string][] = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['reportingComponent', 'reportingController'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
];

/** `fieldNames` are those of the core version. */
export const modernEvents = (fieldNames: string[]): OtherVersion => ({
  group: 'events.k8s.io',
  model: 'EventsV1Event',
  fieldNames: fieldNames.map(modernName),
  view: { show: (event) => rename(event, 'events.k8s.io/v1', 1), read: (event) => rename(event, 'v1', 0) },
});

function modernName(field: string): string {
  return field
    .replace(/^involvedObject/, 'regarding')
    .replace(/^reportingComponent$/, 'reportingController')
    .replace(/^source$/, 'deprecatedSource.component');
}

function rename(event: KubeObject, apiVersion: string, to: 0 | 1): KubeObject {
  const names = new Map(renamed.map((pair) => [pair[1 - to]!, pair[to]!]));
  // The newer version leaves out what the older one writes empty.
  const entries = Object.entries(event)
    .filter(([, value]) => value !== '')
    .map(([field, value]) => [names.get(field) ?? field, value]);
  return { ...Object.fromEntries(entries), apiVersion } as KubeObject;
}
