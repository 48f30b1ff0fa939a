import type { GameInfo } from '../../game/api/protocol.ts';
import { type GameState, initialState } from '../../log/state.ts';
import type { Playbook } from '../../playbook/schema.ts';
import type { ClusterLine, Debrief, PastGame, StartStep, WheelEntry } from '../backend.ts';
import type { DashLine } from '../dash/lines.ts';

/** Something that can be chosen, and what it is in a few words. */
export interface PromptOption {
  name: string;
  about?: string;
}

/** A line that asks for something: text with suggestions, or yes and no. */
export interface Prompt {
  question: string;
  text: string;
  /** Suggestions that fit the text; one is marked. */
  options: PromptOption[];
  /** Where the answer is one of a list: all of it, of which `options` are those that fit. */
  all?: PromptOption[];
  index: number;
  /** Answered by y or n alone. */
  confirm: boolean;
}

/** A page that is read: its lines are undefined until they are there. */
export interface Page {
  title: string;
  lines: DashLine[] | undefined;
}

/** Something said to the person, in the colour of its meaning. */
export interface Message {
  text: string;
  tone: 'good' | 'bad' | 'warn' | 'quiet';
}

/** Everything the screens draw from. */
export interface UiState {
  /** The page with the keys of the screen is shown instead of it. */
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
  /** What was said of the game's events, in order; nothing that a responder may not see. `at` in wall ms. */
  happened: { at: number; text: string }[];
  info: GameInfo | undefined;
  playbook: Playbook | undefined;
  /** The last thing to say to the person, until the next key. */
  message: Message | undefined;
  prompt: Prompt | undefined;
  page: Page | undefined;
  games: PastGame[];
  /** The scorecard that is shown, and of which game. */
  debrief: (Debrief & { game: string }) | undefined;
  /** First line shown of a page that scrolls, or the marked row of a list. */
  scroll: number;
  now: number;
}

export const initialUiState: UiState = {
  help: false,
  master: false,
  steps: [],
  target: undefined,
  cluster: undefined,
  wheel: [],
  selected: 0,
  spinning: false,
  state: initialState,
  happened: [],
  info: undefined,
  playbook: undefined,
  message: undefined,
  prompt: undefined,
  page: undefined,
  games: [],
  debrief: undefined,
  scroll: 0,
  now: 0,
};
