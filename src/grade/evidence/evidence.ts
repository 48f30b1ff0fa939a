import type { Ending } from '../../log/events.ts';
import { isScripted } from '../../log/players.ts';
import { type AlertsGrade, gradeAlerts } from '../alerts/alerts.ts';
import type { GradeInput } from '../input.ts';
import { momentsOf } from '../moments.ts';
import { gradePlaybook, type PlaybookGrade, withoutDashboards } from '../playbook/playbook.ts';

/** One game that was played, as evidence for its playbook and its alerts. */
export interface Drill {
  game: string;
  /** Wall ms of the injection. */
  at: number;
  cluster: string;
  scenario: string;
  ending: Ending | 'unknown';
}

export interface DrilledGame extends Drill {
  /** By `validate`, which leaves steps out on purpose. */
  scripted: boolean;
  playbook: Pick<PlaybookGrade, 'name' | 'title' | 'steps' | 'helpful'>;
  alerts: Pick<AlertsGrade['expected'][number], 'name' | 'verdict' | 'text' | 'fired'>[];
}

/** Undefined: nobody responded, so nothing was drilled. */
export function drilledGame(id: string, input: GradeInput): DrilledGame | undefined {
  const { state, scenario, dashboards, playbook } = input;
  if (!state.phases.some(({ phase }) => phase === 'respond')) return undefined;
  const asked = dashboards.length > 0 ? playbook : withoutDashboards(playbook);
  return {
    game: id,
    at: state.injectedAt ?? state.game?.at ?? 0,
    cluster: state.game?.cluster ?? '',
    scenario: scenario.name,
    ending: state.ended?.ending ?? 'unknown',
    scripted: isScripted(state.game?.player),
    playbook: gradePlaybook(asked, state, scenario),
    alerts: gradeAlerts(input, momentsOf(state)).expected,
  };
}

/** What many games say of each playbook and alert. A statement about these, never about who played. */
export interface GamesEvidence {
  games: number;
  playbooks: PlaybookEvidence[];
  alerts: AlertEvidence[];
}

export interface PlaybookEvidence {
  name: string;
  /** Games that it was played in; 0: never drilled. */
  games: number;
  /** Those of them that people played: steps and candidates are of these. */
  byPeople: number;
  last?: Drill & { done: number; of: number };
  steps: StepEvidence[];
  /** What no step asks for and helped, with the games it did so in, most often first. */
  candidates: { text: string; kind: 'look' | 'write'; games: string[] }[];
}

export interface StepEvidence {
  id: string;
  optional: boolean;
  /** Numbers of games. `skipped`: it was observable and not done; others could not be done, or the log ends before. */
  done: number;
  skipped: number;
  notObservable: number;
  other: number;
  /** More than half of at least two games skipped it, and it is not optional. */
  isQuestioned: boolean;
}

export interface AlertEvidence {
  name: string;
  /** Games that expected it; 0: never drilled. */
  games: number;
  fired: number;
  notObserved: number;
  last?: Drill & { verdict: string; text: string };
}

/** `known`: what there is, drilled or not. Games in any order. */
export function evidenceOf(
  games: readonly DrilledGame[],
  known: { playbooks: readonly string[]; alerts: readonly string[] },
): GamesEvidence {
  const sorted = [...games].sort((a, b) => a.at - b.at);
  const playbooks = named(
    sorted.map(({ playbook }) => playbook.name),
    known.playbooks,
  );
  const alerts = named(
    sorted.flatMap((game) => game.alerts.map(({ name }) => name)),
    known.alerts,
  );
  return {
    games: games.length,
    playbooks: playbooks.map((name) =>
      playbookEvidence(
        name,
        sorted.filter(({ playbook }) => playbook.name === name),
      ),
    ),
    alerts: alerts.map((name) => alertEvidence(name, sorted)),
  };
}

function named(drilled: readonly string[], known: readonly string[]): string[] {
  return [...new Set([...drilled, ...known])].sort();
}

function drillOf({ game, at, cluster, scenario, ending }: DrilledGame): Drill {
  return { game, at, cluster, scenario, ending };
}

function playbookEvidence(name: string, games: readonly DrilledGame[]): PlaybookEvidence {
  const last = games.at(-1);
  const people = games.filter(({ scripted }) => !scripted);
  const ids = [...new Set(people.flatMap(({ playbook }) => playbook.steps.map(({ id }) => id)))];
  const candidates = new Map<string, PlaybookEvidence['candidates'][number]>();
  for (const { game, playbook } of people)
    for (const { text, kind } of playbook.helpful) {
      const found = candidates.get(text) ?? { text, kind, games: [] };
      if (!found.games.includes(game)) found.games.push(game);
      candidates.set(text, found);
    }
  return {
    name,
    games: games.length,
    byPeople: people.length,
    ...(last && { last: { ...drillOf(last), ...doneOf(last) } }),
    steps: ids.map((id) => stepEvidence(id, people)),
    candidates: [...candidates.values()].sort((a, b) => b.games.length - a.games.length),
  };
}

const isDone = ({ status }: { status: string }): boolean => status === 'done' || status === 'early';

/** Of the steps that somebody could see and that are not optional. */
function doneOf({ playbook }: DrilledGame): { done: number; of: number } {
  const asked = playbook.steps.filter(({ optional, status }) => !optional && status !== 'not observable');
  return { done: asked.filter(isDone).length, of: asked.length };
}

function stepEvidence(id: string, games: readonly DrilledGame[]): StepEvidence {
  const states = games.flatMap(({ playbook }) => playbook.steps.filter((step) => step.id === id));
  const count = (...statuses: string[]) => states.filter(({ status }) => statuses.includes(status)).length;
  const done = count('done', 'early');
  const skipped = count('missing', 'n/a');
  const notObservable = count('not observable');
  const optional = states.at(-1)?.optional ?? false;
  return {
    ...{ id, optional, done, skipped, notObservable },
    other: states.length - done - skipped - notObservable,
    isQuestioned: !optional && done + skipped >= 2 && skipped > done,
  };
}

function alertEvidence(name: string, games: readonly DrilledGame[]): AlertEvidence {
  const drills = games.flatMap((game) =>
    game.alerts.filter((alert) => alert.name === name).map((alert) => ({ game, alert })),
  );
  const unseen = drills.filter(({ alert }) => !alert.fired && alert.verdict === 'not_observed');
  const last = drills.at(-1);
  return {
    name,
    games: drills.length,
    fired: drills.filter(({ alert }) => alert.fired).length,
    notObserved: unseen.length,
    ...(last && { last: { ...drillOf(last.game), verdict: last.alert.verdict, text: last.alert.text } }),
  };
}
