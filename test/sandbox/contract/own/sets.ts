/** StatefulSets, DaemonSets and CronJobs under the commands of everyday work. */
import { apps, core, create, kubectl, pod, podSpec, ready, scene, service, topic, until } from './steps.ts';

const statefulSet = (replicas: number, more: Record<string, unknown> = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'db' },
  spec: {
    serviceName: 'db',
    replicas,
    selector: { matchLabels: { app: 'db' } },
    template: { metadata: { labels: { app: 'db' } }, spec: podSpec() },
    ...more,
  },
});

const daemonSet = (more: Record<string, unknown> = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: 'agent' },
  spec: {
    selector: { matchLabels: { app: 'agent' } },
    template: { metadata: { labels: { app: 'agent' } }, spec: podSpec() },
    ...more,
  },
});

const template = (env = '') =>
  `Pod Template:\n  Labels:\tapp=APP\n  Containers:\n   app:\n    Image:\tlocalhost/busybox:1\n    Port:\t<none>\n    Host Port:\t<none>\n    Command:\n      sleep\n      3600\n    Environment:${env || '\t<none>'}\n    Mounts:\t<none>\n  Volumes:\t<none>\n  Node-Selectors:\t<none>\n  Tolerations:\t<none>\n\n`;

export const sets = topic('sets', 'StatefulSets, DaemonSets and CronJobs by kubectl', [
  scene('the rollout of a StatefulSet: status, history, undo, restart', (ns) => [
    create(apps(ns, 'statefulsets'), statefulSet(2)),
    kubectl(
      ns,
      'rollout status sts/db',
      'Waiting for 2 pods to be ready...\npartitioned roll out complete: 2 new pods have been updated...\n',
    ),
    kubectl(ns, 'get sts', 'NAME  READY  AGE\ndb  2/2  <age>\n'),
    kubectl(
      ns,
      'get sts -o wide',
      'NAME  READY  AGE  CONTAINERS  IMAGES\ndb  2/2  <age>  app  localhost/busybox:1\n',
    ),
    kubectl(
      ns,
      'get pods -L statefulset.kubernetes.io/pod-name',
      'NAME  READY  STATUS  RESTARTS  AGE  POD-NAME\ndb-0  1/1  Running  0  <age>  db-0\ndb-1  1/1  Running  0  <age>  db-1\n',
    ),
    kubectl(ns, 'rollout history sts/db', 'statefulset.apps/db \nREVISION  CHANGE-CAUSE\n1  <none>\n\n'),
    kubectl(ns, 'rollout undo sts/db', '', {
      exitCode: 1,
      stderr: 'error: no last revision to roll back to\n',
    }),
    kubectl(ns, 'set env sts/db A=2', 'statefulset.apps/db env updated\n'),
    kubectl(
      ns,
      'rollout status sts/db',
      'Waiting for 1 pods to be ready...\npartitioned roll out complete: 2 new pods have been updated...\n',
    ),
    kubectl(
      ns,
      'rollout history sts/db --revision=2',
      `statefulset.apps/db with revision #2\n${template('\n      A:\t2').replace('APP', 'db')}`,
    ),
    kubectl(
      ns,
      'get controllerrevisions',
      'NAME  CONTROLLER  REVISION  AGE\ndb-<hash:1>  statefulset.apps/db  1  <age>\ndb-<hash:2>  statefulset.apps/db  2  <age>\n',
    ),
    kubectl(ns, 'rollout undo sts/db', 'statefulset.apps/db rolled back\n'),
    kubectl(
      ns,
      'rollout status sts/db',
      'Waiting for 1 pods to be ready...\npartitioned roll out complete: 2 new pods have been updated...\n',
    ),
    kubectl(
      ns,
      'rollout history sts/db',
      'statefulset.apps/db \nREVISION  CHANGE-CAUSE\n2  <none>\n3  <none>\n\n',
    ),
    kubectl(ns, 'rollout restart sts/db', 'statefulset.apps/db restarted\n'),
    kubectl(
      ns,
      'rollout status sts/db',
      'Waiting for 1 pods to be ready...\npartitioned roll out complete: 2 new pods have been updated...\n',
    ),
    kubectl(ns, 'rollout pause sts/db', '', {
      exitCode: 1,
      stderr: 'error: statefulsets.apps "db" pausing is not supported\n',
    }),
  ]),
  scene('a StatefulSet described, scaled, deleted without its Pods', (ns) => [
    create(apps(ns, 'statefulsets'), statefulSet(1)),
    until(apps(ns, 'statefulsets/db'), { path: 'status.availableReplicas', equals: 1 }),
    kubectl(
      ns,
      'describe sts db',
      `Name:  db\nNamespace:  ${ns}\nCreationTimestamp:  <time>\nSelector:  app=db\nLabels:  <none>\nAnnotations:  <none>\nReplicas:  1 desired | 1 total\nUpdate Strategy:  RollingUpdate\n  Partition:  0\nPods Status:  1 Running / 0 Waiting / 0 Succeeded / 0 Failed\nPod Template:\n  Labels:  app=db\n  Containers:\n   app:\n    Image:  localhost/busybox:1\n    Port:  <none>\n    Host Port:  <none>\n    Command:\n      sleep\n      3600\n    Environment:  <none>\n    Mounts:  <none>\n  Volumes:  <none>\n  Node-Selectors:  <none>\n  Tolerations:  <none>\nVolume Claims:  <none>\nEvents:\n  Type  Reason  Age  From  Message\n  ----  ------  ----  ----  -------\n  Normal  SuccessfulCreate  <age>  statefulset-controller  Create Pod db-0 in StatefulSet db successful\n`,
    ),
    kubectl(ns, 'scale sts db --replicas=2', 'statefulset.apps/db scaled\n'),
    until(apps(ns, 'statefulsets/db'), { path: 'status.availableReplicas', equals: 2 }),
    kubectl(ns, 'scale --current-replicas=5 --replicas=1 sts/db', '', {
      exitCode: 1,
      stderr: 'error: Expected replicas to be 5, was 2\n',
    }),
    kubectl(ns, ['patch', 'sts', 'db', '-p', '{"spec":{"serviceName":"other"}}'], '', {
      exitCode: 1,
      stderr:
        "The StatefulSet \"db\" is invalid: spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden\n",
    }),
    kubectl(ns, 'delete sts db --cascade=orphan', 'statefulset.apps "db" deleted\n'),
    kubectl(ns, 'get sts,pods -o name', 'pod/db-0\npod/db-1\n'),
  ]),
  scene('the Pods of a StatefulSet have names of their own in DNS', (ns) => [
    create(core(ns, 'services'), service('db', { clusterIP: 'None' })),
    create(apps(ns, 'statefulsets'), statefulSet(2)),
    create(core(ns, 'pods'), pod('client')),
    until(apps(ns, 'statefulsets/db'), { path: 'status.availableReplicas', equals: 2 }),
    until(core(ns, 'pods/client'), ready),
    until(core(ns, 'endpoints/db'), { path: 'subsets[0].addresses', length: 2 }),
    kubectl(ns, 'get pod db-1 -o jsonpath={.status.podIP}', '<ip:2>'),
    kubectl(
      ns,
      'exec client -- nslookup db-1.db',
      'Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\nName:\tdb-1.db\nAddress: <ip:2>\n\n',
    ),
    kubectl(
      ns,
      `exec client -- nslookup db-1.db.${ns}.svc.cluster.local`,
      `Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\nName:\tdb-1.db.${ns}.svc.cluster.local\nAddress: <ip:2>\n\n`,
    ),
    kubectl(ns, 'exec client -- nslookup db-7.db', 'Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\n', {
      exitCode: 1,
      stderr: "** server can't find db-7.db: NXDOMAIN\n\ncommand terminated with exit code 1\n",
    }),
  ]),
  scene('the rollout of a DaemonSet: status, history, undo, restart', (ns) => [
    create(apps(ns, 'daemonsets'), daemonSet()),
    kubectl(
      ns,
      'rollout status ds/agent',
      'Waiting for daemon set "agent" rollout to finish: 0 of 1 updated pods are available...\ndaemon set "agent" successfully rolled out\n',
    ),
    kubectl(
      ns,
      'get ds',
      'NAME  DESIRED  CURRENT  READY  UP-TO-DATE  AVAILABLE  NODE SELECTOR  AGE\nagent  1  1  1  1  1  <none>  <age>\n',
    ),
    kubectl(
      ns,
      'get ds -o wide --no-headers',
      'agent  1  1  1  1  1  <none>  <age>  app  localhost/busybox:1  app=agent\n',
    ),
    kubectl(ns, 'set env ds/agent A=2', 'daemonset.apps/agent env updated\n'),
    kubectl(
      ns,
      'rollout status ds/agent',
      'Waiting for daemon set "agent" rollout to finish: 0 out of 1 new pods have been updated...\ndaemon set "agent" successfully rolled out\n',
    ),
    kubectl(
      ns,
      'rollout history ds/agent',
      'daemonset.apps/agent \nREVISION  CHANGE-CAUSE\n1  <none>\n2  <none>\n\n',
    ),
    kubectl(
      ns,
      'rollout history ds/agent --revision=1',
      `daemonset.apps/agent with revision #1\n${template().replace('APP', 'agent')}`,
    ),
    kubectl(ns, 'rollout undo ds/agent --to-revision=1', 'daemonset.apps/agent rolled back\n'),
    kubectl(
      ns,
      'rollout status ds/agent',
      'Waiting for daemon set "agent" rollout to finish: 0 out of 1 new pods have been updated...\ndaemon set "agent" successfully rolled out\n',
    ),
    kubectl(ns, 'get ds agent -o jsonpath={.spec.template.spec.containers[0].env}', ''),
    kubectl(ns, 'rollout restart ds/agent', 'daemonset.apps/agent restarted\n'),
    kubectl(ns, 'scale ds agent --replicas=0', '', {
      exitCode: 1,
      stderr: 'Error from server (NotFound): the server could not find the requested resource\n',
    }),
  ]),
  scene('a DaemonSet described; a taint keeps it from the node', (ns) => [
    create(apps(ns, 'daemonsets'), daemonSet()),
    until(apps(ns, 'daemonsets/agent'), { path: 'status.numberAvailable', equals: 1 }),
    kubectl(
      ns,
      'describe ds agent',
      'Name:  agent\nSelector:  app=agent\nNode-Selector:  <none>\nLabels:  <none>\nAnnotations:  deprecated.daemonset.template.generation: 1\nDesired Number of Nodes Scheduled: 1\nCurrent Number of Nodes Scheduled: 1\nNumber of Nodes Scheduled with Up-to-date Pods: 1\nNumber of Nodes Scheduled with Available Pods: 1\nNumber of Nodes Misscheduled: 0\nPods Status:  1 Running / 0 Waiting / 0 Succeeded / 0 Failed\nPod Template:\n  Labels:  app=agent\n  Containers:\n   app:\n    Image:  localhost/busybox:1\n    Port:  <none>\n    Host Port:  <none>\n    Command:\n      sleep\n      3600\n    Environment:  <none>\n    Mounts:  <none>\n  Volumes:  <none>\n  Node-Selectors:  <none>\n  Tolerations:  <none>\nEvents:\n  Type  Reason  Age  From  Message\n  ----  ------  ----  ----  -------\n  Normal  SuccessfulCreate  <age>  daemonset-controller  Created pod: agent-<suffix:1>\n',
    ),
    kubectl(
      ns,
      ['patch', 'ds', 'agent', '-p', '{"spec":{"template":{"spec":{"nodeSelector":{"disk":"none"}}}}}'],
      'daemonset.apps/agent patched\n',
    ),
    until(apps(ns, 'daemonsets/agent'), { path: 'status.desiredNumberScheduled', equals: 0 }),
    until(core(ns, 'pods'), { path: 'items', length: 0 }),
    kubectl(ns, 'get ds --no-headers', 'agent  0  0  0  0  0  disk=none  <age>\n'),
    kubectl(ns, 'delete ds agent', 'daemonset.apps "agent" deleted\n'),
  ]),
  scene('a CronJob created, described, started by hand, suspended and deleted', (ns) => [
    kubectl(
      ns,
      ['create', 'cronjob', 'nightly', '--image=localhost/busybox:1', '--schedule=0 3 1 1 *', '--', 'true'],
      'cronjob.batch/nightly created\n',
    ),
    kubectl(
      ns,
      'get cj',
      'NAME  SCHEDULE  TIMEZONE  SUSPEND  ACTIVE  LAST SCHEDULE  AGE\nnightly  0 3 1 1 *  <none>  False  0  <none>  <age>\n',
    ),
    kubectl(ns, 'create job by-hand --from=cronjob/nightly', 'job.batch/by-hand created\n'),
    kubectl(ns, 'wait --for=condition=Complete job/by-hand', 'job.batch/by-hand condition met\n'),
    kubectl(ns, 'create job again --from=cronjob/nope', '', {
      exitCode: 1,
      stderr: 'Error from server (NotFound): cronjobs.batch "nope" not found\n',
    }),
    kubectl(
      ns,
      ['patch', 'cj', 'nightly', '-p', '{"spec":{"suspend":true}}'],
      'cronjob.batch/nightly patched\n',
    ),
    kubectl(ns, ['patch', 'cj', 'nightly', '-p', '{"spec":{"schedule":"61 * * * *"}}'], '', {
      exitCode: 1,
      stderr:
        'The CronJob "nightly" is invalid: spec.schedule: Invalid value: "61 * * * *": end of range (61) above maximum (59): 61\n',
    }),
    kubectl(ns, 'set image cj/nightly nightly=localhost/busybox:2', 'cronjob.batch/nightly image updated\n'),
    kubectl(
      ns,
      'get cj -o wide --no-headers',
      'nightly  0 3 1 1 *  <none>  True  0  <none>  <age>  nightly  localhost/busybox:2  <none>\n',
    ),
    kubectl(
      ns,
      'describe cj nightly',
      `Name:  nightly\nNamespace:  ${ns}\nLabels:  <none>\nAnnotations:  <none>\nSchedule:  0 3 1 1 *\nConcurrency Policy:  Allow\nSuspend:  True\nSuccessful Job History Limit:  3\nFailed Job History Limit:  1\nStarting Deadline Seconds:  <unset>\nSelector:  <unset>\nParallelism:  <unset>\nCompletions:  <unset>\nPod Template:\n  Labels:  <none>\n  Containers:\n   nightly:\n    Image:  localhost/busybox:2\n    Port:  <none>\n    Host Port:  <none>\n    Command:\n      true\n    Environment:  <none>\n    Mounts:  <none>\n  Volumes:  <none>\n  Node-Selectors:  <none>\n  Tolerations:  <none>\nLast Schedule Time:  <unset>\nActive Jobs:  <none>\nEvents:\n  Type  Reason  Age  From  Message\n  ----  ------  ----  ----  -------\n  Warning  UnexpectedJob  <age>  cronjob-controller  Saw a job that the controller did not create or forgot: by-hand\n`,
    ),
    kubectl(ns, 'delete cj nightly', 'cronjob.batch "nightly" deleted\n'),
    until(`/apis/batch/v1/namespaces/${ns}/jobs/by-hand`, { status: 404 }),
  ]),
  scene('all of a namespace, with every kind of workload', (ns) => [
    create(apps(ns, 'statefulsets'), statefulSet(1)),
    create(apps(ns, 'daemonsets'), daemonSet()),
    kubectl(
      ns,
      ['create', 'cronjob', 'nightly', '--image=localhost/busybox:1', '--schedule=@yearly', '--', 'true'],
      'cronjob.batch/nightly created\n',
    ),
    until(apps(ns, 'statefulsets/db'), { path: 'status.availableReplicas', equals: 1 }),
    until(apps(ns, 'daemonsets/agent'), { path: 'status.numberAvailable', equals: 1 }),
    kubectl(
      ns,
      'get all',
      'NAME  READY  STATUS  RESTARTS  AGE\npod/agent-<suffix:1>  1/1  Running  0  <age>\npod/db-0  1/1  Running  0  <age>\n\nNAME  DESIRED  CURRENT  READY  UP-TO-DATE  AVAILABLE  NODE SELECTOR  AGE\ndaemonset.apps/agent  1  1  1  1  1  <none>  <age>\n\nNAME  READY  AGE\nstatefulset.apps/db  1/1  <age>\n\nNAME  SCHEDULE  TIMEZONE  SUSPEND  ACTIVE  LAST SCHEDULE  AGE\ncronjob.batch/nightly  @yearly  <none>  False  0  <none>  <age>\n',
    ),
    kubectl(
      ns,
      'delete all --all --wait=false',
      'pod "agent-<suffix:1>" deleted\npod "db-0" deleted\ndaemonset.apps "agent" deleted\nstatefulset.apps "db" deleted\ncronjob.batch "nightly" deleted\n',
    ),
  ]),
]);
