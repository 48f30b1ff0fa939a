import { isDeepStrictEqual } from 'node:util';
import { exitCodes, MisfortuneError } from '../errors.ts';
import { preimageKey } from '../fault/ledger-state.ts';
import { aboutMechanism, mechanisms } from '../fault/registry.ts';
import { parsePlaybook } from '../playbook/parse.ts';
import type { Action, Preimage } from '../recorder/action.ts';
import { takeDeclaration } from './declarations.ts';
import { newsSince } from './news.ts';
import { type OpenedPlaybook, openPlaybook } from './open-playbook.ts';
import { Origins } from './origins.ts';
import type { Play } from './play.ts';
import type { GameInfo } from './protocol.ts';
import type { Desk } from './requests.ts';

/** What the API's callers reach of a game. */
export function deskOf(play: Play, hooks: { start(): void; claim(who: string): Promise<boolean> }): Desk {
  const { setup, log, clock } = play;
  const origins = new Origins(setup.cluster, setup.namespaces, clock);
  return {
    info: () => infoOf(play),
    origins: (prefix) => origins.matching(prefix),
    playbook: (name, who) => playbookFor(name, who, play),
    news: (since) => newsSince(since, log, clock),
    declare(declaration) {
      const { origin, accept, mechanism } = play.scenario.diagnosis;
      return takeDeclaration(declaration, {
        log,
        state: play.state,
        cluster: setup.cluster,
        diagnosis: { origins: [origin, ...accept], mechanism },
        mechanisms,
        hints: play.scenario.hints,
        start: hooks.start,
        claim: hooks.claim,
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
    preimages: (preimages) => keep(preimages, play),
  };
}

function infoOf({ setup, folder, state, scenario }: Play): GameInfo {
  return {
    game: folder.id,
    phase: state().phase,
    title: scenario.title,
    briefing: scenario.briefing,
    ...setup.access,
    dashboards: state().game?.dashboards ?? [],
    mechanisms: mechanisms.map((name) => ({ name, about: aboutMechanism(name) })),
  };
}

function playbookFor(
  name: string,
  who: string,
  { setup, scenario, state, log, clock }: Play,
): OpenedPlaybook {
  const { playbook } = parsePlaybook(setup.playbook);
  if (!playbook) throw new Error('the playbook of the game does not parse');
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
async function keep(preimages: Preimage[], { ledger, log, state }: Play): Promise<void> {
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
  const group = apiVersion.includes('/') ? `.${apiVersion.split('/')[0]}` : '';
  return [`${(kind || resource).toLowerCase()}${group}`, namespace, name].filter(Boolean).join('/');
}

function closedForChanges(over: boolean): MisfortuneError {
  const message = over ? 'The game is over: the cluster is being restored.' : 'The game has not begun.';
  return new MisfortuneError('no-changes-now', `${message} Changes are not taken now.`, {
    exitCode: exitCodes.refused,
  });
}
