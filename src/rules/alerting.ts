import { PromqlError } from '../promql/error.ts';
import type { Steps } from '../promql/evaluate/steps.ts';
import type { Query, QueryLimits } from '../promql/query.ts';
import { LabelSet } from '../promql/series/labels.ts';
import type { SeriesSource } from '../promql/series/source.ts';
import type { Sample, Value } from '../promql/value.ts';
import { type ActiveAlert, AlertStates, type Observed } from './alert-states.ts';
import type { RuleDefinition } from './rule.ts';
import { renderTemplate } from './template/template.ts';

/** What the rules of a group share. */
export interface AlertEvaluation {
  readonly limits: QueryLimits;
  /** Of queries in templates, which have no turns. */
  readonly templateLimits: QueryLimits;
  readonly queryOffsetMs: number;
  /** Most alerts of a rule; 0: there is no limit. */
  readonly limit: number;
  readonly externalLabels: LabelSet;
  readonly externalUrl: () => string;
}

/** One alerting rule with the state of its alerts. */
export class AlertingRule {
  readonly definition: RuleDefinition;
  readonly #query: Query;
  readonly #states: AlertStates;
  /** Its labels are no templates: a series always gives the same alert. */
  readonly #isFixed: boolean;
  readonly #labelled = new WeakMap<LabelSet, LabelSet>();

  constructor(definition: RuleDefinition, query: Query) {
    this.definition = definition;
    this.#query = query;
    this.#states = new AlertStates(definition);
    this.#isFixed = Object.values(definition.labels).every((text) => !text.includes('{{'));
  }

  get alerts(): readonly ActiveAlert[] {
    return this.#states.alerts;
  }

  /** Of ALERTS and ALERTS_FOR_STATE. */
  get samples(): Sample[] {
    return this.alerts.flatMap(samplesOf);
  }

  get state(): AlertStates['state'] {
    return this.#states.state;
  }

  /**
   * One evaluation at `time` (ms). Returns the samples of ALERTS and ALERTS_FOR_STATE, and the alerts that just
   * stopped firing.
   */
  *evaluate(
    source: SeriesSource,
    time: number,
    evaluation: AlertEvaluation,
  ): Steps<{ samples: Sample[]; resolved: ActiveAlert[] }> {
    const queried = time - evaluation.queryOffsetMs;
    const value = yield* this.#query.instantSteps(source, queried, evaluation.limits);
    const ended = this.take(resultsOf(value), source, time, evaluation);
    return { samples: this.samples, resolved: ended.filter(({ state }) => state === 'firing') };
  }

  /**
   * One evaluation whose expression gave `results`. Returns the alerts that ended, pending ones as well. Throws PromqlError
   * where Prometheus fails the evaluation.
   */
  take(
    results: readonly Sample[],
    source: SeriesSource,
    time: number,
    evaluation: AlertEvaluation,
  ): ActiveAlert[] {
    if (evaluation.limit > 0 && results.length > evaluation.limit) {
      this.#states.clear();
      throw new PromqlError(
        'execution',
        `exceeded limit of ${evaluation.limit} with ${results.length} alerts`,
      );
    }
    const queried = time - evaluation.queryOffsetMs;
    const observed = results.map((sample) => this.#observed(sample, source, queried, evaluation));
    if (new Set(observed.map(({ labels }) => labels.key)).size < observed.length)
      throw new PromqlError(
        'execution',
        'vector contains metrics with the same labelset after applying alert labels',
      );
    return this.#states.observe(time, observed);
  }

  #observed(
    { labels, value }: Sample,
    source: SeriesSource,
    time: number,
    { templateLimits: limits, externalLabels, externalUrl }: AlertEvaluation,
  ): Observed {
    const { name, labels: own, annotations } = this.definition;
    if (this.#isFixed && Object.keys(annotations).length === 0) {
      const known = this.#labelled.get(labels) ?? labels.withoutName().with({ ...own, alertname: name });
      this.#labelled.set(labels, known);
      return { labels: known, value, annotations };
    }
    const scope = { labels, value, source, time, limits, externalLabels, externalUrl: externalUrl() };
    const filled = (texts: Readonly<Record<string, string>>) =>
      Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, renderTemplate(text, scope)]));
    return {
      labels: labels.withoutName().with({ ...filled(own), alertname: name }),
      value,
      annotations: filled(annotations),
    };
  }
}

/** What an expression gave, as the alerts of a rule are made of it. */
export function resultsOf(value: Value): readonly Sample[] {
  if (value.type === 'vector') return value.samples;
  return value.type === 'scalar' ? [{ labels: LabelSet.empty, value: value.value }] : [];
}

function samplesOf({ labels, state, activeAt }: ActiveAlert): Sample[] {
  return [
    { labels: labels.with({ __name__: 'ALERTS', alertstate: state }), value: 1 },
    { labels: labels.with({ __name__: 'ALERTS_FOR_STATE' }), value: activeAt / 1000 },
  ];
}
