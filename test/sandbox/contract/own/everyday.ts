/** What people type on call and the recordings lack. */
import { configMap, core, create, kubectl, pod, ready, running, scene, topic, until } from './steps.ts';

export const everyday = topic('everyday', 'what kubectl prints for commands that the recordings lack', [
  scene('logs: followed to the end, with times, of the previous container', (ns) => [
    create(
      core(ns, 'pods'),
      pod('once', running(['sh', '-c', 'echo one; sleep 1; echo two'], { restartPolicy: 'Never' })),
    ),
    until(core(ns, 'pods/once'), { path: 'status.containerStatuses[0].containerID', exists: true }),
    kubectl(ns, 'logs -f once', 'one\ntwo\n'),
    kubectl(ns, 'logs once --timestamps', '<time> one\n<time> two\n'),
    kubectl(ns, 'logs once --tail=1 --prefix', '[pod/once/app] two\n'),
    kubectl(ns, 'logs once --limit-bytes=5', 'one\nt'),
    create(core(ns, 'pods'), pod('crash', running(['sh', '-c', 'echo run; exit 1']))),
    until(core(ns, 'pods/crash'), { path: 'status.containerStatuses[0].restartCount', atLeast: 1 }),
    kubectl(ns, 'logs crash -p', 'run\n'),
  ]),
  scene('top: pods, containers, sorted, selected, none', (ns) => [
    create(core(ns, 'pods'), pod('solo')),
    until(`/apis/metrics.k8s.io/v1beta1/namespaces/${ns}/pods/solo`, { status: 200 }),
    kubectl(ns, 'top pods', 'NAME  CPU(cores)  MEMORY(bytes)\nsolo  <quantity>  <quantity>\n'),
    kubectl(ns, 'top pod solo --no-headers', 'solo  <quantity>  <quantity>\n'),
    kubectl(
      ns,
      'top pods --containers --sort-by=cpu',
      'POD  NAME  CPU(cores)  MEMORY(bytes)\nsolo  app  <quantity>  <quantity>\n',
    ),
    kubectl(ns, 'top pods -l app=none', '', {
      stderr: `No resources found in ${ns} namespace.\n`,
    }),
    kubectl(ns, 'top pod nope', '', {
      exitCode: 1,
      stderr: `Error from server (NotFound): podmetrics.metrics.k8s.io "${ns}/nope" not found\n`,
    }),
    kubectl(
      ns,
      'top nodes',
      'NAME  CPU(cores)  CPU(%)  MEMORY(bytes)  MEMORY(%)\n<node>  <quantity>  <quantity>  <quantity>  <quantity>\n',
    ),
  ]),
  scene('run: a Pod, and one that goes when it is done', (ns) => [
    kubectl(
      ns,
      'run solo --image=localhost/busybox:1 --labels=a=b --env=X=1 -- sleep 3600',
      'pod/solo created\n',
    ),
    until(core(ns, 'pods/solo'), ready),
    kubectl(ns, 'get pod solo --show-labels --no-headers', 'solo  1/1  Running  0  <age>  a=b\n'),
    kubectl(ns, 'exec solo -- printenv X', '1\n'),
    kubectl(
      ns,
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
    kubectl(ns, 'get pod once', '', {
      exitCode: 1,
      stderr: 'Error from server (NotFound): pods "once" not found\n',
    }),
  ]),
  scene('get over all namespaces, and the three types of patch', (ns) => [
    create(core(ns, 'configmaps'), configMap('only-here', { a: '1' }, { labels: { own: ns } })),
    kubectl(
      ns,
      'get cm -A --field-selector metadata.name=only-here',
      `NAMESPACE  NAME  DATA  AGE\n${ns}  only-here  1  <age>\n`,
    ),
    kubectl(ns, `get cm,secret -A -l own=${ns} -o name`, 'configmap/only-here\n'),
    kubectl(ns, ['patch', 'cm', 'only-here', '-p', '{"data":{"b":"2"}}'], 'configmap/only-here patched\n'),
    kubectl(
      ns,
      ['patch', 'cm', 'only-here', '--type=merge', '-p', '{"data":{"a":null}}'],
      'configmap/only-here patched\n',
    ),
    kubectl(
      ns,
      ['patch', 'cm', 'only-here', '--type=json', '-p', '[{"op":"add","path":"/data/c","value":"3"}]'],
      'configmap/only-here patched\n',
    ),
    kubectl(ns, 'get cm only-here -o jsonpath={.data}', '{"b":"2","c":"3"}'),
    kubectl(ns, 'get cm only-here -o jsonpath={.data.b}{.data.c}', '23'),
  ]),
  scene('explain of kinds that play needs', (ns) => [
    kubectl(
      ns,
      'explain sts.spec.replicas',
      'GROUP:  apps\nKIND:  StatefulSet\nVERSION:  v1\n\nFIELD: replicas <integer>\n\n\nDESCRIPTION:\n    replicas is the desired number of replicas of the given Template. These are\n    replicas in the sense that they are instantiations of the same Template, but\n    individual replicas also have a consistent identity. If unspecified,\n    defaults to 1.\n\n\n',
    ),
    kubectl(
      ns,
      'explain cj.spec.schedule',
      'GROUP:  batch\nKIND:  CronJob\nVERSION:  v1\n\nFIELD: schedule <string>\n\n\nDESCRIPTION:\n    The schedule in Cron format, see https://en.wikipedia.org/wiki/Cron.\n\n\n',
    ),
  ]),
]);
