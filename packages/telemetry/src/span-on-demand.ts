import type {
  Attributes,
  Exception,
  Link,
  Span,
  SpanContext,
  SpanStatus,
  TimeInput,
} from '@opentelemetry/api'

/**
 * A span that is made when somebody first asks for it: a child that starts below it, a header that carries it on.
 * Where nobody does, it is made with the rest of its call's telemetry, off the way of the call.
 */
export class SpanOnDemand implements Span {
  readonly #make: () => Span
  #made: Span | undefined

  /** `make` starts the real span, with the start time that it should have had. */
  constructor(make: () => Span) {
    this.#make = make
  }

  get #span(): Span {
    return (this.#made ??= this.#make())
  }

  spanContext(): SpanContext {
    return this.#span.spanContext()
  }

  isRecording(): boolean {
    return this.#span.isRecording()
  }

  setAttribute(...args: Parameters<Span['setAttribute']>): this {
    this.#span.setAttribute(...args)
    return this
  }

  setAttributes(attributes: Attributes): this {
    this.#span.setAttributes(attributes)
    return this
  }

  addEvent(name: string, attributes?: Attributes | TimeInput, startTime?: TimeInput): this {
    this.#span.addEvent(name, attributes, startTime)
    return this
  }

  addLink(link: Link): this {
    this.#span.addLink(link)
    return this
  }

  addLinks(links: Link[]): this {
    this.#span.addLinks(links)
    return this
  }

  setStatus(status: SpanStatus): this {
    this.#span.setStatus(status)
    return this
  }

  updateName(name: string): this {
    this.#span.updateName(name)
    return this
  }

  recordException(exception: Exception, time?: TimeInput): void {
    this.#span.recordException(exception, time)
  }

  end(endTime?: TimeInput): void {
    this.#span.end(endTime)
  }
}
