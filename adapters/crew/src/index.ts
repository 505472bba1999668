export { adapter } from './adapter.ts'
export { crewAdapter } from './crew-adapter.ts'
export type { CrewRuntime } from './crew-adapter.ts'
