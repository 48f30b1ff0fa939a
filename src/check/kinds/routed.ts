import { z } from 'zod';
import { destinationsOf } from '../../alerting/destinations.ts';
import { matchesAll, parseMatcher } from '../../alerting/matcher.ts';
import type { Silence } from '../../signal/series.ts';
import type { CheckContext, CheckKind, Finding } from '../kind.ts';

interface Spec {
  /** Labels of an alert, as far as they decide where it goes. */
  labels: Record<string, string>;
  /** Who has to be notified of it. */
  receiver: string;
}

/** An alert with these labels would be sent to the receiver now, by the configuration that Alertmanager has in use. */
export const routed: CheckKind<Spec> = {
  schema: z.strictObject({
    labels: z
      .record(z.string(), z.string())
      .refine((labels) => Object.keys(labels).length > 0, 'Expected a label.'),
    receiver: z.string().min(1),
  }),
  evaluate,
  permissions: () => [],
  references: ({ receiver }) => [{ receiver, path: ['receiver'] }],
};

async function evaluate({ labels, receiver }: Spec, context: CheckContext): Promise<Finding> {
  const { alertmanager, signal } = context;
  if (!alertmanager) throw new Error('no Alertmanager is configured');
  const [routes, silences] = await Promise.all([alertmanager.routes(signal), alertmanager.silences(signal)]);
  const now = Date.now();
  const expected = `expected ${receiver}`;
  const silence = silences.find((one) => isSilencing(one, labels, now));
  if (silence) return { holds: false, seen: `silenced by ${silence.createdBy || silence.id} (${expected})` };
  const { destinations } = destinationsOf(routes, labels, now);
  const told = destinations.filter(({ mutedBy = [] }) => mutedBy.length === 0);
  const muted = destinations.find((one) => one.receiver === receiver && !told.includes(one));
  if (told.some((one) => one.receiver === receiver)) return { holds: true, seen: `sent to ${receiver}` };
  if (muted)
    return { holds: false, seen: `${receiver} is muted by ${muted.mutedBy?.join(', ')} (${expected})` };
  const others = [...new Set(told.map((one) => one.receiver))].join(', ');
  return { holds: false, seen: `sent to ${others || 'nobody'} (${expected})` };
}

/** Whether it holds back such an alert; what it asks of other labels such an alert does not have. */
function isSilencing(
  { startsAt, endsAt, matchers }: Silence,
  labels: Record<string, string>,
  now: number,
): boolean {
  if (now < startsAt || now >= endsAt) return false;
  const get = (name: string) => (Object.hasOwn(labels, name) ? labels[name]! : '');
  return matchesAll(matchers.map(parseMatcher), { get });
}
