import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { commandNames } from '../../../command-names.ts';
import { problemAt, type SourceDocument } from '../../../document/document.ts';
import { parseSource, readDocument } from '../../../document/read.ts';
import { describeError, exitCodes, MisfortuneError } from '../../../errors.ts';
import { type LoadedLibrary, loadLibrary } from '../../../game/library/library.ts';
import { findSandbox } from '../../../game/start/sandbox-link.ts';
import { packageRoot, stateHome } from '../../../paths.ts';
import { lintPlaybook } from '../../../playbook/lint.ts';
import { lintPlaybookObjects } from '../../../playbook/lint-objects.ts';
import { alertsIn, type LinkFindings, lintRunbookLinks } from '../../../playbook/lint-runbook-links.ts';
import { lintSteps } from '../../../playbook/lint-steps.ts';
import { type Wiki, wikiPage } from '../../../playbook/markdown/wiki.ts';
import { type ParsedPlaybook, parsePlaybook } from '../../../playbook/parse.ts';
import { ruleFilesIn } from '../../../rule-files.ts';
import { panelsOf } from '../../../signal/dashboard/panels.ts';
import { plural } from '../../../words/number.ts';
import { print } from '../../output.ts';
import { lintInSandbox } from '../documents.ts';
import { manifestObjects } from './manifest-objects.ts';

/** The files of the stack that comes with the sandbox. */
const shop = (part: string): string => join(packageRoot, 'src', 'shop', part);

/**
 * `misfortune playbook lint`: the named files (of the library or not), else all playbooks, and where the runbook links of
 * alerts lead. Against the sandbox if one runs, else against the files of the shop, as far as these tell.
 */
export async function lintPlaybooks(
  files: string[],
  options: { rules?: string[]; wiki?: string[]; json?: boolean },
): Promise<void> {
  const wikis = (options.wiki ?? []).map(wikiOf);
  const loaded = await withFiles(
    await loadLibrary(),
    files.map((file) => resolve(file)),
  );
  const { playbooks } = loaded.library;
  const wanted = playbooks.filter(({ document }) => files.length === 0 || isNamed(document.file));
  const own = new Set(playbooks.map(({ document }) => document.file));
  // Who names a cluster of their own has other alerts and objects than the shop.
  const hasCluster = Object.keys(loaded.config.config.clusters).length > 0;
  const rules = rulesIn(options.rules ?? (hasCluster ? [] : [shop('rules')]));
  const sandbox = findSandbox({ stateHome: stateHome() });
  const found = [
    ...loaded.problems,
    ...wanted.flatMap(lintSteps),
    ...(sandbox
      ? await lintInSandbox(loaded, sandbox)
      : await lintByFiles(wanted, {
          alerts: options.rules || !hasCluster ? rules.documents : undefined,
          hasCluster,
        })),
  ].filter(({ place }) => {
    const file = place?.file ?? '';
    return files.length === 0 ? own.has(file) || !isOther(file) : isNamed(file);
  });
  const linted = files.length === 0 || options.rules !== undefined;
  const links: LinkFindings = linted
    ? lintRunbookLinks(rules.documents, {
        playbooks: playbooks.flatMap(({ playbook }) => playbook ?? []),
        page: (link) => wikiPage(wikis, link),
      })
    : { problems: [], elsewhere: [], alerts: 0 };
  const problems = unique([...found, ...(linted ? [...rules.problems, ...links.problems] : [])]);
  const notLookedAt = [
    ...(sandbox ? [] : [unlooked(hasCluster)]),
    ...(links.elsewhere.length > 0
      ? [`Not looked at: ${links.elsewhere.join(', ')}. Map their wiki to a folder with --wiki URL=FOLDER.`]
      : []),
  ];
  const fine = `${plural(wanted.length, 'playbook')} and ${plural(links.alerts, 'alert')} are fine.`;
  print(
    problems.map(({ code, message, todo, place }) => ({ code, message, todo, ...place })),
    options,
    () => [...(problems.length > 0 ? problems.map(describeError) : [fine]), ...notLookedAt],
  );
  if (options.json) for (const line of notLookedAt) process.stderr.write(`${line}\n`);
  if (problems.length > 0) process.exitCode = exitCodes.failed;

  function isNamed(file: string): boolean {
    return files.some((name) => resolve(name) === file);
  }

  /** A scenario: `scenario lint` looks at these. */
  function isOther(file: string): boolean {
    return file === '' || loaded.library.scenarios.some(({ document }) => document.file === file);
  }
}

function unlooked(hasCluster: boolean): string {
  return hasCluster
    ? 'Not looked at: objects and dashboards, as no sandbox runs; alerts only in --rules.'
    : "No sandbox runs: alerts, dashboards and objects were looked up in the shop's files.";
}

/** The library, with files that are not in its folders. @throws MisfortuneError `not-a-playbook` */
async function withFiles(loaded: LoadedLibrary, files: readonly string[]): Promise<LoadedLibrary> {
  const { library } = loaded;
  const known = new Set(library.playbooks.map(({ document }) => document.file));
  const playbooks: ParsedPlaybook[] = [];
  const problems: MisfortuneError[] = [];
  for (const file of files) {
    if (known.has(file) || loaded.problems.some(({ place }) => place?.file === file)) continue;
    const { document, problems: unread } = await readDocument(file);
    problems.push(...unread);
    if (!document) continue;
    const { kind } = document.value as { kind?: unknown };
    if (kind !== 'Playbook')
      throw new MisfortuneError(
        'not-a-playbook',
        `Expected kind: Playbook, got ${JSON.stringify(kind) ?? 'none'}.`,
        {
          todo: '`misfortune scenario lint` checks scenarios, `misfortune playbook import` reads Markdown.',
          place: document.place(['kind']),
          exitCode: exitCodes.usage,
        },
      );
    const parsed = parsePlaybook(document);
    playbooks.push(parsed);
    problems.push(...parsed.problems, ...lintPlaybook(parsed, { commands: commandNames }));
  }
  return {
    ...loaded,
    library: { ...library, playbooks: [...library.playbooks, ...playbooks] },
    problems: [...loaded.problems, ...problems],
  };
}

/** What files tell: alerts of rule files; without a cluster of their own also dashboards and objects of the shop. */
async function lintByFiles(
  playbooks: readonly ParsedPlaybook[],
  { alerts, hasCluster }: { alerts: readonly SourceDocument[] | undefined; hasCluster: boolean },
): Promise<MisfortuneError[]> {
  const context = {
    commands: commandNames,
    ...(alerts && { alerts: alerts.flatMap(({ value }) => alertsIn(value).map(({ name }) => name)) }),
    ...(!hasCluster && { dashboards: dashboardsIn(shop('dashboards')) }),
  };
  const objects = hasCluster ? undefined : manifestObjects(shop('manifests'));
  const found = playbooks.map(async (parsed) => [
    ...lintPlaybook(parsed, context),
    ...(objects ? await lintPlaybookObjects(parsed, objects) : []),
  ]);
  return (await Promise.all(found)).flat();
}

function dashboardsIn(folder: string): { uid: string; panels: { title: string }[] }[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Record<string, unknown>)
    .map((model) => ({ uid: String(model.uid), panels: panelsOf({ model }) }));
}

function rulesIn(paths: readonly string[]): { documents: SourceDocument[]; problems: MisfortuneError[] } {
  const read = paths.map((path) => {
    const files = ruleFilesIn(path);
    const none = problemAt({ file: path }, 'no-rules', `Expected rules in ${path}, found none.`);
    const parsed = files.map((file) => parseSource(file.path, file.text));
    return files.length === 0 ? [{ problems: [none] }] : parsed;
  });
  const all: { document?: SourceDocument; problems: MisfortuneError[] }[] = read.flat();
  return {
    documents: all.flatMap(({ document }) => document ?? []),
    problems: all.flatMap(({ problems }) => problems),
  };
}

/** `https://wiki.example/runbooks=./runbooks` @throws MisfortuneError `bad-wiki` */
function wikiOf(text: string): Wiki {
  const at = text.lastIndexOf('=');
  const wiki = { url: text.slice(0, at), folder: text.slice(at + 1) };
  const isFolder = statSync(wiki.folder || '?', { throwIfNoEntry: false })?.isDirectory() ?? false;
  if (at > 0 && isFolder) return wiki;
  const message =
    at > 0
      ? `Expected a folder of pages, got "${wiki.folder}".`
      : `Expected URL=FOLDER for --wiki, got "${text}".`;
  throw new MisfortuneError('bad-wiki', message, {
    todo: 'For example --wiki https://wiki.example/runbooks=./runbooks',
    exitCode: exitCodes.usage,
  });
}

function unique(problems: readonly MisfortuneError[]): MisfortuneError[] {
  return [...new Map(problems.map((problem) => [describeError(problem), problem])).values()];
}
