import type { ApprovalStore, AskApproval, BoundCall } from '@holdfast/core/approvals'
import { canonicalArguments } from '@holdfast/core'
import { afterEach, describe, expect, test } from 'vitest'

/** A store as the suite needs it: the same content may be opened several times, as by several processes. */
export interface ApprovalsUnderTest {
  open(): Promise<ApprovalStore>
  /** Moves the store's time. */
  pass(ms: number): Promise<void>
  end(): Promise<void>
}

let count = 0

/** A question about a call of `pay`, of a run of its own unless it is named. */
export function asking(more: Partial<AskApproval['question']> = {}, amount = 7): AskApproval {
  const { text, hash } = canonicalArguments({ amount })
  return {
    id: `id-${++count}`,
    lifetimeMs: 60_000,
    atExpiry: 'deny',
    question: {
      runId: 'run',
      tool: 'pay',
      toolClass: 'payment',
      rule: 'class.payment',
      reason: 'It moves money.',
      argumentsText: text,
      argumentsHash: hash,
      ...more,
    },
  }
}

const callOf = ({ question }: AskApproval): BoundCall => question
const yes = { verdict: 'approved', by: 'ada' } as const
const no = { verdict: 'denied', by: 'ada', reason: 'Not today.' } as const

/** The contract of an approval store, to be kept by every implementation. */
export function describeApprovalStore(name: string, make: () => Promise<ApprovalsUnderTest>): void {
  describe(`${name} as an approval store`, () => {
    const ends: (() => Promise<void>)[] = []
    afterEach(async () => {
      for (const end of ends.splice(0).toReversed()) await end()
    })

    async function start() {
      const under = await make()
      ends.push(() => under.end())
      const open = async (): Promise<ApprovalStore> => {
        const store = await under.open()
        ends.push(() => store.close())
        return store
      }
      return { open, store: await open(), pass: (ms: number) => under.pass(ms) }
    }

    test('a question is kept as it was asked, also for another process', async () => {
      const { open, store } = await start()
      const asked = asking({
        session: 's',
        tenant: 't',
        user: 'u',
        agent: 'a',
        reason: '“ü” \u0000',
      })
      const { record, isNew } = await store.ask(asked)
      expect(isNew).toBe(true)
      expect(record).toMatchObject({
        ...asked.question,
        id: asked.id,
        state: 'pending',
        ordinal: 1,
      })
      expect(record.expiresAtMs - record.createdAtMs).toBe(60_000)
      await expect((await open()).find(asked.id)).resolves.toEqual(record)
      await expect(store.find('other')).resolves.toBeUndefined()
    })

    test('asked again it is the same question, and answered it is answered', async () => {
      const { open, store } = await start()
      const first = await store.ask(asking())
      const other = await open()
      const again = await other.ask(asking())
      expect(again).toEqual({ record: first.record, isNew: false })
      await other.decide(first.record.id, yes)
      const { record, isNew } = await store.ask(asking())
      expect([record.id, record.state, record.decidedBy, isNew]).toEqual([
        first.record.id,
        'approved',
        'ada',
        false,
      ])
    })

    test('another run, tool or argument is another question', async () => {
      const { store } = await start()
      const ids = [asking(), asking({ runId: 'r2' }), asking({ tool: 'mail' }), asking({}, 8)]
      const records = await Promise.all(ids.map((one) => store.ask(one)))
      expect(new Set(records.map(({ record }) => record.id)).size).toBe(4)
      await store.decide(records[0]?.record.id ?? '', yes)
      for (const other of ids.slice(1)) {
        await expect(store.redeem(callOf(other))).resolves.toBeUndefined()
      }
    })

    test('what somebody else waits for is counted, and not joined', async () => {
      const { store } = await start()
      const { record } = await store.ask(asking())
      const second = await store.ask({ ...asking(), except: [record.id] })
      expect([second.isNew, second.record.ordinal]).toEqual([true, 2])
    })

    test('asked by several at once it is one question', async () => {
      const { open, store } = await start()
      const others = await Promise.all([open(), open(), open()])
      const all = await Promise.all(
        [store, ...others].flatMap((one) => [one.ask(asking()), one.ask(asking())]),
      )
      expect(new Set(all.map(({ record }) => record.id)).size).toBe(1)
      expect(all.filter(({ isNew }) => isNew)).toHaveLength(1)
    })

    test('the first decision counts, and the second one is told so', async () => {
      const { open, store } = await start()
      const { record } = await store.ask(asking())
      const others = await Promise.all([open(), open()])
      const results = await Promise.allSettled([
        store.decide(record.id, yes),
        ...others.map((one) => one.decide(record.id, { ...no, by: 'bob' })),
      ])
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      for (const result of results) {
        if (result.status === 'fulfilled') continue
        expect(result.reason).toMatchObject({
          code: 'APPROVAL_DECIDED',
          message: expect.stringMatching(
            /was (approved|denied) before, by (ada|bob) at 20/,
          ) as string,
        })
      }
      await expect(store.decide('nobody', yes)).rejects.toMatchObject({ code: 'APPROVAL_UNKNOWN' })
    })

    test('an approval is used once, whoever else tries at the same moment', async () => {
      const { open, store } = await start()
      const { record } = await store.ask(asking())
      await expect(store.redeem(callOf(asking()))).resolves.toBeUndefined()
      await store.decide(record.id, yes)
      const others = await Promise.all([open(), open(), open()])
      const used = await Promise.all(
        [store, ...others].flatMap((one) => [
          one.redeem(callOf(asking())),
          one.redeem(callOf(asking())),
        ]),
      )
      expect(used.filter((one) => one !== undefined).map(({ id, state }) => [id, state])).toEqual([
        [record.id, 'used'],
      ])
      const next = await store.ask(asking())
      expect([next.isNew, next.record.ordinal]).toEqual([true, 2])
    })

    test('edited arguments are what may be executed, and nothing else is', async () => {
      const { store } = await start()
      const { record } = await store.ask(asking())
      const edited = canonicalArguments({ amount: 3 })
      const decided = await store.decide(record.id, { ...yes, edited })
      expect(decided).toMatchObject({ editedText: '{"amount":3}', approvedHash: edited.hash })
      await expect(store.redeem(callOf(asking()))).resolves.toBeUndefined()
      const call = { ...callOf(asking()), argumentsHash: edited.hash }
      await expect(store.redeem({ ...call, runId: 'other' })).resolves.toBeUndefined()
      await expect(store.redeem(call)).resolves.toMatchObject({ id: record.id, state: 'used' })
      await expect(store.redeem(call)).resolves.toBeUndefined()
    })

    test('a withdrawn approval is a denial', async () => {
      const { store } = await start()
      const { record } = await store.ask(asking())
      await expect(store.withdraw(record.id, no)).rejects.toMatchObject({
        code: 'APPROVAL_DECIDED',
      })
      await store.decide(record.id, yes)
      await store.withdraw(record.id, { by: 'check', reason: 'It does not fit.' })
      await expect(store.redeem(callOf(asking()))).resolves.toBeUndefined()
      await expect(store.find(record.id)).resolves.toMatchObject({ state: 'denied' })
    })

    test('a denial stands for its time, then it is asked again', async () => {
      const { store, pass } = await start()
      const short = { ...asking(), lifetimeMs: 200 }
      const { record } = await store.ask(short)
      await store.decide(record.id, no)
      const again = await store.ask(short)
      expect(again.record).toMatchObject({ id: record.id, denialReason: 'Not today.' })
      await pass(210)
      expect((await store.ask({ ...short, id: 'later' })).isNew).toBe(true)
    })

    test('silence is what was chosen, and an approval that nobody uses ends', async () => {
      const { store, pass } = await start()
      const denying = { ...asking(), lifetimeMs: 200 }
      const allowing = { ...asking({ tool: 'mail' }), lifetimeMs: 200, atExpiry: 'allow' as const }
      const unused = { ...asking({ tool: 'post' }), lifetimeMs: 200 }
      for (const one of [denying, allowing, unused]) await store.ask(one)
      await store.decide(unused.id, yes)
      await pass(210)
      await expect(store.find(denying.id)).resolves.toMatchObject({
        state: 'expired',
        decidedBy: 'expiry',
      })
      await expect(store.decide(denying.id, yes)).rejects.toMatchObject({
        code: 'APPROVAL_DECIDED',
        message: expect.stringContaining('nobody answered in time') as string,
      })
      const redeemed = [denying, allowing, unused].map((one) => store.redeem(callOf(one)))
      expect((await Promise.all(redeemed)).map((one) => one?.id)).toEqual([
        undefined,
        allowing.id,
        undefined,
      ])
      const ended = await store.expire()
      expect(ended.map(({ id, state }) => [id, state])).toEqual([[denying.id, 'expired']])
      await expect(store.expire()).resolves.toEqual([])
    })

    test('a sticky decision answers without anybody being asked', async () => {
      const { store } = await start()
      const answer = { verdict: 'approved', by: 'rule', stickyId: 's1' } as const
      const { record } = await store.ask({ ...asking(), answer })
      expect(record).toMatchObject({ state: 'approved', decidedBy: 'rule', stickyId: 's1' })
      await expect(store.redeem(callOf(asking()))).resolves.toMatchObject({ id: record.id })
      // One that waits already is answered too.
      const { record: waiting } = await store.ask(asking())
      const { record: answered } = await store.ask({ ...asking(), answer })
      expect([answered.id, answered.state]).toEqual([waiting.id, 'approved'])
    })

    test('sticky decisions are listed with who and when, and can be revoked', async () => {
      const { open, store } = await start()
      const decision = {
        id: 's1',
        verdict: 'approved' as const,
        tool: 'pay',
        rule: 'class.payment',
        scope: 'always' as const,
        by: 'ada',
        arguments: { text: '{"amount":7}', members: { amount: '*' } },
      }
      await store.remember(decision)
      const other = await open()
      const [listed] = await other.stickyDecisions()
      expect(listed).toMatchObject(decision)
      expect(listed?.createdAtMs).toBeGreaterThan(0)
      await other.revoke('s1', 'bob')
      await store.revoke('s1', 'eve')
      const [revoked] = await store.stickyDecisions()
      expect(revoked).toMatchObject({ ...decision, revokedBy: 'bob' })
      await expect(store.revoke('s2', 'bob')).rejects.toMatchObject({ code: 'APPROVAL_UNKNOWN' })
    })

    test('they are listed by state and run, the latest first', async () => {
      const { store, pass } = await start()
      const ids: string[] = []
      for (const amount of [1, 2, 3]) {
        ids.push((await store.ask(asking({}, amount))).record.id)
        await pass(5)
      }
      await store.ask(asking({ runId: 'other' }, 4))
      await store.decide(ids[1] ?? '', no)
      const listed = async (query: Parameters<ApprovalStore['list']>[0]) =>
        (await store.list(query)).map(({ id }) => id)
      expect(await listed({ runId: 'run' })).toEqual(ids.toReversed())
      expect(await listed({ runId: 'run', states: ['pending'] })).toEqual([ids[2], ids[0]])
      expect(await listed({ runId: 'run', states: ['pending'], limit: 1 })).toEqual([ids[2]])
    })

    test('what is over and old is forgotten, and what waits is not', async () => {
      const { store, pass } = await start()
      const [used, waiting] = [asking(), asking({ tool: 'mail' })]
      await store.ask(used)
      await store.decide(used.id, yes)
      await store.redeem(callOf(used))
      const { record } = await store.ask(waiting)
      await pass(20)
      await store.expire(record.createdAtMs + 10)
      await expect(store.find(used.id)).resolves.toBeUndefined()
      await expect(store.find(waiting.id)).resolves.toMatchObject({ state: 'pending' })
    })
  })
}
