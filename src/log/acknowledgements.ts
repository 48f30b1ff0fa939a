import type { GameState } from './state.ts';

/** What one press of a key, or one command, acknowledged. */
export interface Acknowledgement {
  /** Wall ms. */
  at: number;
  who: string;
  /** "Slow", "2 alerts: Slow, Errors"; "what fires" where no name was logged. */
  what: string;
}

/** All that fires is acknowledged at once, an event for each: events within this are one press, ms. */
const onePress = 1000;

export function acknowledgementsOf({
  acknowledgements,
}: Pick<GameState, 'acknowledgements'>): Acknowledgement[] {
  const presses: { at: number; who: string; alerts: (string | undefined)[] }[] = [];
  for (const { at, who, alert } of acknowledgements) {
    const last = presses.at(-1);
    if (last && last.who === who && at - last.at < onePress) last.alerts.push(alert);
    else presses.push({ at, who, alerts: [alert] });
  }
  return presses.map(({ at, who, alerts }) => {
    const names = [...new Set(alerts)].map((name) => name ?? 'what fires');
    const what = names.length === 1 ? (names[0] ?? '') : `${names.length} alerts: ${names.join(', ')}`;
    return { at, who, what };
  });
}
