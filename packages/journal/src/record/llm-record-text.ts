import type { HttpHeaders, LlmCall, LlmReply, Usage } from '@holdfast/core'
import type { Attempts } from '../attempts.ts'
import { roundedText } from '../attempts.ts'
import type { WholeReply } from '../whole-reply.ts'
import { jsonText } from './json-text.ts'

/** What is known of a call besides its request and its reply. */
export interface RecordedCall {
  readonly call: LlmCall
  readonly scope: string
  readonly ordinal: number
  readonly attempts: Attempts
  readonly costUsd: number | undefined
  readonly tookMs: number
}

/** Headers that are kept: they say what the reply is, and which one. Never an account, a key or a cookie. */
const keptHeaders = [
  'content-type',
  'request-id',
  'x-request-id',
  'apim-request-id',
  'x-amzn-requestid',
  'openai-version',
  'openai-processing-ms',
]

/**
 * The JSON of an LLM record, all but its request and the brace behind that. Put together by hand, of as few pieces as can
 * be, as it is made for every call.
 */
export function llmRecordText(
  { call, scope, ordinal, attempts, costUsd, tookMs }: RecordedCall,
  { reply, usage, toolCalls }: WholeReply,
): string {
  let json = `${headText(call, scope, reply)}${ordinal},"headers":${keptText(reply.headers)},"attempts":${attempts.json()}`
  if (usage !== undefined) json += `,"usage":${countsText(usage)}`
  if (costUsd !== undefined) json += `,"costUsd":${costUsd}`
  if (toolCalls.length > 0) json += `,"toolCalls":${JSON.stringify(toolCalls)}`
  return `${json},"tookMs":${roundedText(tookMs)}`
}

/** What is the same for most calls of a process. */
interface Head {
  readonly scope: string
  readonly format: string
  readonly operation: string
  readonly provider: string
  readonly model: string
  readonly streaming: boolean
  readonly status: number
  readonly statusText: string
}

let latest: { readonly head: Head; readonly text: string } | undefined

/** It as JSON, up to the ordinal. */
function headText(call: LlmCall, scope: string, { status, statusText }: LlmReply): string {
  const before = latest?.head
  if (
    latest === undefined ||
    before?.format !== call.format.name ||
    before.operation !== call.operation ||
    before.provider !== call.provider ||
    before.model !== call.model ||
    before.streaming !== call.streaming ||
    before.scope !== scope ||
    before.status !== status ||
    before.statusText !== statusText
  ) {
    const head: Head = { scope, ...factsOf(call), status, statusText }
    latest = { head, text: JSON.stringify({ ...head, ordinal: 0 }).slice(0, -2) }
  }
  return latest.text
}

/** What a record says of the call itself. */
export function factsOf(call: LlmCall): Omit<Head, 'scope' | 'status' | 'statusText'> {
  const { format, operation, provider, model, streaming } = call
  return { format: format.name, operation, provider, model, streaming }
}

/** The headers that are kept, as JSON: names and values. */
function keptText(headers: HttpHeaders): string {
  let json = ''
  for (const name of keptHeaders) {
    const value = headers.get(name)
    if (value !== null) json += `${json === '' ? '' : ','}["${name}",${jsonText(value)}]`
  }
  return `[${json}]`
}

function countsText(usage: Usage): string {
  let json = ''
  for (const name in usage) {
    const count = usage[name as keyof Usage]
    if (count !== undefined) json += `${json === '' ? '' : ','}"${name}":${count}`
  }
  return `{${json}}`
}
