import type { ToolResultForm } from 'holdfast'

/** What ADK hands to a tool beside its arguments, and what the tool has asked ADK for. */
export interface ToolContext {
  readonly functionCallId?: string | undefined
  readonly actions: Record<string, unknown>
  readonly state: { update(delta: object): void }
}

/** Leaves a tool that waits for somebody's answer, with what it tells the model until then. */
export class Pause extends Error {
  override readonly name: string = 'Pause'
  readonly result: unknown

  constructor(result: unknown) {
    super('the tool waits for an answer')
    this.result = result
  }
}

/** True where a tool has not run but asked: for a confirmation, or to be let in somewhere. It is called again then. */
export function asksForAnswer(context: ToolContext | undefined): boolean {
  const { functionCallId: id, actions } = context ?? {}
  return (
    id !== undefined &&
    [actions?.['requestedToolConfirmations'], actions?.['requestedAuthConfigs']].some(
      (asked) => typeof asked === 'object' && asked !== null && id in asked,
    )
  )
}

interface Stored {
  readonly value?: unknown
  readonly actions: Readonly<Record<string, unknown>>
}

/** A tool answers with a value, and with what it asked for: changes of the session's state, a transfer, an end. */
export function toolResults(context: ToolContext | undefined): ToolResultForm {
  return {
    store(value) {
      const actions = Object.fromEntries(
        Object.entries(context?.actions ?? {}).filter(([, asked]) => !isEmpty(asked)),
      )
      if (Object.keys(actions).length === 0) return undefined
      return JSON.parse(JSON.stringify({ value, actions } satisfies Stored)) as unknown
    },
    restore(stored) {
      const { value, actions } = stored as Stored
      for (const [name, asked] of Object.entries(actions)) {
        if (context !== undefined) askAgain(context, name, asked)
      }
      return value
    },
    isPause: (error) => error instanceof Pause,
  }
}

function askAgain(context: ToolContext, name: string, asked: unknown): void {
  const { actions, state } = context
  const given = actions[name]
  if (name === 'stateDelta') state.update(asked as object)
  else if (typeof given === 'object' && given !== null) Object.assign(given, asked)
  else actions[name] = asked
}

function isEmpty(value: unknown): boolean {
  return (
    value === undefined ||
    (typeof value === 'object' && value !== null && Object.keys(value).length === 0)
  )
}
