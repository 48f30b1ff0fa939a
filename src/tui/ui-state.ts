import type { GameInfo } from '../game/protocol.ts';
import { type GameState, initialState } from '../log/state.ts';
import type { Playbook } from '../playbook/schema.ts';
import type { ClusterLine, Debrief, PastGame, StartStep, WheelEntry } from './backend.ts';
import type { DashLine } from './dash/lines.ts';
import type { Screen } from './keys.ts';

/** Something that can be chosen, and what it is in a few words. */
export interface PromptOption {
  name: string;
  about?: string;
}

/** A line that asks for something: text with suggestions, or yes and no. */
export interface Prompt {
  kind: 'note' | 'nudge' | 'origin' | 'mechanism' | 'abort' | 'master' | 'recover';
  question: string;
  text: string;
  /** Suggestions that fit the text; one is marked. */
  options: PromptOption[];
  /** Where the answer is one of a list: all of it, of which `options` are those that fit. */
  all?: PromptOption[];
  index: number;
  /** Answered by y or n alone. */
  confirm: boolean;
  /** What was answered to the question before (origin, when the mechanism is asked). */
  carried?: string;
}

/** Everything the screens draw from. */
export interface UiState {
  screen: Screen;
  help: boolean;
  /** The game master's view is on. */
  master: boolean;
  steps: StartStep[];
  /** The cluster of misfortune.yaml that is played on; undefined: a sandbox. */
  target: string | undefined;
  cluster: ClusterLine | undefined;
  wheel: WheelEntry[];
  selected: number;
  spinning: boolean;
  state: GameState;
  info: GameInfo | undefined;
  playbook: Playbook | undefined;
  /** The last thing to say to the person, until the next key. */
  message: { text: string; tone: 'good' | 'bad' | 'warn' | 'quiet' } | undefined;
  prompt: Prompt | undefined;
  dashboard: { uid: string; title: string; lines: DashLine[] | undefined } | undefined;
  /** The playbook that is read; its lines are undefined until they are there. */
  reading: { name: string; lines: DashLine[] | undefined } | undefined;
  games: PastGame[];
  debrief: Debrief | undefined;
  /** First line shown of a page that scrolls, or the marked row of a list. */
  scroll: number;
  now: number;
}

export const initialUiState: UiState = {
  screen: 'starting',
  help: false,
  master: false,
  steps: [],
  target: undefined,
  cluster: undefined,
  wheel: [],
  selected: 0,
  spinning: false,
  state: initialState,
  info: undefined,
  playbook: undefined,
  message: undefined,
  prompt: undefined,
  dashboard: undefined,
  reading: undefined,
  games: [],
  debrief: undefined,
  scroll: 0,
  now: 0,
};
