import { MasterKeys } from '../encryption/master-keys.ts'
import type { EncryptionOptions } from '../encryption/master-keys.ts'
import type {
  ApprovalRecord,
  ApprovalStore,
  ArgumentPattern,
  StickyDecision,
} from './approval-store.ts'

/** What a text looks like that was encrypted; canonical JSON never does. */
const sealedText = /^1\.[\da-f]{8}\.[\w-]+$/

/** True for a text that stands encrypted in a record. */
export function isSealed(text: string): boolean {
  return sealedText.test(text)
}

/**
 * A store that keeps arguments encrypted. Whose question it is, about which tool and why, is not, nor are reasons that
 * people give; hashes of arguments are what approvals are bound to, and stay.
 */
export function encryptedApprovalStore(
  store: ApprovalStore,
  options: EncryptionOptions,
): ApprovalStore {
  const keys = new MasterKeys(options)
  const seal = (text: string, context: string): Promise<string> =>
    keys.wrap(Buffer.from(text), context)
  const open = async (text: string, context: string): Promise<string> =>
    // Written before there was a key, it is as it was.
    isSealed(text) ? (await keys.unwrap(text, context)).key.toString('utf8') : text

  async function opened(record: ApprovalRecord): Promise<ApprovalRecord> {
    const { argumentsText, argumentsHash, editedText, approvedHash = '' } = record
    return {
      ...record,
      argumentsText: await open(argumentsText, argumentsHash),
      ...(editedText === undefined ? {} : { editedText: await open(editedText, approvedHash) }),
    }
  }

  async function openedSticky(decision: StickyDecision): Promise<StickyDecision> {
    const { id, arguments: pattern } = decision
    if (pattern === undefined || !isSealed(pattern.text)) return decision
    const text = await open(pattern.text, id)
    return { ...decision, arguments: JSON.parse(text) as ArgumentPattern }
  }

  const all = async (records: readonly ApprovalRecord[]): Promise<readonly ApprovalRecord[]> =>
    Promise.all(records.map(opened))

  return {
    name: store.name,
    shared: store.shared,
    async ask(asked) {
      const { argumentsText, argumentsHash } = asked.question
      const sealed = await seal(argumentsText, argumentsHash)
      const question = { ...asked.question, argumentsText: sealed }
      const { record, isNew } = await store.ask({ ...asked, question })
      return { record: await opened(record), isNew }
    },
    async find(id) {
      const record = await store.find(id)
      return record === undefined ? undefined : opened(record)
    },
    async decide(id, decision) {
      if (decision.verdict === 'denied' || decision.edited === undefined) {
        return opened(await store.decide(id, decision))
      }
      const { text, hash } = decision.edited
      const edited = { text: await seal(text, hash), hash }
      return opened(await store.decide(id, { ...decision, edited }))
    },
    withdraw: async (id, denial) => opened(await store.withdraw(id, denial)),
    async redeem(call) {
      const record = await store.redeem(call)
      return record === undefined ? undefined : opened(record)
    },
    list: async (query) => all(await store.list(query)),
    expire: async (forgetBeforeMs) => all(await store.expire(forgetBeforeMs)),
    async remember(decision) {
      const { id, arguments: pattern } = decision
      if (pattern === undefined) return store.remember(decision)
      const text = await seal(JSON.stringify(pattern), id)
      return openedSticky(await store.remember({ ...decision, arguments: { text, members: {} } }))
    },
    stickyDecisions: async () => Promise.all((await store.stickyDecisions()).map(openedSticky)),
    revoke: async (id, by) => openedSticky(await store.revoke(id, by)),
    close: () => store.close(),
  }
}
