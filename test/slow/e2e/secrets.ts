import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { packageRoot } from '../../../src/paths.ts';

/** Words of the trade: none may be said to a responder before the debrief. */
const trade = [
  'haymaker',
  'broken.?upstream',
  'misfortune',
  'chaos',
  'fault(?!y)s?',
  'oracle',
  'inject(ed|ion|or)?',
  'culprit',
  'flood(ing|ed)?',
  'autocannon',
  'scenarios?',
  'sabotage',
  'game.?day',
  'saboteur',
];

/** What gives a scenario away: the words of the trade, its name, and the ids of its faults and checks. */
export function wordsOf(scenario: string): RegExp {
  const file = join(packageRoot, 'scenarios', `${scenario}.yaml`);
  const document = parse(readFileSync(file, 'utf8')) as {
    name: string;
    faults: { id: string }[];
    oracle: { all: { id: string }[] };
    steadyState: { id: string }[];
  };
  // The service's own levels are drawn for the responder; they are what anyone would watch.
  const shown = new Set(document.steadyState.map(({ id }) => id));
  const ids = [
    document.name,
    ...document.faults.map(({ id }) => id),
    ...document.oracle.all.map(({ id }) => id),
  ].filter((id) => !shown.has(id));
  return new RegExp(`(?<![a-z])(${[...trade, ...new Set(ids)].join('|')})(?![a-z])`, 'gi');
}

/** Places where one of the words may stand, each with its reason. */
const exceptions: { text: RegExp; why: string }[] = [
  { text: /sidecar\.istio\.io\/inject/g, why: "Istio's own label; every batch job in a mesh carries it" },
  { text: /linkerd\.io\/inject/g, why: "Linkerd's own annotation, for the same reason" },
  {
    text: /inject\([\w,. =]*\)/g,
    why: "a method of OpenTelemetry, which the shop's metrics library brings along",
  },
  { text: /contains injected data/g, why: "kubectl's own words for a projected volume" },
  { text: /MISFORTUNE_\w+=/g, why: 'the responder typed `misfortune join`: settings of that command' },
  {
    text: /misfortune (join|ack|dash|diagnose|resolve)/g,
    why: 'the commands that a responder is told to type',
  },
  { text: /^misfortune: /gm, why: 'how these commands begin a complaint' },
  { text: /"MISFORTUNE_WHO"/g, why: 'as above' },
  { text: /"scenario":""/g, why: 'a field of every game, emptied until the debrief' },
  { text: /"(phase|type)":"inject(ed)?"/g, why: 'a word of the protocol, the same in every game' },
];

export interface Finding {
  where: string;
  word: string;
  around: string;
}

/** Collects texts and finds the words in them. */
export class Search {
  private readonly findings = new Map<string, Finding>();
  /** How many texts were searched, and how many characters. */
  texts = 0;
  characters = 0;

  constructor(
    private readonly words: RegExp,
    /** Paths under which our own files lie: the responder typed a command that lies there. */
    private readonly ownPaths: readonly string[],
  ) {}

  /** What was found since the last time, each text once, twenty at most. */
  take(): Finding[] {
    const found = [...this.findings.values()].slice(0, 20);
    this.findings.clear();
    return found;
  }

  look(where: string, text: string): void {
    this.texts += 1;
    this.characters += text.length;
    let cleaned = text;
    for (const path of this.ownPaths) cleaned = cleaned.replaceAll(path, '…');
    for (const { text: allowed } of exceptions) cleaned = cleaned.replace(allowed, '…');
    for (const match of cleaned.matchAll(this.words)) {
      const around = cleaned.slice(Math.max(0, match.index - 80), match.index + match[0].length + 60);
      this.findings.set(around, {
        where: where.slice(0, 80),
        word: match[0],
        around: around.replaceAll('\n', '⏎'),
      });
    }
  }
}
