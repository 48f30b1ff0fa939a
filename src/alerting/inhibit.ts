import type { Alert } from './alerts.ts';
import type { InhibitRule } from './config.ts';
import { matchesAll } from './matcher.ts';

/** Fingerprints of the firing alerts that silence this one by an inhibit rule. */
export function inhibitors(rules: readonly InhibitRule[], alert: Alert, firing: readonly Alert[]): string[] {
  return rules
    .filter(({ target }) => matchesAll(target, alert.labels))
    .flatMap(({ source, target, equal }) => {
      // An alert that is source and target of a rule must not silence itself or its like.
      const both = matchesAll(source, alert.labels);
      return firing.filter(
        (other) =>
          other.fingerprint !== alert.fingerprint &&
          matchesAll(source, other.labels) &&
          !(both && matchesAll(target, other.labels)) &&
          equal.every((name) => other.labels.get(name) === alert.labels.get(name)),
      );
    })
    .map((other) => other.fingerprint);
}
