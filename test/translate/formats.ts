import type { LlmRequest, WireFormat } from '@holdfast/core'
import { formats } from '@holdfast/wire'

/** The formats between which calls are carried. */
export type FormatName = 'openai-chat' | 'openai-responses' | 'anthropic-messages' | 'gemini'

export const formatNames: readonly FormatName[] = [
  'openai-chat',
  'openai-responses',
  'anthropic-messages',
  'gemini',
]

/** The format of that name. */
export function formatNamed(name: string): WireFormat & Required<Writable> {
  const format = formats.find((format) => format.name === name)
  if (format?.composeRequest === undefined || format.replyWriter === undefined) {
    throw new Error(`${name} is no format that can be written`)
  }
  return format as WireFormat & Required<Writable>
}

type Writable = Pick<WireFormat, 'composeRequest' | 'replyWriter'>

/** A model of the provider's that fits what is asked, as somebody who configures a fallback would choose it. */
export function modelFor(name: FormatName, { reasoning }: LlmRequest): string {
  if (name === 'anthropic-messages') return 'claude-sonnet-4-6'
  if (name === 'gemini') return 'gemini-3-flash-preview'
  return reasoning === undefined ? 'gpt-4.1' : 'gpt-5'
}
