// The script of the calibration: what is asked of a real engine and of the model, in this order.

/** A member of an inspect, and its value. */
export interface Wanted {
  readonly path: readonly string[]
  readonly is: unknown
}

/** One call. `{host}` is the open registry, `{locked}` one that wants a login, `{name}` what an earlier step kept. */
export interface Step {
  readonly name: string
  readonly call: string
  readonly body?: unknown
  /** Sent as it is, instead of `body`. */
  readonly text?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Without the version prefix. */
  readonly unversioned?: boolean
  /** The member of the answer that later steps may name. */
  readonly keep?: { readonly as: string; readonly member: string }
  /** The whole answer is compared, not only its status. */
  readonly whole?: boolean
  /** Afterwards it is waited until this container is so. */
  readonly until?: Wanted & { readonly name: string; readonly and?: Wanted }
  /** Afterwards it is waited until this container is gone. */
  readonly gone?: string
  /** Milliseconds that pass before. */
  readonly after?: number
  /** Milliseconds that pass before it is looked: what the engine still does behind its answer. */
  readonly settle?: number
}

const PULL = (image: string, tag: string): string => `POST /images/create?fromImage={host}/calib/${image}&tag=${tag}`
const auth = (password: string): string =>
  Buffer.from(JSON.stringify({ username: 'ci', password }))
    .toString('base64')
    .replaceAll('+', '-')
    .replaceAll('/', '_')
const create = (name: string, image: string, more: object = {}): Pick<Step, 'call' | 'body'> => ({
  call: `POST /containers/create?name=calib-${name}`,
  body: { Image: `{host}/calib/${image}`, ...more },
})
const inspect = (name: string): string => `GET /containers/calib-${name}/json`
const policy = (Name: string, MaximumRetryCount = 0): object => ({ RestartPolicy: { Name, MaximumRetryCount } })

const images: readonly Step[] = [
  { name: 'ping', call: 'GET /_ping', unversioned: true },
  { name: 'version', call: 'GET /version' },
  { name: 'API version too new', call: 'GET /v1.99/version', unversioned: true },
  { name: 'API version too old', call: 'GET /v1.10/version', unversioned: true },
  { name: 'no such path', call: 'GET /nonsense' },
  { name: 'dot segments', call: 'GET /containers/../images/json' },
  { name: 'pull v1', call: PULL('serve', 'v1') },
  { name: 'pull v1 again', call: PULL('serve', 'v1') },
  { name: 'pull crash', call: PULL('crash', 'latest') },
  { name: 'pull volume', call: PULL('volume', 'latest') },
  { name: 'pull healthy', call: PULL('healthy', 'latest') },
  { name: 'pull unhealthy', call: PULL('unhealthy', 'latest') },
  { name: 'pull of no such tag', call: PULL('serve', 'nothing') },
  { name: 'pull of no such repository', call: PULL('nonesuch', 'latest') },
  { name: 'pull of a bad reference', call: 'POST /images/create?fromImage=UPPER/..&tag=x' },
  { name: 'pull from no registry', call: 'POST /images/create?fromImage=127.0.0.1:1/a/b&tag=c' },
  { name: 'pull of a lost layer', call: PULL('broken', 'latest') },
  { name: 'pull without login', call: 'POST /images/create?fromImage={locked}/calib/serve&tag=v1' },
  {
    name: 'pull with a wrong password',
    call: 'POST /images/create?fromImage={locked}/calib/serve&tag=v1',
    headers: { 'X-Registry-Auth': auth('wrong') },
  },
  {
    name: 'pull with a login',
    call: 'POST /images/create?fromImage={locked}/calib/serve&tag=v1',
    headers: { 'X-Registry-Auth': auth('s3cret') },
  },
  { name: 'image inspect', call: 'GET /images/{host}/calib/serve:v1/json', whole: true },
  { name: 'image inspect with a health check', call: 'GET /images/{host}/calib/healthy:latest/json', whole: true },
  { name: 'no such image', call: 'GET /images/calib-none:x/json' },
  { name: 'image by a bad name', call: 'GET /images/UPPER/json' },
  { name: 'tag', call: 'POST /images/{host}/calib/serve:v1/tag?repo=calib-moving&tag=now' },
  { name: 'tag with a bad name', call: 'POST /images/{host}/calib/serve:v1/tag?repo=UPPER' },
  { name: 'tag of no such image', call: 'POST /images/calib-none/tag?repo=x' },
]

const lifecycle: readonly Step[] = [
  { name: 'create', ...create('a', 'serve:v1') },
  { name: 'inspect created', call: inspect('a'), whole: true },
  { name: 'start', call: 'POST /containers/calib-a/start' },
  { name: 'start again', call: 'POST /containers/calib-a/start' },
  { name: 'inspect running', call: inspect('a'), whole: true },
  { name: 'create under a taken name', ...create('a', 'serve:v1') },
  { name: 'create of no such image', call: 'POST /containers/create?name=calib-x', body: { Image: 'no/such:image' } },
  { name: 'create without image', call: 'POST /containers/create?name=calib-x', body: { Image: '' } },
  {
    name: 'create with a bad name',
    call: 'POST /containers/create?name=-a$',
    body: { Image: '{host}/calib/serve:v1' },
  },
  { name: 'create with broken JSON', call: 'POST /containers/create?name=calib-x', text: '{"Image":' },
  { name: 'create without body', call: 'POST /containers/create?name=calib-x', text: '' },
  { name: 'create with a bad policy', ...create('x', 'serve:v1', { HostConfig: policy('bogus') }) },
  { name: 'create with a count for always', ...create('x', 'serve:v1', { HostConfig: policy('always', 3) }) },
  { name: 'remove what came of it', call: 'DELETE /containers/calib-x' },
  {
    name: 'create with AutoRemove and a policy',
    ...create('x', 'serve:v1', { HostConfig: { AutoRemove: true, ...policy('always') } }),
  },
  { name: 'rename', call: 'POST /containers/calib-a/rename?name=calib-b' },
  { name: 'rename to the same name', call: 'POST /containers/calib-b/rename?name=calib-b' },
  { name: 'rename to nothing', call: 'POST /containers/calib-b/rename?name=' },
  { name: 'rename to a bad name', call: 'POST /containers/calib-b/rename?name=-x$' },
  { name: 'rename of nobody', call: 'POST /containers/calib-none/rename?name=calib-q' },
  { name: 'create the old name', ...create('a', 'serve:v1') },
  { name: 'rename to a taken name', call: 'POST /containers/calib-b/rename?name=calib-a' },
  { name: 'inspect renamed while running', call: inspect('b'), whole: true },
  { name: 'remove a running one', call: 'DELETE /containers/calib-b' },
  { name: 'pause', call: 'POST /containers/calib-b/pause' },
  { name: 'pause again', call: 'POST /containers/calib-b/pause' },
  { name: 'start a paused one', call: 'POST /containers/calib-b/start' },
  { name: 'remove a paused one', call: 'DELETE /containers/calib-b' },
  { name: 'unpause', call: 'POST /containers/calib-b/unpause' },
  { name: 'unpause again', call: 'POST /containers/calib-b/unpause' },
  { name: 'pause a created one', call: 'POST /containers/calib-a/pause' },
  { name: 'update the policy', call: 'POST /containers/calib-b/update', body: policy('always') },
  { name: 'update with a bad policy', call: 'POST /containers/calib-b/update', body: policy('bogus') },
  { name: 'update with a count for always', call: 'POST /containers/calib-b/update', body: policy('always', 3) },
  { name: 'update nothing', call: 'POST /containers/calib-b/update', body: {} },
  { name: 'update of nobody', call: 'POST /containers/calib-none/update', body: policy('no') },
  { name: 'stop', call: 'POST /containers/calib-b/stop?t=5' },
  { name: 'stop again', call: 'POST /containers/calib-b/stop?t=5' },
  { name: 'inspect stopped', call: inspect('b'), whole: true },
  { name: 'stop a created one', call: 'POST /containers/calib-a/stop?t=1' },
  { name: 'kill a stopped one', call: 'POST /containers/calib-b/kill' },
  { name: 'wait for a stopped one', call: 'POST /containers/calib-b/wait', whole: true },
  { name: 'wait for a bad condition', call: 'POST /containers/calib-b/wait?condition=bogus' },
  { name: 'restart a stopped one', call: 'POST /containers/calib-b/restart?t=5' },
  { name: 'update the policy to no', call: 'POST /containers/calib-b/update', body: policy('no') },
  {
    name: 'kill',
    call: 'POST /containers/calib-b/kill',
    until: { name: 'calib-b', path: ['State', 'Status'], is: 'exited' },
    settle: 1000,
  },
  { name: 'kill with a bad signal', call: 'POST /containers/calib-b/kill?signal=BOGUS' },
  { name: 'logs', call: 'GET /containers/calib-b/logs?stdout=1' },
  { name: 'logs of no stream', call: 'GET /containers/calib-b/logs' },
  { name: 'remove', call: 'DELETE /containers/calib-b' },
  { name: 'remove again', call: 'DELETE /containers/calib-b' },
  { name: 'remove a created one', call: 'DELETE /containers/calib-a' },
  { name: 'inspect nobody', call: inspect('none') },
  { name: 'start nobody', call: 'POST /containers/calib-none/start' },
  { name: 'stop nobody', call: 'POST /containers/calib-none/stop' },
  { name: 'kill nobody', call: 'POST /containers/calib-none/kill' },
  { name: 'wait for nobody', call: 'POST /containers/calib-none/wait' },
  { name: 'create one that goes of itself', ...create('rm', 'serve:v1', { HostConfig: { AutoRemove: true } }) },
  { name: 'start it', call: 'POST /containers/calib-rm/start' },
  { name: 'update its policy', call: 'POST /containers/calib-rm/update', body: policy('always') },
  { name: 'stop it', call: 'POST /containers/calib-rm/stop?t=5', gone: 'calib-rm' },
  { name: 'and it is gone', call: inspect('rm') },
  {
    name: 'create one that crashes',
    ...create('crash', 'crash:latest', { HostConfig: policy('on-failure', 2) }),
  },
  {
    name: 'start the one that crashes',
    call: 'POST /containers/calib-crash/start',
    until: { name: 'calib-crash', path: ['State', 'Status'], is: 'exited', and: { path: ['RestartCount'], is: 2 } },
    settle: 1000,
  },
  { name: 'inspect crashed', call: inspect('crash'), whole: true },
  { name: 'remove crashed', call: 'DELETE /containers/calib-crash' },
  { name: 'create one without program', ...create('missing', 'serve:v1', { Cmd: ['/bin/no-such-program'] }) },
  { name: 'start one without program', call: 'POST /containers/calib-missing/start' },
  { name: 'inspect one without program', call: inspect('missing'), whole: true },
  { name: 'remove one without program', call: 'DELETE /containers/calib-missing' },
]

const full: object = {
  Hostname: 'hh',
  Env: ['A=b', 'C='],
  Labels: { z: '1' },
  ExposedPorts: { '80/tcp': {}, '81/udp': {} },
  StopTimeout: 7,
  WorkingDir: '/tmp',
  HostConfig: {
    Binds: ['calib-vol:/named', '/usr:/host:ro'],
    Mounts: [
      { Type: 'volume', Source: 'calib-vol2', Target: '/m2' },
      { Type: 'tmpfs', Target: '/tf' },
    ],
    PortBindings: { '80/tcp': [{ HostPort: '' }], '81/udp': [{ HostIp: '127.0.0.1', HostPort: '0' }] },
    Memory: 134_217_728,
    NanoCpus: 500_000_000,
    CapAdd: ['NET_ADMIN'],
    Dns: ['1.1.1.1'],
    ExtraHosts: ['a:1.2.3.4'],
    ShmSize: 33_554_432,
    NetworkMode: 'calib-net',
    Init: false,
    ...policy('unless-stopped'),
  },
  NetworkingConfig: {
    EndpointsConfig: { 'calib-net': { IPAMConfig: { IPv4Address: '10.213.7.77' }, Aliases: ['al1'] } },
  },
}

const networks: readonly Step[] = [
  {
    name: 'network create',
    call: 'POST /networks/create',
    body: {
      Name: 'calib-net',
      IPAM: { Config: [{ Subnet: '10.213.7.0/24', Gateway: '10.213.7.1' }] },
      Labels: { a: 'b' },
    },
  },
  {
    name: 'network create under a taken name',
    call: 'POST /networks/create',
    body: { Name: 'calib-net', CheckDuplicate: true },
  },
  {
    name: 'network create over another',
    call: 'POST /networks/create',
    body: { Name: 'calib-over', IPAM: { Config: [{ Subnet: '10.213.7.0/24' }] } },
  },
  {
    name: 'second network',
    call: 'POST /networks/create',
    body: { Name: 'calib-net2', IPAM: { Config: [{ Subnet: '10.213.8.0/24' }] } },
  },
  { name: 'network inspect', call: 'GET /networks/calib-net', whole: true },
  { name: 'no such network', call: 'GET /networks/calib-none' },
  { name: 'volume create', call: 'POST /volumes/create', body: { Name: 'calib-vol', Labels: { x: 'y' } }, whole: true },
  { name: 'volume create again', call: 'POST /volumes/create', body: { Name: 'calib-vol' } },
  { name: 'volume create with a bad name', call: 'POST /volumes/create', body: { Name: '-a/b' } },
  { name: 'no such volume', call: 'GET /volumes/calib-none' },
  { name: 'create with everything', ...create('full', 'volume:latest', full) },
  { name: 'inspect everything created', call: inspect('full'), whole: true },
  {
    name: 'connect before the start',
    call: 'POST /networks/calib-net2/connect',
    body: { Container: 'calib-full', EndpointConfig: { Aliases: ['al2'] } },
  },
  { name: 'inspect everything connected', call: inspect('full'), whole: true },
  { name: 'start everything', call: 'POST /containers/calib-full/start' },
  { name: 'inspect everything running', call: inspect('full'), whole: true },
  { name: 'network inspect in use', call: 'GET /networks/calib-net' },
  { name: 'network remove in use', call: 'DELETE /networks/calib-net' },
  { name: 'volume remove in use', call: 'DELETE /volumes/calib-vol' },
  { name: 'image remove in use', call: 'DELETE /images/{host}/calib/volume:latest' },
  { name: 'connect again', call: 'POST /networks/calib-net2/connect', body: { Container: 'calib-full' } },
  {
    name: 'create with a taken address',
    ...create('clash', 'serve:v1', {
      HostConfig: { NetworkMode: 'calib-net' },
      NetworkingConfig: { EndpointsConfig: { 'calib-net': { IPAMConfig: { IPv4Address: '10.213.7.77' } } } },
    }),
  },
  { name: 'start with a taken address', call: 'POST /containers/calib-clash/start' },
  { name: 'remove it', call: 'DELETE /containers/calib-clash' },
  {
    name: 'create with a fixed port',
    ...create('port', 'serve:v1', {
      ExposedPorts: { '90/tcp': {} },
      HostConfig: { PortBindings: { '90/tcp': [{ HostPort: '28917' }] } },
    }),
  },
  { name: 'start with a fixed port', call: 'POST /containers/calib-port/start' },
  {
    name: 'create with the same port',
    ...create('port2', 'serve:v1', {
      ExposedPorts: { '90/tcp': {} },
      HostConfig: { PortBindings: { '90/tcp': [{ HostPort: '28917' }] } },
    }),
  },
  { name: 'start with a taken port', call: 'POST /containers/calib-port2/start' },
  { name: 'stop who has the port', call: 'POST /containers/calib-port/stop?t=5', after: 500 },
  { name: 'start with the free port', call: 'POST /containers/calib-port2/start' },
  { name: 'remove the first', call: 'DELETE /containers/calib-port' },
  { name: 'remove the second by force', call: 'DELETE /containers/calib-port2?force=1' },
  {
    name: 'create on two networks',
    ...create('two', 'serve:v1', {
      HostConfig: { NetworkMode: 'calib-net' },
      NetworkingConfig: { EndpointsConfig: { 'calib-net': { Aliases: ['q'] }, 'calib-net2': {} } },
    }),
  },
  { name: 'remove it from two networks', call: 'DELETE /containers/calib-two' },
  { name: 'create with a MAC address', ...create('mac', 'serve:v1', { MacAddress: '02:42:ac:11:00:99' }) },
  { name: 'inspect with a MAC address', call: inspect('mac') },
  { name: 'remove with a MAC address', call: 'DELETE /containers/calib-mac' },
  { name: 'create on no such network', ...create('nonet', 'serve:v1', { HostConfig: { NetworkMode: 'calib-none' } }) },
  { name: 'start on no such network', call: 'POST /containers/calib-nonet/start' },
  { name: 'remove from no such network', call: 'DELETE /containers/calib-nonet' },
  {
    name: 'create in the network of another',
    ...create('joined', 'serve:v1', { HostConfig: { NetworkMode: 'container:calib-full' } }),
  },
  { name: 'start in the network of another', call: 'POST /containers/calib-joined/start' },
  { name: 'inspect in the network of another', call: inspect('joined') },
  { name: 'remove from the network of another', call: 'DELETE /containers/calib-joined?force=1' },
  { name: 'connect nobody', call: 'POST /networks/calib-net2/connect', body: { Container: 'calib-none' } },
  { name: 'connect to nothing', call: 'POST /networks/calib-none/connect', body: { Container: 'calib-full' } },
  { name: 'disconnect', call: 'POST /networks/calib-net2/disconnect', body: { Container: 'calib-full' } },
  { name: 'disconnect again', call: 'POST /networks/calib-net2/disconnect', body: { Container: 'calib-full' } },
  { name: 'stop everything', call: 'POST /containers/calib-full/stop?t=5' },
  { name: 'inspect everything stopped', call: inspect('full'), whole: true },
  { name: 'remove everything', call: 'DELETE /containers/calib-full?v=1' },
  { name: 'volume remove', call: 'DELETE /volumes/calib-vol' },
  { name: 'second volume remove', call: 'DELETE /volumes/calib-vol2' },
  { name: 'volume remove again', call: 'DELETE /volumes/calib-vol2' },
  { name: 'network remove', call: 'DELETE /networks/calib-net' },
  { name: 'second network remove', call: 'DELETE /networks/calib-net2' },
  { name: 'network remove again', call: 'DELETE /networks/calib-net2' },
]

const healthAndExec: readonly Step[] = [
  { name: 'create healthy', ...create('well', 'healthy:latest') },
  {
    name: 'start healthy',
    call: 'POST /containers/calib-well/start',
    until: { name: 'calib-well', path: ['State', 'Health', 'Status'], is: 'healthy' },
  },
  { name: 'create unhealthy', ...create('ill', 'unhealthy:latest') },
  {
    name: 'start unhealthy',
    call: 'POST /containers/calib-ill/start',
    until: { name: 'calib-ill', path: ['State', 'Health', 'Status'], is: 'unhealthy' },
  },
  { name: 'remove unhealthy', call: 'DELETE /containers/calib-ill?force=1' },
  {
    name: 'exec create',
    call: 'POST /containers/calib-well/exec',
    body: { Cmd: ['/bin/busybox', 'echo', 'hi'], AttachStdout: true, AttachStderr: true },
    keep: { as: 'exec', member: 'Id' },
  },
  { name: 'exec start', call: 'POST /exec/{exec}/start', body: { Detach: false, Tty: false } },
  { name: 'exec inspect', call: 'GET /exec/{exec}/json', whole: true, after: 300 },
  { name: 'exec start again', call: 'POST /exec/{exec}/start', body: { Detach: false, Tty: false } },
  { name: 'exec without command', call: 'POST /containers/calib-well/exec', body: {} },
  { name: 'no such exec', call: 'GET /exec/none/json' },
  { name: 'archive of no such path', call: 'GET /containers/calib-well/archive?path=/zzz' },
  { name: 'archive of no path', call: 'GET /containers/calib-well/archive' },
  { name: 'archive head', call: 'HEAD /containers/calib-well/archive?path=/bin' },
  { name: 'stop healthy', call: 'POST /containers/calib-well/stop?t=5' },
  { name: 'exec in a stopped one', call: 'POST /containers/calib-well/exec', body: { Cmd: ['/bin/busybox', 'true'] } },
  { name: 'remove healthy', call: 'DELETE /containers/calib-well' },
]

const moved: readonly Step[] = [
  {
    name: 'create from a tag that will move',
    call: 'POST /containers/create?name=calib-mv',
    body: { Image: 'calib-moving:now' },
  },
  { name: 'pull v2', call: PULL('serve', 'v2') },
  { name: 'move the tag', call: 'POST /images/{host}/calib/serve:v2/tag?repo=calib-moving&tag=now' },
  { name: 'list after the move', call: 'GET /containers/json?all=1&filters={"name":["calib-mv"]}' },
  { name: 'inspect after the move', call: inspect('mv') },
  { name: 'remove the moved tag', call: 'DELETE /images/calib-moving:now' },
  { name: 'remove the moved container', call: 'DELETE /containers/calib-mv' },
  { name: 'remove v2', call: 'DELETE /images/{host}/calib/serve:v2' },
  { name: 'remove v2 again', call: 'DELETE /images/{host}/calib/serve:v2' },
  { name: 'events', call: 'GET /events?since=1&until=2' },
  { name: 'distribution', call: 'GET /distribution/{host}/calib/serve:v1/json' },
  { name: 'distribution of no such tag', call: 'GET /distribution/{host}/calib/serve:nothing/json' },
]

export const STEPS: readonly Step[] = [...images, ...lifecycle, ...networks, ...healthAndExec, ...moved]

/** What is left on an engine when the script broke off: by these calls it is clean again. */
export const CLEANUP: readonly string[] = [
  ...[
    'a',
    'b',
    'x',
    'rm',
    'crash',
    'missing',
    'full',
    'clash',
    'port',
    'port2',
    'two',
    'mac',
    'nonet',
    'joined',
    'well',
    'ill',
    'mv',
  ].map((name) => `DELETE /containers/calib-${name}?force=1&v=1`),
  ...['net', 'net2', 'over'].map((name) => `DELETE /networks/calib-${name}`),
  ...['vol', 'vol2'].map((name) => `DELETE /volumes/calib-${name}`),
  'DELETE /images/calib-moving:now',
  ...[
    'serve:v1',
    'serve:v2',
    'crash:latest',
    'volume:latest',
    'healthy:latest',
    'unhealthy:latest',
    'broken:latest',
  ].map((image) => `DELETE /images/{host}/calib/${image}`),
  'DELETE /images/{locked}/calib/serve:v1',
]
