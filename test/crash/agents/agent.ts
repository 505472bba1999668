import type { Watch } from '../agent/watch.ts'
import type { Job } from '../job.ts'
import type { ToolPlace } from '../truth.ts'

/** What an agent is given. */
export interface AgentStart {
  readonly job: Job
  /** The tool: it changes the world and returns the receipt. */
  readonly record: (place: ToolPlace) => Promise<string>
  /** Told of model calls that do not go through fetch. */
  readonly watch: Watch
  /** Tells that the work begins, for agents that start processes of their own; the others have begun. */
  readonly ready: () => void
}

/** An agent written with one framework; it knows nothing of journals and answers with its last words. */
export type PlayAgent = (start: AgentStart) => Promise<string>

/** What all agents are told, where the job says nothing else. */
export const instructions = 'You record rounds with the tool, one after the other.'

/** The question of all agents. */
export const question = 'Record all rounds and say so.'

/** The tool as every framework describes it. */
export const recordTool = {
  name: 'record',
  description: 'Records one slot of a round.',
  parameters: {
    type: 'object',
    properties: { step: { type: 'integer' }, slot: { type: 'integer' } },
    required: ['step', 'slot'],
    additionalProperties: false,
  },
} as const
