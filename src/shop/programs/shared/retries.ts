import { Counter, type Registry } from 'prom-client';

interface RetryOptions {
  /** How often a call that failed is made again at most. */
  retries: number;
  /** Retries that each call adds to the budget: 0.2 lets one in five calls be made again, 20 is no bound at all. */
  budget: number;
  registry: Registry;
}

/** A quiet hour saves up no more than what so many calls add: a failure that hits all calls at once must not find more. */
const SAVED_CALLS = 50;

/**
 * Makes calls again that failed, at once, as long as the budget lasts. Without a budget, a service that cannot follow gets a
 * multiple of the calls that it cannot follow.
 */
export class Retries {
  private saved: number;
  private readonly calls: Counter<'dst'>;
  private readonly again: Counter<'dst'>;
  private readonly forgone: Counter<'dst'>;

  constructor(private readonly options: RetryOptions) {
    const counter = (name: string, help: string) =>
      new Counter({ name, help, labelNames: ['dst'], registers: [options.registry] });
    this.saved = SAVED_CALLS * options.budget;
    this.calls = counter('client_calls_total', 'Calls to others, however often each was tried.');
    this.again = counter('client_retries_total', 'Tries beyond the first.');
    this.forgone = counter('client_retries_forgone_total', 'Tries that the budget did not allow.');
  }

  /** @param failed whether an outcome is worth another try; the last one is returned as it is */
  async call<Outcome>(
    dst: string,
    once: () => Promise<Outcome>,
    failed: (outcome: Outcome) => boolean,
  ): Promise<Outcome> {
    this.calls.inc({ dst });
    this.again.inc({ dst }, 0);
    const { retries, budget } = this.options;
    this.saved = Math.min(this.saved + budget, SAVED_CALLS * budget);
    let outcome = await once();
    for (let left = retries; left > 0 && failed(outcome); left -= 1) {
      if (this.saved < 1) {
        this.forgone.inc({ dst });
        break;
      }
      this.saved -= 1;
      this.again.inc({ dst });
      outcome = await once();
    }
    return outcome;
  }
}
