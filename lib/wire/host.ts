import { InputError, printable } from '../base/errors.ts'
import type { Endpoint, SshEndpoint, TlsMaterial } from './endpoint.ts'

/**
 * Reads `unix://`, `npipe://`, `tcp://`, `http://`, `https://` and `ssh://`. As for the docker CLI, `host:port` and `:port`
 * are `tcp://`, whose default host is 127.0.0.1.
 *
 * @param tls what a `tcp://` or `https://` connection is made with; undefined for none
 * @throws InputError `INPUT_INVALID` with what to write instead
 */
export function parseHost(text: string, source: string, tls?: TlsMaterial): Endpoint {
  const fail = (rule: string): InputError =>
    new InputError('INPUT_INVALID', `${source} is ${JSON.stringify(printable(text, 200))}: ${rule}`)
  const scheme = /^([a-z+]+):\/\//.exec(text)?.[1] ?? ''
  const rest = text.slice(scheme.length + '://'.length)
  switch (scheme) {
    case 'unix':
      if (!rest.startsWith('/') || rest.includes('\0'))
        throw fail(`write unix:// and an absolute path, ${FOR_INSTANCE}`)
      return { kind: 'unix', socketPath: rest, source }
    case 'npipe':
      if (!/^\/\/[^/]+\/pipe\/[^/]+$/.test(rest)) throw fail('write it as npipe:////./pipe/docker_engine')
      return { kind: 'npipe', pipePath: rest.replaceAll('/', '\\'), source }
    case 'tcp':
    case 'http':
    case 'https':
      return parseTcp(text, scheme, source, tls, fail)
    case 'ssh':
      return parseSsh(text, source, fail)
    case '':
      if (/^(?:[\w.-]*|\[[^\]/]*\]):\d+$/.test(text)) return parseTcp(`tcp://${text}`, 'tcp', source, tls, fail)
      throw fail(text.startsWith('/') ? `write unix://${printable(text, 200)}` : `write a URL, ${FOR_INSTANCE}`)
    default:
      throw fail(`its scheme must be unix, tcp, http, https, ssh or npipe, ${FOR_INSTANCE}`)
  }
}

const FOR_INSTANCE = 'for instance unix:///var/run/docker.sock'

type Fail = (rule: string) => InputError

function parseTcp(text: string, scheme: string, source: string, tls: TlsMaterial | undefined, fail: Fail): Endpoint {
  // A zone is part of an address for the system, and of no URL.
  const [, before, zone] = /^([a-z]+:\/\/\[[0-9a-fA-F:.]+)(?:%25|%)([\w.-]+)\]/.exec(text) ?? []
  const plain = zone === undefined ? text : `${before}]${text.slice(text.indexOf(']') + 1)}`
  const named = plain.replace(/^([a-z]+:\/\/):(\d)/, '$1127.0.0.1:$2')
  const url = URL.parse(named.replace(/^[a-z]+:/, 'ws:')) // whose default port, 80, is told apart below
  const port = /:(\d+)\/?$/.exec(text)?.[1]
  if (url === null || url.hostname === '' || port === '0')
    throw fail('write tcp:// and host:port, for instance tcp://127.0.0.1:2375')
  if (url.username !== '' || url.password !== '') throw fail('a user in it would be sent to nobody: leave it out')
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') throw fail('leave out what comes behind the port')
  const secure = scheme === 'https' || (scheme === 'tcp' && tls !== undefined)
  const usual = { tcp: secure ? 2376 : 2375, http: 80, https: 443 }[scheme as 'tcp' | 'http' | 'https']
  return {
    kind: 'tcp',
    host: zone === undefined ? url.hostname : url.hostname.replace(']', `%${zone}]`),
    port: port === undefined ? usual : Number(port),
    source,
    ...(secure ? { tls: tls ?? {} } : {}),
  }
}

// These end up in a command line here and in a shell over there, so little is allowed and nothing may look like an option.
const SSH_NAME = /^[A-Za-z0-9_[][A-Za-z0-9_.:[\]-]*$/
const SSH_PATH = /^\/[\w./@+-]+$/

function parseSsh(text: string, source: string, fail: Fail): SshEndpoint {
  const [, user, password, host, port, path] =
    /^ssh:\/\/(?:([^:@/]*)(?::([^@/]*))?@)?(\[[^\]]*\]|[^:/?#]*)(?::(\d+))?(\/.*)?$/.exec(text) ?? []
  if (host === undefined || !SSH_NAME.test(host))
    throw fail('write ssh:// and [user@]host[:port], for instance ssh://me@example.org')
  if (password !== undefined) throw fail('ssh takes no password from a URL: use a key and ssh-agent')
  if (user !== undefined && !SSH_NAME.test(user)) throw fail('its user has a character that a user name has not')
  const socketPath = path === undefined || path === '/' ? undefined : path
  if (socketPath !== undefined && !SSH_PATH.test(socketPath))
    throw fail('behind the host comes nothing, or the path of a socket in letters, digits and ". _ - + @ /"')
  return {
    kind: 'ssh',
    host: host.replace(/^\[(.*)\]$/, '$1'),
    source,
    ...(user === undefined ? {} : { user }),
    ...(port === undefined ? {} : { port: Number(port) }),
    ...(socketPath === undefined ? {} : { socketPath }),
  }
}
