import { canonicalArguments, HoldfastError } from '@holdfast/core'
import type { ApprovalQuestion, PolicyDecision } from '@holdfast/core'
import { memoryApprovalStore } from '@holdfast/core/approvals'
import { afterEach, expect, test } from 'vitest'
import { approver } from './approver.ts'
import type { ApproverOptions, RunningApprover } from './approver.ts'
import type { ApprovalRequest } from './channel.ts'

const running: RunningApprover[] = []
afterEach(async () => {
  for (const one of running.splice(0)) await one.close()
})

/** An approver, and the questions that it has asked. */
function start(options: ApproverOptions = {}) {
  const asked: ApprovalRequest[] = []
  const one = approver(options)
  running.push(one)
  one.onRequest((request) => void asked.push(request))
  const next = async (count: number): Promise<ApprovalRequest> => {
    for (;;) {
      const request = asked[count - 1]
      if (request !== undefined) return request
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
  return { approver: one, desk: one.desk, asked, next }
}

function question(given: unknown = { amount: 7 }, more: Partial<ApprovalQuestion> = {}) {
  const { text, hash } = canonicalArguments(given)
  return {
    runId: 'run',
    tool: 'pay',
    toolClass: 'payment',
    rule: 'class.payment',
    reason: 'It moves money.',
    argumentsText: text,
    argumentsHash: hash,
    ...more,
  }
}

test('who asks waits until somebody decides, and the approval is good once', async () => {
  const { approver, next } = start()
  const asking = approver.ask(question(), undefined)
  const request = await next(1)
  await expect(approver.redeem(question())).resolves.toBe(false)
  await request.approve({ by: 'ada' })
  await expect(asking).resolves.toEqual({ verdict: 'approved', id: request.record.id, by: 'ada' })
  expect(request.signal.aborted).toBe(true)
  await expect(approver.redeem(question({ amount: 8 }))).resolves.toBe(false)
  const tries = [1, 2, 3].map(() => approver.redeem(question()))
  expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1)
})

test('a denial is told with its reason, and stands for the same call of the run', async () => {
  const { approver, asked, desk, next } = start()
  const asking = approver.ask(question(), undefined)
  await next(1)
  await desk.deny((await next(1)).record.id, 'Too much.', { by: 'ada' })
  const answer = await asking
  expect(answer).toMatchObject({ verdict: 'denied', by: 'ada', reason: 'Too much.' })
  await expect(approver.ask(question(), undefined)).resolves.toEqual(answer)
  expect(asked).toHaveLength(1)
})

test('equal calls at the same moment are questions of their own; one denied leaves the other', async () => {
  const { approver, next } = start()
  const both = [approver.ask(question(), undefined), approver.ask(question(), undefined)]
  const [one, other] = [await next(1), await next(2)]
  expect(one.record.id).not.toBe(other.record.id)
  await one.deny('Once is enough.')
  await other.approve()
  const answers = await Promise.all(both)
  expect(answers.map(({ verdict }) => verdict).toSorted()).toEqual(['approved', 'denied'])
  await expect(approver.redeem(question())).resolves.toBe(true)
  await expect(approver.redeem(question())).resolves.toBe(false)
})

test('what was approved and not used is not good for a second equal call of this process', async () => {
  const { approver, next } = start()
  const first = approver.ask(question(), undefined)
  await (await next(1)).approve()
  await first
  const second = approver.ask(question(), undefined)
  const request = await next(2)
  expect(request.record.ordinal).toBe(2)
  await request.deny()
  await second
})

test('a call without a run is known in its process alone', async () => {
  const store = memoryApprovalStore()
  const [one, other] = [start({ store }), start({ store })]
  const asking = one.approver.ask(question(undefined, { runId: undefined }), undefined)
  await (await one.next(1)).approve()
  await asking
  const call = question(undefined, { runId: undefined })
  await expect(other.approver.redeem(call)).resolves.toBe(false)
  await expect(one.approver.redeem(call)).resolves.toBe(true)
})

test.each([
  ['deny', 'denied', false],
  ['allow', 'approved', true],
] as const)('silence: %s', async (atExpiry, verdict, isGood) => {
  const { approver } = start({ atExpiry, expiresInMs: 300 })
  const answer = await approver.ask(question(), undefined)
  expect(answer).toMatchObject({ verdict, by: 'expiry' })
  await expect(approver.redeem(question())).resolves.toBe(isGood)
})

test('silence stands, too, for the same call of the run', async () => {
  const { approver, asked } = start({ expiresInMs: 400 })
  const answer = await approver.ask(question(), undefined)
  await expect(approver.ask(question(), undefined)).resolves.toEqual(answer)
  expect(asked).toHaveLength(1)
})

test('a store that is gone for a moment is waited for', async () => {
  const store = memoryApprovalStore()
  let looks = 0
  const find: typeof store.find = async (id) => {
    looks++
    if (looks <= 2) throw new HoldfastError('STORE_UNREACHABLE', 'gone for a moment')
    return store.find(id)
  }
  const { approver, next } = start({ store: { ...store, find } })
  const asking = approver.ask(question(), undefined)
  const { record } = await next(1)
  await store.decide(record.id, { verdict: 'approved', by: 'cli' })
  await expect(asking).resolves.toMatchObject({ verdict: 'approved', by: 'cli' })
})

test('who gives up leaves the question open for whoever asks again', async () => {
  const { approver, next } = start()
  const giveUp = new AbortController()
  const asking = approver.ask(question(), giveUp.signal)
  const first = await next(1)
  giveUp.abort(new DOMException('enough', 'AbortError'))
  await expect(asking).rejects.toMatchObject({ name: 'AbortError' })
  expect(first.signal.aborted).toBe(true)
  const again = approver.ask(question(), undefined)
  const second = await next(2)
  expect(second.record.id).toBe(first.record.id)
  await second.approve()
  await expect(again).resolves.toMatchObject({ verdict: 'approved' })
})

test('pause: nobody waits, and the same question is answered later', async () => {
  const store = memoryApprovalStore()
  const first = start({ store, wait: 'pause' })
  const failed = await first.approver.ask(question(), undefined).catch((error: unknown) => error)
  expect(HoldfastError.is(failed) && failed.code).toBe('APPROVAL_PENDING')
  const { record } = await first.next(1)
  expect(String(failed)).toContain(`holdfast approvals show ${record.id}`)
  const later = start({ store, wait: 'pause' })
  await expect(later.approver.ask(question(), undefined)).rejects.toMatchObject({
    code: 'APPROVAL_PENDING',
  })
  await later.desk.approve(record.id, { by: 'ada' })
  await expect(later.approver.ask(question(), undefined)).resolves.toMatchObject({ by: 'ada' })
  await expect(later.approver.redeem(question())).resolves.toBe(true)
  expect(await store.list()).toHaveLength(1)
})

test('edited arguments count where they pass, and are what may be executed', async () => {
  const { approver, desk, next } = start()
  const checkEdited = (text: string) =>
    (JSON.parse(text) as { amount: unknown }).amount === 3 ? undefined : 'The amount has to be 3.'
  const asking = approver.ask(question(), undefined, { checkEdited })
  const { record } = await next(1)
  await expect(desk.approve(record.id, { arguments: { amount: 4 } })).rejects.toMatchObject({
    code: 'OPTIONS_INVALID',
    message: expect.stringContaining('The amount has to be 3.') as string,
  })
  await desk.approve(record.id, { arguments: '{"amount": 3}', by: 'ada' })
  const answer = await asking
  expect(answer).toMatchObject({ verdict: 'approved', editedText: '{"amount":3}' })
  await expect(approver.redeem(question())).resolves.toBe(false)
  await expect(approver.redeem(question({ amount: 3 }))).resolves.toBe(true)
})

test('edited elsewhere they are checked before they count', async () => {
  const store = memoryApprovalStore()
  const { approver, next } = start({ store })
  const checkEdited = async () => 'They do not fit.'
  const asking = approver.ask(question(), undefined, { checkEdited })
  const { record } = await next(1)
  // As another process does, where nobody knows the tool.
  const edited = canonicalArguments({ amount: 'all' })
  await store.decide(record.id, { verdict: 'approved', by: 'cli', edited })
  const answer = await asking
  expect(answer).toMatchObject({ verdict: 'denied', by: 'check' })
  expect(answer.verdict === 'denied' && answer.reason).toContain('They do not fit.')
  await expect(approver.redeem(question({ amount: 'all' }))).resolves.toBe(false)
})

test('a decision that is remembered answers others, also those that wait, until it is revoked', async () => {
  const { approver, asked, desk, next } = start()
  const user = { user: 'ada', session: 's1' }
  const first = approver.ask(question({ amount: 1 }, user), undefined)
  const waiting = approver.ask(question({ amount: 2 }, user), undefined)
  const { record } = await next(1)
  await next(2)
  await desk.approve(record.id, { by: 'ada', remember: { for: 'session' } })
  await first
  await expect(waiting).resolves.toMatchObject({ verdict: 'approved', by: 'rule' })
  const third = question({ amount: 3 }, { ...user, runId: 'other run' })
  await expect(approver.ask(third, undefined)).resolves.toMatchObject({ by: 'rule' })
  await expect(approver.redeem(third)).resolves.toBe(true)
  expect(asked).toHaveLength(2)

  // Another user, another session, another tenant, another rule, another class.
  const others = [
    { ...user, user: 'bob' },
    { ...user, session: 's2' },
    { ...user, tenant: 't' },
    { ...user, rule: 'payment.abroad' },
    { ...user, toolClass: 'exec' },
  ]
  const open = others.map((more, index) =>
    approver.ask(question({ amount: 4 }, { ...more, runId: `run ${index}` }), undefined),
  )
  await next(7)
  for (const { deny } of asked.slice(2)) await deny()
  await Promise.all(open)

  const [sticky] = await desk.sticky()
  expect(sticky).toMatchObject({ scope: 'session', by: 'ada', rule: 'class.payment' })
  await desk.revoke(sticky?.id ?? '', 'bob')
  const after = approver.ask(question({ amount: 5 }, user), undefined)
  await (await next(8)).deny()
  await expect(after).resolves.toMatchObject({ verdict: 'denied' })
})

test('it is remembered for arguments like these alone, and not for a session that there is none of', async () => {
  const { approver, desk, next, asked } = start()
  const file = (path: string) => question({ path, mode: 'w' }, { tool: 'write' })
  const first = approver.ask(file('/tmp/a'), undefined)
  const { record } = await next(1)
  await expect(desk.approve(record.id, { remember: { for: 'session' } })).rejects.toMatchObject({
    code: 'OPTIONS_INVALID',
  })
  await desk.approve(record.id, { remember: { for: 'always', arguments: { path: '/tmp/*' } } })
  await first
  await expect(approver.ask(file('/tmp/b'), undefined)).resolves.toMatchObject({ by: 'rule' })
  expect(asked).toHaveLength(1)
  const outside = approver.ask(file('/tmp/../etc/passwd'), undefined)
  await (await next(2)).deny()
  await outside
})

test('what is told of an answer holds no arguments and nothing that the person wrote', async () => {
  const told: PolicyDecision[] = []
  const { approver, next } = start({ decided: (decision) => void told.push(decision) })
  const secret = question({ note: 'canary-4711' }, { callId: 'call' })
  const denied = approver.ask(secret, undefined)
  await (await next(1)).deny('because of canary-4711', { by: 'ada' })
  await denied
  const edited = approver.ask(question({ note: 'canary-2' }), undefined)
  await (await next(2)).approve({ arguments: { note: 'canary-3' }, by: 'ada' })
  await edited
  expect(told.map(({ verdict, by, callId }) => [verdict, by, callId])).toEqual([
    ['deny', 'ada', 'call'],
    ['change', 'ada', ''],
  ])
  expect(JSON.stringify(told)).not.toContain('canary')
})

test('arguments that are not what the hash is of are not asked about, and changed records are not believed', async () => {
  const { approver, desk } = start()
  const lie = { ...question(), argumentsText: '{"amount":1}' }
  await expect(approver.ask(lie, undefined)).rejects.toMatchObject({ code: 'OPTIONS_INVALID' })
  await expect(desk.list()).resolves.toEqual([])

  const store = memoryApprovalStore()
  const changed: typeof store = {
    ...store,
    async ask(asked) {
      const { record, isNew } = await store.ask(asked)
      return { record: { ...record, argumentsText: '{"amount":1}' }, isNew }
    },
  }
  const other = start({ store: changed })
  await expect(other.approver.ask(question(), undefined)).rejects.toMatchObject({
    code: 'STORE_UNUSABLE',
  })
})

test('a store that fails lets nothing pass, and a channel that fails ends nothing', async () => {
  const store = memoryApprovalStore()
  const broken = async () => {
    throw new Error('no disk')
  }
  const { approver: closed } = start({ store: { ...store, ask: broken, redeem: broken } })
  await expect(closed.ask(question(), undefined)).rejects.toMatchObject({
    code: 'STORE_UNREACHABLE',
  })
  await expect(closed.redeem(question())).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' })

  const bugs: string[] = []
  const { approver, next } = start({
    channels: [{ name: 'pigeon', tell: broken }],
    bug: (channel) => void bugs.push(channel),
  })
  approver.onRequest(broken)
  const asking = approver.ask(question(), undefined)
  await (await next(1)).approve()
  await expect(asking).resolves.toMatchObject({ verdict: 'approved' })
  expect(bugs).toEqual(['pigeon', 'onRequest'])
})

test('taken off, it leaves the question where it is', async () => {
  const store = memoryApprovalStore()
  const { approver, next } = start({ store })
  const asking = approver.ask(question(), undefined)
  await next(1)
  await approver.close()
  await expect(asking).rejects.toMatchObject({ code: 'APPROVAL_PENDING' })
  expect(await store.list({ states: ['pending'] })).toHaveLength(1)
})

test('nobody decides in the name of a rule', async () => {
  const { approver, desk, next } = start()
  const asking = approver.ask(question(), undefined)
  const { record } = await next(1)
  await expect(desk.approve(record.id, { by: 'rule' })).rejects.toMatchObject({
    code: 'OPTIONS_INVALID',
  })
  await desk.deny(record.id)
  await asking
})
