// The model engine: a Docker Engine in memory. Withheld: its state and the tables behind it, which follow real engines.
export type { Behaviour, ExecOutcome, HealthBehaviour, ProcessBehaviour, Program, Programs } from './behaviour.ts'
export { manualClock, type ManualClock, type ManualClockOptions } from './clock.ts'
export type { ContainerSeed } from './container-seed.ts'
export type { LoggedCall } from './core.ts'
export {
  modelEngine,
  type Listening,
  type ModelEngine,
  type ModelEngineOptions,
  type ModelImage,
  type Snapshot,
} from './engine.ts'
export type { Fault, FaultCall, Faults } from './faults.ts'
export type { PublishOptions, PullFailure, StreamFailure } from './image-source.ts'
export type { Profile, ProfileName } from './profile.ts'
export { profileOf } from './profiles.ts'
export type { EngineRestart } from './restart.ts'
export type { ContainerView, ImageView } from './views.ts'
