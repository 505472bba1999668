import type { Attributes, Counter, Histogram, Meter, ObservableGauge } from '@opentelemetry/api'
import type { CallRecord } from './call-record.ts'
import type { OpenTelemetry } from './open-telemetry.ts'
import { scopeName, wholeNumbers } from './open-telemetry.ts'
import { serverAddress } from './server-address.ts'

/** The metrics, on the meter provider that is registered, whenever it was. */
export class Instruments {
  readonly #openTelemetry: OpenTelemetry
  readonly #beforeCollection: () => Promise<void>
  readonly #attributes = new Map<string, CallAttributes>()
  readonly #sums = new Map<string, Sums>()
  #provider: unknown
  #current: Set | undefined

  /** `beforeCollection` is awaited each time a reader collects, so that it gets what is still waiting. */
  constructor(openTelemetry: OpenTelemetry, beforeCollection: () => Promise<void>) {
    this.#openTelemetry = openTelemetry
    this.#beforeCollection = beforeCollection
  }

  /** Makes the instruments ahead of the first measurement, so that the first collection already waits for it. */
  join(): void {
    this.#set()
  }

  /** Leaves the meter provider alone. */
  leave(): void {
    this.#current?.collection.removeCallback(this.#beforeCollection)
    this.#current = undefined
    this.#provider = undefined
  }

  get wanted(): boolean {
    return this.#openTelemetry.meterProvider !== undefined
  }

  llmCall(record: CallRecord, operation: string): void {
    const set = this.#set()
    if (set === undefined) return
    const { usage } = record
    const attributes = this.#attributesOf(record, operation)
    const { inputTokens, outputTokens } = usage
    if (inputTokens !== undefined) set.tokens.record(inputTokens, attributes.input)
    if (outputTokens !== undefined) set.tokens.record(outputTokens, attributes.output)
    if (record.firstContentAtMs !== undefined) {
      set.firstChunk.record((record.firstContentAtMs - record.startedAtMs) / 1000, attributes.call)
    }
    const errorType = record.outcome === 'aborted' ? 'aborted' : record.errorType
    set.duration.record(
      (record.endedAtMs - record.startedAtMs) / 1000,
      errorType === undefined ? attributes.call : { ...attributes.call, 'error.type': errorType },
    )
    this.#count(record)
  }

  /** To be called after each batch: what can be added up is handed on in one piece, for each measurement costs 2 us. */
  writeSums(): void {
    const set = this.#set()
    for (const sums of this.#sums.values()) {
      const { attributes, calls, attempts, possiblyBilled, costUsd } = sums
      const { memoryTokens, newMemoryTokens } = sums
      set?.calls.add(calls, attributes)
      set?.attempts.add(attempts, attributes)
      if (possiblyBilled > 0) set?.possiblyBilled.add(possiblyBilled, attributes)
      if (costUsd > 0) set?.cost.add(costUsd, attributes)
      if (memoryTokens > 0) set?.memoryTokens.add(memoryTokens, attributes)
      if (newMemoryTokens > 0) set?.newMemoryTokens.add(newMemoryTokens, attributes)
    }
    this.#sums.clear()
  }

  toolCall(name: string, durationMs: number, errorType: string | undefined): void {
    this.#set()?.toolDuration.record(durationMs / 1000, {
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': name,
      ...(errorType === undefined ? {} : { 'error.type': errorType }),
    })
  }

  agentRun(agent: string | undefined, durationMs: number, errorType: string | undefined): void {
    this.#set()?.agentDuration.record(durationMs / 1000, {
      'gen_ai.operation.name': 'invoke_agent',
      ...(agent === undefined ? {} : { 'gen_ai.agent.name': agent }),
      ...(errorType === undefined ? {} : { 'error.type': errorType }),
    })
  }

  /** The same objects for the same kind of call: making them anew costs as much as a measurement. */
  #attributesOf(record: CallRecord, operation: string): CallAttributes {
    const { call, responseModel } = record
    const key = `${operation} ${call.provider} ${call.host} ${call.model} ${responseModel}`
    let attributes = this.#attributes.get(key)
    if (attributes === undefined) {
      attributes = callAttributes(record, operation)
      if (this.#attributes.size >= mostKinds) this.#attributes.clear()
      this.#attributes.set(key, attributes)
    }
    return attributes
  }

  #count(record: CallRecord): void {
    const { call, attempts, possiblyBilled, costUsd = 0 } = record
    const key = `${call.provider} ${call.model} ${attempts}`
    let sums = this.#sums.get(key)
    if (sums === undefined) {
      const attributes = {
        'gen_ai.provider.name': call.provider,
        'gen_ai.request.model': call.model,
        'holdfast.attempts': attempts,
      }
      sums = {
        attributes,
        calls: 0,
        attempts: 0,
        possiblyBilled: 0,
        costUsd: 0,
        memoryTokens: 0,
        newMemoryTokens: 0,
      }
      this.#sums.set(key, sums)
    }
    // A resend by a layer above is the same call once more.
    if (call.resend === 0) sums.calls++
    sums.attempts += attempts
    sums.possiblyBilled += possiblyBilled
    sums.costUsd += costUsd
    for (const { event } of record.events) {
      if (event.type !== 'memory-injected') continue
      sums.memoryTokens += event.tokens
      sums.newMemoryTokens += event.newTokens
    }
  }

  #set(): Set | undefined {
    const provider = this.#openTelemetry.meterProvider
    if (provider !== this.#provider) {
      this.leave()
      this.#provider = provider
      this.#current = provider && makeSet(provider.getMeter(scopeName))
      this.#current?.collection.addCallback(this.#beforeCollection)
    }
    return this.#current
  }
}

interface CallAttributes {
  readonly call: Attributes
  readonly input: Attributes
  readonly output: Attributes
}

const mostKinds = 1_000

function callAttributes({ call, responseModel }: CallRecord, operation: string): CallAttributes {
  const { address, port } = serverAddress(call)
  const model: Attributes = {
    'gen_ai.operation.name': operation,
    'gen_ai.provider.name': call.provider,
    'gen_ai.request.model': call.model,
    ...(responseModel === undefined ? {} : { 'gen_ai.response.model': responseModel }),
  }
  return {
    call: { ...model, 'server.address': address, 'server.port': port },
    // Without the server, which the conventions leave open: each attribute of a measurement costs CPU time.
    input: { ...model, 'gen_ai.token.type': 'input' },
    output: { ...model, 'gen_ai.token.type': 'output' },
  }
}

/** What calls of one kind took, since it was last written. */
interface Sums {
  readonly attributes: Attributes
  calls: number
  attempts: number
  possiblyBilled: number
  costUsd: number
  memoryTokens: number
  newMemoryTokens: number
}

interface Set {
  /** Never reports anything: its callback is how the API tells that a reader is about to collect. */
  readonly collection: ObservableGauge
  readonly tokens: Histogram
  readonly duration: Histogram
  readonly firstChunk: Histogram
  readonly toolDuration: Histogram
  readonly agentDuration: Histogram
  readonly calls: Counter
  readonly attempts: Counter
  readonly possiblyBilled: Counter
  readonly cost: Counter
  readonly memoryTokens: Counter
  readonly newMemoryTokens: Counter
}

// Boundaries: https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-metrics/ (2026-11-21).
const tokenBoundaries = Array.from({ length: 14 }, (_, index) => 4 ** index)
const secondBoundaries = Array.from({ length: 14 }, (_, index) => 2 ** index / 100)

function makeSet(meter: Meter): Set {
  const seconds = (name: string, description: string): Histogram =>
    meter.createHistogram(name, {
      description,
      unit: 's',
      advice: { explicitBucketBoundaries: secondBoundaries },
    })
  return {
    collection: meter.createObservableGauge('holdfast.telemetry.collection'),
    tokens: meter.createHistogram('gen_ai.client.token.usage', {
      description: 'Number of input and output tokens used.',
      unit: '{token}',
      valueType: wholeNumbers,
      advice: { explicitBucketBoundaries: tokenBoundaries },
    }),
    duration: seconds('gen_ai.client.operation.duration', 'GenAI operation duration.'),
    firstChunk: seconds(
      'gen_ai.client.operation.time_to_first_chunk',
      'Time to the first content of a streamed answer.',
    ),
    toolDuration: seconds('gen_ai.execute_tool.duration', 'Duration of a tool execution.'),
    agentDuration: seconds('gen_ai.invoke_agent.duration', 'Duration of an agent run.'),
    calls: meter.createCounter('holdfast.client.calls', {
      description: 'Model calls as the agents made them, by the number of attempts they took.',
      unit: '{call}',
      valueType: wholeNumbers,
    }),
    attempts: meter.createCounter('holdfast.client.attempts', {
      description: 'Requests that went upstream: divided by the calls, the amplification.',
      unit: '{attempt}',
      valueType: wholeNumbers,
    }),
    possiblyBilled: meter.createCounter('holdfast.client.attempts.possibly_billed', {
      description: 'Failed attempts that the provider may have billed.',
      unit: '{attempt}',
      valueType: wholeNumbers,
    }),
    cost: meter.createCounter('holdfast.client.cost', {
      description: 'What the answered calls cost by list price.',
      unit: 'USD',
    }),
    memoryTokens: meter.createCounter('holdfast.memory.tokens', {
      description: 'About how many tokens memories have in requests.',
      unit: '{token}',
    }),
    newMemoryTokens: meter.createCounter('holdfast.memory.new_tokens', {
      description: 'Those that no request before had, so that no cache of a provider has them.',
      unit: '{token}',
    }),
  }
}
