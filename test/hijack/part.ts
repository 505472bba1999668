// One part of the protocol in a process of its own, because instrument() takes hold of the whole process:
// node part.ts, then an order as a message; answers with what became of each job.
import { startLab } from '@holdfast/lab'
import type { Lab } from '@holdfast/lab'
import { instrument, tool } from 'holdfast'
import type { Execute, Play } from './drivers/driver.ts'
import { drivers } from './drivers/index.ts'
import { HijackedModel, questionOf } from './model.ts'
import { jobsOf } from './order.ts'
import type { Order } from './order.ts'
import { Person } from './person.ts'
import type { ApprovedCall } from './person.ts'
import type { Job } from './plan.ts'
import { optionsOf } from './settings.ts'
import { TruthFile } from './truth.ts'

/** What became of a job. */
export interface Outcome {
  readonly job: number
  /** How many of the model's replies went out. */
  readonly served: number
  /** The last answer that the application got. */
  readonly answer: string
  /** What the application caught on the way, in short. */
  readonly errors: readonly string[]
}

/** What a part tells. */
export type PartMessage =
  | { readonly type: 'outcome'; readonly outcome: Outcome }
  | {
      readonly type: 'done'
      readonly bugs: readonly string[]
      readonly requests: number
      /** How often a person was asked, and what he said yes to. */
      readonly asked: number
      readonly approved: readonly ApprovedCall[]
    }

process.once('message', (order) => {
  run(order as Order).catch((error: unknown) => {
    console.error(error)
    process.exit(1)
  })
})

async function run(order: Order): Promise<void> {
  // What an agent leaves behind when its stream breaks is not what is looked at here.
  process.on('unhandledRejection', () => {})
  Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false })
  const jobs = jobsOf(order)
  const model = new HijackedModel(jobs)
  let requests = 0
  const lab = await startLab({ script: model.answer, keepRequests: 1, onRequest: () => requests++ })
  const person = new Person(order.setting)
  const options = optionsOf(order.setting, order.root, person)
  const holdfast = options === undefined ? undefined : instrument(options)
  const truth = new TruthFile(order.truth)
  const plays = new Map<string, Play>()
  for (const name of order.drivers) plays.set(name, (await drivers[name]()).play)

  const waiting = jobs.values()
  const worker = async (): Promise<void> => {
    for (const job of waiting) {
      const outcome = await work(job, {
        order,
        model,
        lab,
        truth,
        play: plays.get(job.combination.driver),
      })
      tell({ type: 'outcome', outcome })
    }
  }
  await Promise.all(Array.from({ length: order.atOnce }, worker))
  const bugs = (holdfast?.report().bugs ?? []).map(
    ({ where, message, times }) => `${where}: ${message} (${times}x)`,
  )
  truth.close()
  await lab.close()
  const { asked, approved } = person
  const done: PartMessage = { type: 'done', bugs, requests, asked, approved }
  process.send?.(done, () => process.exit(0))
}

interface Place {
  readonly order: Order
  readonly model: HijackedModel
  readonly lab: Lab
  readonly truth: TruthFile
  readonly play: Play | undefined
}

/** Plays a job. A task is given once; an attack again and again until the model has said everything. */
async function work(job: Job, { order, model, lab, truth, play }: Place): Promise<Outcome> {
  const errors: string[] = []
  let answer = ''
  for (let time = 0; time <= 2 * job.replies.length; time++) {
    if (time > 0 && (order.kind === 'task' || model.served(job) === job.replies.length)) break
    try {
      answer =
        (await play?.({
          ...job.combination,
          url: lab.url,
          question: questionOf(job),
          tools: job.tools,
          execute: executeWith(order, job, (tool, given) => {
            truth.write({ job: job.id, reply: model.served(job) - 1, tool, arguments: given })
          }),
        })) ?? ''
    } catch (error) {
      errors.push(inShort(error))
    }
  }
  return { job: job.id, served: model.served(job), answer, errors }
}

/** The real tools. A loop of one's own has no adapter: where the function gate is to be alone, it takes `tool()`. */
function executeWith(
  { setting }: Order,
  { combination }: Job,
  note: (name: string, given: unknown) => void,
): Execute {
  const execute = async (name: string, given: unknown): Promise<string> => {
    note(name, given)
    return 'done'
  }
  if (setting !== 'function-gate' || combination.driver !== 'fetch') return execute
  return async (name, given) => {
    const wrapped = tool({ name }, (inner: unknown) => execute(name, inner))
    return await wrapped(given)
  }
}

function inShort(error: unknown): string {
  if (!(error instanceof Error)) return String(error).slice(0, 200)
  const cause = error.cause instanceof Error ? ` <- ${error.cause.message}` : ''
  return `${error.name}: ${error.message}${cause}`.slice(0, 300)
}

function tell(message: PartMessage): void {
  process.send?.(message)
}
