import type { Step } from '../schema.ts';
import { unnumbered } from './outline.ts';

/** What a heading says about the text below it. */
export type Purpose = 'meaning' | 'impact' | 'harmful' | 'further' | Step['phase'];

/**
 * Words of headings of runbooks that people publish (prometheus-operator/runbooks and openshift/runbooks have Meaning,
 * Impact, Diagnosis, Mitigation; others write freely), the first that fits.
 */
const purposes: readonly [Purpose, RegExp][] = [
  ['harmful', /\b(do not|don['’]?t|never|caution|danger|what not to)\b/],
  ['impact', /\b(impact|severity|consequences?|business effect)\b/],
  ['communicate', /\b(escalat\w*|communicat\w*|contacts?|notif\w+|stakeholders?|who to call|status page)\b/],
  [
    'verify',
    /\b(verif\w+|validat\w+|confirm\w*|definition of done|post[- ]?(checks?|resolution|incident))\b/,
  ],
  [
    'mitigate',
    /\b(mitigat\w*|remediat\w*|resol\w+|fix(es|ing)?|recover\w*|workarounds?|solutions?|rollback|roll back|actions?|procedures?|response|restore|repair|steps?)\b/,
  ],
  [
    'diagnose',
    /\b(diagnos\w*|investigat\w*|troubleshoot\w*|debug\w*|analy[sz]\w*|(root |possible |common |likely )?causes?|identify)\b/,
  ],
  [
    'triage',
    /\b(triage|first (steps?|look)|quick checks?|initial\w*|prerequisites?|before you begin|checks?)\b/,
  ],
  ['further', /\b(references?|links?|see also|(additional|further|related) \w+|more information|notes?)\b/],
  [
    'meaning',
    /\b(meaning|summary|overview|description|about|background|symptoms?|details?|when to use|trigger|purpose)\b/,
  ],
];

/** The purpose of a section: what its own heading says, else the nearest one above it; undefined: none says. */
export function purposeOf(path: readonly string[]): { purpose: Purpose; own: boolean } | undefined {
  for (const [index, heading] of [...path.entries()].reverse()) {
    const text = unnumbered(heading).toLowerCase();
    const found = purposes.find(([, words]) => words.test(text));
    // Deeper headings are titles of steps ("Check the logs"): they say what is done, not what the section is for.
    if (found && (index === 0 || isHeadingWord(text)))
      return { purpose: found[0], own: index === path.length - 1 };
  }
  return undefined;
}

/** Headings of one or two words name a section. */
function isHeadingWord(text: string): boolean {
  return (
    text.split(/\s+/).length <= 2 &&
    purposes.some(([, words]) => words.test(text) && !/\bchecks?\b/.test(text))
  );
}

/** Known words, to name the nearest of. */
export const headingWords = [
  ...['Meaning', 'Summary', 'Symptoms', 'Impact', 'Triage', 'Diagnosis', 'Investigation', 'Troubleshooting'],
  ...[
    'Mitigation',
    'Remediation',
    'Resolution',
    'Steps',
    'Verification',
    'Escalation',
    'Do not',
    'References',
  ],
];
