import type { AdapterHost } from 'holdfast'
import { runGeneration } from './generation.ts'
import { hintFrom } from './hint-from.ts'
import type { Options } from './hint-from.ts'
import { triedOnce } from './retries.ts'
import type { ErrorClasses } from './retries.ts'

type Generate = (this: unknown, options: Options, ...rest: unknown[]) => Promise<unknown>
type Stream = (this: unknown, options: Options, ...rest: unknown[]) => unknown

/** The functions of the SDK, in both major versions, that patchGenerations needs. */
export const generations: readonly string[] = [
  'generateText',
  'generateObject',
  'streamText',
  'startStreamText',
  'streamObject',
]

/** Every generation is a run, over when its last step is, and asks the model once for each step where Holdfast retries. */
export function patchGenerations(
  functions: Readonly<Record<string, unknown>>,
  errors: ErrorClasses,
  host: AdapterHost,
): void {
  const prepare = (options: Options): ReturnType<typeof triedOnce> =>
    host.reliability ? triedOnce(options, errors) : { options, asThrown: (error) => error }

  for (const name of ['generateText', 'generateObject']) {
    host.patch<Generate>(
      functions,
      name,
      (original) =>
        function generate(given, ...rest) {
          if (!isOptions(given)) return original.call(this, given, ...rest)
          const { options, asThrown } = prepare(given)
          const over = Promise.withResolvers<unknown>()
          return runGeneration(host, hintFrom(options), over.promise, () => {
            const result = original.call(this, options, ...rest).catch((error: unknown) => {
              throw asThrown(error)
            })
            over.resolve(result)
            return result
          })
        },
    )
  }

  // Of the seventh version on, streamText is one of several ways to it.
  const streamText = functions['startStreamText'] === undefined ? 'streamText' : 'startStreamText'
  const streams = { [streamText]: watchedText, streamObject: watchedObject }
  for (const [name, watched] of Object.entries(streams)) {
    host.patch<Stream>(
      functions,
      name,
      (original) =>
        function stream(given, ...rest) {
          if (!isOptions(given)) return original.call(this, given, ...rest)
          const { options, asThrown } = prepare(given)
          const over = Promise.withResolvers<unknown>()
          return runGeneration(host, hintFrom(options), over.promise, () =>
            original.call(this, watched(options, over, asThrown), ...rest),
          )
        },
    )
  }
}

interface Part {
  readonly type?: unknown
  readonly error?: unknown
}

type Over = PromiseWithResolvers<unknown>

/** A last transform sees the end, whoever reads the stream, and errors before anybody else does. */
function watchedText(options: Options, over: Over, asThrown: (error: unknown) => unknown): Options {
  const watch = (): TransformStream<Part, Part> => {
    let failure: { readonly error: unknown } | undefined
    const end = (): void => {
      if (failure === undefined) over.resolve(undefined)
      else over.reject(failure.error)
    }
    return new TransformStream({
      transform(part, controller) {
        if (part.type !== 'error') return controller.enqueue(part)
        failure = { error: asThrown(part.error) }
        controller.enqueue({ ...part, ...failure })
      },
      flush: end,
      cancel: end,
    })
  }
  const own = options.experimental_transform ?? []
  return { ...options, experimental_transform: [...(Array.isArray(own) ? own : [own]), watch] }
}

function watchedObject(
  options: Options,
  over: Over,
  asThrown: (error: unknown) => unknown,
): Options {
  // What it does where nobody listens to errors.
  const { onFinish, onError = ({ error }) => console.error(error) } = options
  return {
    ...options,
    onFinish(event) {
      over.resolve(undefined)
      return onFinish?.(event)
    },
    onError(event) {
      const error = asThrown(event.error)
      over.reject(error)
      return onError({ ...event, error })
    },
  }
}

function isOptions(given: unknown): given is Options {
  return typeof given === 'object' && given !== null
}
