import { docker20Words } from './words-docker.ts'
import type { Words } from './words.ts'

const NAME_RULE = 'names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*: invalid argument'
const missing = (name: string): string => `no container with name or ID "${name}" found: no such container`
const qualified = (name: string): string =>
  /[.:].*\//.test(name) ? name : `docker.io/${name.includes('/') ? '' : 'library/'}${name}`

/** Podman 5.8: most refusals of a state are a 500 there. */
export const podmanWords: Words = {
  ...docker20Words,
  noContainer: (name) => [404, missing(name)],
  noContainerToKill: (name) => [404, missing(name)],
  noContainerToRemove: (name) => [404, `no container with ID or name "${name}" found: no such container`],
  noContainerToWait: () => [404, 'no such container'],
  ambiguous: (prefix) => [500, `more than one result for container name or ID "${prefix}": container already exists`],
  nameTaken: (name, holder) => [
    500,
    `container create: creating container storage: the container name "${name}" is already in use by ${holder}. You have to remove that container to be able to reuse that name: that name is already in use`,
  ],
  renameTaken: (_, holder) => [
    500,
    `renaming container: updating container config table with new configuration for container ${holder}: UNIQUE constraint failed: ContainerConfig.Name`,
  ],
  badName: () => [500, `container create: running container create option: ${NAME_RULE}`],
  badRename: () => [500, NAME_RULE],
  emptyRename: () => [500, NAME_RULE],
  sameName: () => undefined,
  bodyMissing: () => [500, 'decode(): EOF'],
  bodyBroken: (cause) => [500, `decode(): ${cause}`],
  bodyType: () => undefined,
  noCommand: () => [
    500,
    'normalizing image: normalizing name for compat API: parsing reference "": repository name must have at least one component',
  ],
  hostnameShared: () => undefined,
  severalEndpoints: () => undefined,
  autoRemoveWithPolicy: () => [
    500,
    'fill out specgen: the --rm option conflicts with --restart, when the restartPolicy is not "" and "no"',
  ],
  badPolicy: (name) => [
    500,
    `container create: running container create option: "${name}" is not a valid restart policy: invalid argument`,
  ],
  // A count beside another policy is taken at create, and refused by an update.
  badPolicyCount: () => undefined,
  autoRemovePolicy: () => undefined,
  badUpdatePolicy: (name) => [500, `updating container: "${name}" is not a valid restart policy: invalid argument`],
  badUpdateCount: () => [
    500,
    'updating container: cannot set restart policy retries unless policy is on-failure: invalid argument',
  ],
  badVolumeName: () => [500, `running volume create option: ${NAME_RULE}`],
  badBindSource: (source) => [
    500,
    `container create: creating named volume "${source}": running volume create option: ${NAME_RULE}`,
  ],
  running: ({ id }) => [
    500,
    `cannot remove container ${id} as it is running - running or paused containers cannot be removed without force: container state improper`,
  ],
  paused: ({ id }) => [
    500,
    `cannot remove container ${id} as it is paused - running or paused containers cannot be removed without force: container state improper`,
  ],
  stopPaused: ({ id }) => [500, `container ${id} is running or paused, refusing to clean up: container state improper`],
  startPaused: ({ id }) => [
    500,
    `container ${id} must be in Created or Stopped state to be started: container state improper`,
  ],
  alreadyPaused: ({ id }) => [500, `"${id}" is already paused: container state improper`],
  notPaused: ({ id }) => [500, `"${id}" is not paused, can't unpause: container state improper`],
  pauseStopped: ({ status }) => [500, `"${status}" is not running, can't pause: container state improper`],
  killStopped: ({ id, status }) => [
    409,
    `can only kill running containers. ${id} is in state ${status}: container state improper`,
  ],
  badSignal: (signal) => [500, `invalid signal: ${signal}`],
  badCondition: (condition) => [
    400,
    `failed to parse query parameter 'condition': "${condition}": not a valid docker condition`,
  ],
  cannotStart: (program) => [
    500,
    `runc: runc create failed: unable to start container process: error during container init: exec: "${program}": stat ${program}: no such file or directory: OCI runtime attempted to invoke a command that was not found`,
  ],
  noLogs: (path) => [400, `Bad Request: you must choose at least one stream for ${path}`],
  badNumber: (name, _, path) => [
    name === 'limit' ? 500 : 400,
    `failed to parse parameters for ${path}: schema: error converting value for "${name}"`,
  ],
  badTime: (name, given, of) =>
    of === 'logs'
      ? undefined
      : [
          500,
          `failed to parse event filters: unable to convert ${name} time of ${given}: unable to interpret time value`,
        ],
  noExec: (id) => [404, `no exec session with ID ${id} found: no such exec session`],
  noExecCommand: () => [500, 'must provide a non-empty command to start an exec session: invalid argument'],
  execAgain: ({ id, container }) => [
    500,
    `can only start created exec sessions, while container ${container} session ${id} state is "stopped": exec session state improper`,
  ],
  execStopped: () => [500, 'can only create exec sessions on running containers: container state improper'],
  noFile: () => [404, 'no such file or directory'],
  noPath: () => [400, 'missing `path` parameter'],
  noImage: (name) => [404, `failed to find image ${name}: ${qualified(name)}: No such image`],
  noImageToCreate: (name) => [404, `no such image: ${qualified(name)}: image not known`],
  noImageToTag: (name) => [404, `failed to find image ${name}: ${qualified(name)}: image not known`],
  badReference: (text, rule) => [
    500,
    `normalizing image: normalizing name for compat API: parsing reference "${text}": ${rule === 'case' ? 'repository name must be lowercase' : 'invalid reference format'}`,
  ],
  imageUsed: (ref, { id }) => [
    409,
    `image ${ref} is in use: image used by ${id}: image is in use by a container: consider listing external containers and force-removing image`,
  ],
  imageIdUsed: (image, container) => podmanWords.imageUsed(image, container, image),
  imageShared: (image) => [
    409,
    `unable to delete image "${image.replace('sha256:', '')}" by ID with more than one tag: please force removal`,
  ],
  noNetwork: (name) => [404, `unable to find network with name or ID ${name}: network not found`],
  noNetworkToRemove: () => [404, 'network not found'],
  networkTaken: (name) => [409, `network name ${name} already used: network already exists`],
  poolOverlaps: (subnet) => [500, `subnet ${subnet} is already used on the host or by another config`],
  networkUsed: ({ name }) => [
    500,
    `"${name}" has associated containers with it. Use -f to forcibly delete containers and pods: network is being used`,
  ],
  networkFixed: (name) => [500, `default network ${name} cannot be removed`],
  connected: ({ id }, network) => [
    403,
    `container ${id} is already connected to network ${network}: network is already connected`,
  ],
  notConnected: ({ name }, network) => [500, `container ${name} is not connected to network ${network}`],
  privateNetwork: () => [500, '"" is not supported: invalid network mode'],
  addressTaken: (address, holder) => [
    500,
    `IPAM error: requested ip address ${address} is already allocated to container ID ${holder}`,
  ],
  portTaken: ({ port }) => [500, `cannot listen on the TCP port: listen tcp4 :${port}: bind: address already in use`],
  noVolume: (name) => [404, `no volume with name "${name}" found: no such volume`],
  noVolumeToInspect: () => [404, 'no such volume'],
  volumeUsed: (name, users) => [
    409,
    `volume ${name} is being used by the following container(s): ${users.join(', ')}: volume is being used`,
  ],
  notFound: () => [404, 'Not Found\n'],
}
