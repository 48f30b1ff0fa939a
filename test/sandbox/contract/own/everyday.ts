/** What people type on call and the recordings lack. */
import type { Topic } from '../cases.ts';
import { create, kubectl, pod, ready, wait } from './steps.ts';

export const everyday: Topic = {
  topic: 'everyday',
  about: 'What kubectl prints for commands that the recordings lack. Written by hand.',
  server: 'none',
  cases: [
    {
      name: 'logs: followed to the end, with times, of the previous container',
      namespaces: ['own-01'],
      managedFieldsRemoved: true,
      steps: [
        create(
          '/api/v1/namespaces/own-01/pods',
          pod('once', ['sh', '-c', 'echo one; sleep 1; echo two'], 'Never'),
        ),
        wait('/api/v1/namespaces/own-01/pods/once', [
          { path: 'status.containerStatuses[0].containerID', exists: true },
        ]),
        kubectl('own-01', 'logs -f once', 'one\ntwo\n'),
        kubectl('own-01', 'logs once --timestamps', '<time> one\n<time> two\n'),
        kubectl('own-01', 'logs once --tail=1 --prefix', '[pod/once/app] two\n'),
        kubectl('own-01', 'logs once --limit-bytes=5', 'one\nt'),
        create('/api/v1/namespaces/own-01/pods', pod('crash', ['sh', '-c', 'echo run; exit 1'])),
        wait('/api/v1/namespaces/own-01/pods/crash', [
          { path: 'status.containerStatuses[0].restartCount', atLeast: 1 },
        ]),
        kubectl('own-01', 'logs crash -p', 'run\n'),
      ],
    },
    {
      name: 'top: pods, containers, sorted, selected, none',
      namespaces: ['own-02'],
      managedFieldsRemoved: true,
      steps: [
        create('/api/v1/namespaces/own-02/pods', pod('solo', ['sleep', '3600'])),
        wait('/apis/metrics.k8s.io/v1beta1/namespaces/own-02/pods/solo', [{ status: 200 }]),
        kubectl('own-02', 'top pods', 'NAME  CPU(cores)  MEMORY(bytes)\nsolo  <quantity>  <quantity>\n'),
        kubectl('own-02', 'top pod solo --no-headers', 'solo  <quantity>  <quantity>\n'),
        kubectl(
          'own-02',
          'top pods --containers --sort-by=cpu',
          'POD  NAME  CPU(cores)  MEMORY(bytes)\nsolo  app  <quantity>  <quantity>\n',
        ),
        kubectl('own-02', 'top pods -l app=none', '', {
          stderr: 'No resources found in own-02 namespace.\n',
        }),
        kubectl('own-02', 'top pod nope', '', {
          exitCode: 1,
          stderr: 'Error from server (NotFound): podmetrics.metrics.k8s.io "own-02/nope" not found\n',
        }),
        kubectl(
          'own-02',
          'top nodes',
          'NAME  CPU(cores)  CPU(%)  MEMORY(bytes)  MEMORY(%)\n<node>  <quantity>  <quantity>  <quantity>  <quantity>\n',
        ),
      ],
    },
    {
      name: 'run: a Pod, and one that goes when it is done',
      namespaces: ['own-03'],
      managedFieldsRemoved: true,
      steps: [
        kubectl(
          'own-03',
          'run solo --image=localhost/busybox:1 --labels=a=b --env=X=1 -- sleep 3600',
          'pod/solo created\n',
        ),
        wait('/api/v1/namespaces/own-03/pods/solo', ready),
        kubectl('own-03', 'get pod solo --show-labels --no-headers', 'solo  1/1  Running  0  <age>  a=b\n'),
        kubectl('own-03', 'exec solo -- printenv X', '1\n'),
        kubectl(
          'own-03',
          [
            'run',
            'once',
            '--image=localhost/busybox:1',
            '--restart=Never',
            '--rm',
            '-i',
            '--',
            'sh',
            '-c',
            'sleep 2; echo hi',
          ],
          'hi\npod "once" deleted\n',
          { stderr: "If you don't see a command prompt, try pressing enter.\n" },
        ),
        kubectl('own-03', 'get pod once', '', {
          exitCode: 1,
          stderr: 'Error from server (NotFound): pods "once" not found\n',
        }),
      ],
    },
    {
      name: 'get over all namespaces, and the three types of patch',
      namespaces: ['own-04'],
      managedFieldsRemoved: true,
      steps: [
        create('/api/v1/namespaces/own-04/configmaps', {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: 'only-here', labels: { own: 'own-04' } },
          data: { a: '1' },
        }),
        kubectl(
          'own-04',
          'get cm -A --field-selector metadata.name=only-here',
          'NAMESPACE  NAME  DATA  AGE\nown-04  only-here  1  <age>\n',
        ),
        kubectl('own-04', 'get cm,secret -A -l own=own-04 -o name', 'configmap/only-here\n'),
        kubectl(
          'own-04',
          ['patch', 'cm', 'only-here', '-p', '{"data":{"b":"2"}}'],
          'configmap/only-here patched\n',
        ),
        kubectl(
          'own-04',
          ['patch', 'cm', 'only-here', '--type=merge', '-p', '{"data":{"a":null}}'],
          'configmap/only-here patched\n',
        ),
        kubectl(
          'own-04',
          ['patch', 'cm', 'only-here', '--type=json', '-p', '[{"op":"add","path":"/data/c","value":"3"}]'],
          'configmap/only-here patched\n',
        ),
        kubectl('own-04', 'get cm only-here -o jsonpath={.data}', '{"b":"2","c":"3"}'),
        kubectl('own-04', 'get cm only-here -o jsonpath={.data.b}{.data.c}', '23'),
      ],
    },
    {
      name: 'explain of kinds that play needs',
      namespaces: [],
      managedFieldsRemoved: true,
      steps: [
        kubectl(
          'default',
          'explain sts.spec.replicas',
          'GROUP:  apps\nKIND:  StatefulSet\nVERSION:  v1\n\nFIELD: replicas <integer>\n\n\nDESCRIPTION:\n    replicas is the desired number of replicas of the given Template. These are\n    replicas in the sense that they are instantiations of the same Template, but\n    individual replicas also have a consistent identity. If unspecified,\n    defaults to 1.\n\n\n',
        ),
        kubectl(
          'default',
          'explain cj.spec.schedule',
          'GROUP:  batch\nKIND:  CronJob\nVERSION:  v1\n\nFIELD: schedule <string>\n\n\nDESCRIPTION:\n    The schedule in Cron format, see https://en.wikipedia.org/wiki/Cron.\n\n\n',
        ),
      ],
    },
  ],
};
