import type { ToolResultForm } from 'holdfast'

/** What the agents of a workflow share while it runs. */
export interface WorkflowState {
  nextAgentName?: string | null
}

interface Stored {
  readonly value: unknown
  readonly to: string | null
}

/** A hand-off answers with a text, and sets who goes on. */
export function handOffs(state: WorkflowState | undefined): ToolResultForm {
  return {
    store: (value): Stored => ({ value, to: state?.nextAgentName ?? null }),
    restore(stored) {
      const { value, to } = stored as Stored
      if (state !== undefined) state.nextAgentName = to
      return value
    },
  }
}
