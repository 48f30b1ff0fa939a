import type { LabelSet } from '../promql/series/labels.ts';
import type { Route } from './config.ts';
import { type Labels, matchesAll } from './matcher.ts';

/** Every route that takes an alert: the deepest match of each branch, further ones only after `continue`. */
export function routesFor(route: Route, labels: Labels): Route[] {
  if (!matchesAll(route.matchers, labels)) return [];
  const found: Route[] = [];
  for (const child of route.routes) {
    const matching = routesFor(child, labels);
    found.push(...matching);
    if (matching.length > 0 && !child.continues) break;
  }
  return found.length > 0 ? found : [route];
}

/** The labels that the alerts of one notification share by `group_by`. */
export function groupLabels(route: Route, labels: LabelSet): LabelSet {
  return route.groupBy === undefined ? labels : labels.keep(route.groupBy);
}
