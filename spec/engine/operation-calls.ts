import type { Docker } from '../../lib/engine/connect.ts'
import type { TarInput } from '../../lib/engine/tar.ts'

/** A call with every option, and what its query must be then, in the API's own names. */
export interface OperationCall {
  readonly call: (docker: Docker) => unknown
  readonly query?: Readonly<Record<string, string | readonly string[]>>
  /** `tar`, or the JSON itself. */
  readonly body?: unknown
}

const filters = { label: ['a=b'] }
const FILTERS = '{"label":["a=b"]}'
const auth = { username: 'u', password: 'p' }
const size = { h: 24, w: 80 }
const SIZE = { h: '24', w: '80' }
const logs = { follow: true, stdout: true, stderr: true, since: 1, timestamps: true, tail: 5, details: true }
const LOGS = { follow: '1', stdout: '1', stderr: '1', since: '1', timestamps: '1', tail: '5', details: '1' }
const attach = {
  detachKeys: 'ctrl-a',
  logs: true,
  stream: true,
  stdin: true,
  stdout: true,
  stderr: true,
  beforeStart: true,
}
const ATTACH = { detachKeys: 'ctrl-a', logs: '1', stream: '1', stdin: '1', stdout: '1', stderr: '1' }
const platform = 'linux/arm/v7'
const PLATFORM = '{"os":"linux","architecture":"arm","variant":"v7"}'
const files: TarInput[] = [{ name: 'a', content: 'b' }]
const privileges = [{ Name: 'network', Description: '', Value: ['host'] }]
const service = { Name: 's', TaskTemplate: { ContainerSpec: { Image: 'ghcr.io/a/b' } } }
const node = { Labels: {}, Role: 'manager', Availability: 'active' }
const init = { ListenAddr: '0.0.0.0:2377' }
const join = { ListenAddr: '0.0.0.0:2377', RemoteAddrs: ['m:2377'], JoinToken: 't' }

/** Every operation by its id: `ID` stands where the path has `{id}`, `a/b:1` where it has `{name}`. */
export const CALLS: Readonly<Record<string, readonly OperationCall[]>> = {
  ContainerList: [
    {
      call: (docker) => docker.containers.list({ all: true, limit: 3, size: true, filters }),
      query: { all: '1', limit: '3', size: '1', filters: FILTERS },
    },
  ],
  ContainerCreate: [
    {
      call: (docker) => docker.containers.create({ Image: 'i' }, { name: 'n', platform }),
      query: { name: 'n', platform },
      body: { Image: 'i' },
    },
  ],
  ContainerInspect: [
    { call: (docker) => docker.containers.inspect('ID', { size: true }), query: { size: '1' } },
    { call: (docker) => docker.containers.inspectRaw('ID', { size: true }), query: { size: '1' } },
  ],
  ContainerTop: [{ call: (docker) => docker.containers.top('ID', { psArgs: 'aux' }), query: { ps_args: 'aux' } }],
  ContainerLogs: [
    { call: (docker) => docker.containers.logs('ID', { ...logs, until: 2 }), query: { ...LOGS, until: '2' } },
  ],
  ContainerChanges: [{ call: (docker) => docker.containers.changes('ID') }],
  ContainerExport: [{ call: (docker) => docker.containers.export('ID') }],
  ContainerStats: [
    {
      call: (docker) => docker.containers.stats('ID', { stream: false, oneShot: true }),
      query: { stream: '0', 'one-shot': '1' },
    },
  ],
  ContainerResize: [{ call: (docker) => docker.containers.resize('ID', size), query: SIZE }],
  ContainerStart: [
    {
      call: (docker) => docker.containers.start('ID', { detachKeys: 'ctrl-a' }),
      query: { detachKeys: 'ctrl-a' },
    },
  ],
  ContainerStop: [
    {
      call: (docker) => docker.containers.stop('ID', { t: 3, signal: 'SIGINT' }),
      query: { t: '3', signal: 'SIGINT' },
    },
  ],
  ContainerRestart: [
    {
      call: (docker) => docker.containers.restart('ID', { t: 3, signal: 'SIGINT' }),
      query: { t: '3', signal: 'SIGINT' },
    },
  ],
  ContainerKill: [
    { call: (docker) => docker.containers.kill('ID', { signal: 'SIGHUP' }), query: { signal: 'SIGHUP' } },
  ],
  ContainerUpdate: [{ call: (docker) => docker.containers.update('ID', { Memory: 1 }), body: { Memory: 1 } }],
  ContainerRename: [{ call: (docker) => docker.containers.rename('ID', 'n'), query: { name: 'n' } }],
  ContainerPause: [{ call: (docker) => docker.containers.pause('ID') }],
  ContainerUnpause: [{ call: (docker) => docker.containers.unpause('ID') }],
  ContainerAttach: [{ call: (docker) => docker.containers.attach('ID', attach), query: ATTACH }],
  ContainerAttachWebsocket: [{ call: (docker) => docker.containers.attachWebsocket('ID', attach), query: ATTACH }],
  ContainerWait: [
    {
      call: (docker) => docker.containers.wait('ID', { condition: 'removed' }),
      query: { condition: 'removed' },
    },
  ],
  ContainerDelete: [
    {
      call: (docker) => docker.containers.remove('ID', { v: true, force: true, link: true }),
      query: { v: '1', force: '1', link: '1' },
    },
  ],
  ContainerArchiveInfo: [
    { call: (docker) => docker.containers.archiveInfo('ID', { path: '/etc' }), query: { path: '/etc' } },
  ],
  ContainerArchive: [{ call: (docker) => docker.containers.archive('ID', { path: '/etc' }), query: { path: '/etc' } }],
  PutContainerArchive: [
    {
      call: (docker) =>
        docker.containers.putArchive('ID', { path: '/', noOverwriteDirNonDir: true, copyUIDGID: true }, files),
      query: { path: '/', noOverwriteDirNonDir: '1', copyUIDGID: '1' },
      body: 'tar',
    },
  ],
  ContainerPrune: [{ call: (docker) => docker.containers.prune({ filters }), query: { filters: FILTERS } }],
  ImageList: [
    {
      call: (docker) =>
        docker.images.list({
          all: true,
          filters,
          digests: true,
          sharedSize: true,
          manifests: true,
          identity: true,
        }),
      query: { all: '1', filters: FILTERS, digests: '1', 'shared-size': '1', manifests: '1', identity: '1' },
    },
  ],
  ImageBuild: [
    {
      call: (docker) =>
        docker.images.build(files, {
          dockerfile: 'd',
          t: ['a:1', 'b:1'],
          extrahosts: ['h:1.1.1.1', 'i:1.1.1.2'],
          remote: 'http://r',
          q: true,
          nocache: true,
          cachefrom: ['c', 'd'],
          pull: true,
          rm: false,
          forcerm: true,
          memory: 1,
          memswap: -1,
          cpushares: 2,
          cpusetcpus: '0-1',
          cpuperiod: 3,
          cpuquota: 4,
          buildargs: { A: 'b', C: null },
          shmsize: 5,
          squash: true,
          labels: { l: 'm' },
          networkmode: 'none',
          platform,
          target: 'stage',
          outputs: 'o',
          version: '1',
          registryConfig: { 'ghcr.io': auth },
        }),
      query: {
        dockerfile: 'd',
        t: ['a:1', 'b:1'],
        extrahosts: ['h:1.1.1.1', 'i:1.1.1.2'],
        remote: 'http://r',
        q: '1',
        nocache: '1',
        cachefrom: '["c","d"]',
        pull: '1',
        rm: '0',
        forcerm: '1',
        memory: '1',
        memswap: '-1',
        cpushares: '2',
        cpusetcpus: '0-1',
        cpuperiod: '3',
        cpuquota: '4',
        buildargs: '{"A":"b","C":null}',
        shmsize: '5',
        squash: '1',
        labels: '{"l":"m"}',
        networkmode: 'none',
        platform,
        target: 'stage',
        outputs: 'o',
        version: '1',
      },
      body: 'tar',
    },
  ],
  BuildPrune: [
    {
      call: (docker) =>
        docker.images.buildPrune({
          all: true,
          filters,
          keepStorage: 1,
          reservedSpace: 2,
          maxUsedSpace: 3,
          minFreeSpace: 4,
        }),
      query: {
        all: '1',
        filters: FILTERS,
        'keep-storage': '1',
        'reserved-space': '2',
        'max-used-space': '3',
        'min-free-space': '4',
      },
    },
  ],
  ImageCreate: [
    {
      call: (docker) => docker.images.pull('ghcr.io/a/b:1', { auth, platform }),
      query: { fromImage: 'ghcr.io/a/b', tag: '1', platform },
    },
    {
      call: (docker) =>
        docker.images.import(files, { repo: 'r', tag: 't', message: 'm', changes: ['CMD a', 'ENV b=c'], platform }),
      query: { fromSrc: '-', repo: 'r', tag: 't', message: 'm', changes: ['CMD a', 'ENV b=c'], platform },
      body: 'tar',
    },
  ],
  ImageInspect: [
    {
      call: (docker) => docker.images.inspect('a/b:1', { manifests: true, platform }),
      query: { manifests: '1', platform: PLATFORM },
    },
  ],
  ImageAttestations: [
    {
      call: (docker) => docker.images.attestations('a/b:1', { platform, type: ['x', 'y'], statement: true }),
      query: { platform: PLATFORM, type: ['x', 'y'], statement: '1' },
    },
  ],
  ImageHistory: [{ call: (docker) => docker.images.history('a/b:1', { platform }), query: { platform: PLATFORM } }],
  ImagePush: [
    {
      call: (docker) => docker.images.push('a/b:1', { tag: '2', platform, auth }),
      query: { tag: '2', platform: PLATFORM },
    },
  ],
  ImageTag: [{ call: (docker) => docker.images.tag('a/b:1', { repo: 'r', tag: 't' }), query: { repo: 'r', tag: 't' } }],
  ImageDelete: [
    {
      call: (docker) =>
        docker.images.remove('a/b:1', { force: true, noprune: true, platforms: [platform, 'linux/s390x'] }),
      query: { force: '1', noprune: '1', platforms: [PLATFORM, '{"os":"linux","architecture":"s390x"}'] },
    },
  ],
  ImageSearch: [
    {
      call: (docker) => docker.images.search({ term: 'x', limit: 2, filters }),
      query: { term: 'x', limit: '2', filters: FILTERS },
    },
  ],
  ImagePrune: [{ call: (docker) => docker.images.prune({ filters }), query: { filters: FILTERS } }],
  SystemAuth: [
    {
      call: (docker) => docker.system.auth({ ...auth, serveraddress: 'ghcr.io' }),
      body: { ...auth, serveraddress: 'ghcr.io' },
    },
  ],
  SystemInfo: [{ call: (docker) => docker.info() }, { call: (docker) => docker.system.info() }],
  SystemVersion: [{ call: (docker) => docker.version() }, { call: (docker) => docker.system.version() }],
  SystemPing: [{ call: (docker) => docker.ping() }, { call: (docker) => docker.system.ping() }],
  SystemPingHead: [{ call: (docker) => docker.system.pingHead() }],
  ImageCommit: [
    {
      call: (docker) =>
        docker.images.commit(
          {
            container: 'c',
            repo: 'r',
            tag: 't',
            comment: 'm',
            author: 'a',
            pause: false,
            changes: ['CMD a', 'ENV b=c'],
          },
          { Env: ['A=b'] },
        ),
      query: {
        container: 'c',
        repo: 'r',
        tag: 't',
        comment: 'm',
        author: 'a',
        pause: '0',
        changes: ['CMD a', 'ENV b=c'],
      },
      body: { Env: ['A=b'] },
    },
  ],
  SystemEvents: [
    {
      call: (docker) => docker.system.events({ since: '1.5', until: 2, filters }),
      query: { since: '1.5', until: '2', filters: FILTERS },
    },
    { call: (docker) => docker.system.watch({ filters }), query: { filters: FILTERS } },
  ],
  SystemDataUsage: [
    {
      call: (docker) => docker.system.df({ type: ['image', 'volume'], verbose: true }),
      query: { type: ['image', 'volume'], verbose: '1' },
    },
  ],
  ImageGet: [{ call: (docker) => docker.images.save('a/b:1', { platform }), query: { platform: PLATFORM } }],
  ImageGetAll: [
    {
      call: (docker) => docker.images.saveAll(['a', 'b'], { platform: [platform, 'linux/s390x'] }),
      query: { names: ['a', 'b'], platform: [PLATFORM, '{"os":"linux","architecture":"s390x"}'] },
    },
  ],
  ImageLoad: [
    {
      call: (docker) => docker.images.load(files, { quiet: true, platform }),
      query: { quiet: '1', platform: PLATFORM },
      body: 'tar',
    },
  ],
  ContainerExec: [
    {
      call: (docker) => docker.exec.create('ID', { Cmd: ['a'], ConsoleSize: [1, 2] }),
      body: { Cmd: ['a'], ConsoleSize: [1, 2] },
    },
  ],
  ExecStart: [
    {
      call: (docker) => docker.exec.start('ID', { Tty: true, ConsoleSize: [1, 2] }),
      body: { Tty: true, ConsoleSize: [1, 2], Detach: false },
    },
    { call: (docker) => docker.exec.startDetached('ID', { Tty: true }), body: { Tty: true, Detach: true } },
  ],
  ExecResize: [{ call: (docker) => docker.exec.resize('ID', size), query: SIZE }],
  ExecInspect: [{ call: (docker) => docker.exec.inspect('ID') }],
  VolumeList: [{ call: (docker) => docker.volumes.list({ filters }), query: { filters: FILTERS } }],
  VolumeCreate: [{ call: (docker) => docker.volumes.create({ Name: 'v' }), body: { Name: 'v' } }],
  VolumeInspect: [{ call: (docker) => docker.volumes.inspect('ID') }],
  VolumeUpdate: [
    {
      call: (docker) => docker.volumes.update('ID', { Spec: { Availability: 'drain' } }, { version: 7 }),
      query: { version: '7' },
      body: { Spec: { Availability: 'drain' } },
    },
  ],
  VolumeDelete: [{ call: (docker) => docker.volumes.remove('ID', { force: true }), query: { force: '1' } }],
  VolumePrune: [{ call: (docker) => docker.volumes.prune({ filters }), query: { filters: FILTERS } }],
  NetworkList: [{ call: (docker) => docker.networks.list({ filters }), query: { filters: FILTERS } }],
  NetworkInspect: [
    {
      call: (docker) => docker.networks.inspect('ID', { verbose: true, scope: 'local' }),
      query: { verbose: '1', scope: 'local' },
    },
  ],
  NetworkDelete: [{ call: (docker) => docker.networks.remove('ID') }],
  NetworkCreate: [{ call: (docker) => docker.networks.create({ Name: 'n' }), body: { Name: 'n' } }],
  NetworkConnect: [{ call: (docker) => docker.networks.connect('ID', { Container: 'c' }), body: { Container: 'c' } }],
  NetworkDisconnect: [
    {
      call: (docker) => docker.networks.disconnect('ID', { Container: 'c', Force: true }),
      body: { Container: 'c', Force: true },
    },
  ],
  NetworkPrune: [{ call: (docker) => docker.networks.prune({ filters }), query: { filters: FILTERS } }],
  PluginList: [{ call: (docker) => docker.plugins.list({ filters }), query: { filters: FILTERS } }],
  GetPluginPrivileges: [
    { call: (docker) => docker.plugins.privileges({ remote: 'a/p:1' }), query: { remote: 'a/p:1' } },
  ],
  PluginPull: [
    {
      call: (docker) => docker.plugins.pull(privileges, { remote: 'a/p:1', name: 'p', auth }),
      query: { remote: 'a/p:1', name: 'p' },
      body: privileges,
    },
  ],
  PluginInspect: [{ call: (docker) => docker.plugins.inspect('a/b:1') }],
  PluginDelete: [{ call: (docker) => docker.plugins.remove('a/b:1', { force: true }), query: { force: '1' } }],
  PluginEnable: [{ call: (docker) => docker.plugins.enable('a/b:1', { timeout: 3 }), query: { timeout: '3' } }],
  PluginDisable: [{ call: (docker) => docker.plugins.disable('a/b:1', { force: true }), query: { force: '1' } }],
  PluginUpgrade: [
    {
      call: (docker) => docker.plugins.upgrade('a/b:1', privileges, { remote: 'a/p:2', auth }),
      query: { remote: 'a/p:2' },
      body: privileges,
    },
  ],
  PluginCreate: [{ call: (docker) => docker.plugins.create(files, { name: 'p' }), query: { name: 'p' }, body: 'tar' }],
  PluginPush: [{ call: (docker) => docker.plugins.push('a/b:1') }],
  PluginSet: [{ call: (docker) => docker.plugins.set('a/b:1', ['A=b']), body: ['A=b'] }],
  NodeList: [{ call: (docker) => docker.nodes.list({ filters }), query: { filters: FILTERS } }],
  NodeInspect: [{ call: (docker) => docker.nodes.inspect('ID') }],
  NodeDelete: [{ call: (docker) => docker.nodes.remove('ID', { force: true }), query: { force: '1' } }],
  NodeUpdate: [
    { call: (docker) => docker.nodes.update('ID', node, { version: 7 }), query: { version: '7' }, body: node },
  ],
  SwarmInspect: [{ call: (docker) => docker.swarm.inspect() }],
  SwarmInit: [{ call: (docker) => docker.swarm.init(init), body: init }],
  SwarmJoin: [{ call: (docker) => docker.swarm.join(join), body: join }],
  SwarmLeave: [{ call: (docker) => docker.swarm.leave({ force: true }), query: { force: '1' } }],
  SwarmUpdate: [
    {
      call: (docker) =>
        docker.swarm.update(
          { Name: 'default' },
          { version: 7, rotateWorkerToken: true, rotateManagerToken: true, rotateManagerUnlockKey: true },
        ),
      query: { version: '7', rotateWorkerToken: '1', rotateManagerToken: '1', rotateManagerUnlockKey: '1' },
      body: { Name: 'default' },
    },
  ],
  SwarmUnlockkey: [{ call: (docker) => docker.swarm.unlockkey() }],
  SwarmUnlock: [{ call: (docker) => docker.swarm.unlock({ UnlockKey: 'k' }), body: { UnlockKey: 'k' } }],
  ServiceList: [
    {
      call: (docker) => docker.services.list({ filters, status: true }),
      query: { filters: FILTERS, status: '1' },
    },
  ],
  ServiceCreate: [{ call: (docker) => docker.services.create(service, { auth }), body: service }],
  ServiceInspect: [
    { call: (docker) => docker.services.inspect('ID', { insertDefaults: true }), query: { insertDefaults: '1' } },
  ],
  ServiceDelete: [{ call: (docker) => docker.services.remove('ID') }],
  ServiceUpdate: [
    {
      call: (docker) =>
        docker.services.update('ID', service, {
          version: 7,
          registryAuthFrom: 'spec',
          rollback: 'previous',
          auth,
        }),
      query: { version: '7', registryAuthFrom: 'spec', rollback: 'previous' },
      body: service,
    },
  ],
  ServiceLogs: [{ call: (docker) => docker.services.logs('ID', logs), query: LOGS }],
  TaskList: [{ call: (docker) => docker.tasks.list({ filters }), query: { filters: FILTERS } }],
  TaskInspect: [{ call: (docker) => docker.tasks.inspect('ID') }],
  TaskLogs: [{ call: (docker) => docker.tasks.logs('ID', logs), query: LOGS }],
  SecretList: [{ call: (docker) => docker.secrets.list({ filters }), query: { filters: FILTERS } }],
  SecretCreate: [
    { call: (docker) => docker.secrets.create({ Name: 's', Data: 'eA==' }), body: { Name: 's', Data: 'eA==' } },
  ],
  SecretInspect: [{ call: (docker) => docker.secrets.inspect('ID') }],
  SecretDelete: [{ call: (docker) => docker.secrets.remove('ID') }],
  SecretUpdate: [
    {
      call: (docker) => docker.secrets.update('ID', { Name: 's' }, { version: 7 }),
      query: { version: '7' },
      body: { Name: 's' },
    },
  ],
  ConfigList: [{ call: (docker) => docker.configs.list({ filters }), query: { filters: FILTERS } }],
  ConfigCreate: [
    { call: (docker) => docker.configs.create({ Name: 's', Data: 'eA==' }), body: { Name: 's', Data: 'eA==' } },
  ],
  ConfigInspect: [{ call: (docker) => docker.configs.inspect('ID') }],
  ConfigDelete: [{ call: (docker) => docker.configs.remove('ID') }],
  ConfigUpdate: [
    {
      call: (docker) => docker.configs.update('ID', { Name: 's' }, { version: 7 }),
      query: { version: '7' },
      body: { Name: 's' },
    },
  ],
  DistributionInspect: [{ call: (docker) => docker.distribution.inspect('a/b:1', { auth }) }],
}
