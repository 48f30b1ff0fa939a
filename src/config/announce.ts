import { z } from 'zod';
import { namesIn } from '../document/substitute.ts';

/** The URL of a webhook is a secret: whoever has it can write to the channel. It is never quoted. */
const url = z.string().superRefine((value, context) => {
  if (URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)) return;
  const message = 'Expected the http(s) URL of a webhook (its value is not shown: it is a secret).';
  context.addIssue({ code: 'custom', message, params: { code: 'bad-webhook' } });
});

const webhookSchema = z
  .strictObject({
    url: url.optional(),
    /** A file with the URL, read when something is to be said; `~` is the home folder. */
    urlFile: z.string().min(1).optional(),
  })
  .superRefine((value, context) => {
    if ((value.url === undefined) !== (value.urlFile === undefined)) return;
    const message = 'Expected either url or urlFile.';
    context.addIssue({ code: 'custom', message, params: { code: 'bad-webhook' } });
  });

/** The body that Slack, Mattermost, Rocket.Chat and Google Chat take. */
const slack = { text: '${text}' };

const templateSchema = z.record(z.string(), z.unknown()).superRefine((template, context) => {
  const names = namesIn(template);
  const unknown = names.find((name) => !['text', 'cluster'].includes(name));
  const code = unknown ? 'unknown-name' : 'missing-name';
  const message = unknown
    ? `Unknown name "\${${unknown}}" in the template: there are \${text} and \${cluster}.`
    : 'Expected ${text} somewhere in the template: it stands for what is said.';
  if (unknown || !names.includes('text')) context.addIssue({ code: 'custom', message, params: { code } });
});

/** The channel that is told before a game and after it. */
export const announceSchema = z.strictObject({
  webhook: webhookSchema,
  /** The JSON body; default: `{ text: '${text}' }`. */
  template: templateSchema.default(slack),
});

export type Announce = z.output<typeof announceSchema>;
