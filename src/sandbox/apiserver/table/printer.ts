/** What a resource shows in `kubectl get`. */
import type { V1LabelSelector, V1PodTemplateSpec } from '@kubernetes/client-node';
import type { Json } from '../../../kubernetes.ts';
import type { KubeObject } from '../../api.ts';
import { modelOf } from '../schema/models.ts';
import { age } from './duration.ts';

/** A column as the Table format carries it. Priority 0 is always shown, 1 only with -o wide. */
export interface Column {
  name: string;
  type: 'string' | 'integer' | 'boolean' | 'date';
  format: '' | 'name' | 'quantity' | 'duration';
  description: string;
  priority: 0 | 1;
}

export interface Printer {
  columns: Column[];
  /** One cell per column. `now` in ms. */
  row(object: KubeObject, now: number): unknown[];
}

/** `about` is a model's field whose description is the column's (V1ObjectMeta.name), or the description itself. */
export function column(
  name: string,
  about: string,
  { priority = 0, type = 'string', format = '' }: Partial<Pick<Column, 'priority' | 'type' | 'format'>> = {},
): Column {
  const [model = '', field = ''] = /^\w+\.\w+$/.test(about) ? about.split('.') : [];
  const description = modelOf(model)?.fields[field]?.description ?? about;
  return { name, type, format, description, priority };
}

export const wide = { priority: 1 } as const;

export const nameColumn = column('Name', 'V1ObjectMeta.name', { format: 'name' });
export const ageColumn = column('Age', 'V1ObjectMeta.creationTimestamp');

export const templateColumns = (selector: string) => [
  column('Containers', 'Names of each container in the template.', wide),
  column('Images', 'Images referenced by each container in the template.', wide),
  column('Selector', selector, wide),
];

/** Cells of `templateColumns`. */
export function templateCells(spec: { template?: Json<V1PodTemplateSpec>; selector?: Selector }): string[] {
  const containers = spec.template?.spec?.containers ?? [];
  return [
    containers.map((container) => container.name).join(','),
    containers.map((container) => container.image).join(','),
    selectorText(spec.selector),
  ];
}

type Selector = V1LabelSelector;

/** A selector in the form of -l. */
export function selectorText(selector: Selector | undefined): string {
  if (!selector) return '<none>';
  const labels = Object.entries(selector.matchLabels ?? {}).map(([key, value]) => ({
    key,
    text: `${key}=${value}`,
  }));
  const expressions = (selector.matchExpressions ?? []).map(({ key, operator, values = [] }) => {
    const list = [...values].sort().join(',');
    const text =
      { In: `${key} in (${list})`, NotIn: `${key} notin (${list})`, Exists: key, DoesNotExist: `!${key}` }[
        operator
      ] ?? key;
    return { key, text };
  });
  const all = [...labels, ...expressions].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return all.length > 0 ? all.map(({ text }) => text).join(',') : '<none>';
}

/** The cell of `ageColumn`. */
export const created = (object: KubeObject, now: number) => age(object.metadata.creationTimestamp, now);

/** How many entries a map has. */
export const size = (value: object | undefined) => Object.keys(value ?? {}).length;

/** Labels in the form of -l. */
export function labelsText(labels: Record<string, string> | undefined): string {
  const entries = Object.entries(labels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.length > 0 ? entries.map(([key, value]) => `${key}=${value}`).join(',') : '<none>';
}
