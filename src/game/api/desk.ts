import { isDeepStrictEqual } from 'node:util';
import { formatRef, groupOf } from '../../cluster/ref.ts';
import { exitCodes, MisfortuneError } from '../../errors.ts';
import { preimageKey } from '../../fault/ledger/state.ts';
import { aboutMechanism, mechanisms } from '../../fault/types/registry.ts';
import type { Action, Preimage } from '../../recorder/action.ts';
import type { Scenario } from '../../scenario/schema.ts';
import { type OpenedPlaybook, openPlaybook } from '../open-playbook.ts';
import type { Hold } from '../phases/hold.ts';
import type { Documents, Play } from '../play.ts';
import { readUnbound } from '../start/documents.ts';
import { Origins } from '../watch/origins.ts';
import { takeDeclaration } from './declarations.ts';
import { newsSince } from './news.ts';
import type { GameInfo } from './protocol.ts';
import type { Desk } from './requests.ts';

/** The game as the API's callers reach it. */
export interface DeskGame {
  play: Play;
  hold: Hold;
  /** As they are filled in by now. */
  documents(): Documents;
  start(): void;
  claim(who: string): Promise<boolean>;
}

/** What the API's callers reach of a game. */
export function deskOf(game: DeskGame): Desk {
  const { play, hold, documents } = game;
  const { setup, log, clock } = play;
  const origins = new Origins(setup.cluster, setup.namespaces, clock);
  return {
    info: () => infoOf(play, documents().scenario),
    origins: (prefix) => origins.matching(prefix),
    playbook: (name, who) => playbookFor(name, who, play, documents().scenario),
    news: (since) => newsSince(since, log, clock),
    declare(declaration) {
      const { diagnosis, hints } = documents().scenario;
      const { origin, accept, mechanism } = diagnosis;
      return takeDeclaration(declaration, {
        log,
        state: play.state,
        cluster: setup.cluster,
        diagnosis: { origins: [origin, ...accept], mechanism },
        mechanisms: knownMechanisms,
        hints,
        start: game.start,
        claim: game.claim,
        abort: (why) => play.abort(new Error(why)),
      });
    },
    actions(actions: Action[]) {
      for (const action of actions) {
        const known = play.state().actions.find((one) => one.id === action.id);
        // A recorder that closes hands on once more what is open; only what grew is news.
        if (!isDeepStrictEqual(known, action)) log.append({ type: 'action-seen', action });
      }
    },
    preimages: (preimages) => keep(preimages, play, hold),
  };
}

const knownMechanisms = mechanisms.map((name) => ({ name, about: aboutMechanism(name) }));

function infoOf({ setup, folder, state }: Play, scenario: Scenario): GameInfo {
  return {
    game: folder.id,
    phase: state().phase,
    title: scenario.title,
    briefing: scenario.briefing,
    ...setup.access,
    dashboards: state().game?.dashboards ?? [],
    mechanisms: knownMechanisms,
  };
}

function playbookFor(
  name: string,
  who: string,
  { setup, state, log, clock }: Play,
  scenario: Scenario,
): OpenedPlaybook {
  const playbook = readUnbound(setup.playbook);
  const opened = openPlaybook(name, { playbook, scenario, alerts: state().alerts });
  const at = clock.now();
  const title = `misfortune playbook show ${name}`;
  const id = `playbook-${at}-${state().actions.length}`;
  log.append({
    type: 'action-seen',
    action: { id, at, until: at, who, surface: 'playbook', effect: 'read', title, requests: [] },
  });
  return opened;
}

/** Into the ledger, synced: only then may the write that they belong to be forwarded. */
async function keep(preimages: Preimage[], { log, state }: Play, { ledger }: Hold): Promise<void> {
  for (const preimage of preimages) {
    const isKnown = ledger?.entries.some((entry) => {
      return entry.type === 'responder' && preimageKey(entry.preimage) === preimageKey(preimage);
    });
    // What a write left behind is welcome as long as there is a ledger; a new write is not once it is being restored.
    if (!ledger || (!isKnown && state().ended)) throw closedForChanges(state().ended !== undefined);
    await ledger.append({ type: 'responder', preimage });
    if (!isKnown)
      log.append({
        type: 'preimage-kept',
        sequence: preimage.sequence,
        ref: refOf(preimage),
        verb: preimage.verb,
      });
  }
}

function refOf({ apiVersion, kind, resource, namespace, name }: Preimage): string {
  return formatRef({ kind: (kind || resource).toLowerCase(), group: groupOf(apiVersion), namespace, name });
}

function closedForChanges(over: boolean): MisfortuneError {
  const message = over ? 'The game is over: the cluster is being restored.' : 'The game has not begun.';
  return new MisfortuneError('no-changes-now', `${message} Changes are refused now.`, {
    exitCode: exitCodes.refused,
  });
}
