/** Annotations of a team's own that say where an alert leads, beside the usual ones; first ones first. */
export interface AnnotationNames {
  runbook: readonly string[];
  dashboard: readonly string[];
}

/** Without case, `-` and `_`: `runbookURL`, `runbook-url` and `runbook_url` are one name. */
const usual: AnnotationNames = {
  runbook: ['runbook_url', 'runbook', 'runbook_link', 'playbook_url', 'playbook', 'playbook_link'],
  dashboard: ['dashboard_url', 'dashboard', 'dashboard_link', 'grafana_url', 'grafana', 'grafana_link'],
};

type Annotations = Readonly<Record<string, string>>;

/** The link to what has to be done, as the alert has it; undefined: there is none. */
export function runbookLink(annotations: Annotations): string | undefined {
  return firstOf(annotations, usual.runbook);
}

/** A playbook's name: the last part of the link's path, without ending, query and anchor. */
export function runbookOf(annotations: Annotations): string | undefined {
  const link = runbookLink(annotations);
  const words = link?.split(/[?#]/)[0]?.split('/').filter(Boolean).map(withoutEnding) ?? [];
  // A folder's page is the folder's.
  return words.findLast((word, at) => at === 0 || !/^(readme|index)$/i.test(word));
}

/** The link to a dashboard, or Grafana's own words for one (`/d/UID?viewPanel=ID`); undefined: there is none. */
export function dashboardLink(annotations: Annotations): string | undefined {
  const { __dashboardUid__: uid, __panelId__: panel } = annotations;
  const other = () => Object.entries(annotations).find(([key]) => /^(dashboard|grafana)/i.test(key))?.[1];
  const grafanas = uid ? `/d/${uid}${panel ? `?viewPanel=${panel}` : ''}` : undefined;
  return firstOf(annotations, usual.dashboard) ?? grafanas ?? (other() || undefined);
}

/** Whether a link is to the dashboard: by its uid as a part of a path, whatever comes behind. */
export function isLinkTo(uid: string, link: string): boolean {
  return new RegExp(`(^|[/=])${uid.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}($|[/?&#])`).test(link);
}

/**
 * The annotations with those of the team's own names under the usual ones as well, so that whoever reads them later needs
 * not know the configuration.
 */
export function withUsualNames(
  annotations: Record<string, string>,
  names: Partial<AnnotationNames> = {},
): Record<string, string> {
  const own = (list: readonly string[] = []) => list.map((name) => annotations[name]).find(Boolean);
  const runbook = own(names.runbook);
  const dashboard = own(names.dashboard);
  return {
    ...annotations,
    ...(runbook && { runbook_url: runbook }),
    ...(dashboard && { dashboard_url: dashboard }),
  };
}

function firstOf(annotations: Annotations, names: readonly string[]): string | undefined {
  const plain = new Map<string, string>();
  for (const [key, value] of Object.entries(annotations)) {
    const name = plainName(key);
    if (value !== '' && !plain.has(name)) plain.set(name, value);
  }
  return names.map((name) => plain.get(plainName(name))).find((value) => value !== undefined);
}

const plainName = (name: string): string => name.toLowerCase().replace(/[-_]/g, '');

function withoutEnding(word: string): string {
  return word.replace(/\.(md|html?|ya?ml|adoc|rst)$/i, '');
}
