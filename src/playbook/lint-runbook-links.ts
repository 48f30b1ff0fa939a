import { type Path, problemAt, type SourceDocument } from '../document/document.ts';
import { byPlace } from '../document/validate.ts';
import type { MisfortuneError } from '../errors.ts';
import { runbookLink, runbookOf } from '../signal/annotations.ts';
import { nearest, suggest } from '../words/nearest.ts';
import type { Playbook } from './schema.ts';

/** What a link can lead to. */
export interface LinkTargets {
  playbooks: readonly Playbook[];
  /** A page of a wiki that is mapped to a folder; undefined: the link is to none of these wikis. */
  page(link: string): WikiPage | undefined;
}

export interface WikiPage {
  /** Undefined: the folder has no such page; `near` is what it has. */
  found?: { file: string; anchors: readonly string[]; isStub: boolean };
  known: readonly string[];
}

export interface LinkFindings {
  problems: MisfortuneError[];
  /** Links of which nothing can be said here: they lead to no wiki that is mapped. */
  elsewhere: string[];
  alerts: number;
}

/** Alerts whose runbook annotation points nowhere, each at its place in its rule file. */
export function lintRunbookLinks(rules: readonly SourceDocument[], targets: LinkTargets): LinkFindings {
  const alerts = rules.flatMap((document) =>
    alertsIn(document.value).map((alert) => ({ ...alert, document })),
  );
  const { playbooks } = targets;
  const names = playbooks.map(({ name }) => name);
  // Where some links lead to playbooks, others of the same beginning are meant to.
  const homes = new Set(
    alerts.flatMap(({ annotations }) => {
      const link = runbookLink(annotations);
      return link && names.includes(runbookOf(annotations) ?? '') ? [homeOf(link)] : [];
    }),
  );
  const elsewhere: string[] = [];
  const problems = alerts.flatMap(({ name, annotations, path, document }) => {
    const written = runbookLink(annotations);
    const at = (code: string, message: string, todo: string | undefined, part: Path = []) =>
      problemAt(document.place([...path, ...part]), code, message, { todo });
    if (written === undefined)
      return [
        at('no-runbook', `The alert ${name} has no runbook annotation.`, suggest(name, names), ['alert']),
      ];
    const key = Object.keys(annotations).find((one) => annotations[one] === written)!;
    const link = written.replace(/\{\{\s*\$labels\.alertname\s*\}\}/g, name);
    const wrong = problemOf(name, link);
    if (wrong === 'elsewhere') elsewhere.push(link);
    return wrong && wrong !== 'elsewhere'
      ? [at(wrong.code, wrong.message, wrong.todo, ['annotations', key])]
      : [];
  });
  return { problems: problems.sort(byPlace), elsewhere: [...new Set(elsewhere)], alerts: alerts.length };

  function problemOf(alert: string, link: string): Problem | 'elsewhere' | undefined {
    const anchor = /#(.+)$/.exec(link)?.[1];
    const page = targets.page(link);
    if (page) return pageProblem(alert, link, anchor, page);
    const name = runbookOf({ runbook_url: link }) ?? '';
    const playbook = playbooks.find((one) => one.name === name);
    if (playbook) return anchorProblem(alert, anchor, anchorsOf(playbook), `the playbook ${name}`);
    if (link.includes('{{')) return 'elsewhere';
    const near = nearest(name, names);
    if (!homes.has(homeOf(link)) && /^https?:/.test(link)) return 'elsewhere';
    const answering = playbooks.find(({ answers }) => answers.includes(alert))?.name;
    const todo = near ?? answering;
    return {
      code: 'runbook-nowhere',
      message: `The runbook of ${alert} is nowhere: there is no playbook "${name}".`,
      todo: todo
        ? `Did you mean "${todo}"?`
        : 'Write the playbook, or map its wiki to a folder with --wiki URL=FOLDER.',
    };
  }
}

interface Problem {
  code: string;
  message: string;
  todo: string | undefined;
}

function pageProblem(
  alert: string,
  link: string,
  anchor: string | undefined,
  { found, known }: WikiPage,
): Problem | undefined {
  if (!found)
    return {
      code: 'runbook-nowhere',
      message: `The runbook of ${alert} is nowhere: the wiki's folder has no page for ${link}.`,
      todo: suggest(runbookOf({ runbook_url: link }) ?? '', known),
    };
  if (found.isStub)
    return {
      code: 'runbook-stub',
      message: `The runbook of ${alert}, ${found.file}, is a stub: it says nothing to do.`,
      todo: 'Write what to look at and what to do.',
    };
  return anchorProblem(alert, anchor, found.anchors, found.file);
}

function anchorProblem(
  alert: string,
  anchor: string | undefined,
  known: readonly string[],
  where: string,
): Problem | undefined {
  if (anchor === undefined || known.includes(anchor)) return undefined;
  const message = `The runbook of ${alert} leads to "#${anchor}", and ${where} has no such heading.`;
  return { code: 'unknown-anchor', message, todo: suggest(anchor, known) };
}

/** Those that its page has: `playbook render` writes a heading for each step. */
function anchorsOf({ steps }: Playbook): string[] {
  return [...steps.map(({ id }) => id), 'meaning', 'impact', 'diagnosis', 'mitigation', 'do-not'];
}

/** The link without its last part. */
function homeOf(link: string): string {
  return link.replace(/[?#].*$/, '').replace(/\/[^/]*\/?$/, '/');
}

interface AlertAt {
  name: string;
  annotations: Record<string, string>;
  path: Path;
}

/** The alerts of a rule file of Prometheus, or of a PrometheusRule. */
export function alertsIn(value: unknown): AlertAt[] {
  const file = value as { groups?: unknown; spec?: { groups?: unknown } };
  const [groups, head] = file.groups === undefined ? [file.spec?.groups, ['spec']] : [file.groups, []];
  return listed(groups).flatMap((group, index) =>
    listed(group.rules).flatMap((rule, position) => {
      if (typeof rule.alert !== 'string') return [];
      const annotations = Object.entries((rule.annotations ?? {}) as object).map(([key, text]) => [
        key,
        String(text),
      ]);
      return [
        {
          name: rule.alert,
          annotations: Object.fromEntries(annotations) as Record<string, string>,
          path: [...head, 'groups', index, 'rules', position],
        },
      ];
    }),
  );
}

function listed(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'object' && one !== null) : [];
}
