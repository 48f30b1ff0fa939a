import type { Cluster } from '../../cluster/cluster.ts';
import { isAcknowledgeable } from '../../log/alert-episodes.ts';
import type { CheckResult } from '../../log/events.ts';
import type { GameLog } from '../../log/log.ts';
import type { GameState } from '../../log/state.ts';
import { clean } from '../../words/clean.ts';
import { isRightOrigin } from '../watch/origins.ts';
import type { Declaration, DeclarationAnswer, Mechanism } from './protocol.ts';

export interface DeclarationOptions {
  log: GameLog;
  state(): GameState;
  cluster: Pick<Cluster, 'kind' | 'get'>;
  diagnosis: { origins: string[]; mechanism: string };
  mechanisms: readonly Mechanism[];
  hints: readonly string[];
  /** The game master's go. */
  start(): void;
  /** Decides a claim; it takes as long as the oracle's window. */
  claim(who: string): Promise<boolean>;
  abort(why: string): void;
}

/**
 * Puts what people declare into the log and answers them. Nobody is told during the game whether a diagnosis is
 * right; of what refutes a claim only what they see anyway.
 */
export async function takeDeclaration(
  declaration: Declaration,
  options: DeclarationOptions,
): Promise<DeclarationAnswer> {
  const refusal = outOfTime(declaration, options.state());
  if (refusal) return { accepted: false, message: refusal };
  switch (declaration.type) {
    case 'ack':
      return acknowledge(declaration, options);
    case 'note':
      options.log.append({ ...declaration, type: 'noted' });
      return yes('Noted.');
    case 'diagnose':
      return diagnose(declaration, options);
    case 'hint':
      return hint(declaration.who, options);
    case 'resolve':
      return resolve(declaration.who, options);
    case 'join':
      options.log.append({ type: 'responder-joined', who: declaration.who });
      return yes('You are on call.');
    case 'leave':
      options.log.append({ type: 'responder-left', who: declaration.who });
      return yes('You are off call.');
    case 'start':
      options.start();
      return yes('The game begins.');
    case 'nudge':
      options.log.append({ type: 'nudged', text: declaration.text });
      return yes('Sent.');
    case 'abort':
      options.abort(`${declaration.who} aborted the game`);
      return yes(
        options.state().ended
          ? 'The game is over; it does not wait for its alerts to resolve.'
          : 'The game is aborted; the cluster is being restored.',
      );
  }
}

const lost: Partial<Record<Declaration['type'], string>> = {
  ack: 'the acknowledgement',
  note: 'the note',
  diagnose: 'the diagnosis',
  hint: 'the question for a hint',
  resolve: 'the claim',
  nudge: 'the message',
};

const early: ReadonlySet<string> = new Set(['draw', 'brief', 'baseline', 'inject']);

/** Why this cannot be declared in this phase; undefined if it can. */
function outOfTime({ type }: Declaration, { phase, game }: GameState): string | undefined {
  const over = phase === 'ended' || phase === 'restore' || phase === 'debrief';
  // After the end an abort ends the wait for alerts that still fire; restoring is not shortened.
  if (type === 'join' || type === 'leave' || type === 'abort') return undefined;
  if (over) return `The game is over: ${lost[type] ?? 'this'} was not recorded. Bring it up in the debrief.`;
  if (type === 'nudge' || type === 'note') return undefined;
  if (type === 'start')
    return phase === 'brief' || phase === 'draw' ? undefined : 'The game has begun already.';
  return early.has(phase)
    ? `Nothing has happened yet: ${game?.title ?? 'the game'} has not begun.`
    : undefined;
}

function acknowledge(
  { who, alert }: Extract<Declaration, { type: 'ack' }>,
  { log, state }: DeclarationOptions,
): DeclarationAnswer {
  const open = state().alerts.filter(isAcknowledgeable);
  const names = [
    ...new Set(open.filter((one) => alert === undefined || one.name === alert).map((one) => one.name)),
  ];
  if (names.length === 0) {
    const others = [...new Set(open.map((one) => one.name))].join(', ') || 'none';
    return no(alert === undefined ? 'No alert fires now.' : `${alert} does not fire. Firing: ${others}.`);
  }
  for (const name of names) log.append({ type: 'acknowledged', who, alert: name });
  return yes(`Acknowledged: ${names.join(', ')}.`);
}

async function diagnose(
  { who, origin, mechanism }: Extract<Declaration, { type: 'diagnose' }>,
  { log, cluster, diagnosis, mechanisms }: DeclarationOptions,
): Promise<DeclarationAnswer> {
  if (origin === undefined && mechanism === undefined) {
    return no('Name an origin (kind/namespace/name), a mechanism, or both.');
  }
  if (mechanism !== undefined && !mechanisms.some(({ name }) => name === mechanism)) {
    const width = Math.max(...mechanisms.map(({ name }) => name.length));
    const list = mechanisms.map(({ name, about }) => `  ${name.padEnd(width)}  ${about}`);
    return no([`Expected one of these types of failure, got ${clean(mechanism)}:`, ...list].join('\n'));
  }
  const originRight = origin !== undefined && (await isRightOrigin(origin, diagnosis.origins, cluster));
  const mechanismRight = mechanism === diagnosis.mechanism;
  log.append({ type: 'diagnosed', who, origin, mechanism, originRight, mechanismRight });
  const noted = [origin, mechanism].filter((part) => part !== undefined).join(', ');
  return yes(`Noted: ${noted}. The debrief says whether it is right.`);
}

function hint(who: string, { log, state, hints }: DeclarationOptions): DeclarationAnswer {
  const index = state().hints.length;
  const text = hints[index];
  if (text === undefined) return no(hints.length === 0 ? 'There are no hints.' : 'There are no more hints.');
  log.append({ type: 'hint-taken', who, index, text });
  return yes(text);
}

/** Only what the live screen draws anyway has a name: another check may point at what is broken. */
function whatIsLeft(failing: readonly CheckResult[], { game }: GameState): string {
  const titles = new Map((game?.signals ?? []).map(({ id, title }) => [id, title]));
  const drawn = failing.flatMap(({ id, seen }) => (titles.has(id) ? [`${titles.get(id)} ${seen}`] : []));
  const others = failing.length - drawn.length;
  if (failing.length === 0) return 'a steady-state check is failing';
  const rest = `${others} ${drawn.length > 0 ? 'other ' : ''}${others === 1 ? 'check' : 'checks'} failing`;
  return [...drawn, ...(others > 0 ? [rest] : [])].join('; ');
}

async function resolve(who: string, { claim, state }: DeclarationOptions): Promise<DeclarationAnswer> {
  if (await claim(who)) return yes('Confirmed: the fix held.');
  const refused = state().claims.findLast((one) => one.who === who && one.accepted === false);
  return no(`Not resolved: ${whatIsLeft(refused?.failing ?? [], state())}. The game continues.`);
}

function yes(message: string): DeclarationAnswer {
  return { accepted: true, message };
}

function no(message: string): DeclarationAnswer {
  return { accepted: false, message };
}
