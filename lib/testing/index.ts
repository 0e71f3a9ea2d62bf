// The public API of `dockline/testing`. Withheld: the socket server and the line to an engine that its parts share, the
// scrubber and the matcher. Of `engine/` only `withReplay` uses something: it hands a connected client to a test.
export { chaosProxy, type ChaosActions, type ChaosCall, type ChaosProxy, type ChaosProxyOptions } from './chaos.ts'
export { parseSchedule, type ChaosAction, type ChaosRule, type ChaosTerm } from './chaos-schedule.ts'
export {
  recordCommand,
  serveReplay,
  type RecordCommandOptions,
  type RecordedCommand,
  type ServeReplayOptions,
} from './commands.ts'
export {
  loadExchanges,
  saveExchanges,
  type Exchange,
  type RecordedRequest,
  type RecordedResponse,
  type Replacement,
  type UpgradeStep,
} from './exchange-file.ts'
export { record, type Recorder, type RecordOptions } from './record.ts'
export { replay, type Replay, type ReplayOptions, type ReplaySource } from './replay.ts'
export type { MaskedCounts, ScrubOptions } from './scrub.ts'
export type { SecretKind } from './secret-patterns.ts'
export type { Suspect } from './entropy.ts'
export { withReplay, type WithReplayOptions } from './with-replay.ts'
export {
  manualClock,
  modelEngine,
  type Behaviour,
  type ContainerSeed,
  type ContainerView,
  type EngineRestart,
  type Fault,
  type FaultCall,
  type Faults,
  type ImageView,
  type Listening,
  type LoggedCall,
  type ManualClock,
  type ManualClockOptions,
  type ModelEngine,
  type ModelEngineOptions,
  type ModelImage,
  type ProfileName,
  type Programs,
  type PublishOptions,
  type Snapshot,
} from './model/index.ts'
export {
  layer,
  modelRegistry,
  type ImageSpec,
  type IndexSpec,
  type LayerFile,
  type LayerSpec,
  type ModelRegistry,
  type ModelRegistryOptions,
  type RegistryCall,
  type RegistryRequest,
  type Trouble,
} from './registry/index.ts'
