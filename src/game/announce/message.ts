import { userInfo } from 'node:os';
import { abortAnnotation } from '../../fault/plan/guard-rails.ts';
import type { Restored } from '../../fault/revert/revert.ts';
import type { Ending } from '../../log/events.ts';

/** More are counted: a channel is no place for a list. */
const mostNamed = 5;

/** What the people who share a cluster need to know before a game: where, until when, how to stop it, whom to ask. */
export function beginning({
  cluster,
  namespaces,
  until,
  by,
}: {
  cluster: string;
  namespaces: readonly string[];
  /** Wall ms. */
  until: number;
  by: string;
}): string {
  const [first = ''] = namespaces;
  return [
    `A game day begins on ${cluster}: ${namespaces.length === 1 ? 'namespace' : 'namespaces'} ${namespaces.join(', ')}, until ${timeOf(until)} at the latest.`,
    `To stop it, whoever you are: kubectl annotate namespace ${first} ${abortAnnotation}=true`,
    `Run by ${by}.`,
  ].join('\n');
}

/**
 * How a game ended, in words that say nothing of what it was about: people may want to play it, too. Objects that are not
 * as they were are named, because others work with them.
 */
export function ending({
  cluster,
  by,
  ended,
  restored,
}: {
  cluster: string;
  by: string;
  /** undefined: it was more than one. */
  ended: Ending | undefined;
  /** undefined: nothing was changed. */
  restored: Restored | undefined;
}): string {
  if (!restored)
    return `The game day on ${cluster} ${ended === 'not-started' ? 'did not take place' : 'is over'}: nothing was changed.`;
  const left = [...restored.differences, ...restored.conflicts].map(objectOf);
  const names = [...new Set(left)];
  const over = `The game day on ${cluster} is over${ended ? `: ${words[ended]}` : ''}.`;
  if (names.length === 0) return `${over} Everything is as it was before, read again and verified.`;
  const more = names.length > mostNamed ? ` and ${names.length - mostNamed} more` : '';
  return [
    `${over} Not as it was before: ${names.slice(0, mostNamed).join(', ')}${more}.`,
    `${by} puts it right; please leave it alone until then.`,
  ].join('\n');
}

const nobody = 'somebody without a name';

/** Who runs games from this machine. */
export function whoRuns(): string {
  try {
    return safe(userInfo().username) || nobody;
  } catch {
    // A container's user need not have a name.
    return nobody;
  }
}

/** Wall ms → `15:20 GMT+7`, in the zone of this machine. */
function timeOf(at: number): string {
  return new Intl.DateTimeFormat('en-GB', {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
  }).format(at);
}

const words: Record<Ending, string> = {
  mitigated: 'it was resolved',
  'timed-out': 'the time was up',
  aborted: 'it was stopped early',
  expired: 'it ended by itself',
  'restored-by-guardian': 'it was cut off',
  'not-started': 'it could not go on',
};

/** Of a line like `deployment/shop/edge spec.replicas: was 2, is 3` only what others can look at: no values, no reasons. */
function objectOf(line: string): string {
  const [first = ''] = line.split(/[\s:]/, 1);
  return first.includes('/') ? safe(first) : 'what was changed (it could not be read again)';
}

/** Chats take <, > and & for mark-up, @ for a call. */
function safe(text: string): string {
  return text.replace(/[^\w./-]/g, '');
}
