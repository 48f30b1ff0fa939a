import type { LabelSelector, NodeSelectorRequirement } from './kinds.ts';

type Labels = Record<string, string> | undefined;

/** A label may be called `constructor`, which every object inherits: only its own ones count. */
const ownLabel = (labels: Labels, key: string) =>
  labels && Object.hasOwn(labels, key) ? labels[key] : undefined;

/** Whether a LabelSelector object matches. As in Kubernetes, an empty selector matches everything. */
export function matchesSelector(selector: LabelSelector, labels: Labels): boolean {
  if (!matchesLabels(selector.matchLabels ?? {}, labels)) return false;
  return (selector.matchExpressions ?? []).every((one) => meets(one, ownLabel(labels, one.key)));
}

/** Whether a value meets one requirement; undefined where the label is missing. Only nodes are asked for Gt and Lt. */
export function meets(
  { operator, values = [] }: Pick<NodeSelectorRequirement, 'operator' | 'values'>,
  value: string | undefined,
): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return value !== undefined && Number(value) > Number(values[0]);
    case 'Lt':
      return value !== undefined && Number(value) < Number(values[0]);
    default:
      return false;
  }
}

/** Whether all of `wanted` are among `labels` (Service and node selectors). */
export function matchesLabels(wanted: Record<string, string>, labels: Labels): boolean {
  return Object.entries(wanted).every(([key, value]) => ownLabel(labels, key) === value);
}

/** Whether the selector names nothing, i.e. would select every object. */
export function isEmptySelector(selector: LabelSelector): boolean {
  return (
    Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0
  );
}
