import type { LlmRequest, Loss } from '@holdfast/core'
import { recogniseCall } from '@holdfast/wire'
import type { Exchange } from '../recordings/load.ts'
import { accepts } from './accepts.ts'
import { httpOf } from './calls.ts'
import { type FormatName, formatNamed, modelFor } from './formats.ts'
import { meaningDiffers, meaningOf, withoutUsualLength } from './meaning.ts'
import type { Catcher } from './send.ts'

/** What came of carrying one request, or one answer, into another format. */
export interface Carried {
  readonly file: string
  readonly from: FormatName
  readonly to: FormatName
  readonly losses: readonly Loss[]
  /** What is wrong; undefined where nothing is. */
  readonly failed: string | undefined
  /** The way back: the same meaning, or named losses of its own. Only for requests carried without loss. */
  readonly back?: 'same' | 'named'
}

/** The request of a recording in neutral form, where it is a chat. */
export function requestOf({ request, wire }: Exchange): LlmRequest | undefined {
  if (request?.body === undefined || request.method !== 'POST') return undefined
  const { method, url, body } = request
  const found = recogniseCall({ method, url, body })
  if (found?.format.name !== wire || found.facts.operation !== 'chat') return undefined
  return found.format.readRequest(httpOf(url, body), 'chat')
}

/** Carries a request into another format: it has to be accepted there, and mean the same where nothing is lost. */
export async function checkRequest(
  request: LlmRequest,
  { file, from, to }: Pick<Carried, 'file' | 'from' | 'to'>,
  catcher: Pick<Catcher, 'send'>,
): Promise<Carried> {
  const model = modelFor(to, request)
  const composed = formatNamed(to).composeRequest({ ...request, model })
  const { losses } = composed
  const carried = { file, from, to, losses }
  const body = JSON.parse(composed.body) as Readonly<Record<string, unknown>>
  const wrong = accepts(to, body) ?? (await catcher.send(to, body, model))
  if (wrong !== undefined) return { ...carried, failed: `not accepted: ${wrong}` }
  const again = formatNamed(to).composeRequest({ ...structuredClone(request), model })
  if (again.body !== composed.body) return { ...carried, failed: 'not the same bytes again' }

  const there = formatNamed(to).readRequest(httpOf(composed.url, composed.body), 'chat')
  if (losses.length > 0) return { ...carried, failed: missing(request, there, losses) }
  const before = meaningOf(request)
  const other = meaningDiffers(before, withoutUsualLength(meaningOf(there), before))
  if (other !== undefined) return { ...carried, failed: `means something else: ${other}` }

  const back = formatNamed(from).composeRequest({ ...there, model: request.model })
  if (back.losses.length > 0) return { ...carried, failed: undefined, back: 'named' }
  const home = formatNamed(from).readRequest(httpOf(back.url, back.body), 'chat')
  const changed = meaningDiffers(before, withoutUsualLength(meaningOf(home), before))
  return { ...carried, failed: changed && `comes back otherwise: ${changed}`, back: 'same' }
}

/** Whatever is lost by name, what was said is there: every text and every call, in their order. */
function missing(
  before: LlmRequest,
  after: LlmRequest,
  losses: readonly Loss[],
): string | undefined {
  const words = JSON.stringify(meaningOf(after))
  for (const text of textsOf(before)) {
    if (!words.includes(JSON.stringify(text).slice(1, -1)))
      return `a text is not there: ${text.slice(0, 80)}`
  }
  const calls = callsOf(before)
  const there = callsOf(after)
  const closed = losses.some(({ what }) => what.startsWith('tool'))
  if (!closed && calls.join() !== there.join()) return `calls ${calls.join()}, then ${there.join()}`
  return undefined
}

function textsOf({ system, messages }: LlmRequest): string[] {
  const parts = [...system, ...messages.flatMap((message) => message.parts)]
  return parts.flatMap((part) =>
    part.type === 'text' && part.text.trim() !== '' ? [part.text] : [],
  )
}

function callsOf({ messages }: LlmRequest): string[] {
  return messages.flatMap(({ parts }) =>
    parts.flatMap((part) => (part.type === 'tool-call' ? [part.name] : [])),
  )
}
