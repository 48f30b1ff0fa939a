import type { ReactNode } from 'react';
import type { Declaration } from '../game/api/protocol.ts';
import type { Backend, RunningGame, WheelEntry } from './backend.ts';
import type { Size } from './draw/layout.tsx';
import type { Theme } from './draw/theme.ts';
import type { PromptLine } from './input/prompt-line.ts';
import type { Spin } from './state/spin.ts';
import type { Message, UiState } from './state/ui-state.ts';

/** One screen. All of it is in its own file, and screens/screens.ts lists it. */
export interface Screen {
  /** What each key does here; the footer and the help page are made from it, in this order. */
  keys: Key[];
  title(ui: UiState): Title;
  /** How many rows ↑ and ↓ go over in a body of this size; 0 where there are none. */
  rows(ui: UiState, body: Size): number;
  enter(controls: Controls): Outcome;
  back(controls: Controls): Outcome;
  render(props: { ui: UiState; body: Size }): ReactNode;
  /** It shows messages itself, where people look; else they stand above the footer. */
  showsMessages?: boolean;
  /** Makes anew what was made to fit the window's width before. */
  resized?(controls: Controls): Outcome;
}

export interface Key {
  /** A character, or return, escape, up, down, space. */
  key: string;
  /** What the footer says; empty: in the help only. */
  label: string;
  /** A footer that is too long does without it. */
  isSpare?: boolean;
  help: string;
  press(controls: Controls): Outcome;
}

/** The line at the top of a screen. */
export interface Title {
  left: string;
  right: string;
  tone?: keyof Theme;
}

/** A promise rejects where it failed; that is said to the person. */
export type Outcome = void | Promise<void>;

/** What the screens draw from, and which one is drawn. */
export interface Shown extends UiState {
  screen: Screen;
}

/** All that a screen can do when a key is pressed. */
export interface Controls {
  ui(): UiState;
  set(change: Partial<UiState>): void;
  say(text: string, tone: Message['tone']): void;
  /** Puts a screen on top of the one that is shown, which `leave` shows again. */
  show(screen: Screen, change?: Partial<UiState>): void;
  /** Puts a screen on top of the wheel. */
  restart(screen: Screen, change?: Partial<UiState>): void;
  /** To the screen before, as it was. */
  leave(change?: Partial<UiState>): void;
  /** To the wheel. */
  home(): void;
  /** One row up or down, as far as there are rows. */
  move(step: number): void;
  /** What the screen that is shown does for these. */
  enter(): Outcome;
  back(): Outcome;
  readonly prompt: PromptLine;
  /** Of the wheel. */
  readonly spin: Spin;
  readonly session: Session;
  readonly backend: Backend;
  readonly owner: Owner;
}

/** The game of this terminal. */
export interface Session {
  /** Undefined before it is prepared and after it has ended. */
  readonly game: RunningGame | undefined;
  /** Prepares a game and shows its briefing. */
  prepare(entry: WheelEntry): Promise<void>;
  /** Gives up a game that is being prepared. */
  callOff(): Promise<void>;
  /** Tells the conductor, and the person what it answers. */
  declare(declaration: Declaration): Promise<void>;
  /** Goes home, and ends the game for good. */
  leave(): Promise<void>;
}

/** What the terminal's owner does when the screens ask for it: leave, or lend the terminal to a shell. */
export interface Owner {
  quit(): void;
  /** Gives the terminal to `use` and takes it back after. */
  lend(use: () => Promise<void>): Promise<void>;
  size(): Size;
}

/** The person at this terminal, as the log names them. */
export const who = 'responder';
