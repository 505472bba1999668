/** Somebody did not answer in time; nothing more is known. */
export class NoAnswer extends Error {
  override readonly name: string = 'NoAnswer'

  constructor(patienceMs: number) {
    super(`no answer within ${patienceMs} ms`)
  }
}

/**
 * The answer, if it comes in time. A process that was busy itself looks once whether it has come in the meantime,
 * before it says that somebody else was slow.
 */
export async function within<T>(patienceMs: number, answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  let look: NodeJS.Immediate | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      look = setImmediate(() => reject(new NoAnswer(patienceMs)))
    }, patienceMs)
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
    clearImmediate(look)
  }
}
