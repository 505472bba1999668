import type { Frame, LlmCall, ReplyEvent, ReplyWatch } from '@holdfast/core'
import type { Decider } from '../decider.ts'
import type { Gate } from '../gate.ts'
import { approvalRequest } from './approval-requests.ts'
import { Proposals } from './proposals.ts'
import type { Proposal } from './proposals.ts'
import { providerTool } from './provider-tools.ts'
import type { Vetting } from './vetting.ts'

/** Tells of a reply that passes as it comes what would have been stopped. */
export class Observer implements ReplyWatch {
  readonly #gate: Gate
  readonly #call: LlmCall
  #proposals: Proposals | undefined
  #provided: string[] = []
  #asked: Proposal[] = []
  #vetting: Vetting | undefined

  constructor(gate: Gate, call: LlmCall) {
    this.#gate = gate
    this.#call = call
  }

  frame({ events }: Frame): void {
    for (const event of events) if (event.type !== 'text-delta') this.#look(event)
    if (this.#proposals?.finished === true) this.#decide()
  }

  end(): void {
    this.#decide()
  }

  #look(event: ReplyEvent): void {
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
