import type { AgentRun } from './run-agent.ts'

/** What became of a run. */
export interface Verdict {
  readonly finished: boolean
  /** In a few words. */
  readonly shown: string
}

/** Finished is a run that ended well and gave an answer with everything in it that the question asked for. */
export function verdict({ day, end, durationMs }: AgentRun): Verdict {
  if (end.stopped) {
    return { finished: false, shown: `hangs: stopped after ${seconds(durationMs)}` }
  }
  if (end.exitCode !== 0) return { finished: false, shown: `fails: ${lastError(end.stderr)}` }
  if (day.facts.every((fact) => fact.test(end.stdout))) return { finished: true, shown: 'finished' }
  return { finished: false, shown: 'no answer, but exit code 0' }
}

/** `3.1 s` */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}

/** The message of the error that ended a process, as Node.js prints it. */
function lastError(stderr: string): string {
  const messages = [
    ...stderr.matchAll(/^(?:Uncaught )?[\w.]*(?:Error|Exception)\b[^:\n]*: (.+)$/gm),
  ]
  return messages.at(-1)?.[1] ?? 'the process ended with an error'
}
