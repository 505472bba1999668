/** What is to be done when the process ends, in the order in which it was said. */
const waiting = new Set<AtExit>()

type AtExit = (code: number) => void

/**
 * Does `work` when the process ends. Returns a function that takes that back.
 * One listener serves all: Node warns of a leak where a process has more than ten, and applications have many of their own.
 */
export function atExit(work: AtExit): () => void {
  if (waiting.size === 0) process.on('exit', end)
  waiting.add(work)
  return () => {
    if (waiting.delete(work) && waiting.size === 0) process.off('exit', end)
  }
}

function end(code: number): void {
  const failures: unknown[] = []
  for (const work of waiting) {
    try {
      work(code)
    } catch (error) {
      failures.push(error)
    }
  }
  if (failures.length > 0) throw failures[0]
}
