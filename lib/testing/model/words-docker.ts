import { shortId, type Words } from './words.ts'

const RULE = 'only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed'

const taken = (name: string, holder: string): string =>
  `Conflict. The container name "/${name}" is already in use by container "${holder}". You have to remove (or rename) that container to be able to reuse that name.`

export const docker20Words: Words = {
  noContainer: (name) => [404, `No such container: ${name}`],
  noContainerToKill: (name) => [404, `Cannot kill container: ${name}: No such container: ${name}`],
  noContainerToRemove: (name) => [404, `No such container: ${name}`],
  noContainerToWait: (name) => [404, `No such container: ${name}`],
  ambiguous: (prefix) => [400, `Multiple IDs found with provided prefix: ${prefix}`],
  nameTaken: (name, holder) => [409, taken(name, holder)],
  renameTaken: (name, holder) => [409, `Error when allocating new name: ${taken(name, holder)}`],
  badName: (name) => [400, `Invalid container name (${name}), ${RULE}`],
  badRename: (name) => [400, `Error when allocating new name: Invalid container name (/${name}), ${RULE}`],
  emptyRename: () => [400, 'Neither old nor new names may be empty'],
  sameName: () => [400, 'Renaming a container with the same name as its current name'],
  bodyMissing: () => [500, 'EOF'],
  bodyBroken: (cause) => [500, cause],
  bodyType: (type) => [400, `Content-Type specified (${type}) must be 'application/json'`],
  noCommand: () => [400, 'No command specified'],
  hostnameShared: () => [400, 'conflicting options: hostname and the network mode'],
  severalEndpoints: (names) => [400, `Container cannot be connected to network endpoints: ${names}`],
  autoRemoveWithPolicy: () => [400, "can't create 'AutoRemove' container with restart policy"],
  badPolicy: (name) => [400, `invalid restart policy '${name}'`],
  badPolicyCount: (name) => [400, `maximum retry count cannot be used with restart policy '${name}'`],
  noUpdate: () => undefined,
  autoRemovePolicy: () => [409, 'Restart policy cannot be updated because AutoRemove is enabled for the container'],
  badUpdatePolicy: (name) => [400, `invalid restart policy '${name}'`],
  badUpdateCount: (name) => [400, `maximum retry count cannot be used with restart policy '${name}'`],
  duplicateMount: (path) => [400, `Duplicate mount point: ${path}`],
  badVolumeName: (name) => [
    400,
    `create ${name}: "${name}" includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path`,
  ],
  badBindSource: (name) => docker20Words.badVolumeName(name),
  running: ({ id }) => [
    409,
    `You cannot remove a running container ${id}. Stop the container before attempting removal or force remove`,
  ],
  paused: ({ id }) => [
    409,
    `You cannot remove a paused container ${id}. Unpause and then stop the container before attempting removal or force remove`,
  ],
  removing: (name) => [409, `removal of container ${name} is already in progress`],
  markedForRemoval: () => [409, 'container is marked for removal and cannot be started'],
  stopPaused: () => undefined,
  startPaused: () => [409, 'cannot start a paused container, try unpause instead'],
  alreadyPaused: ({ id }) => [409, `Container ${id} is already paused`],
  notPaused: ({ id }) => [500, `Container ${id} is not paused`],
  pauseStopped: ({ id }) => [409, `Container ${id} is not running`],
  killStopped: ({ id }, name) => [409, `Cannot kill container: ${name}: Container ${id} is not running`],
  badSignal: (signal) => [400, `Invalid signal: ${signal}`],
  badCondition: () => undefined,
  cannotStart: (program) => [
    400,
    `failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "${program}": stat ${program}: no such file or directory: unknown`,
  ],
  joinStopped: ({ id }) => [409, `cannot join network of a non running container: ${id}`],
  noLogs: () => [400, 'Bad parameters: you must choose at least one stream'],
  noExec: (id) => [404, `No such exec instance: ${id}`],
  noExecCommand: () => [400, 'No exec command specified'],
  execAgain: () => undefined,
  execStopped: ({ id }) => [409, `Container ${id} is not running`],
  noFile: (path, name) => [404, `Could not find the file ${path} in container ${name}`],
  noPath: () => [400, 'bad parameter: pathcannot be empty'],
  noImage: (name) => [404, `no such image: ${name}: No such image: ${name}`],
  noImageToCreate: (name) => [404, `No such image: ${name}`],
  noImageToTag: (name) => [404, `No such image: ${name}`],
  badReference: (text, rule, use) => {
    const words = `invalid reference format${rule === 'case' ? ': repository name must be lowercase' : ''}`
    if (use === 'inspect') return [400, `no such image: ${text}: ${words}`]
    return [use === 'tag' ? 500 : 400, words]
  },
  imageUsed: (ref, { id }, image) => [
    409,
    `conflict: unable to remove repository reference "${ref}" (must force) - container ${shortId(id)} is using its referenced image ${shortId(image)}`,
  ],
  imageIdUsed: (image, { id }, running) => [
    409,
    `conflict: unable to delete ${shortId(image)} (${running ? 'cannot be forced' : 'must be forced'}) - image is being used by ${running ? 'running' : 'stopped'} container ${shortId(id)}`,
  ],
  imageShared: (image) => [
    409,
    `conflict: unable to delete ${shortId(image)} (must be forced) - image is referenced in multiple repositories`,
  ],
  noNetwork: (name) => [404, `network ${name} not found`],
  noNetworkToRemove: (name) => [404, `network ${name} not found`],
  networkTaken: (name) => [409, `network with name ${name} already exists`],
  poolOverlaps: () => [403, 'Pool overlaps with other one on this address space'],
  networkUsed: ({ name, id }) => [403, `error while removing network: network ${name} id ${id} has active endpoints`],
  networkFixed: (name) => [403, `${name} is a pre-defined network and cannot be removed`],
  connected: ({ name }, network) => [403, `endpoint with name ${name} already exists in network ${network}`],
  notConnected: ({ id }, network) => [500, `container ${id} is not connected to network ${network}`],
  privateNetwork: () => [
    400,
    'container cannot be connected to multiple networks with one of the networks in private (none) mode',
  ],
  addressOnDefault: () => [400, 'user specified IP address is supported on user defined networks only'],
  aliasOnDefault: () => [400, 'network-scoped alias is supported only for containers in user defined networks'],
  addressTaken: () => [403, 'Address already in use'],
  addressOutside: () => [
    400,
    'user specified IP address is supported only when connecting to networks with user configured subnets',
  ],
  noPool: () => [403, "no available IPv4 addresses on this network's address pools"],
  portTaken: ({ name, endpoint, ip, port }) => [
    500,
    `driver failed programming external connectivity on endpoint ${name} (${endpoint}): Bind for ${ip}:${port} failed: port is already allocated`,
  ],
  startNetwork: (said) => said,
  noVolume: (name) => [404, `get ${name}: no such volume`],
  noVolumeToInspect: (name) => [404, `get ${name}: no such volume`],
  volumeUsed: (name, users) => [409, `remove ${name}: volume is in use - [${users.join(', ')}]`],
  notFound: () => [404, 'page not found'],
}
