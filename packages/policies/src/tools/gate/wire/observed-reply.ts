import type {
  Failure,
  Frame,
  HttpHeaders,
  HttpResponse,
  LlmCall,
  LlmReply,
  ReplyEvent,
} from '@holdfast/core'
import type { Decider } from '../decider.ts'
import type { Gate } from '../gate.ts'
import { approvalRequest } from './approval-requests.ts'
import { Proposals } from './proposals.ts'
import type { Proposal } from './proposals.ts'
import { providerTool } from './provider-tools.ts'
import type { Vetting } from './vetting.ts'

/** The same reply, frame by frame as it comes; what would have been stopped is told. */
export class ObservedReply implements LlmReply {
  readonly status: number
  readonly statusText: string
  readonly headers: HttpHeaders
  readonly streaming: boolean
  readonly failure: Failure | undefined
  readonly response: HttpResponse
  readonly #gate: Gate
  readonly #call: LlmCall
  readonly #reply: LlmReply
  #proposals: Proposals | undefined
  #provided: string[] = []
  #asked: Proposal[] = []
  #vetting: Vetting | undefined

  constructor(gate: Gate, call: LlmCall, reply: LlmReply) {
    this.status = reply.status
    this.statusText = reply.statusText
    this.headers = reply.headers
    this.streaming = reply.streaming
    this.failure = reply.failure
    this.response = reply.response
    this.#gate = gate
    this.#call = call
    this.#reply = reply
  }

  next(): Promise<Frame | undefined> {
    return this.#reply.next().then(this.#watch)
  }

  complete(): boolean {
    return this.#reply.complete()
  }

  problem(): string | undefined {
    return this.#reply.problem()
  }

  cancel(reason?: unknown): Promise<void> {
    return this.#reply.cancel(reason)
  }

  readonly #watch = (frame: Frame | undefined): Frame | undefined => {
    try {
      if (frame !== undefined) for (const event of frame.events) this.#look(event)
      if (frame === undefined || this.#proposals?.finished === true) this.#decide()
    } catch (error) {
      this.#gate.deps.bug?.(error)
    }
    return frame
  }

  #look(event: ReplyEvent): void {
    if (event.type === 'text-delta') return
    if (event.type === 'tool-call-start') this.#proposals ??= new Proposals()
    else if (event.type === 'other-content') {
      const tool = providerTool(event)
      if (tool !== undefined) this.#provided.push(tool)
      const asked = approvalRequest(event)
      if (asked !== undefined) this.#asked.push(asked)
    }
    this.#proposals?.add(event)
  }

  #decide(): void {
    const provided = this.#provided
    const asked = this.#asked
    if (this.#proposals === undefined && provided.length === 0 && asked.length === 0) return
    const elsewhere = { provided, asked }
    const proposals = this.#proposals ?? new Proposals()
    this.#proposals = undefined
    this.#provided = []
    this.#asked = []
    const { decider, deps } = this.#gate
    if (decider !== undefined) this.#tell(decider, proposals, elsewhere)
    else {
      // Only the very first tool call of a process comes here; nobody waits for it.
      const told = this.#gate.load().then((loaded) => this.#tell(loaded, proposals, elsewhere))
      void told.catch((error: unknown) => deps.bug?.(error))
    }
  }

  #tell(
    decider: Decider,
    proposals: Proposals,
    {
      provided,
      asked,
    }: { readonly provided: readonly string[]; readonly asked: readonly Proposal[] },
  ): void {
    const vetting = (this.#vetting ??= decider.vetting(this.#call, this.#call.signal))
    for (const tool of provided) vetting.recordProviderTool(tool)
    for (const call of asked) vetting.decide(call, false)
    for (const call of proposals.calls) vetting.decide(call, proposals.isCut(call))
  }
}
