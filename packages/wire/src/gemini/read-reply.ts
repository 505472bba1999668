import type { FinishReason, ReplyEvent, Usage } from '@holdfast/core'
import { failureOf } from '../failure/read-failure.ts'
import { type JsonObject, list, number, object, text } from '../json/json.ts'
import { finish, messageStart, reasoningDelta, usageOf } from '../reply/events.ts'
import type { ReplyParser } from '../reply/reply-parser.ts'
import { PartialArguments } from './partial-arguments.ts'

interface Candidate {
  readonly index: number
  calls: number
  finished: string | undefined
  /** The call whose arguments arrive in pieces. */
  open: { readonly index: number; readonly arguments: PartialArguments } | undefined
}

/** Reads answers of generateContent and streamGenerateContent, of Gemini and of Vertex AI. */
export class GeminiReplyParser implements ReplyParser {
  readonly #candidates: Candidate[] = []
  #started = false
  #blocked = false

  get complete(): boolean {
    if (this.#blocked) return true
    return (
      this.#candidates.length > 0 &&
      this.#candidates.every((candidate) => candidate.finished !== undefined)
    )
  }

  event(chunk: JsonObject, _name: string, out: ReplyEvent[]): void {
    if (object(chunk['error']) !== undefined) {
      out.push({ type: 'error', failure: failureOf(chunk) })
      return
    }
    if (!this.#started && (chunk['responseId'] ?? chunk['modelVersion'] ?? chunk['candidates'])) {
      this.#started = true
      out.push(messageStart(chunk['responseId'], chunk['modelVersion']))
    }
    for (const value of list(chunk['candidates'])) this.#candidate(object(value) ?? {}, out)
    const usage = object(chunk['usageMetadata'])
    const counts = usage && geminiUsage(usage)
    if (counts !== undefined) out.push({ type: 'usage', usage: counts })
    const blockReason = object(chunk['promptFeedback'])?.['blockReason']
    if (blockReason !== undefined && blockReason !== null && !this.#blocked) {
      this.#blocked = true
      out.push(
        finish(
          0,
          'content-filter',
          typeof blockReason === 'number' ? `${blockReason}` : text(blockReason),
        ),
      )
    }
  }

  whole(body: JsonObject, out: ReplyEvent[]): string | undefined {
    this.event(body, '', out)
    if (object(body['error']) !== undefined || this.#blocked) return undefined
    return this.#candidates.length === 0 ? 'no candidates in the body' : undefined
  }

  #candidate(value: JsonObject, out: ReplyEvent[]): void {
    const candidate = this.#candidateAt(number(value['index']) ?? 0)
    for (const part of list(object(value['content'])?.['parts'])) {
      this.#part(candidate, object(part) ?? {}, out)
    }
    const reason = value['finishReason']
    if (reason === undefined || reason === null) return
    const raw =
      typeof reason === 'number' ? (reasonByNumber[reason] ?? String(reason)) : text(reason)
    this.#closeCall(candidate, out)
    if (raw === '' || raw === candidate.finished) return
    candidate.finished = raw
    const known = finishReasons[raw] ?? 'other'
    const meant = known === 'stop' && candidate.calls > 0 ? 'tool-calls' : known
    out.push(finish(candidate.index, meant, raw))
  }

  #candidateAt(index: number): Candidate {
    const known = this.#candidates.find((candidate) => candidate.index === index)
    if (known !== undefined) return known
    const candidate: Candidate = { index, calls: 0, finished: undefined, open: undefined }
    this.#candidates.push(candidate)
    return candidate
  }

  #part(candidate: Candidate, part: JsonObject, out: ReplyEvent[]): void {
    const choice = candidate.index
    const signature = text(part['thoughtSignature'])
    const said = part['text']
    if (typeof said === 'string') {
      if (part['thought'] === true) {
        if (said + signature !== '') out.push(reasoningDelta(choice, { text: said, signature }))
        return
      }
      if (said !== '') out.push({ type: 'text-delta', choice, text: said })
    } else {
      const call = object(part['functionCall'])
      if (call !== undefined) this.#functionCall(candidate, call, out)
      else {
        const name = Object.keys(part).find((name) => object(part[name]) !== undefined)
        if (name !== undefined) out.push({ type: 'other-content', name, value: part[name] })
      }
    }
    // The signature must go back with the part it came with; it says nothing by itself.
    if (signature !== '') out.push(reasoningDelta(choice, { signature }))
  }

  #functionCall(candidate: Candidate, call: JsonObject, out: ReplyEvent[]): void {
    const choice = candidate.index
    const name = text(call['name'])
    if (name !== '') {
      this.#closeCall(candidate, out)
      const index = candidate.calls++
      out.push({ type: 'tool-call-start', choice, index, id: text(call['id']), name })
      if (call['willContinue'] !== true && call['partialArgs'] === undefined) {
        const whole = JSON.stringify(call['args'] ?? {})
        out.push({ type: 'tool-call-delta', choice, index, arguments: whole })
        return
      }
      candidate.open = { index, arguments: new PartialArguments() }
    }
    const open = candidate.open
    if (open === undefined) return
    open.arguments.add(list(call['partialArgs']))
    if (call['willContinue'] !== true) this.#closeCall(candidate, out)
  }

  #closeCall(candidate: Candidate, out: ReplyEvent[]): void {
    const open = candidate.open
    if (open === undefined) return
    candidate.open = undefined
    out.push({
      type: 'tool-call-delta',
      choice: candidate.index,
      index: open.index,
      arguments: JSON.stringify(open.arguments.value),
    })
  }
}

/** What the provider's words for the end of an answer mean. */
export const finishReasons: Readonly<Record<string, FinishReason>> = {
  STOP: 'stop',
  MAX_TOKENS: 'length',
  SAFETY: 'content-filter',
  RECITATION: 'content-filter',
  BLOCKLIST: 'content-filter',
  PROHIBITED_CONTENT: 'content-filter',
  SPII: 'content-filter',
  IMAGE_SAFETY: 'content-filter',
  IMAGE_PROHIBITED_CONTENT: 'content-filter',
  IMAGE_RECITATION: 'content-filter',
  MODEL_ARMOR: 'content-filter',
  MALFORMED_FUNCTION_CALL: 'malformed-tool-call',
  UNEXPECTED_TOOL_CALL: 'malformed-tool-call',
  TOO_MANY_TOOL_CALLS: 'malformed-tool-call',
}

/** Vertex with `$alt=json;enum-encoding=int` answers with numbers. */
const reasonByNumber: Readonly<Record<number, string>> = {
  0: 'FINISH_REASON_UNSPECIFIED',
  1: 'STOP',
  2: 'MAX_TOKENS',
  3: 'SAFETY',
  4: 'RECITATION',
  5: 'OTHER',
  6: 'BLOCKLIST',
  7: 'PROHIBITED_CONTENT',
  8: 'SPII',
  9: 'MALFORMED_FUNCTION_CALL',
}

/** Token counts of Gemini, whose candidates are counted without their thoughts. */
export function geminiUsage(usage: JsonObject): Usage | undefined {
  const prompt = number(usage['promptTokenCount'])
  const toolUse = number(usage['toolUsePromptTokenCount'])
  const candidates = number(usage['candidatesTokenCount'])
  const thoughts = number(usage['thoughtsTokenCount'])
  return usageOf({
    inputTokens: prompt === undefined ? toolUse : prompt + (toolUse ?? 0),
    outputTokens: candidates === undefined ? thoughts : candidates + (thoughts ?? 0),
    cachedInputTokens: usage['cachedContentTokenCount'],
    reasoningTokens: thoughts,
  })
}
