import { z } from 'zod';
import { parseMatcher } from '../../../alerting/matcher.ts';
import { parseRef } from '../../../cluster/ref.ts';
import { duration, serviceText } from '../../../document/fields.ts';
import type { FaultType } from '../../fault-type.ts';
import { assertNeutral } from '../apply/guard.ts';
import { disguiseSchema, secondsAtWork } from '../shared/disguise.ts';
import { jobPermissions, jobRef, runByJobs } from '../shared/jobs.ts';

const matcher = z.string().superRefine((text, context) => {
  try {
    parseMatcher(text);
  } catch (error) {
    const message = `Expected a matcher like owner="checkout" (=, !=, =~ or !~): ${(error as Error).message}.`;
    context.addIssue({ code: 'custom', message });
  }
});

const schema = z
  .strictObject({
    alertmanager: serviceText.describe('Its Service, in an allowed namespace.'),
    port: z.int().min(1).max(65535).default(9093).describe('The port of its API, which is asked by HTTP.'),
    path: z
      .string()
      .regex(/^(\/[\w.~-]+)*$/, 'a path: /alertmanager')
      .default('')
      .describe('What its paths begin with (`--web.route-prefix`): /alertmanager.'),
    matchers: z
      .array(matcher)
      .min(1)
      .max(10)
      .describe('Which alerts it silences: all of these hold. At least one says what a label equals.'),
    createdBy: z.string().min(1).describe('Who is said to have made it.'),
    comment: z.string().min(1).describe('Why it is said to have been made.'),
    within: duration.prefault('60s').describe('Time that each Job may take.'),
    disguise: disguiseSchema.describe('What the Jobs are named after; they are there only while one runs.'),
  })
  .superRefine(({ matchers }, context) => {
    // What is no matcher is said above.
    const parsed = matchers.filter((text) => matcher.safeParse(text).success).map(parseMatcher);
    if (parsed.length < matchers.length || parsed.some(({ op, value }) => op === '=' && value !== '')) return;
    context.addIssue({
      code: 'custom',
      message:
        'Expected a matcher that says what a label equals: owner="checkout". Others could silence all alerts.',
      path: ['matchers'],
    });
  });

export type SilenceSpec = z.output<typeof schema>;

export const silence: FaultType<SilenceSpec> = {
  type: 'silence',
  mechanism: 'silence',
  cause: 'a silence swallows the notifications of an alert',
  reverts: 'reverts',
  combines:
    'With all others; not with what makes a Job of the same name. A check `routed` that asks for less than the matchers does not see the silence.',
  schema,
  about:
    'Makes a silence in Alertmanager, by its API v2, from Jobs that are removed when they have ended. It is known again by its matchers, author and comment: it is made only where there is none that says the same, and expired in the end if it still says so. Should nobody expire it, it ends two minutes after the time-out of the game. Alertmanager cannot forget a silence: it lists it as expired for as long as it keeps data (5 days by default). All alerts that match are silenced, those of other teams that use this Alertmanager included: choose labels that only the game can have. The Job has no credentials, so an Alertmanager that asks for some cannot be used; of several replicas each learns of it from the others after about a second. Not in the sandbox: its Alertmanager has no Service that pods can reach; there, break its routes with `config`. For a target that is no longer scraped, and for a rule in a PrometheusRule, use `patch`.',
  describe: ({ matchers, alertmanager }) => `silence ${matchers.join(', ')} in ${alertmanager}`,
  permissions: ({ alertmanager, disguise }) => jobPermissions({ target: alertmanager, disguise }),
  touches: ({ alertmanager }) => [parseRef(alertmanager)],
  claims: ({ disguise }) => [{ ref: jobRef(disguise) }],
  async compile(spec, context) {
    const { alertmanager, port, path, createdBy, comment, within, disguise } = spec;
    const { name, namespace } = parseRef(alertmanager);
    assertNeutral([createdBy, comment], 'The silence');
    const matchers = spec.matchers.map((text) => {
      const { name, op, value } = parseMatcher(text);
      return { name, value, isRegex: op.endsWith('~'), isEqual: op.startsWith('=') };
    });
    const seconds = secondsAtWork(context);
    const text = context.programText('silence.cjs');
    const command = (part: string) => ['node', '-e', text, part];
    const draft = await runByJobs(
      {
        ...{ target: alertmanager, within, disguise, container: {} },
        commands: { do: command('do'), undo: command('undo'), check: command('check') },
        env: {
          ALERTMANAGER: `http://${name}.${namespace}:${port}${path}`,
          SILENCE: JSON.stringify({ matchers, createdBy, comment }),
          SECONDS: String(seconds),
        },
        described: silence.describe(spec),
      },
      context,
    );
    return [{ ...draft, endsAfterSeconds: seconds }];
  },
  example: {
    alertmanager: 'service/shop/alertmanager',
    matchers: ['alertname="CheckoutLatencyHigh"', 'owner="checkout"'],
    createdBy: 'lena',
    comment: 'Noisy since the move, looking at it on Monday',
    disguise: { name: 'label-report', namespace: 'batch' },
  },
};
