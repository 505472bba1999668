import type { ReplyEvent, Usage } from '@holdfast/core'
import { failureOf } from '../failure/read-failure.ts'
import { type JsonObject, jsonText, list, number, object, text } from '../json/json.ts'
import { finish, messageStart, reasoningDelta, usageOf } from '../reply/events.ts'
import type { ReplyParser } from '../reply/reply-parser.ts'
import { hostedToolCall } from './hosted-tool-call.ts'

/** What has been told of one output item; ids of one item may differ from event to event, its place does not. */
interface OpenItem {
  /** Place among the tool calls of the reply; undefined until the item turns out to be one. */
  toolIndex: number | undefined
  text: boolean
  refusal: boolean
  reasoning: boolean
  arguments: boolean
  done: boolean
}

/** Reads answers of the Responses API. */
export class ResponsesReplyParser implements ReplyParser {
  readonly #items = new Map<number, OpenItem>()
  #toolCalls = 0
  #started = false
  complete = false

  event(event: JsonObject, name: string, out: ReplyEvent[]): void {
    const type = text(event['type']) || name
    switch (type) {
      case 'response.output_text.delta': {
        const delta = text(event['delta'])
        this.#item(event).text = true
        if (delta !== '') out.push({ type: 'text-delta', choice: 0, text: delta })
        return
      }
      case 'response.function_call_arguments.delta':
      case 'response.custom_tool_call_input.delta':
        this.#argumentsDelta(event, out)
        return
      case 'response.reasoning_summary_text.delta':
      case 'response.reasoning_text.delta': {
        const delta = text(event['delta'])
        this.#item(event).reasoning = true
        if (delta !== '') out.push(reasoningDelta(0, { text: delta }))
        return
      }
      case 'response.refusal.delta':
        this.#item(event).refusal = true
        out.push({ type: 'refusal-delta', choice: 0, text: text(event['delta']) })
        return
      case 'response.output_item.added':
        this.#itemAdded(this.#item(event), object(event['item']) ?? {}, out)
        return
      case 'response.output_item.done':
        this.#itemDone(this.#item(event), object(event['item']) ?? {}, out)
        return
      case 'response.created':
      case 'response.in_progress':
      case 'response.queued':
        this.#start(object(event['response']) ?? {}, out)
        return
      case 'response.completed':
      case 'response.incomplete':
      case 'response.failed':
      case 'response.cancelled':
        this.#end(object(event['response']) ?? {}, type.slice('response.'.length), out)
        return
      case 'error':
        out.push({ type: 'error', failure: failureOf(event) })
        return
      default:
        // Servers that fail before the first event answer with a bare error object.
        if (object(event['error']) !== undefined && event['type'] === undefined) {
          out.push({ type: 'error', failure: failureOf(event) })
        } else if (isProgress(type)) {
          out.push({ type: 'other-content', name: 'progress', value: event })
        }
    }
  }

  whole(body: JsonObject, out: ReplyEvent[]): string | undefined {
    const error = object(body['error'])
    if (error !== undefined) {
      out.push({ type: 'error', failure: failureOf(body) })
      return undefined
    }
    if (!Array.isArray(body['output'])) return 'no "output" in the body'
    this.#end(body, text(body['status']) || 'completed', out)
    // A background response is queued: the answer to this request is all there, the work is not.
    return undefined
  }

  #start(response: JsonObject, out: ReplyEvent[]): void {
    if (this.#started) return
    this.#started = true
    out.push(messageStart(response['id'], response['model']))
  }

  #item(event: JsonObject): OpenItem {
    return this.#itemAt(number(event['output_index']) ?? Math.max(0, this.#items.size - 1))
  }

  #itemAt(place: number): OpenItem {
    let item = this.#items.get(place)
    if (item === undefined) {
      item = {
        toolIndex: undefined,
        text: false,
        refusal: false,
        reasoning: false,
        arguments: false,
        done: false,
      }
      this.#items.set(place, item)
    }
    return item
  }

  #startCall(open: OpenItem, id: string, name: string, out: ReplyEvent[]): number {
    if (open.toolIndex !== undefined) return open.toolIndex
    const index = this.#toolCalls++
    open.toolIndex = index
    out.push({ type: 'tool-call-start', choice: 0, index, id, name })
    return index
  }

  #argumentsDelta(event: JsonObject, out: ReplyEvent[]): void {
    const open = this.#item(event)
    const delta = text(event['delta'])
    if (delta === '' || open.toolIndex === undefined) return
    open.arguments = true
    out.push({ type: 'tool-call-delta', choice: 0, index: open.toolIndex, arguments: delta })
  }

  #itemAdded(open: OpenItem, item: JsonObject, out: ReplyEvent[]): void {
    if (isCall(item)) this.#startCall(open, text(item['call_id']), text(item['name']), out)
  }

  /** Tells what the deltas have not told: some servers send the finished item only. */
  #itemDone(open: OpenItem, item: JsonObject, out: ReplyEvent[]): void {
    if (open.done) return
    open.done = true
    switch (item['type']) {
      case 'message':
        readMessage(open, item, out)
        return
      case 'reasoning':
        readReasoning(open, item, out)
        return
      case 'function_call':
      case 'custom_tool_call': {
        const index = this.#startCall(open, text(item['call_id']), text(item['name']), out)
        const whole = jsonText(item['arguments'] ?? item['input'])
        if (!open.arguments && whole !== '') {
          out.push({ type: 'tool-call-delta', choice: 0, index, arguments: whole })
        }
        return
      }
      default: {
        const call = hostedToolCall(item)
        if (call === undefined) {
          out.push({ type: 'other-content', name: text(item['type']) || 'item', value: item })
          return
        }
        const index = this.#startCall(open, call.id, call.name, out)
        out.push({ type: 'tool-call-delta', choice: 0, index, arguments: call.arguments })
      }
    }
  }

  #end(response: JsonObject, kind: string, out: ReplyEvent[]): void {
    this.#start(response, out)
    for (const [place, item] of list(response['output']).entries()) {
      this.#itemDone(this.#itemAt(place), object(item) ?? {}, out)
    }
    const usage = object(response['usage'])
    const counts = usage && responsesUsage(usage)
    if (counts !== undefined) out.push({ type: 'usage', usage: counts })
    this.complete = true
    const status = text(response['status']) || kind
    if (kind === 'failed' || status === 'failed') {
      out.push({ type: 'error', failure: failureOf(response) })
      return
    }
    const reason = text(object(response['incomplete_details'])?.['reason'])
    if (kind === 'incomplete' || status === 'incomplete') {
      const known = reason === 'max_output_tokens' || reason === 'max_tokens'
      const filtered = reason === 'content_filter'
      const raw = reason || 'incomplete'
      out.push(finish(0, known ? 'length' : filtered ? 'content-filter' : 'other', raw))
    } else if (status === 'completed' || status === 'complete') {
      out.push(finish(0, this.#toolCalls > 0 ? 'tool-calls' : 'stop', status))
    } else out.push(finish(0, 'other', status))
  }
}

/** True for what a tool that OpenAI runs says while it works: the reply is not stalled. */
function isProgress(type: string): boolean {
  return /^response\.(mcp_|(?!function_|custom_tool_)\w+_call)/.test(type)
}

function isCall(item: JsonObject): boolean {
  return item['type'] === 'function_call' || item['type'] === 'custom_tool_call'
}

function readMessage(open: OpenItem, item: JsonObject, out: ReplyEvent[]): void {
  for (const value of list(item['content'])) {
    const part = object(value) ?? {}
    if (part['type'] === 'refusal') {
      const refusal = text(part['refusal'])
      if (!open.refusal && refusal !== '') {
        out.push({ type: 'refusal-delta', choice: 0, text: refusal })
      }
    } else if (part['type'] === 'output_text') {
      const said = text(part['text'])
      if (!open.text && said !== '') out.push({ type: 'text-delta', choice: 0, text: said })
      for (const annotation of list(part['annotations'])) {
        out.push({ type: 'other-content', name: 'annotation', value: annotation })
      }
    } else out.push({ type: 'other-content', name: text(part['type']) || 'part', value: part })
  }
}

function readReasoning(open: OpenItem, item: JsonObject, out: ReplyEvent[]): void {
  if (!open.reasoning) {
    for (const part of [...list(item['summary']), ...list(item['content'])]) {
      const said = text(object(part)?.['text'])
      if (said !== '') out.push(reasoningDelta(0, { text: said }))
    }
  }
  const encrypted = text(item['encrypted_content'])
  if (encrypted !== '') out.push(reasoningDelta(0, { encrypted }))
}

/** Token counts of the Responses API. */
export function responsesUsage(usage: JsonObject): Usage | undefined {
  const input = object(usage['input_tokens_details'])
  return usageOf({
    inputTokens: usage['input_tokens'],
    outputTokens: usage['output_tokens'],
    cachedInputTokens: input?.['cached_tokens'],
    cacheWriteTokens: input?.['cache_write_tokens'],
    reasoningTokens: object(usage['output_tokens_details'])?.['reasoning_tokens'],
  })
}
