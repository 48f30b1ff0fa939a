/** The Events of a namespace, compared as a set. */
import { matches } from './compare.ts';
import type { Bindings } from './placeholders.ts';

type Fields = Record<string, unknown>;

const kindOf = ({ object }: Fields) => String(object).split('/')[0];

/** Tries of pairing recorded with seen events: far more than a case needs. */
const MOST_TRIES = 20_000;

/**
 * Every recorded event must be there; more than that is refused only for a reason that was not recorded of a kind that was:
 * a recording may be about the controller's events alone.
 */
export function compareEvents(expected: Fields[], items: unknown[], bindings: Bindings): string | undefined {
  const actual = items.map((item) => cutDown(item as Fields));
  const unpaired = pairUp(expected, actual, bindings);
  if (unpaired) {
    const near = actual.filter(({ reason }) => reason === unpaired.reason);
    const seen = near.length > 0 ? near : actual.map(({ reason }) => reason);
    return `expected the event ${JSON.stringify(unpaired)}, saw ${JSON.stringify(seen)}`;
  }
  const kinds = new Set(expected.map(kindOf));
  const reasons = new Set(expected.map(({ reason }) => reason));
  const strange = actual.find((event) => kinds.has(kindOf(event)) && !reasons.has(event.reason));
  return strange && `expected no event like ${JSON.stringify(strange)}`;
}

/**
 * Finds a seen event for each recorded one. Which Pod is `<suffix:1>` shows only when all events of a case fit,
 * so a choice that leads nowhere is taken back. Returns the recorded event that got furthest without a partner.
 */
function pairUp(expected: Fields[], actual: Fields[], bindings: Bindings): Fields | undefined {
  let furthest = 0;
  let tries = 0;
  const taken = new Set<Fields>();
  const attempt = (index: number, known: Bindings): Bindings | undefined => {
    if (index === expected.length) return known;
    furthest = Math.max(furthest, index);
    const { count: _count, ...wanted } = expected[index]!;
    for (const candidate of actual) {
      const trial: Bindings = new Map(known);
      if (taken.has(candidate) || !matches(wanted, candidate, trial)) continue;
      tries += 1;
      if (tries > MOST_TRIES) return undefined;
      taken.add(candidate);
      const found = attempt(index + 1, trial);
      if (found) return found;
      taken.delete(candidate);
    }
    return undefined;
  };
  const found = attempt(0, bindings);
  if (!found) return expected[furthest];
  for (const [key, value] of found) bindings.set(key, value);
  return undefined;
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
