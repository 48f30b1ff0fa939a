import { z } from 'zod';
import { parseDuration } from '../promql/duration.ts';
import { timeIntervalSchema } from './time-intervals.ts';

/** YAML's numbers and booleans stand for their text, as in Go. */
const text = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const texts = z.array(text).nullish();
const match = z.record(z.string(), text).nullish();
const duration = text.refine(
  (value) => parseDuration(value) !== undefined,
  'Expected a duration such as 30s',
);

const integrations = z.array(
  z.looseObject({ url: z.string().optional(), send_resolved: z.boolean().optional() }),
);
/** How many there are is all that is kept of another's: they hold addresses and keys. */
const counted = z.unknown().transform((list): z.output<typeof integrations> => {
  return Array.isArray(list) ? list.map(() => ({})) : [];
});

function fileSchema({ isForeign }: { isForeign: boolean }) {
  const object = (isForeign ? z.object : z.strictObject) as typeof z.strictObject;
  const route = object({
    receiver: text.nullish(),
    matchers: texts,
    match,
    match_re: match,
    continue: z.boolean().nullish(),
    group_by: texts,
    group_wait: duration.nullish(),
    group_interval: duration.nullish(),
    repeat_interval: duration.nullish(),
    mute_time_intervals: texts,
    active_time_intervals: texts,
    get routes() {
      return z.array(route).nullish();
    },
  });
  const receiver = z.object({ name: text }).catchall(isForeign ? counted : integrations);
  return object({
    route,
    receivers: z.array(
      receiver.refine(
        (one) => isForeign || Object.keys(one).every((key) => key === 'name' || key.endsWith('_configs')),
        'Expected a name and lists such as webhook_configs',
      ),
    ),
    inhibit_rules: z
      .array(
        object({
          source_matchers: texts,
          target_matchers: texts,
          source_match: match,
          target_match: match,
          source_match_re: match,
          target_match_re: match,
          equal: texts,
        }),
      )
      .nullish(),
    time_intervals: z.array(timeIntervalSchema).nullish(),
    /** The name of these before Alertmanager 0.24. */
    mute_time_intervals: z.array(timeIntervalSchema).nullish(),
    global: z.looseObject({ resolve_timeout: duration.nullish() }).nullish(),
    templates: texts,
  });
}

/**
 * An alertmanager.yml (https://prometheus.io/docs/alerting/latest/configuration/). In a foreign one keys that are not known
 * here are passed over: its Alertmanager may be newer.
 */
export const fileSchemas = {
  own: fileSchema({ isForeign: false }),
  foreign: fileSchema({ isForeign: true }),
};

export type FileInput = z.output<typeof fileSchemas.own>;
