import type { InDoubtPolicy, RunOptions, ToolResultForm } from '@holdfast/core'

/** Ties one framework to Holdfast: which of its modules matter, what to patch in them, and where it keeps its ids. */
export interface Adapter {
  /** `langgraph`, `openai-agents`, … */
  readonly name: string
  readonly targets: readonly AdapterTarget[]
  /**
   * What the framework itself writes into its requests that differs from one start to the next: the journal knows a run
   * again whatever stands there. Asked for when the journal is opened: under `--import holdfast/auto`, at the first call.
   */
  readonly maskers?: readonly RegExp[]
  /**
   * True when the framework has certainly been evaluated already; a cheap look at a global it sets.
   * Then instrument() attaches at once; without it, a moment later, since evaluating it early could upset the application.
   */
  isLoaded?(): boolean
  /**
   * Attaches to a framework that works though none of its files was seen, as in a bundle, where it can be told by what
   * the framework reads. Returns what it is then attached to, for `report()`.
   */
  attachUnseen?(host: AdapterHost): string
  /** Run, session and agent as the framework knows them for the code running now. Called when a model or tool call starts outside of a run. */
  identify?(): RunHint | undefined
}

/** One module of a framework, in all its copies. */
export interface AdapterTarget {
  /** As an application imports it, for people: `@langchain/core/tools`. */
  readonly specifier: string
  /** Matches the file of each copy, ESM and CommonJS, against its URL with forward slashes. */
  readonly file: RegExp
  /** Functions that the module declares, exported or not, for frameworks that are no classes; see `attach`. */
  readonly functions?: readonly string[]
  /**
   * Patches what the module exports. Called once per copy, with the namespace or `module.exports`.
   * Prototypes are patched, never exports, so that objects made earlier are covered too.
   * `functions` is there where the copy was loaded after Holdfast: it has those that the module declares, and what
   * `host.patch` puts in their place is what everybody calls, in the module and outside of it.
   * @throws when the module is not as expected; shown in `report()`, nothing else happens.
   */
  attach(exports: Readonly<Record<string, unknown>>, host: AdapterHost, functions?: object): void
}

/** What an adapter may do. */
export interface AdapterHost {
  /** True while Holdfast retries by itself: a framework's own retries are then to be switched off. */
  readonly reliability: boolean
  /**
   * The prototype of a class that a module exports.
   * @throws TypeError when it exports no such class
   */
  prototypeOf(exports: Readonly<Record<string, unknown>>, name: string): object
  /** The object that defines a method of `object`: itself, or a prototype of its chain; undefined where nobody does. */
  ownerOf(object: object, method: string): object | undefined
  /**
   * Replaces a method by `wrap(original)`, once however often it is asked, for this and every copy of Holdfast.
   * While Holdfast is off the original runs; when it is taken off the original is put back where nobody patched on top.
   * @throws when there is no such method.
   */
  patch<M extends (this: never, ...args: never[]) => unknown>(
    owner: object,
    method: string | symbol,
    wrap: (original: M) => M,
  ): void
  /**
   * Runs a tool through the tool chain: `execute` is the real thing and may be called again by a policy, with other
   * arguments than the framework's where a person has changed them.
   * Where several wrappers report the same execution, one inside of the other, the outermost counts.
   */
  tool(call: ToolStart, execute: (changed?: ChangedArguments) => unknown): Promise<unknown>
  /** Runs `work` as a run of an agent: calls in it belong to it. Inside a run of the same key it just runs `work`. */
  run<T>(hint: RunHint, work: () => T): T
  /** The same for work whose result is there before it is over: `over` tells when. What `work` returns is returned at once. */
  runUntil<T>(hint: RunHint, work: () => T, over: (result: T) => Promise<unknown>): T
  /**
   * The same steps, taken as a run that begins with the first and is over with the last; without a hint, in the run under
   * way. A plain async generator works in the context of whoever asks for its next step; these stay in the one they were
   * handed over in.
   */
  runSteps<T>(
    hint: RunHint | undefined,
    steps: AsyncGenerator<T, unknown>,
  ): AsyncGenerator<T, unknown>
}

/** A tool call as the framework starts it. */
export interface ToolStart {
  readonly name: string
  /** As the framework hands them over: usually an object, sometimes JSON text. */
  readonly arguments: unknown
  /** The id that the model gave the call. */
  readonly toolCallId?: string | undefined
  readonly framework: string
  /** For the model, where the framework knows it. */
  readonly description?: string | undefined
  /** JSON Schema of the arguments, where the framework knows it. */
  readonly parameters?: unknown
  /** What the tool says of itself for the case that it is cut off. */
  readonly inDoubt?: InDoubtPolicy | undefined
  /** How results in the framework's own classes are stored and made again. */
  readonly results?: ToolResultForm | undefined
}

/** What a tool is to be executed with instead of what the framework gave. */
export interface ChangedArguments {
  readonly arguments: unknown
}

/** What a framework knows of the run under way, as it has it: what is no text, or is empty, says nothing. */
export interface RunHint extends Omit<RunOptions, 'session' | 'user' | 'agent'> {
  readonly session?: unknown
  readonly user?: unknown
  readonly agent?: unknown
  /** The framework's own id of this execution: calls with the same key belong to one run. */
  readonly key?: string
  /**
   * Begun from where another run happens to be, as from its timer: it is no part of that one, and nobody's child.
   * @default false
   */
  readonly apart?: boolean
}
