import type { Cluster } from '../../../cluster/cluster.ts';
import { type Finding, ok, warning } from './finding.ts';

/** Times in a scorecard are compared to the second; an answer's date is given in whole ones. s */
const tolerated = 5;

/** How far another clock is from ours; undefined if it is near enough to say nothing. Both in ms since epoch. */
export function clockFinding(whose: string, theirs: number, ours: number): Finding | undefined {
  const ahead = (theirs - ours) / 1000;
  if (Math.abs(ahead) <= tolerated) return undefined;
  const seen = `${whose} is ${Math.abs(ahead).toFixed(0)} s ${ahead > 0 ? 'ahead' : 'behind'}`;
  return warning('clock', seen, 'Synchronise the clocks (NTP): times in the scorecard are compared.');
}

/** The API server's clock, by the date of an answer, against this machine's in the middle of the request. */
export async function apiServerClock(cluster: Cluster, now = Date.now): Promise<Finding[]> {
  const before = now();
  const { date } = await cluster.raw('/version');
  const theirs = Date.parse(date ?? '');
  if (Number.isNaN(theirs)) return [];
  const found = clockFinding("the API server's clock", theirs + 500, (before + now()) / 2);
  return [found ?? ok('clock', "this machine's and the API server's are the same")];
}
