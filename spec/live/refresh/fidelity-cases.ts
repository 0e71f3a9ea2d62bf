// What `docker create` takes, flag by flag and together, in the words of the API.
import { parseJson, type JsonObject } from '../../../lib/base/json.ts'
import type { Made } from '../../support/fidelity.ts'
import type { ImageSettings } from '../support/image.ts'

const SCRIPT = 'trap "exit 0" TERM INT HUP QUIT USR1; sleep 3600 & wait'
/** Does nothing, and ends at once when it is told to. */
export const IDLE: readonly string[] = ['/bin/sh', '-c', SCRIPT]
const OTHER = `${SCRIPT} # mine`

const HEALTHY = { Test: ['CMD', '/bin/true'], Interval: 200_000_000, Timeout: 5_000_000_000, Retries: 5 }

interface Release {
  readonly before: ImageSettings
  readonly after: ImageSettings
}

/** Two images that leave much to their containers, and two that state all that an image can; before and after a release. */
export const IMAGES: Readonly<Record<'plain' | 'rich', Release>> = {
  plain: {
    before: { Cmd: IDLE, Env: ['PATH=/bin', 'VERSION=1'], Labels: { version: '1', 'only-in-1': 'yes' } },
    after: { Cmd: IDLE, Env: ['PATH=/bin', 'VERSION=2'], Labels: { version: '2', 'only-in-2': 'yes' } },
  },
  rich: {
    before: {
      Entrypoint: ['/bin/sh', '-c'],
      Cmd: [SCRIPT],
      Env: ['PATH=/bin', 'VERSION=1', 'SAME=1', 'ONLY_IN_1=yes'],
      Labels: { version: '1', same: '1' },
      ExposedPorts: { '80/tcp': {}, '81/tcp': {} },
      Volumes: { '/data': {}, '/data-of-1': {} },
      Healthcheck: { ...HEALTHY, StartPeriod: 1_000_000_000 },
      WorkingDir: '/tmp',
      User: '1000:1000',
      StopSignal: 'SIGINT',
      Shell: ['/bin/sh', '-c'],
    },
    after: {
      Entrypoint: ['/bin/sh', '-e', '-c'],
      Cmd: [`${SCRIPT} # 2`],
      Env: ['PATH=/bin:/sbin', 'VERSION=2', 'SAME=1', 'ONLY_IN_2=yes'],
      Labels: { version: '2', same: '1', 'only-in-2': '' },
      ExposedPorts: { '80/tcp': {}, '82/tcp': {} },
      Volumes: { '/data': {}, '/data-of-2': {} },
      Healthcheck: { ...HEALTHY, Retries: 4 },
      WorkingDir: '/bin',
      User: '1001',
      StopSignal: 'SIGQUIT',
      Shell: ['/bin/sh', '-e', '-c'],
    },
  },
}

/** What the engine has for the containers. */
export interface Place {
  /** Networks; `network` is of 10.x.y.0/24, of which `prefix` is the first part. */
  readonly network: string
  readonly second: string
  readonly third: string
  readonly networkId: string
  readonly prefix: string
  /** A running container, with a volume at `/lent` and another at `/lent-too`. */
  readonly donor: string
  readonly donorId: string
  readonly volume: string
  /** A reference of an image that is there. */
  readonly image: string
  /** Free ports of the machine. */
  readonly ports: readonly number[]
  /** The engine is podman. */
  readonly podman: boolean
}

export interface Case extends Omit<Made, 'name' | 'body'> {
  /** The flags. */
  readonly flags: string
  readonly body: object
  /** Default `plain`. */
  readonly image?: keyof typeof IMAGES
  /** Settings that equal the old image's: no engine tells them apart, so they follow the image. */
  readonly inherits?: readonly string[]
  /** What cannot be kept where the engine does not tell it, and the words in the report that say so. */
  readonly told?: Told | undefined
}

interface Told {
  readonly of: readonly string[]
  readonly note: string
}

// What podman does not show of a container made over its API, as this matrix makes them all.
const untold = (note: string, ...of: string[]): Pick<Case, 'told'> => ({ told: { of, note } })
const DEVICES = 'inside cgroup /sys/fs/cgroup/devices/'
const SWAPPINESS = 'inside cgroup /sys/fs/cgroup/memory/memory.swappiness'
const IPC = ['inside ns ipc', 'inside mounts /dev/shm', 'inside device /dev/shm', 'inside mounts /dev/mqueue']

/** An address of a network that podman draws anew, unless it is told to keep it. */
const drawn = (network: string): Pick<Case, 'told'> => ({
  told: {
    of: ['inside links ', 'inside hosts ', 'inside routes ', 'inside names ', `NetworkSettings.Networks.${network}/`],
    note: `Networks.${network}: `,
  },
})

type HostCase = readonly [flags: string, hostConfig: object, more?: Partial<Case>]

/** The matrix. */
export function cases(place: Place): Case[] {
  const hosts = [...mounts(place), ...ports(place), ...security(place), ...resources(), ...others(place)]
  return [
    ...configs(place),
    ...ofRichImage(),
    ...networks(place),
    ...addresses(place),
    ...left(place),
    ...states(place),
    ...hosts.map(([flags, HostConfig, more]) => ({ flags, body: { HostConfig }, ...more })),
    ...together(place),
  ]
}

function configs({ podman }: Place): Case[] {
  // dockerd tells by the order of the entries that one was asked for.
  const inherits = podman ? ['Config.Env', 'inside env VERSION'] : []
  const labels = parseJson('{"__proto__":"polluted","constructor":"x","toString":""}') as JsonObject
  return [
    { flags: '(none)', body: {} },
    { flags: '--env A=1 --env B= --env C=a=b', body: { Env: ['A=1', 'B=', 'C=a=b'] } },
    { flags: '--env VERSION=mine', body: { Env: ['VERSION=mine'] } },
    { flags: '--env VERSION= (emptied)', body: { Env: ['VERSION='] } },
    { flags: '--env with spaces, quotes, newline', body: { Env: ['Q="a b"', 'N=one\ntwo', 'U=żółw 🐢', 'D=$HOME'] } },
    { flags: '--env PATH=/bin:/tmp', body: { Env: ['PATH=/bin:/tmp'] } },
    { flags: '--env VERSION=1 (equal to the image’s)', body: { Env: ['VERSION=1'] }, inherits },
    { flags: '--env A=1 --env VERSION=1 (equal to the image’s)', body: { Env: ['A=1', 'VERSION=1'] }, inherits },
    { flags: '--label of compose 1', body: { Labels: { 'com.docker.compose.version': '1.29.2' } } },
    { flags: '--label a=1 --label empty=', body: { Labels: { a: '1', empty: '' } } },
    { flags: '--label version=mine', body: { Labels: { version: 'mine' } } },
    { flags: '--label __proto__=… constructor=…', body: { Labels: labels } },
    {
      flags: '--label json, unicode, dots',
      body: { Labels: { 'a.b/c': '{"x":[1,null]}', ż: '🐢', 'with space': ' ' } },
    },
    {
      flags: '--label 60 of them',
      body: { Labels: Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`k${i}`, `v${i}`])) },
    },
    { flags: 'cmd', body: { Cmd: ['/bin/sh', '-c', OTHER] } },
    { flags: '--entrypoint', body: { Entrypoint: ['/bin/sh', '-c'], Cmd: [OTHER] } },
    { flags: '--entrypoint, no cmd', body: { Entrypoint: ['/bin/sh', '-c', OTHER] } },
    { flags: '--entrypoint "" cmd', body: { Entrypoint: [''], Cmd: [...IDLE] } },
    { flags: '--entrypoint [] cmd', body: { Entrypoint: [], Cmd: ['/bin/sh', '-c', OTHER] } },
    { flags: '--user 1000', body: { User: '1000' } },
    { flags: '--user 1000:1000', body: { User: '1000:1000' } },
    { flags: '--workdir /tmp', body: { WorkingDir: '/tmp' } },
    { flags: '--workdir /made/new', body: { WorkingDir: '/made/new' } },
    { flags: '--hostname', body: { Hostname: 'mine' } },
    { flags: '--hostname with dots --domainname', body: { Hostname: 'mine.example.org', Domainname: 'example.org' } },
    { flags: '--domainname', body: { Domainname: 'example.org' } },
    { flags: '--stop-signal SIGUSR1', body: { StopSignal: 'SIGUSR1' } },
    { flags: '--stop-signal 15 (a number)', body: { StopSignal: '15' } },
    { flags: '--stop-timeout 3', body: { StopTimeout: 3 } },
    { flags: '--stop-timeout 0', body: { StopTimeout: 0 } },
    { flags: '--stop-timeout 2^53+1', body: { StopTimeout: 9_007_199_254_740_993n } },
    { flags: '--tty', body: { Tty: true } },
    { flags: '--interactive', body: { OpenStdin: true } },
    {
      flags: '--interactive once --tty --attach',
      body: { OpenStdin: true, StdinOnce: true, Tty: true, AttachStdin: true, AttachStdout: true, AttachStderr: true },
    },
    { flags: '--health-cmd', body: { Healthcheck: { Test: ['CMD-SHELL', 'true'], Interval: 200_000_000 } } },
    {
      flags: '--health-interval 2600h (beyond 2^53)',
      state: 'exited', // its first check is far away
      body: {
        Healthcheck: { Test: ['CMD', '/bin/true'], Interval: 9_360_000_000_000_001n, Timeout: 9_360_000_000_000_003n },
      },
    },
    { flags: '--health-* all', body: { Healthcheck: { ...HEALTHY, StartPeriod: 2_000_000_000 } } },
    {
      flags: '--health-start-interval (1.44)',
      body: { Healthcheck: { ...HEALTHY, StartPeriod: 2_000_000_000, StartInterval: 100_000_000 } },
    },
    { flags: '--no-healthcheck', body: { Healthcheck: { Test: ['NONE'] } } },
    { flags: '--expose 1234 --expose 53/udp', body: { ExposedPorts: { '1234/tcp': {}, '53/udp': {} } } },
    { flags: '--volume /anonymous', body: { Volumes: { '/anonymous': {} } } },
    { flags: '--volume /a --volume /b/ (trailing slash)', body: { Volumes: { '/a': {}, '/b/': {} } } },
    { flags: 'Shell', body: { Shell: ['/bin/sh', '-x', '-c'] } },
    { flags: 'NetworkDisabled', body: { NetworkDisabled: true } },
  ]
}

function ofRichImage(): Case[] {
  const image = 'rich'
  const check = { Test: ['CMD', '/bin/test', '1'] }
  const all: readonly [flags: string, body: object, inherits?: readonly string[]][] = [
    ['(none)', {}],
    ['cmd', { Cmd: [OTHER] }],
    ['cmd equal to the image’s', { Cmd: [SCRIPT] }, ['Config.Cmd', 'Args', 'inside cmdline ']],
    ['--entrypoint', { Entrypoint: ['/bin/sh', '-c', OTHER] }],
    [
      '--entrypoint equal to the image’s, cmd',
      { Entrypoint: ['/bin/sh', '-c'], Cmd: [OTHER] },
      ['Config.Entrypoint', 'Args', 'inside cmdline '],
    ],
    ['--entrypoint equal to the image’s, no cmd', { Entrypoint: ['/bin/sh', '-c'] }],
    ['--entrypoint, cmd', { Entrypoint: ['/bin/sh', '-x', '-c'], Cmd: [SCRIPT] }],
    ['--entrypoint "" cmd', { Entrypoint: [''], Cmd: [...IDLE] }],
    ['--entrypoint [] cmd', { Entrypoint: [], Cmd: [...IDLE] }],
    ['--env over the image’s', { Env: ['SAME=mine', 'VERSION=mine', 'ONLY_IN_1=mine', 'NEW=1'] }],
    ['--env of the next image', { Env: ['ONLY_IN_2=mine'] }],
    ['--label over the image’s', { Labels: { version: 'mine', own: '1' } }],
    ['--user 0', { User: '0' }],
    ['--user root:root', { User: '0:0', WorkingDir: '/' }],
    ['--workdir /', { WorkingDir: '/' }],
    ['--stop-signal SIGTERM', { StopSignal: 'SIGTERM' }],
    ['--no-healthcheck', { Healthcheck: { Test: ['NONE'] } }],
    ['--health-cmd', { Healthcheck: check }],
    ['--health-retries', { Healthcheck: { Retries: 7 } }],
    ['--health-interval --health-timeout', { Healthcheck: { Interval: 300_000_000, Timeout: 3_000_000_000 } }],
    ['--expose 9000', { ExposedPorts: { '9000/tcp': {} } }],
    ['--volume /mine', { Volumes: { '/mine': {} } }],
    ['--volume /srv:/data', { HostConfig: { Binds: ['/srv:/data'] } }],
    ['--tmpfs /data', { HostConfig: { Tmpfs: { '/data': '' } } }],
    ['--mount type=volume,target=/data', { HostConfig: { Mounts: [{ Type: 'volume', Target: '/data' }] } }],
    ['--publish-all', { HostConfig: { PublishAllPorts: true } }],
    [
      '--publish 80',
      { ExposedPorts: { '80/tcp': {} }, HostConfig: { PortBindings: { '80/tcp': [{ HostPort: '' }] } } },
    ],
    ['--read-only', { HostConfig: { ReadonlyRootfs: true } }],
    ['Shell', { Shell: ['/bin/sh'] }],
  ]
  return all.map(([flags, body, inherits = []]) => ({ flags: `rich image: ${flags}`, body, image, inherits }))
}

const to = (Type: string, more: object): object => ({ Mounts: [{ Type, Target: '/mnt', ...more }] })

function mounts({ volume, donor, donorId, image }: Place): HostCase[] {
  return [
    ['--volume /srv:/host', { Binds: ['/srv:/host'] }],
    ['--volume /srv:/host:ro', { Binds: ['/srv:/host:ro'] }],
    ['--volume /srv:/host:rw,rslave', { Binds: ['/srv:/host:rw,rslave'] }],
    ['--volume /srv:/host:z', { Binds: ['/srv:/host:z'] }],
    ['--volume name:/data', { Binds: [`${volume}:/data`] }],
    ['--volume name:/data:ro', { Binds: [`${volume}:/data:ro`] }],
    ['--volume name:/data:nocopy', { Binds: [`${volume}:/data:nocopy`] }],
    ['--volume three of them', { Binds: ['/srv:/z', `${volume}:/a`, '/usr:/m:ro'] }],
    ['--mount type=bind', to('bind', { Source: '/srv' })],
    [
      '--mount type=bind,readonly,bind-propagation',
      to('bind', { Source: '/srv', ReadOnly: true, BindOptions: { Propagation: 'rprivate' } }),
    ],
    ['--mount type=bind,bind-nonrecursive', to('bind', { Source: '/srv', BindOptions: { NonRecursive: true } })],
    [
      '--mount type=bind,bind-recursive=writable',
      to('bind', { Source: '/srv', ReadOnly: true, BindOptions: { ReadOnlyNonRecursive: true } }),
    ],
    ['--mount type=bind, consistency', to('bind', { Source: '/srv', Consistency: 'cached' })],
    ['--mount type=volume', to('volume', { Source: volume })],
    ['--mount type=volume,readonly', to('volume', { Source: volume, ReadOnly: true })],
    [
      '--mount type=volume,volume-nocopy,volume-label',
      to('volume', { Source: volume, VolumeOptions: { NoCopy: true, Labels: { a: '1' } } }),
    ],
    ['--mount type=volume, anonymous', to('volume', {})],
    ['--mount type=volume, anonymous, readonly', to('volume', { ReadOnly: true })],
    [
      '--mount type=volume,volume-driver',
      to('volume', { Source: volume, VolumeOptions: { DriverConfig: { Name: 'local' } } }),
    ],
    ['--mount type=tmpfs', to('tmpfs', {})],
    ['--mount type=tmpfs,tmpfs-size,tmpfs-mode', to('tmpfs', { TmpfsOptions: { SizeBytes: 1 << 20, Mode: 0o1770 } })],
    [
      '--mount four kinds',
      {
        Mounts: [
          { Type: 'bind', Source: '/srv', Target: '/b' },
          { Type: 'volume', Source: volume, Target: '/v' },
          { Type: 'tmpfs', Target: '/t' },
          { Type: 'volume', Target: '/n' },
        ],
      },
    ],
    ['--mount type=image (1.48)', to('image', { Source: image })],
    ['--mount type=image,image-subpath (1.48)', to('image', { Source: image, ImageOptions: { Subpath: 'bin' } })],
    ['--tmpfs /run', { Tmpfs: { '/run': '' } }],
    ['--tmpfs /run:size=64k,mode=1777', { Tmpfs: { '/run': 'rw,noexec,nosuid,size=65536k', '/cache': 'mode=1777' } }],
    ['--volumes-from', { VolumesFrom: [donor] }],
    ['--volumes-from :ro', { VolumesFrom: [`${donor}:ro`] }],
    ['--volumes-from by id, and a volume over it', { VolumesFrom: [donorId], Binds: [`${volume}:/lent`] }],
    ['--volume-driver local', { VolumeDriver: 'local', Binds: [`${volume}:/data`] }],
  ]
}

const at = (HostPort: number | string, HostIp = '127.0.0.1'): object[] => [{ HostIp, HostPort: String(HostPort) }]

const publish = (flags: string, PortBindings: object): HostCase => {
  const ExposedPorts = Object.fromEntries(Object.keys(PortBindings).map((port) => [port, {}]))
  return [flags, {}, { body: { ExposedPorts, HostConfig: { PortBindings } } }]
}

function ports({ ports: [a = 0, b = 0, c = 0, d = 0, e = 0] }: Place): HostCase[] {
  const exposed = { ExposedPorts: { '80/tcp': {}, '81/udp': {} }, HostConfig: { PublishAllPorts: true } }
  return [
    publish('--publish 127.0.0.1:8080:80', { '80/tcp': at(a) }),
    publish('--publish 8080:80', { '80/tcp': at(b, '') }),
    publish('--publish 80 (ephemeral)', { '80/tcp': at('', '') }),
    publish('--publish 127.0.0.1::80 (ephemeral)', { '80/tcp': at('') }),
    publish('--publish 0:80', { '80/tcp': at(0) }),
    publish('--publish 41000-41400:80', { '80/tcp': at('41000-41400') }),
    publish('--publish 8080:53/udp', { '53/udp': at(c) }),
    publish('--publish tcp, udp, one port twice', {
      '53/tcp': at(d),
      '53/udp': at(d),
      '54/tcp': [...at(''), ...at(e)],
    }),
    publish('--publish 80-82 (ephemeral)', { '80/tcp': at(''), '81/tcp': at(''), '82/tcp': at('') }),
    ['PortBindings without ExposedPorts', { PortBindings: { '80/tcp': at('') } }],
    ['--publish-all', { PublishAllPorts: true }],
    ['--publish-all --expose', {}, { body: exposed }],
    ['PortBindings {}', { PortBindings: {} }],
  ]
}

function networks({ network, second, third, networkId, prefix, donor, donorId }: Place): Case[] {
  const joined = (endpoint: object, more: object = {}): object => ({
    ...more,
    HostConfig: { NetworkMode: network },
    NetworkingConfig: { EndpointsConfig: { [network]: endpoint } },
  })
  const several = { [network]: { Aliases: ['one'] }, [second]: { Aliases: ['two', 'zwei'] }, [third]: {} }
  return [
    { flags: '--network none', body: { HostConfig: { NetworkMode: 'none' } } },
    { flags: '--network host', body: { HostConfig: { NetworkMode: 'host' } } },
    { flags: '--network host --hostname', body: { Hostname: 'mine', HostConfig: { NetworkMode: 'host' } } },
    { flags: '--network bridge', body: { HostConfig: { NetworkMode: 'bridge' } } },
    { flags: '--network default', body: { HostConfig: { NetworkMode: 'default' } } },
    { flags: '--network NAME', body: { HostConfig: { NetworkMode: network } } },
    { flags: '--network ID', body: { HostConfig: { NetworkMode: networkId } } },
    { flags: '--network NAME --network-alias', body: joined({ Aliases: ['web', 'www'] }) },
    { flags: '--network NAME --ip', body: joined({ IPAMConfig: { IPv4Address: `${prefix}.77` } }), ...drawn(network) },
    {
      flags: '--network NAME --ip, --keep-ip --keep-mac',
      body: joined({ IPAMConfig: { IPv4Address: `${prefix}.79` }, MacAddress: mac(0x79) }, { MacAddress: mac(0x79) }),
      keepIp: true,
      keepMac: true,
    },
    {
      flags: '--network NAME --ip --network-alias',
      body: joined({ IPAMConfig: { IPv4Address: `${prefix}.78` }, Aliases: ['web'] }),
      ...drawn(network),
    },
    { flags: '--network NAME --link-local-ip', body: joined({ IPAMConfig: { LinkLocalIPs: ['169.254.34.68'] } }) },
    {
      flags: '--network NAME --mac-address',
      body: joined({ MacAddress: '02:42:ac:11:00:77' }, { MacAddress: '02:42:ac:11:00:77' }),
      ...drawn(network),
    },
    { flags: '--mac-address', body: { MacAddress: '02:42:ac:11:00:78' } },
    { flags: '--network NAME --link', body: joined({ Links: [`${donor}:friend`] }) },
    { flags: '--link', body: { HostConfig: { Links: [`${donor}:friend`] } } },
    { flags: '--network NAME,driver-opt', body: joined({ DriverOpts: { 'com.example.a': '1' } }) },
    { flags: '--network NAME, hostname equal to an alias', body: joined({ Aliases: ['mine'] }, { Hostname: 'mine' }) },
    {
      flags: '--network A --network B --network C (1.44)',
      body: { HostConfig: { NetworkMode: network }, NetworkingConfig: { EndpointsConfig: several } },
    },
    {
      flags: '--network A, network connect B C',
      body: joined({ Aliases: ['one'] }),
      connect: { [second]: { Aliases: ['two'] }, [third]: {} },
    },
    {
      flags: '--network A, network connect B --alias, stopped',
      body: joined({}),
      connect: { [second]: { Aliases: ['two'] } },
      state: 'exited',
    },
    { flags: '--network bridge, network connect B', body: {}, connect: { [second]: {} } },
    { flags: '--network container:NAME', body: { HostConfig: { NetworkMode: `container:${donor}` } } },
    { flags: '--network container:ID', body: { HostConfig: { NetworkMode: `container:${donorId}` } } },
    {
      flags: '--dns --dns-search --dns-option',
      body: { HostConfig: { Dns: ['1.1.1.1', '9.9.9.9'], DnsSearch: ['example.org'], DnsOptions: ['ndots:2'] } },
    },
    { flags: '--add-host', body: { HostConfig: { ExtraHosts: ['a:10.1.2.3', 'b:10.1.2.4'] } } },
    { flags: '--add-host host-gateway', body: { HostConfig: { ExtraHosts: ['gate:host-gateway'] } } },
    { flags: '--dns on a network of one’s own', body: { HostConfig: { NetworkMode: network, Dns: ['1.1.1.1'] } } },
  ]
}

const mac = (last: number): string => `02:42:0a:63:01:${last.toString(16)}`

function addresses({ network, second, networkId, podman }: Place): Case[] {
  const further = (more: object = {}): object => ({
    ...more,
    HostConfig: { NetworkMode: network },
    NetworkingConfig: {
      EndpointsConfig: { [network]: { MacAddress: mac(0x55) }, [second]: { MacAddress: mac(0x66) } },
    },
  })
  const byId = { EndpointsConfig: { [networkId]: { MacAddress: mac(0x58) } } }
  return [
    {
      flags: '--network NAME --mac-address, endpoint only (1.44)',
      ...drawn(network),
      body: {
        HostConfig: { NetworkMode: network },
        NetworkingConfig: { EndpointsConfig: { [network]: { MacAddress: mac(0x56) } } },
      },
    },
    { flags: '--mac-address, stopped', body: { MacAddress: mac(0x57) }, state: 'exited' },
    { flags: '--mac-address, created', body: { MacAddress: mac(0x59) }, state: 'created' },
    {
      flags: '--network ID, mac-address (1.44)',
      ...drawn(network),
      body: { HostConfig: { NetworkMode: networkId }, NetworkingConfig: byId },
    },
    { flags: '--network A --network B,mac-address, --keep-mac (1.44)', body: further(), keepMac: true },
    {
      flags: '--network A --network B,mac-address, label dockline.keep-mac (1.44)',
      body: further({ Labels: { 'dockline.keep-mac': '' } }),
      keepMac: true,
    },
    {
      flags: '--network A --network B,mac-address (1.44)',
      body: further(),
      told: {
        of: [
          'inside links',
          `NetworkSettings.Networks.${second}/MacAddress`,
          ...(podman ? [`NetworkSettings.Networks.${network}/MacAddress`] : []),
        ],
        note: podman ? `Networks.${second}: ` : `Networks.${second}.MacAddress: ${mac(0x66)} is drawn anew`,
      },
    },
    { flags: '--keep-mac of drawn addresses', body: { HostConfig: { NetworkMode: network } }, keepMac: true },
    {
      flags: 'sysctl of an endpoint (1.46)',
      body: {
        HostConfig: { NetworkMode: network },
        NetworkingConfig: {
          EndpointsConfig: {
            [network]: {
              DriverOpts: { 'com.docker.network.endpoint.sysctls': 'net.ipv4.conf.IFNAME.log_martians=1' },
            },
          },
        },
      },
    },
    {
      flags: '--sysctl of eth0 (below 1.48)',
      ...untold('HostConfig.Sysctls, ', 'inside sysctl '),
      body: { HostConfig: { Sysctls: { 'net.ipv4.conf.eth0.log_martians': '1' } } },
    },
  ]
}

function left({ network, second, podman }: Place): Case[] {
  const HostConfig = { NetworkMode: network }
  const of = ['inside links ', 'inside routes ', 'inside hosts ', 'inside sysctl /proc/sys/net/ipv4/']
  const interfaces = podman ? untold('NetworkSettings: it has no interface eth0', ...of) : {}
  return [
    { flags: 'network disconnect of the last one', body: { HostConfig }, disconnect: [network] },
    { flags: 'network disconnect of the default one', body: {}, disconnect: ['bridge'] },
    {
      flags: 'network disconnect of its own, another is left',
      ...interfaces,
      body: { HostConfig },
      connect: { [second]: { Aliases: ['two'] } },
      disconnect: [network],
    },
    {
      flags: 'network disconnect of the default one, another is left',
      ...interfaces,
      body: {},
      connect: { [second]: {} },
      disconnect: ['bridge'],
    },
  ]
}

function security({ donor }: Place): HostCase[] {
  return [
    ['--cap-add NET_ADMIN', { CapAdd: ['NET_ADMIN'] }],
    ['--cap-add CAP_SYS_TIME --cap-drop', { CapAdd: ['CAP_SYS_TIME'], CapDrop: ['MKNOD', 'CAP_CHOWN'] }],
    ['--cap-drop ALL', { CapDrop: ['ALL'] }],
    ['--privileged', { Privileged: true }],
    ['--privileged --cap-drop', { Privileged: true, CapDrop: ['NET_RAW'] }],
    ['--security-opt no-new-privileges', { SecurityOpt: ['no-new-privileges'] }],
    ['--security-opt seccomp=unconfined', { SecurityOpt: ['seccomp=unconfined'] }],
    ['--security-opt seccomp={…} (a profile)', { SecurityOpt: ['seccomp={"defaultAction":"SCMP_ACT_ALLOW"}'] }],
    ['--security-opt label=disable apparmor=unconfined', { SecurityOpt: ['label=disable', 'apparmor=unconfined'] }],
    ['--security-opt systempaths=unconfined', { MaskedPaths: [], ReadonlyPaths: [] }],
    ['MaskedPaths null', { MaskedPaths: null, ReadonlyPaths: null }],
    ['MaskedPaths of one’s own', { MaskedPaths: ['/proc/kcore'], ReadonlyPaths: ['/proc/sys'] }],
    ['--read-only', { ReadonlyRootfs: true }],
    ['--read-only --tmpfs', { ReadonlyRootfs: true, Tmpfs: { '/tmp': '' } }],
    ['--userns host', { UsernsMode: 'host' }],
    ['--pid host', { PidMode: 'host' }],
    ['--pid container:', { PidMode: `container:${donor}` }],
    ['--ipc host', { IpcMode: 'host' }, untold(', HostConfig.IpcMode', ...IPC)],
    ['--ipc none', { IpcMode: 'none' }, untold(', HostConfig.IpcMode', ...IPC)],
    ['--ipc shareable', { IpcMode: 'shareable' }],
    ['--ipc private', { IpcMode: 'private' }],
    ['--uts host', { UTSMode: 'host' }],
    ['--cgroupns host', { CgroupnsMode: 'host' }],
    ['--cgroupns private', { CgroupnsMode: 'private' }],
    ['--group-add', { GroupAdd: ['audio', '1234'] }],
    ['--group-add numbers', { GroupAdd: ['44', '1234'] }],
    ['--device', { Devices: [{ PathOnHost: '/dev/zero', PathInContainer: '/dev/mine', CgroupPermissions: 'rwm' }] }],
    [
      '--device :r',
      {
        Devices: [
          { PathOnHost: '/dev/null', PathInContainer: '/dev/one', CgroupPermissions: 'r' },
          { PathOnHost: '/dev/full', PathInContainer: '/dev/full2', CgroupPermissions: 'rw' },
        ],
      },
    ],
    [
      '--device-cgroup-rule',
      { DeviceCgroupRules: ['c 1:3 mr', 'a 7:* rmw'] },
      untold(', HostConfig.DeviceCgroupRules', DEVICES),
    ],
    [
      '--gpus all',
      { DeviceRequests: [{ Driver: '', Count: -1, DeviceIDs: null, Capabilities: [['gpu']], Options: {} }] },
    ],
    [
      '--sysctl',
      { Sysctls: { 'net.ipv4.ip_unprivileged_port_start': '0', 'net.core.somaxconn': '512' } },
      untold('HostConfig.Sysctls, ', 'inside sysctl '),
    ],
    ['--annotation (1.43)', { Annotations: { 'org.example.a': '1', __proto_: 'x' } }],
  ]
}

function resources(): HostCase[] {
  const MiB = 1 << 20
  return [
    ['--memory', { Memory: 64 * MiB }],
    ['--memory --memory-swap', { Memory: 64 * MiB, MemorySwap: 128 * MiB }],
    ['--memory --memory-swap -1', { Memory: 64 * MiB, MemorySwap: -1 }],
    ['--memory-reservation', { Memory: 64 * MiB, MemoryReservation: 32 * MiB }],
    ['--memory 2^53+1', { Memory: 9_007_199_254_740_993n }],
    ['--memory-swappiness 0', { MemorySwappiness: 0 }, untold(', HostConfig.MemorySwappiness 0', SWAPPINESS)],
    ['--memory-swappiness 60', { MemorySwappiness: 60 }],
    ['--memory-swappiness -1', { MemorySwappiness: -1 }],
    ['--oom-kill-disable --memory', { Memory: 64 * MiB, OomKillDisable: true }],
    ['OomKillDisable null', { OomKillDisable: null }],
    ['--oom-score-adj', { OomScoreAdj: 500 }],
    ['--kernel-memory', { KernelMemory: 64 * MiB }],
    ['--cpus 0.5', { NanoCpus: 500_000_000 }],
    ['--cpu-shares', { CpuShares: 512 }],
    ['--cpu-quota --cpu-period', { CpuQuota: 50_000, CpuPeriod: 100_000 }],
    ['--cpuset-cpus --cpuset-mems', { CpusetCpus: '0', CpusetMems: '0' }],
    ['--pids-limit 100', { PidsLimit: 100 }],
    ['--pids-limit -1', { PidsLimit: -1 }],
    ['--pids-limit 0', { PidsLimit: 0 }],
    ['--blkio-weight', { BlkioWeight: 300 }],
    ['--blkio-weight-device', { BlkioWeightDevice: [{ Path: '/dev/zero', Weight: 200 }] }],
    [
      '--device-read-bps',
      {
        BlkioDeviceReadBps: [{ Path: '/dev/zero', Rate: 1 << 20 }],
        BlkioDeviceWriteIOps: [{ Path: '/dev/zero', Rate: 100 }],
      },
    ],
    ['--shm-size', { ShmSize: 128 * MiB }],
    [
      '--ulimit',
      {
        Ulimits: [
          { Name: 'nofile', Soft: 512, Hard: 1024 },
          { Name: 'core', Soft: 0, Hard: 0 },
        ],
      },
    ],
    ['--ulimit nproc', { Ulimits: [{ Name: 'nproc', Soft: 100, Hard: 100 }] }],
    ['--cgroup-parent', { CgroupParent: '/fidelity' }],
  ]
}

function others({ network }: Place): HostCase[] {
  return [
    ['--init', { Init: true }],
    ['--init=false', { Init: false }],
    ['--runtime runc', { Runtime: 'runc' }],
    ['--log-driver none', { LogConfig: { Type: 'none', Config: {} } }],
    [
      '--log-driver json-file --log-opt',
      { LogConfig: { Type: 'json-file', Config: { 'max-size': '1m', 'max-file': '3' } } },
    ],
    ['--log-driver local', { LogConfig: { Type: 'local', Config: {} } }],
    ['--restart no', { RestartPolicy: { Name: 'no' } }],
    ['--restart always', { RestartPolicy: { Name: 'always' } }],
    ['--restart unless-stopped', { RestartPolicy: { Name: 'unless-stopped' } }],
    ['--restart on-failure', { RestartPolicy: { Name: 'on-failure' } }],
    ['--restart on-failure:5', { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 5 } }],
    ['--storage-opt size', { StorageOpt: { size: '1G' } }],
    ['--isolation default', { Isolation: 'default' }],
    ['ContainerIDFile', { ContainerIDFile: '/tmp/cid' }],
    ['ConsoleSize', { ConsoleSize: [24, 80] }],
    ['--network NAME --restart always --init', { NetworkMode: network, RestartPolicy: { Name: 'always' }, Init: true }],
    ['--rm, --allow-no-rollback', { AutoRemove: true }, { allowNoRollback: true }],
  ]
}

function states({ volume, network }: Place): Case[] {
  const body = {
    Env: ['A=1'],
    Volumes: { '/anonymous': {} },
    HostConfig: { Binds: [`${volume}:/data`], NetworkMode: network, RestartPolicy: { Name: 'always' } },
  }
  return (['created', 'exited', 'paused'] as const).flatMap((state) => [
    { flags: `${state}, many flags`, body, state },
    { flags: `${state}, rich image`, body: {}, state, image: 'rich' as const },
  ])
}

function together(place: Place): Case[] {
  const { network, second, prefix, volume, donor, ports } = place
  const labels = {
    'com.docker.compose.project': 'shop',
    'com.docker.compose.service': 'web',
    'com.docker.compose.config-hash': 'c0ffee',
    'com.docker.compose.container-number': '1',
    'com.docker.compose.oneoff': 'False',
    'com.docker.compose.depends_on': 'db:service_started:false',
  }
  return [
    {
      flags: 'a web server',
      ...drawn(network),
      body: {
        Env: ['PORT=80', 'VERSION=mine'],
        Labels: { 'traefik.enable': 'true' },
        Hostname: 'web',
        ExposedPorts: { '80/tcp': {} },
        StopTimeout: 5,
        HostConfig: {
          NetworkMode: network,
          PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: String(ports[5]) }] },
          RestartPolicy: { Name: 'unless-stopped' },
          Memory: 128 << 20,
          NanoCpus: 1_000_000_000,
          Binds: ['/srv:/www:ro'],
          ReadonlyRootfs: true,
          Tmpfs: { '/run': '', '/tmp': 'size=16m' },
          CapDrop: ['ALL'],
          CapAdd: ['NET_BIND_SERVICE'],
          SecurityOpt: ['no-new-privileges:true'],
          LogConfig: { Type: 'json-file', Config: { 'max-size': '10m' } },
        },
        NetworkingConfig: {
          EndpointsConfig: { [network]: { Aliases: ['web', 'www'], IPAMConfig: { IPv4Address: `${prefix}.90` } } },
        },
      },
    },
    {
      flags: 'a database',
      image: 'rich',
      inherits: ['Config.StopSignal'],
      body: {
        User: '0',
        Env: ['PASSWORD=s=e=c'],
        Volumes: { '/backup': {} },
        StopSignal: 'SIGINT',
        StopTimeout: 30,
        HostConfig: {
          Binds: [`${volume}:/var/lib`],
          ShmSize: 256 << 20,
          Memory: 256 << 20,
          MemorySwap: 512 << 20,
          Ulimits: [{ Name: 'nofile', Soft: 1000, Hard: 1000 }],
          RestartPolicy: { Name: 'always' },
          NetworkMode: network,
        },
      },
    },
    {
      flags: 'a service of compose',
      body: {
        Labels: labels,
        HostConfig: {
          NetworkMode: network,
          Binds: [`${volume}:/data:rw`],
          RestartPolicy: { Name: 'always' },
          LogConfig: { Type: '', Config: {} },
          VolumesFrom: [],
          Links: null,
          PortBindings: {},
        },
        NetworkingConfig: { EndpointsConfig: { [network]: { Aliases: ['web', 'shop-web-1'] } } },
      },
    },
    {
      flags: 'a sidecar',
      body: {
        Env: ['ROLE=sidecar'],
        HostConfig: {
          NetworkMode: `container:${donor}`,
          PidMode: `container:${donor}`,
          VolumesFrom: [donor],
          RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 2 },
        },
      },
    },
    {
      flags: 'an agent of the machine',
      body: {
        HostConfig: {
          NetworkMode: 'host',
          PidMode: 'host',
          IpcMode: 'host',
          UTSMode: 'host',
          Privileged: true,
          Binds: ['/usr:/host/usr:ro', '/srv:/host/srv'],
          RestartPolicy: { Name: 'always' },
          OomScoreAdj: -100,
        },
      },
    },
    {
      flags: 'two networks, two addresses',
      ...drawn(network),
      body: {
        HostConfig: { NetworkMode: network },
        NetworkingConfig: {
          EndpointsConfig: { [network]: { IPAMConfig: { IPv4Address: `${prefix}.91` }, Aliases: ['a'] } },
        },
      },
      connect: { [second]: { Aliases: ['b', 'c'] } },
    },
    {
      flags: 'all defaults as nulls',
      body: {
        Env: null,
        Cmd: null,
        Entrypoint: null,
        Labels: null,
        Volumes: null,
        ExposedPorts: null,
        Healthcheck: null,
        HostConfig: {
          Binds: null,
          PortBindings: null,
          CapAdd: null,
          Devices: null,
          Ulimits: null,
          Mounts: null,
          Dns: null,
        },
      },
    },
    {
      flags: 'all defaults as empties',
      body: {
        Env: [],
        Cmd: [],
        Entrypoint: [],
        Labels: {},
        Volumes: {},
        ExposedPorts: {},
        User: '',
        WorkingDir: '',
        HostConfig: {
          Binds: [],
          PortBindings: {},
          CapAdd: [],
          CapDrop: [],
          Devices: [],
          Ulimits: [],
          Mounts: [],
          Dns: [],
          DnsOptions: [],
          DnsSearch: [],
          ExtraHosts: [],
          GroupAdd: [],
          SecurityOpt: [],
          VolumesFrom: [],
          Sysctls: {},
          Tmpfs: {},
          Annotations: {},
        },
      },
    },
  ]
}
