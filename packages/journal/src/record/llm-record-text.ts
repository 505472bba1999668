import type { HttpHeaders, LlmCall, LlmReply, Usage } from '@holdfast/core'
import type { Attempts } from '../attempts.ts'
import type { WholeReply } from '../whole-reply.ts'
import type { RequestText } from './entry-text.ts'
import { jsonText, roundedText, untilNumber } from './json-text.ts'

// The JSON of an LLM record, put together by hand, of as few pieces as can be, as it is made for every call: what is asked
// while the provider is at it, and the rest when the answer is there.

/** Which call of its scope asks it. */
export interface RecordedCall {
  readonly call: LlmCall
  readonly scope: string
  readonly ordinal: number
}

/** What is known of it beside the reply. */
export interface MadeFacts {
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

/** What is asked: the beginning of the record, and the texts that follow behind it. */
export function askedText(
  { call, scope, ordinal }: RecordedCall,
  { json, texts }: RequestText,
): RequestText {
  return { json: `${headText(call, scope)}${ordinal},"request":${json}`, texts }
}

/** The whole record. */
export function llmRecordText(
  asked: RequestText,
  { reply, usage, toolCalls }: WholeReply,
  { attempts, costUsd, tookMs }: MadeFacts,
): string {
  let json = `${asked.json}${statusText(reply)}${keptText(reply.headers)},"attempts":${attempts.json()}`
  if (usage !== undefined) json += `,"usage":${countsText(usage)}`
  if (costUsd !== undefined) json += `,"costUsd":${costUsd}`
  if (toolCalls.length > 0) json += `,"toolCalls":${JSON.stringify(toolCalls)}`
  return `${json},"tookMs":${roundedText(tookMs)}}\n${asked.texts}`
}

/** What is the same for most calls of a process. */
interface Facts {
  readonly format: string
  readonly operation: string
  readonly provider: string
  readonly model: string
  readonly streaming: boolean
}

let latestHead: { readonly scope: string; readonly facts: Facts; readonly text: string } | undefined

/** Scope and facts as JSON, up to the ordinal. */
function headText(call: LlmCall, scope: string): string {
  const before = latestHead?.facts
  if (
    latestHead?.scope !== scope ||
    before?.format !== call.format.name ||
    before.operation !== call.operation ||
    before.provider !== call.provider ||
    before.model !== call.model ||
    before.streaming !== call.streaming
  ) {
    const facts = factsOf(call)
    latestHead = { scope, facts, text: untilNumber({ scope, ...facts, ordinal: 0 }) }
  }
  return latestHead.text
}

/** What a record says of the call itself. */
export function factsOf({ format, operation, provider, model, streaming }: LlmCall): Facts {
  return { format: format.name, operation, provider, model, streaming }
}

let latestStatus:
  | { readonly status: number; readonly statusText: string; readonly text: string }
  | undefined

/** Status as JSON, up to the headers. */
function statusText({ status, statusText }: LlmReply): string {
  if (latestStatus?.status !== status || latestStatus.statusText !== statusText) {
    const text = `,"status":${status},"statusText":${JSON.stringify(statusText)},"headers":`
    latestStatus = { status, statusText, text }
  }
  return latestStatus.text
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
