import { HoldfastError } from '@holdfast/core'
import type { Adapter, AdapterHost, RunHint, ToolStart } from './adapter.ts'

/** A framework in a few lines: which of its methods execute a tool, and which are a run of an agent. */
export interface AdapterDescription {
  /** `acme-agents`: the framework's name on its tool calls and in `report()`. */
  readonly name: string
  /** Matches the file of each copy that defines and exports the classes, against its URL with forward slashes. */
  readonly file: RegExp
  /** As an application imports it, for people. @default the name */
  readonly specifier?: string
  readonly tools?: readonly ToolMethod[]
  readonly runs?: readonly RunMethod[]
  /** Run, session and agent as the framework knows them for the code running now, where it has ways to tell. */
  readonly identify?: () => RunHint | undefined
}

/** A method of an exported class through which tools are executed. It returns a promise, or what may be one. */
export interface ToolMethod {
  readonly class: string
  readonly method: string
  /** What is executed, from the object that the method is called on and its arguments; undefined for what is no tool. */
  readonly read: (self: never, args: never) => ToolUse | undefined
}

/** One execution of a tool. */
export interface ToolUse extends Omit<ToolStart, 'framework'> {
  /** The method's arguments with other arguments for the tool in them: a person may change what is executed. */
  readonly withArguments: (changed: unknown) => readonly unknown[]
}

/** A method of an exported class that is a run of an agent. Streams it returns have to be read inside of it. */
export interface RunMethod {
  readonly class: string
  readonly method: string
  /** Whose run it is, from the object that the method is called on and its arguments. */
  readonly hint: (self: never, args: never) => RunHint
}

type Method = (this: object, ...args: unknown[]) => unknown
type Reader<Answer> = (self: object, args: readonly unknown[]) => Answer

/**
 * An adapter of your own, for `instrument({ adapters: { own: [...] } })`: it attaches to every copy of the framework,
 * ESM and CommonJS, loaded before or after, and gives its methods back on `uninstrument()`. What cannot be attached to
 * is listed in `report().adapters`.
 * @throws HoldfastError OPTIONS_INVALID where the description names no method
 */
export function createAdapter({
  name,
  file,
  specifier = name,
  tools = [],
  runs = [],
  identify,
}: AdapterDescription): Adapter {
  if (tools.length === 0 && runs.length === 0) {
    throw new HoldfastError(
      'OPTIONS_INVALID',
      `createAdapter: ${name} names neither tools nor runs; at least one method is needed`,
    )
  }
  return {
    name,
    ...(identify === undefined ? {} : { identify }),
    targets: [
      {
        specifier,
        file,
        attach(exports, host) {
          for (const run of runs) patchRun(host.prototypeOf(exports, run.class), run, host)
          for (const use of tools) patchTool(host.prototypeOf(exports, use.class), use, name, host)
        },
      },
    ],
  }
}

function patchRun(prototype: object, { method, hint }: RunMethod, host: AdapterHost): void {
  const hintOf = hint as Reader<RunHint>
  host.patch<Method>(
    prototype,
    method,
    (original) =>
      function run(...args) {
        return host.run(hintOf(this, args), () => original.apply(this, args))
      },
  )
}

function patchTool(
  prototype: object,
  { method, read }: ToolMethod,
  framework: string,
  host: AdapterHost,
): void {
  const useOf = read as Reader<ToolUse | undefined>
  host.patch<Method>(
    prototype,
    method,
    (original) =>
      function executeTool(...args) {
        const use = useOf(this, args)
        if (use === undefined) return original.apply(this, args)
        const { withArguments, ...start } = use
        return host.tool({ ...start, framework }, (changed) =>
          original.apply(
            this,
            changed === undefined ? args : [...withArguments(changed.arguments)],
          ),
        )
      },
  )
}
