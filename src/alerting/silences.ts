import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { LabelSet } from '../promql/series/labels.ts';
import { type Matcher, matcher } from '../promql/series/matcher.ts';
import { matchesAll } from './matcher.ts';

const silenceSchema = z.object({
  id: z.string().optional(),
  matchers: z
    .array(
      z.object({
        name: z.string().min(1),
        value: z.string(),
        isRegex: z.boolean(),
        isEqual: z.boolean().default(true),
      }),
    )
    .min(1),
  startsAt: z.iso.datetime({ offset: true }),
  endsAt: z.iso.datetime({ offset: true }),
  createdBy: z.string(),
  comment: z.string(),
});

type SilenceMatcher = z.infer<typeof silenceSchema>['matchers'][number];

/** Times are ms since epoch. */
interface Silence {
  readonly id: string;
  readonly matchers: readonly SilenceMatcher[];
  readonly compiled: readonly Matcher[];
  readonly startsAt: number;
  endsAt: number;
  updatedAt: number;
  readonly createdBy: string;
  readonly comment: string;
}

/** A silence that cannot be stored, or is not there. */
export class SilenceError extends Error {
  readonly status: 400 | 404;

  constructor(status: 400 | 404, message: string) {
    super(message);
    this.status = status;
  }
}

/** The silences of an Alertmanager. `now` is ms since epoch. */
export class Silences {
  readonly #silences = new Map<string, Silence>();

  /** Stores what was posted; a changed one replaces its predecessor, which expires. Returns the id. */
  put(body: unknown, now: number): string {
    const parsed = silenceSchema.safeParse(body);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw new SilenceError(400, `silence invalid: ${issue!.path.join('.')}: ${issue!.message}`);
    }
    const { id, matchers, createdBy, comment } = parsed.data;
    const startsAt = Date.parse(parsed.data.startsAt);
    const endsAt = Date.parse(parsed.data.endsAt);
    if (endsAt < startsAt) throw new SilenceError(400, 'start time must be before end time');
    if (endsAt < now) throw new SilenceError(400, "end time can't be in the past");
    const compiled = matchers.map(compile);
    if (compiled.every(({ matches }) => matches(''))) {
      throw new SilenceError(400, 'silence invalid: at least one matcher must not match the empty string');
    }
    if (id) this.expire(id, now);
    const stored = {
      matchers,
      compiled,
      startsAt: Math.max(startsAt, now),
      endsAt,
      updatedAt: now,
      createdBy,
      comment,
    };
    const newId = randomUUID();
    this.#silences.set(newId, { id: newId, ...stored });
    return newId;
  }

  /** Ends a silence now; it stays listed as expired. */
  expire(id: string, now: number): void {
    const silence = this.#find(id);
    silence.endsAt = Math.min(silence.endsAt, now);
    silence.updatedAt = now;
  }

  get(id: string, now: number): unknown {
    return format(this.#find(id), now);
  }

  list(filter: readonly Matcher[], now: number): unknown[] {
    return [...this.#silences.values()]
      .filter(({ matchers }) =>
        filter.every(({ name, matches }) => matchers.some((one) => one.name === name && matches(one.value))),
      )
      .map((silence) => format(silence, now));
  }

  /** Ids of the active silences of these labels. */
  silencing(labels: LabelSet, now: number): string[] {
    return [...this.#silences.values()]
      .filter((silence) => stateOf(silence, now) === 'active' && matchesAll(silence.compiled, labels))
      .map(({ id }) => id);
  }

  #find(id: string): Silence {
    const silence = this.#silences.get(id);
    if (!silence) throw new SilenceError(404, `silence ${id} not found`);
    return silence;
  }
}

function stateOf({ startsAt, endsAt }: Silence, now: number): 'active' | 'pending' | 'expired' {
  if (now >= endsAt) return 'expired';
  return now < startsAt ? 'pending' : 'active';
}

function format(silence: Silence, now: number): unknown {
  const { id, matchers, createdBy, comment } = silence;
  const iso = (ms: number) => new Date(ms).toISOString();
  return {
    id,
    status: { state: stateOf(silence, now) },
    updatedAt: iso(silence.updatedAt),
    comment,
    createdBy,
    endsAt: iso(silence.endsAt),
    matchers,
    startsAt: iso(silence.startsAt),
  };
}

function compile({ name, value, isRegex, isEqual }: SilenceMatcher): Matcher {
  try {
    return matcher(name, isRegex ? (isEqual ? '=~' : '!~') : isEqual ? '=' : '!=', value);
  } catch (error) {
    throw new SilenceError(400, `silence invalid: ${(error as Error).message}`);
  }
}
