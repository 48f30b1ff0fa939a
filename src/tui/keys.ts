/** Every key of every screen: the help page, the footers and the handlers all read this one table. */
export interface Key {
  /** As ink names it: a character, or return, escape, up, down, left, right, space. */
  key: string;
  action: Action;
  /** What the footer says; empty: in the help only. */
  label: string;
  help: string;
}

export type Action =
  | 'spin'
  | 'up'
  | 'down'
  | 'enter'
  | 'back'
  | 'games'
  | 'help'
  | 'quit'
  | 'ack'
  | 'terminal'
  | 'dashboards'
  | 'note'
  | 'diagnose'
  | 'hint'
  | 'resolve'
  | 'abort'
  | 'master'
  | 'report'
  | 'nudge'
  | 'playbook';

export type Screen =
  | 'starting'
  | 'home'
  | 'briefing'
  | 'live'
  | 'dashboards'
  | 'dashboard'
  | 'playbook'
  | 'debrief'
  | 'games';

const help: Key = { key: '?', action: 'help', label: 'keys', help: 'show the keys of this screen' };
const back: Key = { key: 'escape', action: 'back', label: 'back', help: 'back to the screen before' };
const backToo: Key = { ...back, key: 'q', label: '' };
const up: Key = { key: 'up', action: 'up', label: '', help: 'one up' };
const down: Key = { key: 'down', action: 'down', label: '', help: 'one down' };

export const keys: Record<Screen, Key[]> = {
  starting: [{ key: 'q', action: 'quit', label: 'quit', help: 'stop what is starting and leave' }],
  home: [
    { key: 'space', action: 'spin', label: 'spin', help: 'spin the wheel; a second press stops it early' },
    { ...up, label: '↑↓ choose', key: 'up' },
    down,
    { key: 'return', action: 'enter', label: 'play', help: 'play what the pointer is on' },
    { key: 'g', action: 'games', label: 'past games', help: 'list the games that were played' },
    help,
    { key: 'escape', action: 'back', label: '', help: 'call off a game that is being prepared' },
    { key: 'q', action: 'quit', label: 'quit', help: 'leave; a sandbox started here ends too' },
  ],
  briefing: [
    {
      key: 'return',
      action: 'enter',
      label: 'begin',
      help: 'begin: the baseline is taken, then something breaks',
    },
    {
      key: 'm',
      action: 'master',
      label: "game master's view",
      help: "show the game master's view from the start (it tells everything)",
    },
    help,
    back,
    backToo,
  ],
  live: [
    { key: 'a', action: 'ack', label: 'ack', help: 'acknowledge the alert that is shown' },
    {
      key: 't',
      action: 'terminal',
      label: 'shell',
      help: 'open a recorded shell with kubectl here; leave it with exit',
    },
    { key: 'd', action: 'dashboards', label: 'panels', help: 'list and open dashboards' },
    { key: 'p', action: 'playbook', label: 'playbook', help: 'read the playbook that the alert leads to' },
    { key: 'n', action: 'note', label: 'note', help: 'write a note (told support, a thought, a finding)' },
    {
      key: 'g',
      action: 'diagnose',
      label: 'cause',
      help: 'name where it comes from and what kind of failure it is',
    },
    { key: 'h', action: 'hint', label: 'hint', help: 'take the next hint' },
    {
      key: 'r',
      action: 'resolve',
      label: 'resolved',
      help: 'claim that it is resolved; a wrong claim costs nothing, play goes on',
    },
    { key: 'q', action: 'abort', label: 'abort', help: 'end the game now and put everything back' },
    { key: 'escape', action: 'abort', label: '', help: 'the same as q' },
    {
      key: 'm',
      action: 'master',
      label: '',
      help: "switch the game master's view on or off (it tells everything)",
    },
    { key: 'u', action: 'nudge', label: '', help: 'as game master: send the responder a nudge' },
    help,
  ],
  dashboards: [
    up,
    down,
    { key: 'return', action: 'enter', label: 'open', help: 'open the dashboard' },
    help,
    back,
    backToo,
  ],
  dashboard: [{ ...up, label: '↑↓ scroll' }, down, help, back, backToo],
  playbook: [{ ...up, label: '↑↓ scroll' }, down, help, back, backToo],
  debrief: [
    { ...up, label: '↑↓ scroll' },
    down,
    {
      key: 'r',
      action: 'report',
      label: 'report',
      help: 'write the report (HTML, Markdown, JSON) and show where it is',
    },
    help,
    { key: 'return', action: 'back', label: 'home', help: 'back to the wheel' },
    { ...back, label: '' },
    backToo,
  ],
  games: [
    up,
    down,
    { key: 'return', action: 'enter', label: 'scorecard', help: 'show its scorecard' },
    help,
    back,
    backToo,
  ],
};

/** The one line at the bottom of a screen; closer together where the window is narrow. */
export function footer(screen: Screen, columns: number): string {
  const parts = keys[screen]
    .filter((key) => key.label)
    .map((key) => (key.label.startsWith('↑↓') ? key.label : `${glyph(key.key)} ${key.label}`));
  const wide = parts.join('   ');
  return wide.length <= columns - 2 ? wide : parts.join('  ');
}

/** How a key is written. */
export function glyph(key: string): string {
  const names: Record<string, string> = { return: '⏎', escape: 'esc', up: '↑', down: '↓', space: 'space' };
  return names[key] ?? key;
}

/** What ink reports of a key press. */
export interface Press {
  return: boolean;
  escape: boolean;
  upArrow: boolean;
  downArrow: boolean;
  ctrl: boolean;
}

export function actionOf(screen: Screen, input: string, press: Press): Action | undefined {
  if (press.ctrl) return undefined;
  const name = press.return
    ? 'return'
    : press.escape
      ? 'escape'
      : press.upArrow
        ? 'up'
        : press.downArrow
          ? 'down'
          : input === ' '
            ? 'space'
            : input;
  return keys[screen].find((key) => key.key === name)?.action;
}
