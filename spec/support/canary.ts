/** The login of the registry that fixtures are recorded with: it must be in none of them, in no encoding. */
export const CANARY = { username: 'canary-user', password: 'c4n4ry?p~ss>w0rd' } as const
