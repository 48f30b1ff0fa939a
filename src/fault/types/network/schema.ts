import { z } from 'zod';
import { duration, refText, slug } from '../../../document/fields.ts';

export const networkSchema = z
  .strictObject({
    from: refText.describe('Whose packets: a Deployment, StatefulSet or DaemonSet, in an allowed namespace.'),
    to: refText.describe(
      'Where to: a workload, or a Service and by it all pods that it selects, in an allowed namespace.',
    ),
    delay: duration.optional().describe('What is sent arrives so much later.'),
    jitter: duration.prefault('0s').describe('More or less delay by as much, each time another.'),
    loss: z
      .string()
      .regex(/^(100|\d{1,2}(\.\d{1,2})?)%$/, 'a share of the packets from 0.01% to 100%: 20%')
      .transform((text) => Number.parseFloat(text))
      .refine((percent) => percent > 0, 'Expected a share above 0%.')
      .optional()
      .describe('Share of the packets that is lost, each by chance. 100%: the connection is cut.'),
    disguise: z
      .strictObject({
        name: slug.describe(
          'Name of the object that does it, in the namespace of `from`; of a NetworkPolicy that cuts, in that of `to`.',
        ),
      })
      .describe('What it looks like.'),
  })
  .superRefine(({ from, to, delay, jitter, loss }, context) => {
    const issue = (message: string) => context.addIssue({ code: 'custom', message });
    if ((delay ?? loss) === undefined) issue('Expected delay, or loss, or both.');
    if (jitter > (delay ?? 0)) issue('Expected jitter to be at most delay.');
    if (loss === 100 && delay !== undefined) issue('Expected no delay with a loss of 100%: nothing arrives.');
    if (from === to) issue('Expected from and to to be two workloads.');
  });

export type NetworkSpec = z.output<typeof networkSchema>;
