// What Docker 29 says where its words are not those of 28 (seen on 29.7.2).
import { containerdWords, docker28Words } from './words-docker-later.ts'
import type { Words } from './words.ts'

const CHANGED: Partial<Words> = {
  bodyMissing: () => [400, 'invalid JSON: EOF'],
  alreadyPaused: ({ id }) => [409, `container ${id} is already paused`],
  noLogs: () => [400, "must specify at least one of 'stdout' or 'stderr'"],
  badNumber: (_, given) => [400, `strconv.Atoi: parsing "${given}": invalid syntax`],
  badTime: (name, given, of) => {
    const quote = of === 'events' ? "'" : '"'
    const [wrong, whole] = [given, name].map((text) => `${quote}${text}${quote}`)
    return [400, `invalid value for ${whole}: invalid timestamp ${wrong}: invalid seconds ${wrong}: invalid syntax`]
  },
  aliasOnDefault: () => [
    400,
    'invalid config for network bridge: invalid endpoint settings:\nnetwork-scoped aliases are only supported for user-defined networks',
  ],
  addressOutside: (address) => [400, `invalid endpoint settings:\nno configured subnet contains IP address ${address}`],
  addressOnDefault: () => [
    400,
    'invalid config for network bridge: invalid endpoint settings:\nuser-specified IP address is supported on user-defined networks only',
  ],
}

export const docker29Words: Words = { ...docker28Words, ...CHANGED }
export const containerd29Words: Words = { ...containerdWords, ...CHANGED }
