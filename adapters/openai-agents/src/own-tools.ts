import type { AdapterHost, ChangedArguments } from 'holdfast'
import { replaceOnce } from './replace-once.ts'

/** What the SDK says of a call when it starts. */
export interface CallDetails {
  readonly toolCall?: { readonly callId?: unknown }
}

type Work = (this: unknown, asked: unknown, ...more: unknown[]) => unknown

/**
 * The SDK's own tools whose work the application does: a shell, and an editor for patches. They are taken hold of at
 * the moment they start, as function tools are, and named as on the wire.
 */
export function holdOwnTool(
  tool: unknown,
  details: CallDetails | undefined,
  host: AdapterHost,
): void {
  const { type, shell, editor } = (tool ?? {}) as {
    readonly type?: unknown
    readonly shell?: object
    readonly editor?: object
  }
  const callId = details?.toolCall?.callId
  const facts = {
    framework: 'openai-agents',
    toolCallId: typeof callId === 'string' ? callId : undefined,
  }
  if (type === 'shell' && shell !== undefined) {
    hold(shell, 'run', {
      call: (action, execute) =>
        host.tool({ ...facts, name: 'shell', arguments: written(action) }, execute),
      read,
      answer: shellAnswer,
    })
  }
  if (type === 'apply_patch' && editor !== undefined) {
    for (const method of ['createFile', 'updateFile', 'deleteFile']) {
      hold(editor, method, {
        call: (operation, execute) =>
          host.tool({ ...facts, name: 'apply_patch', arguments: operation }, execute),
        read: (given) => given,
        answer: editorAnswer,
      })
    }
  }
}

interface Held {
  readonly call: (
    asked: unknown,
    execute: (changed?: ChangedArguments) => unknown,
  ) => Promise<unknown>
  /** Arguments as the tool takes them. */
  readonly read: (given: unknown, asked: unknown) => unknown
  /** What comes back, as the SDK takes it: whoever refused a call answers with a text. */
  readonly answer: (value: unknown) => unknown
}

function hold(owner: object, method: string, { call, read, answer }: Held): void {
  replaceOnce<Work>(owner, method, (work) => async (asked, ...more) => {
    const value = await call(asked, (changed) => {
      const given = changed === undefined ? asked : read(changed.arguments, asked)
      return work.call(owner, given, ...more)
    })
    return answer(value)
  })
}

const members = {
  commands: 'commands',
  timeoutMs: 'timeout_ms',
  maxOutputLength: 'max_output_length',
}

/** What a shell is asked, as the model wrote it. */
function written(action: unknown): unknown {
  const given = action as Readonly<Record<string, unknown>>
  const named = Object.entries(members).map(([ours, theirs]) => [theirs, given[ours]])
  return Object.fromEntries(named.filter(([, value]) => value !== undefined)) as unknown
}

/** The same as the SDK hands it to a shell. */
function read(given: unknown, action: unknown): unknown {
  const changed = given as Readonly<Record<string, unknown>>
  const named = Object.entries(members).map(([ours, theirs]) => [ours, changed[theirs]])
  return { ...(action as object), ...(Object.fromEntries(named) as object) }
}

function shellAnswer(value: unknown): unknown {
  if (typeof value === 'object' && value !== null && 'output' in value) return value
  return { output: [{ stdout: '', stderr: textOf(value), outcome: { type: 'exit', exitCode: 1 } }] }
}

function editorAnswer(value: unknown): unknown {
  return typeof value === 'object' || value === undefined
    ? value
    : { status: 'failed', output: textOf(value) }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}
