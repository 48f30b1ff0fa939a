import { describeError } from '../../../errors.ts';
import { type Channel, webhookHost } from '../../../game/announce/webhook.ts';
import { type Finding, missing, ok, warning } from './finding.ts';

/** Whether people are told of games. Nothing is sent. */
export async function channelFinding(channel: Channel | undefined): Promise<Finding> {
  if (!channel)
    return warning(
      'announce',
      'not configured: games are not announced to those who share the cluster',
      'Add announce: { webhook: { urlFile: ~/.config/misfortune/webhook } } to the cluster in misfortune.yaml.',
    );
  try {
    const host = await webhookHost(channel);
    return ok(
      'announce',
      `games are announced to ${host} (\`misfortune announce --cluster ${channel.cluster}\` tests it)`,
    );
  } catch (error) {
    return missing('announce', describeError(error));
  }
}
