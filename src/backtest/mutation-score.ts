import type { RuleGroupDefinition } from '../rules/rule.ts';
import { type CheckRow, compareOutcomes, slowest } from './compare.ts';
import type { RecordedGame } from './game.ts';
import { type Mutant, mutantsOf } from './mutants.ts';
import { type AlertOutcome, backtest } from './outcome.ts';

/** What the games make of one mutant. */
export interface MutantResult extends Pick<Mutant, 'rule' | 'kind' | 'what'> {
  /**
   * noticed: in a game something got worse, so `check` would have failed. changed: something became only better, which `check`
   * shows. survived: no game tells it from the rules as they are. no data: what its alerts read is in no game's recording.
   */
  fate: 'noticed' | 'changed' | 'survived' | 'no data';
  /** The first row that tells. */
  by?: Pick<CheckRow, 'game' | 'alert' | 'why'>;
}

export interface MutationScore {
  results: MutantResult[];
  /** Alerts that no game expects: their mutants can be noticed by false alarms only. */
  neverExpected: string[];
  games: number;
}

/** Tries all mutants on game after game; one that was noticed is not tried again. */
export class MutationTrial {
  private readonly mutants: { mutant: Mutant; fate: MutantResult['fate']; by?: MutantResult['by'] }[];
  private readonly alerts: readonly string[];
  private readonly expected = new Set<string>();
  private games = 0;

  constructor(rules: readonly RuleGroupDefinition[]) {
    this.mutants = mutantsOf(rules).map((mutant) => ({ mutant, fate: 'no data' }));
    const alerting = rules.flatMap((group) => group.rules).filter(({ kind }) => kind === 'alerting');
    this.alerts = [...new Set(alerting.map(({ name }) => name))].sort();
  }

  /** How many there are. */
  get count(): number {
    return this.mutants.length;
  }

  play(game: RecordedGame): void {
    this.games += 1;
    for (const { name, or } of game.expected) for (const one of [name, ...or]) this.expected.add(one);
    // The mutants of a rule share what was before them.
    const known = new Map<Mutant['before'], ReadonlyMap<string, AlertOutcome>>();
    for (const one of this.mutants) {
      if (one.fate === 'noticed') continue;
      const { before, after } = one.mutant;
      const was = known.get(before) ?? backtest(game, before);
      known.set(before, was);
      const tolerance = { laterMs: 0, sameMs: slowest(game, before) };
      const rows = compareOutcomes(game, was, backtest(game, after), tolerance);
      const worse = rows.find(({ verdict }) => verdict === 'worse');
      const telling = worse ?? rows.find(({ verdict }) => verdict === 'better');
      const isKnown = [...was.values()].some(({ unknown }) => unknown === undefined);
      if (one.fate === 'no data' && isKnown) one.fate = 'survived';
      if (!telling || (one.fate === 'changed' && !worse)) continue;
      one.fate = worse ? 'noticed' : 'changed';
      one.by = { game: telling.game, alert: telling.alert, why: telling.why };
    }
  }

  score(): MutationScore {
    return {
      results: this.mutants.map(({ mutant: { rule, kind, what }, fate, by }) => ({
        ...{ rule, kind, what, fate },
        ...(by && { by }),
      })),
      neverExpected: this.alerts.filter((name) => !this.expected.has(name)),
      games: this.games,
    };
  }
}
