import { assemble, bytesBody, httpHeaders, LlmCall, openReply } from '@holdfast/core'
import type { LlmReply, ReplyEvent } from '@holdfast/core'
import type { Display, LlmRecord } from '@holdfast/journal'
import { wire } from '../wire.ts'

/** What people see of a journal: without secrets and personal data. The scanners are loaded at the first use. */
export const display: Display = {
  async load() {
    const { personalDataScanner, secretScanner } = await import('@holdfast/policies/security')
    const scanners = await Promise.all([secretScanner(), personalDataScanner()])
    return (text) => {
      let shown = text
      for (const scanner of scanners) {
        // From the end: what comes before stays where it was found.
        for (const { kind, start, end } of scanner.scan(shown).toReversed()) {
          shown = `${shown.slice(0, start)}[${kind}]${shown.slice(end)}`
        }
      }
      return shown
    }
  },

  async replyText(record, payload) {
    const call = recordedCall(record)
    if (call === undefined) return ''
    return replyText(await openReply(call, recordedResponse(record, payload)))
  },
}

/** What a reply says, for people. */
export async function replyText(reply: LlmReply): Promise<string> {
  const events: ReplyEvent[] = []
  for (let frame = await reply.next(); frame !== undefined; frame = await reply.next()) {
    events.push(...frame.events)
  }
  if (reply.failure !== undefined) return `${reply.status}: ${reply.failure.message}`
  const { text, refusal = '', toolCalls } = assemble(events)
  const calls = toolCalls.map(({ name, arguments: given }) => `-> ${name} ${given}`)
  return [text, refusal, ...calls].filter((part) => part !== '').join('\n')
}

/** The response of a record, as it came. */
export function recordedResponse(
  { status, statusText, headers }: LlmRecord,
  payload: Uint8Array,
): Parameters<typeof openReply>[1] {
  return { status, statusText, headers: httpHeaders(headers), body: bytesBody(payload) }
}

/** As much of a recorded call as its reply is read with; undefined for a format that is not known here. */
function recordedCall(record: LlmRecord): LlmCall | undefined {
  const format = wire().formats.find(({ name }) => name === record.format)
  if (format === undefined) return undefined
  const { provider, model, streaming } = record
  return new LlmCall({
    id: 'recorded',
    format,
    operation: record.operation as LlmCall['operation'],
    provider,
    model,
    streaming,
    http: {
      method: 'POST',
      url: 'recorded://',
      headers: httpHeaders(),
      body: undefined,
      signal: undefined,
      layer: 'fetch',
    },
    run: undefined,
    signal: new AbortController().signal,
    deadlineAt: undefined,
    resend: 0,
    emit() {},
  })
}
