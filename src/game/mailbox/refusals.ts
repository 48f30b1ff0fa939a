import type { ClusterError } from '../../cluster/cluster-error.ts';
import { exitCodes, MisfortuneError } from '../../errors.ts';
import { largestLetter, mailboxVersion } from './letter.ts';

export function noGame(namespace: string, context: string): MisfortuneError {
  return new MisfortuneError(
    'no-game',
    `No game on ${context} is open to other machines (looked in the namespace ${namespace}).`,
    {
      todo: 'The game master opens one with `misfortune play --open`. If theirs has another guardian.namespace, name it with --namespace.',
      exitCode: exitCodes.usage,
    },
  );
}

export function mayNotJoin(namespace: string, cause: ClusterError): MisfortuneError {
  return new MisfortuneError('may-not-join', `You may not take part: ${cause.message}`, {
    todo: [
      `A responder needs \`create\` and \`get\` on configmaps in ${namespace}`,
      `(kubectl auth can-i create configmaps -n ${namespace}).`,
      '`misfortune rbac --responders --user NAME` prints the Role for an admin to apply.',
    ].join(' '),
    exitCode: exitCodes.refused,
    cause,
  });
}

export function otherVersion(version: string): MisfortuneError {
  return new MisfortuneError(
    'other-version',
    `The game speaks version ${version || '?'} of the mailbox, this program version ${mailboxVersion}.`,
    { todo: 'Install the version that the game master has.', exitCode: exitCodes.usage },
  );
}

export function cutTooLong(longestCut: number, cause: unknown): MisfortuneError {
  return new MisfortuneError(
    'cut-too-long',
    `The API server has been out of reach for ${Math.round(longestCut / 1000)} s: ${(cause as Error).message}`,
    { todo: 'Try again when `kubectl version` answers.', exitCode: exitCodes.unavailable, cause },
  );
}

export function conductorGone(silence: number): MisfortuneError {
  return new MisfortuneError(
    'conductor-gone',
    `The game has not answered for ${Math.round(silence / 1000)} s: its machine is off, or cut off from the cluster.`,
    {
      todo: 'Ask the game master. If the game crashed, the guardian restores the cluster; `misfortune recover --verify --context NAME` shows it.',
      exitCode: exitCodes.unavailable,
    },
  );
}

export function gameOver(): MisfortuneError {
  return new MisfortuneError('game-over', 'The game is over.', { exitCode: exitCodes.refused });
}

export function tooLarge(bytes: number): MisfortuneError {
  return new MisfortuneError(
    'too-large-to-send',
    `The request is too large for the game: ${Math.ceil(bytes / 1024)} KiB, and ${Math.floor(largestLetter / 1024)} KiB fit into a ConfigMap.`,
    {
      todo: 'Change a smaller object, or change it from the machine of the game master.',
      exitCode: exitCodes.refused,
    },
  );
}
