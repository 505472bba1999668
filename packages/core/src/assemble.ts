import type { FinishReason, ReplyEvent, Usage } from './event.ts'

/** A tool call of a reply, put together. */
export interface AssembledToolCall {
  readonly id: string
  readonly name: string
  /** JSON text, as the model wrote it. */
  readonly arguments: string
}

/** One alternative of a reply. */
export interface AssembledChoice {
  readonly text: string
  readonly reasoning: string
  readonly refusal?: string
  readonly toolCalls: readonly AssembledToolCall[]
  readonly finishReason: FinishReason | undefined
  readonly rawFinishReason: string | undefined
}

/** A whole reply, put together from its events. Its own text and tool calls are those of the first choice. */
export interface AssembledMessage extends AssembledChoice {
  readonly id?: string
  readonly model?: string
  readonly usage: Usage | undefined
  /** All choices in order, where there is more than one. */
  readonly choices?: readonly AssembledChoice[]
}

interface OpenChoice {
  text: string
  reasoning: string
  refusal: string
  readonly calls: Map<number, { id: string; name: string; arguments: string }>
  finishReason: FinishReason | undefined
  rawFinishReason: string | undefined
}

/** Puts the events of a reply together. Usage counts that come later replace earlier ones. */
export function assemble(events: Iterable<ReplyEvent>): AssembledMessage {
  const choices = new Map<number, OpenChoice>()
  let start: { readonly id?: string; readonly model?: string } = {}
  let usage: Usage | undefined
  for (const event of events) {
    switch (event.type) {
      case 'message-start':
        start = { ...start, ...event }
        break
      case 'text-delta':
        open(choices, event.choice).text += event.text
        break
      case 'refusal-delta':
        open(choices, event.choice).refusal += event.text
        break
      case 'reasoning-delta':
        open(choices, event.choice).reasoning += event.text
        break
      case 'tool-call-start': {
        const { id, name } = event
        open(choices, event.choice).calls.set(event.index, { id, name, arguments: '' })
        break
      }
      case 'tool-call-delta': {
        const call = open(choices, event.choice).calls.get(event.index)
        if (call !== undefined) call.arguments += event.arguments
        break
      }
      case 'finish': {
        const choice = open(choices, event.choice)
        choice.finishReason = event.reason
        choice.rawFinishReason = event.raw
        break
      }
      case 'usage':
        usage = { ...usage, ...event.usage }
        break
      default:
    }
  }
  const closed = [...choices.keys()]
    .toSorted((a, b) => a - b)
    .map((index) => close(open(choices, index)))
  return {
    ...(start.id === undefined ? undefined : { id: start.id }),
    ...(start.model === undefined ? undefined : { model: start.model }),
    ...(closed[0] ?? close(open(choices, 0))),
    usage,
    ...(closed.length > 1 ? { choices: closed } : undefined),
  }
}

function open(choices: Map<number, OpenChoice>, index: number): OpenChoice {
  let choice = choices.get(index)
  if (choice === undefined) {
    choice = {
      text: '',
      reasoning: '',
      refusal: '',
      calls: new Map(),
      finishReason: undefined,
      rawFinishReason: undefined,
    }
    choices.set(index, choice)
  }
  return choice
}

function close(choice: OpenChoice): AssembledChoice {
  return {
    text: choice.text,
    reasoning: choice.reasoning,
    ...(choice.refusal === '' ? undefined : { refusal: choice.refusal }),
    toolCalls: [...choice.calls.values()],
    finishReason: choice.finishReason,
    rawFinishReason: choice.rawFinishReason,
  }
}
