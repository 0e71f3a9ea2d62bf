import { join } from 'node:path'

import { WorkspaceError } from '../base/errors.ts'
import type { Templates } from './template.ts'
import type { ConfigFile, Workspace } from './workspace.ts'

/** Without it an agent cannot boot. */
export const CONFIG_FILE = 'config.yaml'

/** Whether the workspace brings a config of its own: by its template, or by its files. */
export async function hasConfigSource(
  { template, files }: Pick<Workspace, 'template' | 'files'>,
  templates: Pick<Templates, 'hasFile'>,
): Promise<boolean> {
  if (files !== undefined && Object.hasOwn(files, CONFIG_FILE) && contentOf(files[CONFIG_FILE]).length > 0) return true
  return template !== undefined && template !== '' && (await templates.hasFile(template, CONFIG_FILE))
}

function contentOf(file: string | ConfigFile | undefined): string | Uint8Array {
  return typeof file === 'object' ? file.content : (file ?? '')
}

/** @throws WorkspaceError `NO_CONFIG_SOURCE` */
export async function checkConfigSource(
  workspace: Pick<Workspace, 'id' | 'template' | 'files'>,
  templates: Pick<Templates, 'hasFile'>,
): Promise<void> {
  if (!(await hasConfigSource(workspace, templates))) throw noConfigSource(workspace.id)
}

/** The error of a workspace that has no config anywhere: it would crash at every start. */
export function noConfigSource(id: string): WorkspaceError {
  return new WorkspaceError(
    'NO_CONFIG_SOURCE',
    `workspace ${id} has no ${CONFIG_FILE}: neither its template nor its files nor its config volume has one`,
  )
}

/** The template to fall back to: the runtime's default one, else the one that is called like the runtime. */
export async function findTemplate(
  configsDir: string,
  runtime: string,
  templates: Pick<Templates, 'hasFile'>,
): Promise<string | undefined> {
  for (const name of [`${runtime}-default`, runtime]) {
    const directory = join(configsDir, name)
    if (await templates.hasFile(directory, CONFIG_FILE)) return directory
  }
  return undefined
}
