import type { KubeRequest, ValueChange } from './action.ts';
import { hidden, isSecret } from './value-changes.ts';

/** What the body of a write asked for, as it was sent (JSON only). */
export type Asked = Record<string, unknown> | unknown[];

/** How much of a patch, or of a list of changes, a title shows. */
const longest = 120;

/** The arguments of a write that matter, in the words of its command where it has words for them. */
export function titleArguments(
  request: KubeRequest,
  command: string | undefined,
  asked: Asked | undefined,
): string[] {
  const words = (command ?? '').replace(/^kubectl\s+/, '');
  const known = Object.entries(wordings).find(
    ([name]) => words === name || words.startsWith(`${name} `),
  )?.[1];
  const own = known?.(asOf(asked), request) ?? [];
  if (own.length > 0) return own;
  if (request.verb === 'delete' || request.verb === 'deletecollection') return deletion(asOf(asked));
  const changes = changed(request);
  return changes ? [`(${changes})`] : [];
}

type Wording = (asked: Body, request: KubeRequest) => string[];

const wordings: Record<string, Wording> = {
  scale: (asked, { changes }) => {
    const replicas = asked.spec?.replicas ?? changes?.find(({ path }) => path === 'spec.replicas')?.to;
    return replicas === undefined ? [] : [`--replicas=${String(replicas)}`];
  },
  'set image': (asked) =>
    containersOf(asked).flatMap(({ name, image }) => (image ? [`${name}=${String(image)}`] : [])),
  'set resources': (asked) =>
    ['limits', 'requests'].flatMap((kind) => {
      const amounts = containersOf(asked).map(({ resources }) => resources?.[kind]);
      const [first] = amounts.filter((one) => one !== undefined);
      return first ? [`--${kind}=${pairs(first, '').join(',')}`] : [];
    }),
  'set env': (asked) =>
    containersOf(asked).flatMap(({ env = [] }) =>
      env.map(({ name, value, $patch }) => {
        if ($patch === 'delete') return `${name}-`;
        return `${name}=${isSecret('', String(name)) ? '…' : String(value ?? '')}`;
      }),
    ),
  patch: (asked, { resource }) => {
    if (Object.keys(asked).length === 0) return [];
    return [`-p '${resource === 'secrets' ? '…' : cut(hidden(asked))}'`];
  },
  label: (asked) => pairs(asked.metadata?.labels, '-'),
  annotate: (asked) => pairs(asked.metadata?.annotations, '-'),
  autoscale: (asked) => {
    const { minReplicas, maxReplicas } = asked.spec ?? {};
    return [
      ...(minReplicas === undefined ? [] : [`--min=${String(minReplicas)}`]),
      ...(maxReplicas === undefined ? [] : [`--max=${String(maxReplicas)}`]),
    ];
  },
  expose: ({ metadata }) => (metadata?.name === undefined ? [] : [`--name=${String(metadata.name)}`]),
  'create deployment': images,
  'create job': images,
  'create cronjob': images,
  run: images,
  debug: images,
};

function images(asked: Body): string[] {
  return [
    ...new Set(containersOf(asked).flatMap(({ image }) => (image ? [`--image=${String(image)}`] : []))),
  ];
}

interface Body {
  metadata?: { name?: unknown; labels?: Record<string, unknown>; annotations?: Record<string, unknown> };
  spec?: Record<string, unknown> & {
    template?: { spec?: PodSpec };
    jobTemplate?: { spec?: Body['spec'] };
  } & PodSpec;
  gracePeriodSeconds?: number;
  propagationPolicy?: string;
}

interface PodSpec {
  containers?: Container[];
}

interface Container {
  name?: unknown;
  image?: unknown;
  resources?: Record<string, Record<string, unknown> | undefined>;
  env?: { name?: unknown; value?: unknown; $patch?: string }[];
}

function asOf(asked: Asked | undefined): Body {
  return Array.isArray(asked) || asked === undefined ? ((asked ?? {}) as Body) : asked;
}

function containersOf({ spec }: Body): Container[] {
  const template = spec?.jobTemplate?.spec?.template ?? spec?.template;
  const containers = template?.spec?.containers ?? spec?.containers;
  return Array.isArray(containers) ? containers : [];
}

/** key=value, and `key-` for what is taken away. */
function pairs(values: Record<string, unknown> | undefined, removed: string): string[] {
  return Object.entries(values ?? {}).map(([key, value]) => {
    if (value === null) return `${key}${removed}`;
    return `${key}=${isSecret('', key) ? '…' : cut(String(value))}`;
  });
}

function deletion({ gracePeriodSeconds, propagationPolicy }: Body): string[] {
  return [
    ...(gracePeriodSeconds === 0 ? ['--grace-period=0'] : []),
    ...(propagationPolicy === 'Orphan' ? ['--cascade=orphan'] : []),
  ];
}

/** What kubectl and the API server write down for themselves. */
const bookkeeping =
  /last-applied-configuration|restartedAt|deployment\.kubernetes\.io\/revision|change-cause/;

/** "replicas: 3 → 0; …" of what a write changed. */
export function changed({ changes = [], verb }: KubeRequest): string {
  if (verb !== 'patch' && verb !== 'update') return '';
  const shown = changes.filter(({ path }) => !bookkeeping.test(path));
  const [first, second, ...more] = shown.map(changeWords);
  return [first, second, more.length > 0 ? '…' : undefined].filter((one) => one !== undefined).join('; ');
}

function changeWords({ path, from, to }: ValueChange): string {
  const name = path.replace(/^spec\.(template\.spec\.)?/, '');
  if (from === undefined && to === undefined) return name;
  const word = (value: ValueChange['to']) => (value === undefined ? 'none' : cut(String(value), 40));
  return `${name}: ${word(from)} → ${word(to)}`;
}

function cut(text: string, most = longest): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
