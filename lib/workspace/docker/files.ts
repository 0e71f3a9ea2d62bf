import { WorkspaceError, messageOf } from '../../base/errors.ts'
import { reveal } from '../../base/secret.ts'
import type { TarInput } from '../../engine/tar.ts'
import { countBytes, isTextFile, withoutCrlf } from '../crlf.ts'
import type { TemplateEntry, Templates } from '../template.ts'
import type { ConfigFile, Workspace } from '../workspace.ts'

/** Files for the config volume, and what was left out of them. */
export interface ConfigFiles {
  readonly files: readonly TarInput[]
  readonly warnings: readonly string[]
}

/** The agent's user and group in every workspace image. */
export const AGENT_UID = 1000

/** The file in which the agent finds its token. */
export const TOKEN_FILE = '.auth_token'
const TOKEN_MODE = 0o600

/**
 * The files of a workspace for /configs, ready to be packed: those of its template with their modes, then its own over
 * them, then its token. All belong to the agent. Contents are read when the archive is sent; only texts are read twice,
 * for the archive tells the size before the content, and that is the size without CRs.
 */
export async function configFiles(workspace: Workspace, templates: Templates): Promise<ConfigFiles> {
  const files = new Map<string, TarInput>()
  const warnings: string[] = []
  for await (const entry of templateEntries(workspace, templates)) {
    if (entry.type === 'other') warnings.push(`left out of the template: ${entry.name} is a link or no file`)
    else files.set(entry.name, await fromTemplate(entry))
  }
  for (const [name, file] of Object.entries(workspace.files ?? {})) put(files, name, fromWorkspace(name, file))
  if (workspace.token !== undefined) put(files, TOKEN_FILE, tokenFile(reveal(workspace.token)))
  return { files: [...files.values()], warnings }
}

/** The token as a file, readable by the agent alone. */
export function tokenFile(token: string): TarInput {
  return { name: TOKEN_FILE, content: token, mode: TOKEN_MODE, uid: AGENT_UID, gid: AGENT_UID }
}

async function* templateEntries(
  { template }: Workspace,
  templates: Templates,
): AsyncGenerator<TemplateEntry, void, undefined> {
  if (template === undefined || template === '') return
  try {
    yield* templates.entries(template)
  } catch (cause) {
    throw new WorkspaceError('INPUT_INVALID', `cannot read the template ${template}: ${messageOf(cause)}`, { cause })
  }
}

async function fromTemplate(entry: TemplateEntry): Promise<TarInput> {
  const { mode, name } = entry
  if (entry.type === 'directory') return { name: `${name}/`, mode, uid: AGENT_UID, gid: AGENT_UID }
  const content = (): AsyncIterable<Uint8Array> => (isTextFile(name) ? withoutCrlf(entry.read()) : entry.read())
  const size = isTextFile(name) ? await countBytes(content()) : entry.size
  return { name, content: lazily(content), size, mode, uid: AGENT_UID, gid: AGENT_UID }
}

// Opened only when it is read: a template of many files needs one at a time.
function lazily(content: () => AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  return { [Symbol.asyncIterator]: () => content()[Symbol.asyncIterator]() }
}

function fromWorkspace(name: string, file: string | ConfigFile): TarInput {
  const { content, mode } = typeof file === 'string' ? { content: file } : file
  const isToken = name.split('/').at(-1) === TOKEN_FILE
  return { name, content, mode: mode ?? (isToken ? TOKEN_MODE : 0o644), uid: AGENT_UID, gid: AGENT_UID }
}

function put(files: Map<string, TarInput>, name: string, file: TarInput): void {
  for (let slash = name.indexOf('/'); slash >= 0; slash = name.indexOf('/', slash + 1)) {
    const parent = name.slice(0, slash)
    if (!files.has(parent)) files.set(parent, { name: `${parent}/`, mode: 0o755, uid: AGENT_UID, gid: AGENT_UID })
  }
  files.delete(name) // what comes later in an archive wins, and must come behind its directory
  files.set(name, file)
}
