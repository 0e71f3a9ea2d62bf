import { Command, Option } from 'commander'

import {
  collect,
  platform,
  withContainerFlags,
  withEngineFlags,
  withMoveFlags,
  withRegistryFlags,
  withSelectionFlags,
} from './flags.ts'
import type { CheckFlags } from './commands/check.ts'
import type { RecordFlags, ReplayFlags } from './commands/record.ts'
import type { OutputFlags } from './commands/refresh.ts'
import { addWorkspaceCommands } from './commands/workspace.ts'
import type { RefreshFlags } from './refresh-options.ts'
import type { ServeCommandFlags } from './commands/serve.ts'
import { withServeFlags } from './serve-flags.ts'
import type { RegistryFlags } from './registry.ts'
import { withWatchFlags } from './watch-flags.ts'
import type { EngineFlags, Session } from './session.ts'

/** Runs a command and gives its exit code. */
type Run = (session: Session, flags: RefreshFlags & EngineFlags & OutputFlags & RegistryFlags) => Promise<number>

type Serve = (session: Session, flags: ServeCommandFlags, version: string) => Promise<number>

/** The command line. Commands are loaded when they are called, so that `--help` and `--version` are at once there. */
export function createProgram(session: Session, version: string, onExit: (code: number) => void): Command {
  const program = new Command('dockline')
    .description('Moves running containers to new images, and never loses one.')
    .version(version)
    .showHelpAfterError('(dockline --help tells more)')
    .exitOverride()
    .configureOutput({ writeOut: (text) => session.stdout.write(text), writeErr: (text) => session.stderr.write(text) })

  const add = (name: string, description: string, load: () => Promise<Run>): Command =>
    withEngineFlags(program.command(name).description(description))
      .option('--json', 'print one JSON object')
      .option('--quiet', 'show no progress')
      .action(async (flags: Parameters<Run>[1]) => onExit(await (await load())(session, flags)))

  withAllMoveFlags(add('refresh', 'pull new images and move the containers that still run the old ones', loadRefresh))
    .option(...RETRY)
    .option(...NO_PULL)
    .option('--no-recreate', 'pull only')
    .option('--dry-run', 'say what would be done, as plan does')
    .addOption(new Option('--helper', 'ends its own container, which was made by --self').hideHelp())
  withAllMoveFlags(add('plan', 'say what a refresh would do, by what registries and engine have now', loadPlan))
    .option(...RETRY)
    .option(...NO_PULL)
  withWatchFlags(
    withAllMoveFlags(
      add(
        'watch',
        'refresh whenever a registry has something new',
        async () => (await import('./commands/watch.ts')).watchCommand,
      ),
    ),
  ).option('--once', 'look once and end')
  withRegistryFlags(
    withEngineFlags(
      program.command('check').description('say what registries have, what runs, and what would be done'),
    ),
  )
    .argument('<ref...>', 'images')
    .option('--platform <os/arch>', 'platform to ask for (default: that of the engine)', platform)
    .option('--json', 'print one JSON object')
    .action(async (refs: string[], flags: CheckFlags) =>
      onExit(await (await import('./commands/check.ts')).checkCommand(session, flags, refs)),
    )
  withContainerFlags(
    add(
      'recover',
      'end replacements that were left unfinished: all, or those of the containers that are named',
      async () => (await import('./commands/recover.ts')).recoverCommand,
    ),
  )
  add(
    'demo',
    'do the main job on the embedded model engine, without Docker',
    async () => (await import('./commands/demo.ts')).demoCommand,
  )
  withServeFlags(withWatchFlags(withAllMoveFlags(withEngineFlags(program.command('serve'))))).action(
    async (flags: Parameters<Serve>[1]) => onExit(await (await loadServe())(session, flags, version)),
  )
  add(
    'doctor',
    'look at everything a refresh needs',
    async () => (await import('./commands/doctor.ts')).doctorCommand,
  ).option('--before-upgrade', 'also name what a Docker 29 would not load, or would do otherwise')
  withEngineFlags(
    program.command('record').description('run a program and record what it asks of the engine, secrets masked'),
  )
    .requiredOption('--out <dir>', 'directory of the recording')
    .option('--name <name>', 'name of the recording (default: "session")')
    .option('--force', 'write over a recording that is there')
    .option('--secret <name>', 'also masked: the values of this name, or what matches /REGEXP/; repeatable', collect)
    .option('--replace <from=to>', 'stored as TO, and replayed as it: FROM or /REGEXP/; repeatable', collect)
    .argument('<command...>', 'program and arguments, after --')
    .action(async (command: string[], flags: RecordFlags) =>
      onExit(await (await import('./commands/record.ts')).recordCommand(session, flags, command)),
    )
  program
    .command('replay')
    .description('serve a recording to any program')
    .argument('<source>', 'recording: a file, or a directory of them')
    .option('--listen <address>', 'unix:/path of the socket (default: a new one, which is printed)')
    .action(async (source: string, flags: ReplayFlags) =>
      onExit(await (await import('./commands/record.ts')).replayCommand(session, source, flags)),
    )
  addWorkspaceCommands(program, session, onExit)
  return program
}

async function loadServe(): Promise<Serve> {
  return (await import('./commands/serve.ts')).serveCommand
}

const NO_PULL = ['--no-pull', 'ask no registry: move to what the references name on the engine'] as const
const RETRY = ['--retry', 'also try images that were rolled back before'] as const

function withAllMoveFlags(command: Command): Command {
  return withRegistryFlags(withMoveFlags(withSelectionFlags(command)))
}

async function loadRefresh(): Promise<Run> {
  return (await import('./commands/refresh.ts')).refreshCommand
}

async function loadPlan(): Promise<Run> {
  const { refreshCommand } = await import('./commands/refresh.ts')
  return (session, flags) => refreshCommand(session, { ...flags, dryRun: true })
}
