import type { Said } from './refusal.ts'
import { docker20Words } from './words-docker.ts'
import { shortId, type Words } from './words.ts'

const POLICY_COUNT: Said = [400, "invalid restart policy: maximum retry count can only be used with 'on-failure'"]

export const docker26Words: Words = {
  ...docker20Words,
  noContainerToKill: (name) => [404, `cannot kill container: ${name}: No such container: ${name}`],
  bodyMissing: () => [400, 'invalid JSON: got EOF while reading request body'],
  bodyBroken: (cause) => [400, `invalid JSON: ${cause}`],
  bodyType: (type) => [400, `unsupported Content-Type header (${type}): must be 'application/json'`],
  noCommand: () => [400, 'no command specified'],
  badPolicy: (name) => [
    400,
    `invalid restart policy: unknown policy '${name}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'`,
  ],
  badPolicyCount: () => POLICY_COUNT,
  badUpdatePolicy: (name) => docker26Words.badPolicy(name),
  badUpdateCount: () => POLICY_COUNT,
  running: ({ name }) => [
    409,
    `cannot remove container "/${name}": container is running: stop the container before removing or force remove`,
  ],
  paused: ({ name }) => [409, `cannot remove container "/${name}": container is paused and must be unpaused first`],
  pauseStopped: ({ id }) => [409, `container ${id} is not running`],
  killStopped: ({ id }, name) => [409, `cannot kill container: ${name}: container ${id} is not running`],
  badSignal: (signal, name) => [400, `cannot kill container: ${name}: invalid signal: ${signal}`],
  badCondition: (condition) => [400, `invalid condition: "${condition}"`],
  cannotStart: (program) => [400, `failed to create task for container: ${docker20Words.cannotStart(program)[1]}`],
  joinStopped: ({ name, status }) => [
    409,
    `cannot join network namespace of a non running container: container ${name} is ${status}`,
  ],
  execStopped: ({ id }) => [409, `container ${id} is not running`],
  noImage: (name) => [404, `No such image: ${name}`],
  badReference: (text, rule) => [
    400,
    rule === 'case'
      ? `invalid reference format: repository name (library/${text}) must be lowercase`
      : 'invalid reference format',
  ],
  addressOutside: (address) => [
    400,
    `invalid endpoint settings:\nno configured subnet or ip-range contain the IP address ${address}`,
  ],
  addressUnwanted: () => [
    400,
    'invalid endpoint settings:\nuser specified IP address is supported only when connecting to networks with user configured subnets',
  ],
  aliasOnDefault: () => [
    400,
    'invalid config for network bridge: invalid endpoint settings:\nnetwork-scoped alias is supported only for containers in user defined networks',
  ],
  addressOnDefault: () => [
    400,
    'invalid config for network bridge: invalid endpoint settings:\nuser specified IP address is supported on user defined networks only',
  ],
}

export const docker28Words: Words = {
  ...docker26Words,
  running: ({ name }) => [
    409,
    `cannot remove container "${name}": container is running: stop the container before removing or force remove`,
  ],
  paused: ({ name }) => [409, `cannot remove container "${name}": container is paused and must be unpaused first`],
  cannotStart: (program) => [
    400,
    `failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: "${program}": stat ${program}: no such file or directory`,
  ],
  poolOverlaps: () => [403, 'invalid pool request: Pool overlaps with other one on this address space'],
  networkUsed: ({ name }, endpoint) => [
    403,
    `error while removing network: network ${name} has active endpoints (name:"${endpoint.name}" id:"${shortId(endpoint.id)}")`,
  ],
  startNetwork: ([status, words]) => [status, `failed to set up container networking: ${words}`],
}

export const containerdWords: Words = {
  ...docker28Words,
  imageUsed: (ref, { id }, image) => [
    409,
    `conflict: unable to delete ${ref} (must be forced) - container ${shortId(id)} is using its referenced image ${shortId(image)}`,
  ],
}
