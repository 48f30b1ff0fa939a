import { stringify } from 'yaml';
import { rolesFor, type Subject } from '../../cluster/access/roles.ts';
import type { Permission } from '../../cluster/cluster.ts';
import { chooseCluster } from '../../config/choose.ts';
import { loadConfig } from '../../config/load.ts';
import { exitCodes, MisfortuneError } from '../../errors.ts';
import { letterPermissions } from '../../fault/ledger/mailbox.ts';
import { neededPermissions } from '../../fault/plan/preflight.ts';
import { loadLibrary } from '../../game/library/library.ts';
import { setUpEach } from '../../game/library/plans.ts';
import type { PlaceOptions } from '../../game/start/place.ts';
import { sandboxGuardian } from '../../game/start/place.ts';

export interface RbacOptions extends PlaceOptions {
  name?: string;
  /** With the rights to take responders on other machines in. */
  open?: boolean;
  /** The rights of these responders, instead of those of the game master. */
  responders?: boolean;
  user?: string;
  group?: string;
  serviceaccount?: string;
  json?: boolean;
}

/**
 * Prints the least Roles with which these scenarios can be played (all that can be played, if none is named). Reads the
 * cluster with the rights of whoever asks; changes nothing.
 * @throws MisfortuneError `no-subject`, and those of a plan and the config
 */
export async function rbac(names: string[], options: RbacOptions): Promise<void> {
  const subject = subjectOf(options);
  const objects = options.responders
    ? rolesFor(await ofResponders(options), options.name ?? 'game-day-responders', subject)
    : rolesFor(await ofGameMaster(names, options), options.name ?? 'game-days', subject);
  const text = options.json
    ? JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }, null, 2)
    : objects.map((object) => stringify(object, { lineWidth: 0 })).join('---\n');
  process.stdout.write(`${text.trimEnd()}\n`);
}

async function ofGameMaster(names: string[], options: RbacOptions): Promise<Permission[]> {
  const permissions: Permission[] = [];
  for await (const { setup, plan: compile } of setUpEach(names, options, await loadLibrary(options))) {
    const { plan, guard } = await compile();
    permissions.push(...(await neededPermissions(plan, guard, setup.cluster)));
  }
  return permissions;
}

/** What a responder on another machine needs besides what they may do anyway when they are on call. */
async function ofResponders({ cluster, config }: RbacOptions): Promise<Permission[]> {
  if (cluster === undefined) return letterPermissions(sandboxGuardian.namespace);
  const { guardian, prometheus, alertmanager, grafana } = chooseCluster(
    await loadConfig({ file: config }),
    cluster,
  );
  const services = [prometheus, alertmanager, grafana].flatMap((endpoint) => endpoint?.service ?? []);
  return [...letterPermissions(guardian.namespace), ...services.flatMap(proxyPermissions)];
}

/** Of a Service, `namespace/name:port`, whose name has the port in it here. A query is a POST: `create`. */
function proxyPermissions(service: string): Permission[] {
  const [namespace, name] = service.split('/');
  const proxy = { group: '', resource: 'services', subresource: 'proxy', namespace, name };
  return ['get', 'create'].map((verb) => ({ verb, ...proxy }));
}

function subjectOf({ user, group, serviceaccount }: RbacOptions): Subject {
  const [namespace, account] = serviceaccount?.split(':') ?? [];
  const given: Subject[] = [
    ...(user ? [{ kind: 'User' as const, name: user }] : []),
    ...(group ? [{ kind: 'Group' as const, name: group }] : []),
    ...(namespace && account ? [{ kind: 'ServiceAccount' as const, namespace, name: account }] : []),
  ];
  const [subject] = given;
  if (subject && given.length === 1) return subject;
  throw new MisfortuneError(
    'no-subject',
    'Expected one of --user NAME, --group NAME, --serviceaccount NAMESPACE:NAME: who gets the rights.',
    { todo: '`kubectl auth whoami` tells who you are.', exitCode: exitCodes.usage },
  );
}
