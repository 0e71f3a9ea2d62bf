// The public API of `dockline/testing`. Withheld: the socket server and the line to an engine that its parts share.
export { chaosProxy, type ChaosActions, type ChaosCall, type ChaosProxy, type ChaosProxyOptions } from './chaos.ts'
export { parseSchedule, type ChaosAction, type ChaosRule, type ChaosTerm } from './chaos-schedule.ts'
