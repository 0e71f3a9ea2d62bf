// Bodies that users write, as the compiler must take them.
import { connect, type ContainerCreateBody, type JsonObject, type ServiceBody } from 'dockline'

const docker = await connect()

const labels: Record<string, string> = { a: 'b' }
const body: ContainerCreateBody = {
  Image: 'busybox:1',
  Cmd: ['sh', '-c', 'sleep 1'],
  Env: ['A=1'],
  Labels: labels,
  ExposedPorts: { '80/tcp': {} },
  Healthcheck: { Test: ['CMD', 'true'], Interval: 1_000_000_000 },
  HostConfig: {
    Binds: ['/a:/b:ro'],
    PortBindings: { '80/tcp': [{ HostPort: '8080' }], '81/tcp': null },
    RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 },
    Memory: 64 << 20,
    NanoCpus: 5n,
    Mounts: [{ Type: 'tmpfs', Target: '/t', TmpfsOptions: { SizeBytes: 1024, Options: [['noexec']] } }],
    LogConfig: { Type: 'json-file', Config: { 'max-size': '1m' } },
    DeviceRequests: [{ Count: -1, Capabilities: [['gpu']] }],
    Ulimits: [{ Name: 'nofile', Soft: 1024, Hard: 2048 }],
    Umask: '0027',
    CpuCount: 2,
  },
  NetworkingConfig: { EndpointsConfig: { n: { Aliases: ['x'], IPAMConfig: { IPv4Address: '10.0.0.2' } } } },
}
const { Id } = await docker.containers.create(body, { name: 'x' })
await docker.containers.create({ Image: 'busybox', HostConfig: null, StopTimeout: undefined })

const raw: JsonObject & { Image: string } = { Image: 'busybox', Envv: [], HostConfig: { Fresh: 1n } }
await docker.containers.createRaw(raw)

await docker.containers.update(Id, { Memory: 1, RestartPolicy: { Name: 'always' }, Devices: [] })
await docker.exec.create(Id, { Cmd: ['true'], Env: ['A=1'], AttachStdout: undefined, ConsoleSize: [24, 80] })
await docker.networks.create({
  Name: 'n',
  Driver: 'bridge',
  IPAM: { Config: [{ Subnet: '10.0.0.0/24', AuxiliaryAddresses: { host: '10.0.0.5' } }] },
  Options: { 'com.docker.network.bridge.name': 'br' },
})
await docker.networks.connect('n', { Container: Id, EndpointConfig: { Aliases: ['x'], DriverOpts: { a: 'b' } } })
await docker.volumes.create({
  Name: 'v',
  ClusterVolumeSpec: {
    Group: 'g',
    AccessMode: { Scope: 'single', Sharing: 'none', MountVolume: { FsType: 'ext4' } },
    CapacityRange: { RequiredBytes: 1024 },
    Secrets: [{ Key: 'k', Secret: 's' }],
  },
})

const service: ServiceBody = {
  Name: 's',
  TaskTemplate: {
    ContainerSpec: {
      Image: 'busybox:1',
      Privileges: {
        NoNewPrivileges: true,
        Seccomp: { Mode: 'custom', Profile: 'e30=' },
        AppArmor: { Mode: 'disabled' },
      },
      Ulimits: [{ Name: 'nofile', Soft: 1, Hard: 2 }],
      Configs: [{ ConfigID: 'i', ConfigName: 'n', Runtime: {} }],
    },
    Placement: {
      Constraints: ['node.role==worker'],
      Preferences: [{ Spread: { SpreadDescriptor: 'node.labels.rack' } }],
    },
    Resources: {
      Reservations: { GenericResources: [{ DiscreteResourceSpec: { Kind: 'SSD', Value: 3 } }] },
      SwapBytes: -1,
    },
    Networks: [{ Target: 'n', DriverOpts: { a: 'b' } }],
  },
  Mode: { Replicated: { Replicas: 2 } },
  EndpointSpec: { Mode: 'vip', Ports: [{ TargetPort: 80, PublishedPort: 8080 }] },
}
await docker.services.create(service)
const { Spec, Version } = await docker.services.inspect('s')
await docker.services.update('s', { ...Spec, Labels: { a: 'c' } }, { version: Version.Index })

await docker.swarm.init({
  ListenAddr: '0.0.0.0:2377',
  Spec: {
    TaskDefaults: { LogDriver: { Name: 'json-file', Options: { 'max-file': '3' } } },
    CAConfig: { ForceRotate: 1, ExternalCAs: [{ Protocol: 'cfssl', URL: 'https://ca.example' }] },
  },
})
await docker.system.auth({ username: 'u', password: 'p', serveraddress: 'ghcr.io', email: 'a@example.org' })
