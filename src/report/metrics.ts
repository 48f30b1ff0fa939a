import { Gauge, Registry } from 'prom-client';
import type { Scorecard } from '../grade/scorecard.ts';
import { isScripted } from '../log/players.ts';

/** Whose games are told apart: those that `validate` plays follow the playbook of their day to the letter. */
const ofGames = ['scenario', 'owner', 'by'] as const;
/** A game at another speed has other durations. */
const ofTheLast = [...ofGames, 'speed'] as const;

/**
 * What games came to, as metrics: how many there were, and of the last one of each scenario its times, scores, expected alerts
 * and findings. What was not observed has no sample. `unread`: games that could not be read.
 */
export function gameMetrics(cards: readonly Scorecard[], unread: number): Registry {
  const registry = new Registry();
  const gauge = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    new Gauge({ name: `misfortune_${name}`, help, labelNames, registers: [registry] });
  const games = gauge('games', 'Games that were played, by how they ended.', [...ofGames, 'ending']);
  const at = gauge('last_game_timestamp_seconds', 'When the last game was injected.', ofGames);
  const seconds = gauge('last_game_seconds', 'From the injection of the last game until this moment of it.', [
    ...ofTheLast,
    'until',
  ]);
  const score = gauge(
    'last_game_score_ratio',
    'What the last game graded its alerts, dashboards or playbook.',
    [...ofTheLast, 'subject'],
  );
  const expected = gauge(
    'last_game_expected_alert',
    'An expected alert of the last game, and what became of it.',
    [...ofGames, 'alert', 'verdict'],
  );
  const findings = gauge('last_game_findings', 'What the last game found to be changed.', [
    ...ofGames,
    'subject',
  ]);
  gauge('games_unread', 'Games that could not be read.', []).set(unread);

  const last = new Map<string, Scorecard>();
  for (const card of [...cards].sort((one, other) => one.game.injectedAt - other.game.injectedAt)) {
    const { ending } = card.game;
    games.inc({ ...labelsOf(card), ending });
    last.set(JSON.stringify(labelsOf(card)), card);
  }
  for (const card of last.values()) {
    const { game, alerts, dashboards, playbook, response } = card;
    const own = labelsOf(card);
    const timed = { ...own, speed: String(game.speed) };
    at.set(own, game.injectedAt / 1000);
    for (const { name, at: ms } of response.times)
      if (name !== 'injected' && ms !== undefined) seconds.set({ ...timed, until: name }, ms / 1000);
    for (const [subject, grade] of Object.entries({ alerts, dashboards }))
      if (grade.letter !== '—') score.set({ ...timed, subject }, rounded(grade.score));
    score.set({ ...timed, subject: 'playbook' }, rounded(playbook.score));
    for (const { name, verdict } of alerts.expected) expected.set({ ...own, alert: name, verdict }, 1);
    for (const { subject, kind } of card.findings) if (kind !== 'good') findings.inc({ ...own, subject });
  }
  return registry;
}

/** To what tells two games apart. */
function rounded(ratio: number): number {
  return Math.round(ratio * 1000) / 1000;
}

function labelsOf({
  game: { scenario, owner, player },
}: Scorecard): Record<(typeof ofGames)[number], string> {
  return { scenario, owner, by: isScripted(player) ? 'validate' : 'people' };
}
