/** StatefulSets, DaemonSets and CronJobs under the commands of everyday work. */
import type { Topic } from '../cases.ts';
import { create, kubectl, pod, podTemplate, ready, wait } from './steps.ts';

const apps = (namespace: string) => `/apis/apps/v1/namespaces/${namespace}`;

const statefulSet = (replicas: number, more: Record<string, unknown> = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'db' },
  spec: {
    serviceName: 'db',
    replicas,
    selector: { matchLabels: { app: 'db' } },
    template: podTemplate('db'),
    ...more,
  },
});

const daemonSet = (more: Record<string, unknown> = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: 'agent' },
  spec: { selector: { matchLabels: { app: 'agent' } }, template: podTemplate('agent'), ...more },
});

const headless = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'db' },
  spec: { clusterIP: 'None', selector: { app: 'db' }, ports: [{ port: 5432 }] },
};

const template = (env = '') =>
  `Pod Template:\n  Labels:\tapp=APP\n  Containers:\n   app:\n    Image:\tlocalhost/busybox:1\n    Port:\t<none>\n    Host Port:\t<none>\n    Command:\n      sleep\n      3600\n    Environment:${env || '\t<none>'}\n    Mounts:\t<none>\n  Volumes:\t<none>\n  Node-Selectors:\t<none>\n  Tolerations:\t<none>\n\n`;

export const sets: Topic = {
  topic: 'sets',
  about: 'StatefulSets, DaemonSets and CronJobs by kubectl. Written by hand.',
  server: 'none',
  cases: [
    {
      name: 'the rollout of a StatefulSet: status, history, undo, restart',
      namespaces: ['own-11'],
      managedFieldsRemoved: true,
      steps: [
        create(`${apps('own-11')}/statefulsets`, statefulSet(2)),
        kubectl(
          'own-11',
          'rollout status sts/db',
          'Waiting for 2 pods to be ready...\npartitioned roll out complete: 2 new pods have been updated...\n',
        ),
        kubectl('own-11', 'get sts', 'NAME  READY  AGE\ndb  2/2  <age>\n'),
        kubectl(
          'own-11',
          'get sts -o wide',
          'NAME  READY  AGE  CONTAINERS  IMAGES\ndb  2/2  <age>  app  localhost/busybox:1\n',
        ),
        kubectl(
          'own-11',
          'get pods -L statefulset.kubernetes.io/pod-name',
          'NAME  READY  STATUS  RESTARTS  AGE  POD-NAME\ndb-0  1/1  Running  0  <age>  db-0\ndb-1  1/1  Running  0  <age>  db-1\n',
        ),
        kubectl(
          'own-11',
          'rollout history sts/db',
          'statefulset.apps/db \nREVISION  CHANGE-CAUSE\n1  <none>\n\n',
        ),
        kubectl('own-11', 'rollout undo sts/db', '', {
          exitCode: 1,
          stderr: 'error: no last revision to roll back to\n',
        }),
        kubectl('own-11', 'set env sts/db A=2', 'statefulset.apps/db env updated\n'),
        kubectl(
          'own-11',
          'rollout status sts/db',
          'Waiting for 1 pods to be ready...\npartitioned roll out complete: 2 new pods have been updated...\n',
        ),
        kubectl(
          'own-11',
          'rollout history sts/db --revision=2',
          `statefulset.apps/db with revision #2\n${template('\n      A:\t2').replace('APP', 'db')}`,
        ),
        kubectl(
          'own-11',
          'get controllerrevisions',
          'NAME  CONTROLLER  REVISION  AGE\ndb-<hash:1>  statefulset.apps/db  1  <age>\ndb-<hash:2>  statefulset.apps/db  2  <age>\n',
        ),
        kubectl('own-11', 'rollout undo sts/db', 'statefulset.apps/db rolled back\n'),
        kubectl(
          'own-11',
          'rollout status sts/db',
          'Waiting for 1 pods to be ready...\npartitioned roll out complete: 2 new pods have been updated...\n',
        ),
        kubectl(
          'own-11',
          'rollout history sts/db',
          'statefulset.apps/db \nREVISION  CHANGE-CAUSE\n2  <none>\n3  <none>\n\n',
        ),
        kubectl('own-11', 'rollout restart sts/db', 'statefulset.apps/db restarted\n'),
        kubectl(
          'own-11',
          'rollout status sts/db',
          'Waiting for 1 pods to be ready...\npartitioned roll out complete: 2 new pods have been updated...\n',
        ),
        kubectl('own-11', 'rollout pause sts/db', '', {
          exitCode: 1,
          stderr: 'error: statefulsets.apps "db" pausing is not supported\n',
        }),
      ],
    },
    {
      name: 'a StatefulSet described, scaled, deleted without its Pods',
      namespaces: ['own-12'],
      managedFieldsRemoved: true,
      steps: [
        create(`${apps('own-12')}/statefulsets`, statefulSet(1)),
        wait(`${apps('own-12')}/statefulsets/db`, [{ path: 'status.availableReplicas', equals: 1 }]),
        kubectl(
          'own-12',
          'describe sts db',
          'Name:  db\nNamespace:  own-12\nCreationTimestamp:  <time>\nSelector:  app=db\nLabels:  <none>\nAnnotations:  <none>\nReplicas:  1 desired | 1 total\nUpdate Strategy:  RollingUpdate\n  Partition:  0\nPods Status:  1 Running / 0 Waiting / 0 Succeeded / 0 Failed\nPod Template:\n  Labels:  app=db\n  Containers:\n   app:\n    Image:  localhost/busybox:1\n    Port:  <none>\n    Host Port:  <none>\n    Command:\n      sleep\n      3600\n    Environment:  <none>\n    Mounts:  <none>\n  Volumes:  <none>\n  Node-Selectors:  <none>\n  Tolerations:  <none>\nVolume Claims:  <none>\nEvents:\n  Type  Reason  Age  From  Message\n  ----  ------  ----  ----  -------\n  Normal  SuccessfulCreate  <age>  statefulset-controller  Create Pod db-0 in StatefulSet db successful\n',
        ),
        kubectl('own-12', 'scale sts db --replicas=2', 'statefulset.apps/db scaled\n'),
        wait(`${apps('own-12')}/statefulsets/db`, [{ path: 'status.availableReplicas', equals: 2 }]),
        kubectl('own-12', 'scale --current-replicas=5 --replicas=1 sts/db', '', {
          exitCode: 1,
          stderr: 'error: Expected replicas to be 5, was 2\n',
        }),
        kubectl('own-12', ['patch', 'sts', 'db', '-p', '{"spec":{"serviceName":"other"}}'], '', {
          exitCode: 1,
          stderr:
            "The StatefulSet \"db\" is invalid: spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden\n",
        }),
        kubectl('own-12', 'delete sts db --cascade=orphan', 'statefulset.apps "db" deleted\n'),
        kubectl('own-12', 'get sts,pods -o name', 'pod/db-0\npod/db-1\n'),
      ],
    },
    {
      name: 'the Pods of a StatefulSet have names of their own in DNS',
      namespaces: ['own-13'],
      managedFieldsRemoved: true,
      steps: [
        create('/api/v1/namespaces/own-13/services', headless),
        create(`${apps('own-13')}/statefulsets`, statefulSet(2)),
        create('/api/v1/namespaces/own-13/pods', pod('client', ['sleep', '3600'])),
        wait(`${apps('own-13')}/statefulsets/db`, [{ path: 'status.availableReplicas', equals: 2 }]),
        wait('/api/v1/namespaces/own-13/pods/client', ready),
        wait('/api/v1/namespaces/own-13/endpoints/db', [{ path: 'subsets[0].addresses', length: 2 }]),
        kubectl('own-13', 'get pod db-1 -o jsonpath={.status.podIP}', '<ip:2>'),
        kubectl(
          'own-13',
          'exec client -- nslookup db-1.db',
          'Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\nName:\tdb-1.db\nAddress: <ip:2>\n\n',
        ),
        kubectl(
          'own-13',
          'exec client -- nslookup db-1.db.own-13.svc.cluster.local',
          'Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\nName:\tdb-1.db.own-13.svc.cluster.local\nAddress: <ip:2>\n\n',
        ),
        kubectl(
          'own-13',
          'exec client -- nslookup db-7.db',
          'Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\n',
          {
            exitCode: 1,
            stderr: "** server can't find db-7.db: NXDOMAIN\n\ncommand terminated with exit code 1\n",
          },
        ),
      ],
    },
    {
      name: 'the rollout of a DaemonSet: status, history, undo, restart',
      namespaces: ['own-14'],
      managedFieldsRemoved: true,
      steps: [
        create(`${apps('own-14')}/daemonsets`, daemonSet()),
        kubectl(
          'own-14',
          'rollout status ds/agent',
          'Waiting for daemon set "agent" rollout to finish: 0 of 1 updated pods are available...\ndaemon set "agent" successfully rolled out\n',
        ),
        kubectl(
          'own-14',
          'get ds',
          'NAME  DESIRED  CURRENT  READY  UP-TO-DATE  AVAILABLE  NODE SELECTOR  AGE\nagent  1  1  1  1  1  <none>  <age>\n',
        ),
        kubectl(
          'own-14',
          'get ds -o wide --no-headers',
          'agent  1  1  1  1  1  <none>  <age>  app  localhost/busybox:1  app=agent\n',
        ),
        kubectl('own-14', 'set env ds/agent A=2', 'daemonset.apps/agent env updated\n'),
        kubectl(
          'own-14',
          'rollout status ds/agent',
          'Waiting for daemon set "agent" rollout to finish: 0 out of 1 new pods have been updated...\ndaemon set "agent" successfully rolled out\n',
        ),
        kubectl(
          'own-14',
          'rollout history ds/agent',
          'daemonset.apps/agent \nREVISION  CHANGE-CAUSE\n1  <none>\n2  <none>\n\n',
        ),
        kubectl(
          'own-14',
          'rollout history ds/agent --revision=1',
          `daemonset.apps/agent with revision #1\n${template().replace('APP', 'agent')}`,
        ),
        kubectl('own-14', 'rollout undo ds/agent --to-revision=1', 'daemonset.apps/agent rolled back\n'),
        kubectl(
          'own-14',
          'rollout status ds/agent',
          'Waiting for daemon set "agent" rollout to finish: 0 out of 1 new pods have been updated...\ndaemon set "agent" successfully rolled out\n',
        ),
        kubectl('own-14', 'get ds agent -o jsonpath={.spec.template.spec.containers[0].env}', ''),
        kubectl('own-14', 'rollout restart ds/agent', 'daemonset.apps/agent restarted\n'),
        kubectl('own-14', 'scale ds agent --replicas=0', '', {
          exitCode: 1,
          stderr: 'Error from server (NotFound): the server could not find the requested resource\n',
        }),
      ],
    },
    {
      name: 'a DaemonSet described; a taint keeps it from the node',
      namespaces: ['own-15'],
      managedFieldsRemoved: true,
      steps: [
        create(`${apps('own-15')}/daemonsets`, daemonSet()),
        wait(`${apps('own-15')}/daemonsets/agent`, [{ path: 'status.numberAvailable', equals: 1 }]),
        kubectl(
          'own-15',
          'describe ds agent',
          'Name:  agent\nSelector:  app=agent\nNode-Selector:  <none>\nLabels:  <none>\nAnnotations:  deprecated.daemonset.template.generation: 1\nDesired Number of Nodes Scheduled: 1\nCurrent Number of Nodes Scheduled: 1\nNumber of Nodes Scheduled with Up-to-date Pods: 1\nNumber of Nodes Scheduled with Available Pods: 1\nNumber of Nodes Misscheduled: 0\nPods Status:  1 Running / 0 Waiting / 0 Succeeded / 0 Failed\nPod Template:\n  Labels:  app=agent\n  Containers:\n   app:\n    Image:  localhost/busybox:1\n    Port:  <none>\n    Host Port:  <none>\n    Command:\n      sleep\n      3600\n    Environment:  <none>\n    Mounts:  <none>\n  Volumes:  <none>\n  Node-Selectors:  <none>\n  Tolerations:  <none>\nEvents:\n  Type  Reason  Age  From  Message\n  ----  ------  ----  ----  -------\n  Normal  SuccessfulCreate  <age>  daemonset-controller  Created pod: agent-<suffix:1>\n',
        ),
        kubectl(
          'own-15',
          ['patch', 'ds', 'agent', '-p', '{"spec":{"template":{"spec":{"nodeSelector":{"disk":"none"}}}}}'],
          'daemonset.apps/agent patched\n',
        ),
        wait(`${apps('own-15')}/daemonsets/agent`, [{ path: 'status.desiredNumberScheduled', equals: 0 }]),
        wait('/api/v1/namespaces/own-15/pods', [{ path: 'items', length: 0 }]),
        kubectl('own-15', 'get ds --no-headers', 'agent  0  0  0  0  0  disk=none  <age>\n'),
        kubectl('own-15', 'delete ds agent', 'daemonset.apps "agent" deleted\n'),
      ],
    },
    {
      name: 'a CronJob created, described, started by hand, suspended and deleted',
      namespaces: ['own-16'],
      managedFieldsRemoved: true,
      steps: [
        kubectl(
          'own-16',
          [
            'create',
            'cronjob',
            'nightly',
            '--image=localhost/busybox:1',
            '--schedule=0 3 1 1 *',
            '--',
            'true',
          ],
          'cronjob.batch/nightly created\n',
        ),
        kubectl(
          'own-16',
          'get cj',
          'NAME  SCHEDULE  TIMEZONE  SUSPEND  ACTIVE  LAST SCHEDULE  AGE\nnightly  0 3 1 1 *  <none>  False  0  <none>  <age>\n',
        ),
        kubectl('own-16', 'create job by-hand --from=cronjob/nightly', 'job.batch/by-hand created\n'),
        kubectl('own-16', 'wait --for=condition=Complete job/by-hand', 'job.batch/by-hand condition met\n'),
        kubectl('own-16', 'create job again --from=cronjob/nope', '', {
          exitCode: 1,
          stderr: 'Error from server (NotFound): cronjobs.batch "nope" not found\n',
        }),
        kubectl(
          'own-16',
          ['patch', 'cj', 'nightly', '-p', '{"spec":{"suspend":true}}'],
          'cronjob.batch/nightly patched\n',
        ),
        kubectl('own-16', ['patch', 'cj', 'nightly', '-p', '{"spec":{"schedule":"61 * * * *"}}'], '', {
          exitCode: 1,
          stderr:
            'The CronJob "nightly" is invalid: spec.schedule: Invalid value: "61 * * * *": end of range (61) above maximum (59): 61\n',
        }),
        kubectl(
          'own-16',
          'set image cj/nightly nightly=localhost/busybox:2',
          'cronjob.batch/nightly image updated\n',
        ),
        kubectl(
          'own-16',
          'get cj -o wide --no-headers',
          'nightly  0 3 1 1 *  <none>  True  0  <none>  <age>  nightly  localhost/busybox:2  <none>\n',
        ),
        kubectl(
          'own-16',
          'describe cj nightly',
          'Name:  nightly\nNamespace:  own-16\nLabels:  <none>\nAnnotations:  <none>\nSchedule:  0 3 1 1 *\nConcurrency Policy:  Allow\nSuspend:  True\nSuccessful Job History Limit:  3\nFailed Job History Limit:  1\nStarting Deadline Seconds:  <unset>\nSelector:  <unset>\nParallelism:  <unset>\nCompletions:  <unset>\nPod Template:\n  Labels:  <none>\n  Containers:\n   nightly:\n    Image:  localhost/busybox:2\n    Port:  <none>\n    Host Port:  <none>\n    Command:\n      true\n    Environment:  <none>\n    Mounts:  <none>\n  Volumes:  <none>\n  Node-Selectors:  <none>\n  Tolerations:  <none>\nLast Schedule Time:  <unset>\nActive Jobs:  <none>\nEvents:\n  Type  Reason  Age  From  Message\n  ----  ------  ----  ----  -------\n  Warning  UnexpectedJob  <age>  cronjob-controller  Saw a job that the controller did not create or forgot: by-hand\n',
        ),
        kubectl('own-16', 'delete cj nightly', 'cronjob.batch "nightly" deleted\n'),
        wait('/apis/batch/v1/namespaces/own-16/jobs/by-hand', 'deleted'),
      ],
    },
    {
      name: 'all of a namespace, with every kind of workload',
      namespaces: ['own-17'],
      managedFieldsRemoved: true,
      steps: [
        create(`${apps('own-17')}/statefulsets`, statefulSet(1)),
        create(`${apps('own-17')}/daemonsets`, daemonSet()),
        kubectl(
          'own-17',
          ['create', 'cronjob', 'nightly', '--image=localhost/busybox:1', '--schedule=@yearly', '--', 'true'],
          'cronjob.batch/nightly created\n',
        ),
        wait(`${apps('own-17')}/statefulsets/db`, [{ path: 'status.availableReplicas', equals: 1 }]),
        wait(`${apps('own-17')}/daemonsets/agent`, [{ path: 'status.numberAvailable', equals: 1 }]),
        kubectl(
          'own-17',
          'get all',
          'NAME  READY  STATUS  RESTARTS  AGE\npod/agent-<suffix:1>  1/1  Running  0  <age>\npod/db-0  1/1  Running  0  <age>\n\nNAME  DESIRED  CURRENT  READY  UP-TO-DATE  AVAILABLE  NODE SELECTOR  AGE\ndaemonset.apps/agent  1  1  1  1  1  <none>  <age>\n\nNAME  READY  AGE\nstatefulset.apps/db  1/1  <age>\n\nNAME  SCHEDULE  TIMEZONE  SUSPEND  ACTIVE  LAST SCHEDULE  AGE\ncronjob.batch/nightly  @yearly  <none>  False  0  <none>  <age>\n',
        ),
        kubectl(
          'own-17',
          'delete all --all --wait=false',
          'pod "agent-<suffix:1>" deleted\npod "db-0" deleted\ndaemonset.apps "agent" deleted\nstatefulset.apps "db" deleted\ncronjob.batch "nightly" deleted\n',
        ),
      ],
    },
  ],
};
