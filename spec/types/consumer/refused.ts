// Mistakes that the compiler must find: a directive that nothing needs fails the compilation.
import { connect } from 'dockline'

const docker = await connect()

// @ts-expect-error a misspelt member
await docker.containers.create({ Image: 'x', Envv: [] })
// @ts-expect-error a list, not a text
await docker.containers.create({ Image: 'x', Env: 'A=B' })
// @ts-expect-error an object, not a text
await docker.containers.create({ Image: 'x', HostConfig: { RestartPolicy: 'always' } })
// @ts-expect-error bytes, not words
await docker.containers.create({ Image: 'x', HostConfig: { Memory: 'lots' } })
// @ts-expect-error the API wants ports as texts
await docker.containers.create({ Image: 'x', HostConfig: { PortBindings: { '80/tcp': [{ HostPort: 80 }] } } })
// @ts-expect-error no image
await docker.containers.create({ Cmd: ['true'] })
// @ts-expect-error a misspelt member, deep inside
await docker.containers.create({ Image: 'x', HostConfig: { Mounts: [{ Type: 'bind', Target: '/a', Readonly: true }] } })
// @ts-expect-error an option of another call
await docker.containers.create({ Image: 'x' }, { force: true })

// @ts-expect-error the image cannot be changed
await docker.containers.update('i', { Image: 'x' })
// @ts-expect-error a number
await docker.containers.update('i', { Memory: '64m' })

// @ts-expect-error a list
await docker.exec.create('i', { Cmd: 'true' })
// @ts-expect-error a misspelt member
await docker.exec.create('i', { Cmd: ['true'], AttachStdOut: true })
// @ts-expect-error no command
await docker.exec.create('i', { Tty: true })

// @ts-expect-error no name
await docker.networks.create({ Driver: 'bridge' })
// @ts-expect-error a list
await docker.networks.create({ Name: 'n', IPAM: { Config: { Subnet: '10.0.0.0/24' } } })
// @ts-expect-error `EndpointConfig` has no `s`
await docker.networks.connect('n', { Container: 'i', EndpointsConfig: {} })

// @ts-expect-error a misspelt member
await docker.volumes.create({ Name: 'v', Drivr: 'local' })
// @ts-expect-error texts
await docker.volumes.create({ Name: 'v', DriverOpts: { size: 1 } })
// @ts-expect-error moby reads the range beside `AccessMode`
await docker.volumes.create({ ClusterVolumeSpec: { AccessMode: { CapacityRange: { RequiredBytes: 1 } } } })

// @ts-expect-error the image is inside of `ContainerSpec`
await docker.services.create({ Name: 's', TaskTemplate: { Image: 'x' } })
// @ts-expect-error a list of preferences
await docker.services.create({ Name: 's', TaskTemplate: { Placement: { Preferences: { Spread: {} } } } })
// @ts-expect-error no version
await docker.services.update('s', { Name: 's', TaskTemplate: {} })

// @ts-expect-error an object
await docker.swarm.init({ ListenAddr: '0.0.0.0', Spec: { TaskDefaults: 'json-file' } })
// @ts-expect-error a list
await docker.swarm.join({ ListenAddr: '0.0.0.0', RemoteAddrs: 'm:2377', JoinToken: 't' })
