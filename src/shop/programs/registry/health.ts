/** A server that load balancers send to, if it is up. */
export interface Target {
  name: string;
  /** host:port, as the load balancers have it in their list. */
  address: string;
}

/** Reads `till-1=storefront:8001,till-2=storefront:8002`. @throws Error that names the entry that is wrong */
export function parseTargets(text: string): Target[] {
  return text
    .split(',')
    .filter(Boolean)
    .map((entry) => {
      const [, name, address] = /^([^=\s]+)=([^\s:]+:\d{1,5})$/.exec(entry.trim()) ?? [];
      if (!name || !address) throw new Error(`Expected name=host:port, got "${entry}".`);
      return { name, address };
    });
}

/** Whether a target is up, by its checks: several have to agree before that changes. */
export class Health {
  up = true;
  private streak = 0;

  constructor(private readonly options: { fall: number; rise: number }) {}

  /** @returns whether this check has changed it */
  check(passed: boolean): boolean {
    this.streak = passed === this.up ? 0 : this.streak + 1;
    if (this.streak < (this.up ? this.options.fall : this.options.rise)) return false;
    this.up = passed;
    this.streak = 0;
    return true;
  }
}

/** Which to leave out. Where most are down, none is: then the fault is more likely here than there. */
export function leftOut<Of extends { up: boolean }>(all: readonly Of[]): Of[] {
  const down = all.filter(({ up }) => !up);
  return down.length > all.length / 2 ? [] : down;
}
