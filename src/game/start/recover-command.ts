import type { Cluster } from '../../cluster/cluster.ts';
import { shellWord } from '../../words/escape.ts';
import { findSandbox } from './sandbox-link.ts';
import type { GameSetup } from './setup.ts';
import { findUnrestored } from './unrestored.ts';

/**
 * The command by which somebody on this machine puts back what a game has left in this cluster: by its folder where it
 * was played here, else from the cluster alone.
 */
export async function recoverCommand(
  game: string | undefined,
  place: Pick<GameSetup, 'access' | 'sandboxMarker'> & { cluster: Pick<Cluster, 'context'> },
  { stateHome, namespace }: { stateHome: string; namespace: string },
): Promise<string> {
  const isLocal = (await findUnrestored(stateHome)).some(({ id }) => id === game);
  if (isLocal) return `misfortune recover ${game}`;
  // A responder's kubeconfig of a sandbox may not write.
  const isSandbox = place.sandboxMarker !== undefined;
  const kubeconfig = isSandbox ? findSandbox({ stateHome })?.kubeconfig : place.access.kubeconfig;
  return [
    `misfortune recover --context ${word(place.cluster.context)}`,
    ...(kubeconfig ? [`--kubeconfig ${word(kubeconfig)}`] : []),
    ...(namespace === 'maintenance' ? [] : [`--namespace ${word(namespace)}`]),
  ].join(' ');
}

function word(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : shellWord(text);
}
