import { type Controls, type Key, type Outcome, who } from '../screen.ts';
import { glyph } from './press.ts';

/** Keys that mean the same on every screen that has them. */
export const help: Key = {
  key: '?',
  label: 'keys',
  help: 'show the keys of this screen',
  press: (controls) => controls.set({ help: true }),
};
export const back: Key = {
  key: 'escape',
  label: 'back',
  help: 'back to the screen before',
  press: (controls) => controls.back(),
};
export const backToo: Key = { ...back, key: 'q', label: '' };
export const up: Key = { key: 'up', label: '', help: 'one up', press: (controls) => controls.move(-1) };
export const down: Key = { key: 'down', label: '', help: 'one down', press: (controls) => controls.move(1) };
/** Both in the footer, as one. */
export const scroll: Key[] = [{ ...up, label: '↑↓ scroll' }, down];

export function enter(label: string, about: string): Key {
  return { key: 'return', label, help: about, press: (controls) => controls.enter() };
}

export function character(key: string, label: string, about: string, press: Key['press']): Key {
  return { key, label, help: about, press };
}

/** On every screen that shows the alert. */
export const ack: Key = character('a', 'ack', 'acknowledge the alert that is shown', ({ session }) =>
  session.declare({ type: 'ack', who }),
);

/** Left out of a footer that is too long. */
export function spare(...parts: Parameters<typeof character>): Key {
  return { ...character(...parts), isSpare: true };
}

/** The `back` of most screens. */
export const leave = (controls: Controls): Outcome => controls.leave();
/** The `enter` of a screen where there is nothing to enter. */
export const nothing = (): void => undefined;

/**
 * The one line at the bottom of a screen; closer together where the window is narrow, and then without those keys that
 * have no room: `?`, which lists them all, is always there.
 */
export function footer(keys: readonly Key[], columns: number): string {
  const shown = keys.filter(({ label }) => label);
  const line = (gap: string): string => shown.map(written).join(gap);
  if (line('   ').length <= columns - 2) return line('   ');
  while (line('  ').length > columns - 2) {
    const spare = shown.findLastIndex((one) => one.isSpare);
    const last = spare < 0 ? shown.findLastIndex((one) => one !== help) : spare;
    if (last < 0) break;
    shown.splice(last, 1);
  }
  return line('  ');
}

function written({ key, label }: Key): string {
  return label.startsWith('↑↓') ? label : `${glyph(key)} ${label}`;
}
