import { describeError } from '../../errors.ts';
import { type Channel, webhookHost } from '../../game/announce/webhook.ts';
import { type Finding, missing, ok, warning } from './finding.ts';

/** Whether people are told of games. Nothing is sent. */
export async function channelFinding(channel: Channel | undefined): Promise<Finding> {
  if (!channel)
    return warning(
      'announce',
      'not configured: nobody who shares the cluster is told of a game',
      'Add announce: { webhook: { urlFile: ~/.config/misfortune/webhook } } to the cluster in misfortune.yaml.',
    );
  try {
    const host = await webhookHost(channel);
    return ok('announce', `${host} is told (\`misfortune announce --cluster ${channel.cluster}\` tries it)`);
  } catch (error) {
    return missing('announce', describeError(error));
  }
}
