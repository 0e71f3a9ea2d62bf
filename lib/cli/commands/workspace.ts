import { Option, type Command } from 'commander'

import { collect, seconds, wholeNumber, withEngineFlags } from '../flags.ts'
import type { EngineFlags, Session } from '../session.ts'
import type { OutputFlags } from './refresh.ts'

/** Flags of every workspace command. */
export interface WorkspaceFlags extends EngineFlags, OutputFlags {
  readonly network?: string | undefined
  /** File on which workspaces are kept without a database. */
  readonly state?: string | undefined
}

/** Flags of `workspace start`. */
export interface StartFlags extends WorkspaceFlags {
  readonly runtime?: string | undefined
  readonly image?: string | undefined
  readonly tier?: number | undefined
  readonly platformUrl?: string | undefined
  readonly template?: string | undefined
  readonly file?: readonly string[] | undefined
  readonly tokenFile?: string | undefined
  readonly env?: readonly string[] | undefined
  readonly workspacePath?: string | undefined
  readonly access?: string | undefined
  readonly resetSession?: boolean | undefined
  readonly pull?: 'missing' | 'always' | 'never' | undefined
}

/** Flags of `workspace sweep`. */
export interface SweepFlags extends WorkspaceFlags {
  readonly dryRun?: boolean | undefined
  readonly allowEmptyStore?: boolean | undefined
  readonly minAge?: number | undefined
  readonly confirmations?: number | undefined
  readonly pause?: number | undefined
  readonly max?: number | undefined
}

/** Flags of `workspace logs`. */
export interface LogFlags extends WorkspaceFlags {
  readonly follow?: boolean | undefined
  readonly tail?: number | undefined
}

const load = () => import('./workspace-run.ts')

/** Adds `dockline workspace …`. What runs a command is loaded when it is called. */
export function addWorkspaceCommands(program: Command, session: Session, onExit: (code: number) => void): void {
  const group = program
    .command('workspace')
    .description('run the workspaces of a platform on an engine or control plane')
  const add = (name: string, description: string): Command =>
    withEngineFlags(group.command(name).description(description))
      .option('--network <name>', 'network of the agents (default: molecule-monorepo-net)')
      .option('--state <file>', 'file on which workspaces are kept without DATABASE_URL')
      .option('--json', 'print one JSON object')

  add('start <id>', 'run a workspace, in the place of one that ran before')
    .option('--runtime <name>', 'runtime of its image (default: langgraph)')
    .option('--image <ref>', "image in the place of the runtime's")
    .option('--tier <n>', '1 sandbox, 2 standard, 3 privileged, 4 on the host (default: 2)', wholeNumber(0))
    .option('--platform-url <url>', 'where the agent finds its platform (default: PLATFORM_URL)')
    .option('--template <dir>', 'directory whose files are copied to /configs')
    .option('--file <name=path>', 'file for /configs, for instance config.yaml=./config.yaml; repeatable', collect)
    .option('--token-file <path>', 'file with the token of the agent')
    .option('--env <name[=value]>', 'variable of the agent; without value the one of this process; repeatable', collect)
    .option('--workspace-path <path>', "directory of the engine's machine to mount at /workspace")
    .option('--access <access>', 'none, read_only or read_write')
    .option('--reset-session', 'begin without the sessions of earlier runs')
    .addOption(new Option('--pull <when>', 'when to pull').choices(['missing', 'always', 'never']).default('missing'))
    .action(async (id: string, flags: StartFlags) => onExit(await (await load()).start(session, id, flags)))
  add('stop <id>', 'end a workspace and keep its data').action(async (id: string, flags: WorkspaceFlags) =>
    onExit(await (await load()).stop(session, id, flags)),
  )
  add('status <id>', 'tell whether a workspace runs').action(async (id: string, flags: WorkspaceFlags) =>
    onExit(await (await load()).status(session, id, flags)),
  )
  add('remove <id>', 'end a workspace and remove its config and sessions')
    .option('--data', 'the data at /workspace too')
    .action(async (id: string, flags: WorkspaceFlags & { data?: boolean }) =>
      onExit(await (await load()).remove(session, id, flags)),
    )
  add('logs <id>', 'print what a workspace printed')
    .option('--follow', 'go on with what it prints from now on')
    .option('--tail <lines>', 'only the last lines', wholeNumber(0))
    .action(async (id: string, flags: LogFlags) => onExit(await (await load()).logs(session, id, flags)))
  add('sweep', 'remove what workspaces left that are removed, or that are not on file at all')
    .option('--dry-run', 'say what would be removed')
    .option('--allow-empty-store', 'also when no workspace at all is on file')
    .option('--min-age <seconds>', 'age of what is not on file (default: 600)', seconds)
    .option('--confirmations <n>', 'looks that must find it so (default: 2)', wholeNumber(1))
    .option('--pause <seconds>', 'pause between the looks (default: 10)', seconds)
    .option('--max <n>', 'most workspaces to reap that are not on file (default: 5)', wholeNumber(0))
    .action(async (flags: SweepFlags) => onExit(await (await load()).sweep(session, flags)))
}
