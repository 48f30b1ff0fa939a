import type { ExpectedAlertGrade } from '../grade/alerts/alerts.ts';
import type { Cost, Evidence } from '../grade/finding.ts';
import type { SignalImpact } from '../grade/response/impact.ts';
import type { Scorecard } from '../grade/scorecard.ts';
import { quoted } from '../words/escape.ts';
import { percent, plural, quantity } from '../words/number.ts';
import { clock, duration } from '../words/time.ts';

/** One line of the story; what was not measured or not observed is told as that. */
export interface StoryLine {
  title: 'What broke' | 'Impact' | 'Notified' | 'Found and fixed' | 'Put back';
  text: string;
}

/** A game by what broke in it: for debriefs only, it tells what responders were to find. */
export function nameOf({ game, response }: Scorecard): string {
  return `${game.title}: ${response.diagnosis.mechanism}`;
}

/** What happened, in five lines. */
export function storyOf(card: Scorecard): StoryLine[] {
  return [
    { title: 'What broke', text: brokeText(card) },
    { title: 'Impact', text: impactText(card) },
    { title: 'Notified', text: notifiedText(card) },
    { title: 'Found and fixed', text: `${foundText(card)} ${fixedText(card)}` },
    { title: 'Put back', text: putBackText(card) },
  ];
}

/** "1 m 9 s of impact, 14 % of customers not served"; what a finding cost, as far as it was measured. */
export function costText({ impactMs, customersLost }: Cost): string {
  const customers = customersLost === undefined ? '' : `, ${percent(customersLost)} of customers not served`;
  return `${duration(impactMs)} of impact${impactMs === 0 ? '' : customers}`;
}

function brokeText({ broke, response: { diagnosis } }: Scorecard): string {
  const changes = broke.length === 0 ? 'the log names no change of the game' : broke.join('; ');
  return `${diagnosis.origin} (${diagnosis.mechanism}): ${changes}.`;
}

function impactText({ impact, game }: Scorecard): string {
  if (!impact) return 'Not measured: no live signal with an objective was sampled.';
  const unseen =
    impact.unseenMs * 20 < game.lengthMs ? '' : ` Not observed for ${duration(impact.unseenMs)} of the game.`;
  if (impact.signals.length === 0) return `No live signal left its objective.${unseen}`;
  const signals = impact.signals.map(signalText).join('; ');
  const { customers } = impact;
  const share = customers
    ? `${percent(customers.lost)} of customers were not served in that time, ${percent(customers.worst)} at worst`
    : 'the share of customers was not measured';
  return `${signals}. Outside an objective for ${duration(impact.ms)}; ${share}.${unseen}`;
}

function signalText({ title, unit, objective: { below, above }, worst }: SignalImpact): string {
  const [came, side, limit] =
    below === undefined ? ['fell to', 'above', above] : ['peaked at', 'below', below];
  return `${title} ${came} ${quantity(worst, unit)} (objective: ${side} ${quantity(limit, unit)})`;
}

function notifiedText({ alerts: { expected }, response: { firstAlerts } }: Scorecard): string {
  const each = expected.map((one) => `${alertText(one)}.`);
  const { other } = firstAlerts;
  const also = other ? [`The first other alert was ${other.name}, after ${duration(other.at)}.`] : [];
  if (each.length === 0) return ['The scenario expects no alert.', ...also].join(' ');
  return [...each, ...(firstAlerts.expected ? [] : also)].join(' ');
}

function alertText({ name, text, fired, verdict, ...one }: ExpectedAlertGrade): string {
  const said = `${name} ${text}`;
  if (!fired) return said;
  if (one.ownerHeard === undefined) return `${said}; who was notified was not observed`;
  const { notifiedAt, firingAt = 0, detectionMs = 0, receivers } = one;
  if (notifiedAt === undefined || receivers.length === 0 || verdict === 'fired_unrouted') return said;
  const after = Math.max(0, notifiedAt - (firingAt - detectionMs));
  return `${said}; ${receivers.map(plain).join(', ')} notified ${duration(after)} after it`;
}

function foundText({ response: { times, diagnosis, people } }: Scorecard): string {
  const at = times.find(({ name }) => name === 'diagnosed')?.at;
  if (at !== undefined) {
    const right = diagnosis.tries.findLast((one) => one.at !== undefined && one.at <= at);
    return `The right diagnosis came after ${duration(at)}${by(right?.who ?? people[0])}.`;
  }
  const last = diagnosis.tries.at(-1);
  return last ? `No diagnosis was right; of the last: ${last.verdict}.` : 'No diagnosis was recorded.';
}

function fixedText(card: Scorecard): string {
  const { response, game } = card;
  const at = (name: string) => response.times.find((one) => one.name === name)?.at;
  const recovered = at('mitigated');
  if (game.ending !== 'mitigated' || recovered === undefined) {
    return `Not fixed in the game: ${game.why.replace(/\.$/, '')}.`;
  }
  const fix = fixOf(card, recovered);
  const how = fix
    ? `${quoted(fix.text)}${by(fix.who ?? response.people[0])} at ${clock(fix.at ?? 0)}`
    : 'What restored it was not observed';
  const verified = at('verified');
  const check =
    verified === undefined
      ? 'verified by nobody: no claim was accepted'
      : `verified after ${duration(verified)}${by(response.verifiedBy)}`;
  return `${how}; the metrics recovered after ${duration(recovered)}; ${check}.`;
}

/** What mitigated, as far as the playbook, the scenario's fixes or the order of things tell. */
function fixOf({ playbook }: Scorecard, recovered: number): Evidence | undefined {
  const isBefore = ({ at }: Evidence) => at !== undefined && at <= recovered;
  const end = playbook.outages.at(-1)?.end;
  if (end) return end;
  const helpful = playbook.helpful.findLast((one) => one.kind === 'write' && isBefore(one));
  return (
    helpful ??
    playbook.unplanned.findLast((one) => one.known?.fails === undefined && one.known && isBefore(one))
  );
}

function putBackText({ putBack: { faults, changes }, game: { restored } }: Scorecard): string {
  const own = `${plural(faults, 'change')} of the game ${faults === 1 ? 'was' : 'were'} reverted`;
  const undone = `, ${plural(changes.length, 'change')} of responders undone (${changes.map(plain).join(', ')})`;
  const theirs = changes.length === 0 ? '' : undone;
  if (!restored) return `${own}${theirs}. The restore was not verified.`;
  const left = restored.differences + restored.conflicts;
  const notes = restored.left ? `; left to others or not ready yet: ${restored.left.join('; ')}` : '';
  return `${own}${theirs}. Verified: ${plural(left, 'difference')}${notes}.`;
}

function by(who: string | undefined): string {
  return who === undefined ? '' : ` by ${plain(who)}`;
}

/** A name from a cluster: back-ticks are ours, for commands. */
function plain(name: string): string {
  return name.replaceAll('`', "'");
}
