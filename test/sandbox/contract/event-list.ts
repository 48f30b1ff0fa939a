/** The Events of a namespace, compared as a set. */
import { matches } from './compare.ts';
import type { Bindings } from './placeholders.ts';

type Fields = Record<string, unknown>;

/** Every recorded event must be there; more than that is refused only for a reason that was not recorded. */
export function compareEvents(expected: Fields[], items: unknown[], bindings: Bindings): string | undefined {
  const actual = items.map((item) => cutDown(item as Fields));
  for (const event of expected) {
    const { count: _count, ...rest } = event;
    if (!actual.some((candidate) => matches(rest, candidate, bindings))) {
      const near = actual.filter((candidate) => candidate.reason === event.reason);
      return `expected the event ${JSON.stringify(event)}, saw ${JSON.stringify(near.length > 0 ? near : actual.map((a) => a.reason))}`;
    }
  }
  const reasons = new Set(expected.map(({ reason }) => reason));
  const strange = actual.find(({ reason }) => !reasons.has(reason));
  return strange && `expected no event like ${JSON.stringify(strange)}`;
}

function cutDown(event: Fields): Fields {
  const object = (event.involvedObject ?? {}) as Fields;
  const source = (event.source ?? {}) as Fields;
  return {
    object: `${object.kind}/${object.name}`,
    ...(object.fieldPath ? { fieldPath: object.fieldPath } : {}),
    type: event.type,
    reason: event.reason,
    message: event.message,
    ...(event.action ? { action: event.action } : {}),
    ...(event.series ? { series: event.series } : {}),
    component: source.component || event.reportingComponent,
  };
}
