import type { ResponderAccess } from '../start/setup.ts';

/**
 * The conductor's one API: HTTP/1.1 with JSON over a local socket, a bearer token a role.
 *
 *   GET  /events?since=SEQ   newline-delimited GameEvents after SEQ, kept open (`follow=false`: up to now only);
 *                            filtered for responders until the debrief
 *   GET  /game               GameInfo
 *   GET  /origins?prefix=    refs of live objects for the type-ahead of a diagnosis: string[]
 *   POST /playbook           { name, who } → OpenedPlaybook, and an action: it was looked at
 *   GET  /news?since=SEQ      News: pages, nudges and the end after SEQ, or none after 20 s
 *   POST /declarations       Declaration → DeclarationAnswer
 *   POST /actions            { actions: Action[] } → 204
 *   POST /preimages          { preimages: Preimage[] } → 204 only after they are on disk (fsync)
 *
 * Errors: { error: { code, message, todo? } } with 400, 401, 403, 404, 409.
 * Socket path and tokens are in `conductor.json` (0600) of the game folder; `games/current.json` of the state
 * home names the running game.
 */
export type Role = 'responder' | 'master';

export interface ConductorAddress {
  version: 1;
  game: string;
  pid: number;
  socket: string;
  tokens: Record<Role, string>;
}

/** A type of failure that a diagnosis may name, and what it is in a few words. */
export interface Mechanism {
  name: string;
  about: string;
}

/** What a responder's shell needs to know of the game; gives nothing away. */
export interface GameInfo extends ResponderAccess {
  game: string;
  phase: string;
  title: string;
  briefing: string;
  dashboards: { uid: string; title: string }[];
  /** Mechanisms that a diagnosis may name: every fault type there is, never only the one played. */
  mechanisms: Mechanism[];
}

export type Declaration =
  | { type: 'ack'; who: string; alert?: string }
  | { type: 'note'; who: string; text: string; step?: string }
  | { type: 'diagnose'; who: string; origin?: string; mechanism?: string }
  | { type: 'hint'; who: string }
  | { type: 'resolve'; who: string }
  | { type: 'join'; who: string }
  | { type: 'leave'; who: string }
  | { type: 'start' }
  | { type: 'nudge'; text: string }
  | { type: 'abort'; who: string };

export interface DeclarationAnswer {
  accepted: boolean;
  /** One or more lines for the person who asked. */
  message: string;
}
