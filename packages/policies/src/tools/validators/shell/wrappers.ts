import { noInput, readOptions, type Rule, splitPlain, unknownInput } from './command.ts'
import { type Argument, literal } from './word.ts'

/** A program that runs the command after its own options and `skip` operands. */
function wraps(takesValue: readonly string[] = [], skip = 0): Rule {
  return ({ argv, stdin }, inspection) => {
    const { operands } = readOptions(argv.slice(1), takesValue, { stopAtOperand: true })
    let inner = operands.slice(skip)
    while (inner.length > 0 && /^[A-Za-z_]\w*=/.test(inner[0]?.text ?? '')) inner = inner.slice(1)
    if (inner.length > 0) inspection.command(inner, stdin)
  }
}

const sudoValues = [
  'u',
  'user',
  'g',
  'group',
  'h',
  'host',
  'p',
  'prompt',
  'C',
  'close-from',
  'r',
  'role',
  't',
  'type',
  'T',
  'U',
  'D',
  'chdir',
  'R',
  'chroot',
]

const sudo: Rule = ({ argv, stdin }, inspection) => {
  const options = readOptions(argv.slice(1), sudoValues, { stopAtOperand: true })
  let inner = options.operands
  while (inner.length > 0 && /^[A-Za-z_]\w*=/.test(inner[0]?.text ?? '')) {
    environment(inner[0]?.text ?? '', inspection.ask)
    inner = inner.slice(1)
  }
  if (options.values('u', 'user').some(({ text }) => text.startsWith('#'))) {
    inspection.ask('shell.privilege', 'sudo -u with a number can mean root.')
  }
  if (
    options.has('e', 'edit', 's', 'shell', 'i', 'login') &&
    (inner.length === 0 || options.has('e', 'edit'))
  ) {
    inspection.ask('shell.privilege', 'sudo opens a shell or an editor as another user.')
  }
  if (inner.length === 0) return
  if (
    inner.length === 1 &&
    /^(?:.*\/)?(?:ba|z|da|k|fi)?sh$|^su$/.test(inner[0]?.text ?? '') &&
    stdin.kind === 'none'
  ) {
    inspection.ask('shell.privilege', 'sudo opens a shell as another user.')
  }
  if (options.has('s', 'shell', 'i', 'login'))
    inspection.script(inner.map(({ text }) => text).join(' '), stdin)
  else inspection.command(inner, stdin)
}

// Variables that make a later program load or run something: what sudo takes away (initial_badenv_table of its env.c), what
// the loader ignores for programs with more rights (glibc's unsecvars.h), and what interpreters and package managers
// document as theirs (2026-11-21). IFS is not among them: shells use it for its purpose.
const runningVariables =
  /^(?:LD_\w+|_RLD\w*|LDR_\w+|SHLIB_PATH|LIBPATH|GCONV_PATH|GLIBC_TUNABLES|FPATH|PERLLIB|DOTNET_STARTUP_HOOKS|CORECLR_\w+|OPENSSL_(?:CONF|MODULES|ENGINES)|(?:PIP|UV)_\w*(?:INDEX|CONFIG)\w*|PATHEXT|COMSPEC|DYLD_\w+|GIT_(?:SSH|SSH_COMMAND|PAGER|EDITOR|SEQUENCE_EDITOR|ASKPASS|EXTERNAL_DIFF|PROXY_COMMAND|EXEC_PATH|TEMPLATE_DIR|CONFIG\w*)|(?:MAN|SYSTEMD_|AWS_|GH_)?PAGER|EDITOR|VISUAL|BROWSER|LESSOPEN|LESSCLOSE|BASH_ENV|ENV|PROMPT_COMMAND|PS[0-4]|SHELLOPTS|BASHOPTS|BASH_FUNC.*|ZDOTDIR|NODE_OPTIONS|NODE_PATH|PYTHON(?:STARTUP|PATH|HOME|INSPECT|WARNINGS|USERBASE|BREAKPOINT|EXECUTABLE)|PERL5(?:OPT|LIB|DB)|RUBY(?:OPT|LIB)|JAVA_TOOL_OPTIONS|_JAVA_OPTIONS|JDK_JAVA_OPTIONS|CLASSPATH|LUA_INIT\w*|R_PROFILE|PHPRC|CARGO_\w*(?:RUNNER|WRAPPER|LINKER)|RUSTC(?:_WRAPPER)?|SSH_ASKPASS|SUDO_ASKPASS|TAR_OPTIONS|RSYNC_RSH|RSYNC_CONNECT_PROG|WGETRC|CURL_HOME|npm_config_\w*(?:shell|registry|ignore_scripts|config|prefix|node_options)\w*|(?:https?|all|ftp)_proxy)$/i

/** Notes an assignment that decides what a later program runs; a name alone is one of which the value is not known. */
export function environment(assignment: string, ask: (rule: string, reason: string) => void): void {
  const equals = assignment.indexOf('=')
  if (equals < 0) {
    if (/^path$/i.test(assignment))
      ask('shell.environment', 'Another PATH decides which programs run.')
    else if (runningVariables.test(assignment)) ask('shell.environment', decides(assignment))
    return
  }
  const name = assignment.slice(0, equals).replace(/\+$/, '')
  const value = assignment.slice(equals + 1)
  if (name === 'PATH') {
    // A folder that others or the project can write to decides which program a name means.
    const odd = value
      .split(':')
      .some(
        (folder) =>
          !/^(?:\/(?:usr|bin|sbin|opt)(?:\/|$)|\$\{?PATH\}?$|~\/\.(?:local|cargo|bun|deno|nvm|pyenv|rbenv|asdf)\/|\.?\/?node_modules\/\.bin$|\$PWD\/node_modules\/\.bin$)/.test(
            folder,
          ),
      )
    if (value !== '' && odd) ask('shell.environment', 'Another PATH decides which programs run.')
  } else if (runningVariables.test(name) && !/^(?:cat|less|more|true|:|)$/.test(value)) {
    ask('shell.environment', decides(name))
  }
}

function decides(name: string): string {
  return `The variable ${name} decides what later programs load or run.`
}

const env: Rule = ({ argv, stdin }, inspection) => {
  const args = argv.slice(1)
  const split = args.findIndex(({ text }) => /^-[A-Za-z]*S|^--split-string/.test(text))
  let rest = args
  if (split >= 0) {
    const option = args[split] as Argument
    const inline = option.text.replace(/^--split-string=?|^-[A-Za-z]*S/, '')
    const string = inline === '' ? args[split + 1] : { ...option, text: inline }
    if (string?.known === false)
      inspection.ask('shell.unresolved', `What env -S runs depends on ${string.text}.`)
    rest = [
      ...args.slice(0, split),
      ...splitPlain(string?.text ?? ''),
      ...args.slice(split + (inline === '' ? 2 : 1)),
    ]
  }
  const { operands } = readOptions(rest, ['u', 'unset', 'C', 'chdir', 'P'], { stopAtOperand: true })
  let inner = operands
  while (inner.length > 0 && /^[^=/]*=/.test(inner[0]?.text ?? '')) {
    environment(inner[0]?.text ?? '', inspection.ask)
    inner = inner.slice(1)
  }
  if (inner.length > 0) inspection.command(inner, stdin)
  else
    inspection.ask(
      'shell.credential',
      'env prints every variable, keys among them; name the one you need with printenv NAME.',
    )
}

const command: Rule = ({ argv, stdin }, inspection) => {
  const { operands, names } = readOptions(argv.slice(1), [], { stopAtOperand: true })
  const asksOnly = names.includes('v') || names.includes('V')
  // `command -V a b c` only describes names; with options among them it reads like a command, and is looked at as one.
  if (asksOnly && operands.every(({ text }) => !text.startsWith('-'))) return
  if (operands.length > 0) inspection.command(operands, stdin)
}

/** True where a shell or an interpreter would take its code from the input of xargs or parallel. */
function runsItems(inner: readonly Argument[], replaced: string): boolean {
  const at = inner.findIndex(({ text }) => /^-\w*[ce]$|^--(?:eval|command)$/.test(text))
  if (at < 0) return false
  const code = inner[at + 1]
  return code === undefined || code.text.includes(replaced)
}

const xargs: Rule = ({ argv, stdin }, inspection) => {
  const args = argv
    .slice(1)
    .map((argument) =>
      argument.text.startsWith('-i')
        ? { ...argument, text: `--replace=${argument.text.slice(2) || '{}'}` }
        : argument,
    )
  const options = readOptions(
    args,
    [
      'a',
      'arg-file',
      'd',
      'delimiter',
      'E',
      'I',
      'L',
      'n',
      'max-args',
      'P',
      'max-procs',
      's',
      'max-chars',
      'max-lines',
      'J',
      'R',
    ],
    { stopAtOperand: true },
  )
  const inner = options.operands
  if (inner.length === 0) return
  const replaced =
    options.values('I', 'J')[0]?.text ??
    options.values('replace')[0]?.text ??
    (options.has('replace') ? '{}' : undefined)
  if (
    runsItems(inner, replaced ?? '{}') &&
    /^(?:.*\/)?(?:\w*sh|python\S*|perl|ruby|node|php)$/.test(
      inner.find(({ text }) => !/^(?:sudo|env|busybox|command|nice)$/.test(text))?.text ?? '',
    )
  ) {
    inspection.ask('shell.piped-code', 'xargs runs its input as code.')
  }
  // An input with a list of files in it is not known even where the text before the pipe is.
  const input = stdin.kind === 'text' && !options.has('a', 'arg-file') ? stdin.text : undefined
  const items: Argument[] =
    input === undefined
      ? [{ text: '$stdin', known: false, glob: false }]
      : splitPlain(input).map(({ text }) => ({ ...literal(text), glob: text.includes('*') }))
  if (replaced === undefined || replaced === '') {
    inspection.command([...inner, ...items], noInput)
    return
  }
  for (const item of input === undefined ? items : input.split('\n').filter(Boolean).map(literal)) {
    inspection.command(
      inner.map((argument) =>
        argument.text.includes(replaced)
          ? {
              ...argument,
              text: argument.text.replaceAll(replaced, item.text),
              known: argument.known && item.known,
            }
          : argument,
      ),
      noInput,
    )
  }
}

const parallel: Rule = ({ argv, stdin }, inspection) => {
  const at = argv.findIndex(({ text }) => text.startsWith(':::'))
  const before = argv.slice(1, at < 0 ? undefined : at)
  const { operands } = readOptions(
    before,
    [
      'j',
      'jobs',
      'a',
      'arg-file',
      'n',
      'max-args',
      'N',
      'L',
      'I',
      'S',
      'sshlogin',
      'joblog',
      'results',
      'timeout',
      'delay',
      'retries',
      'colsep',
      'C',
      'd',
      'delimiter',
      'tmpdir',
      'workdir',
      'wd',
    ],
    { stopAtOperand: true },
  )
  const given =
    at < 0 ? undefined : argv.slice(at + 1).filter(({ text }) => !text.startsWith(':::'))
  const items: readonly Argument[] =
    given ??
    (stdin.kind === 'text'
      ? stdin.text.split('\n').filter(Boolean).map(literal)
      : [{ text: '$stdin', known: false, glob: false }])
  for (const item of items.length === 0 && operands.length > 0 ? [literal('')] : items) {
    if (!item.known && operands.length === 0)
      inspection.ask('shell.unresolved', 'parallel runs whatever its input says.')
    const placed = operands.some(({ text }) => text.includes('{}'))
    const line = operands.map((argument) =>
      placed
        ? {
            ...argument,
            text: argument.text.replaceAll('{}', item.text),
            known: argument.known && (item.known || !argument.text.includes('{}')),
          }
        : argument,
    )
    // parallel hands the joined line to a shell, so that an item can be a whole command.
    if (operands.length === 0) inspection.script(item.text)
    else inspection.command(placed ? line : [...line, item], noInput)
  }
}

const su: Rule = ({ argv, stdin }, inspection) => {
  const options = readOptions(argv.slice(1), [
    'c',
    'command',
    's',
    'shell',
    'g',
    'G',
    'w',
    'u',
    'session-command',
  ])
  const scripts = options.values('c', 'command', 'session-command')
  for (const { text, known } of scripts) {
    if (!known) inspection.ask('shell.unresolved', `What su runs depends on ${text}.`)
    else inspection.script(text, stdin)
  }
  if (scripts.length === 0) inspection.ask('shell.privilege', 'su opens a shell as another user.')
}

const evaluate: Rule = ({ argv, stdin }, inspection) => {
  const args = argv.slice(1)
  if (args.some(({ known }) => !known))
    inspection.ask('shell.unresolved', 'What eval runs is only known when it runs.')
  else inspection.script(args.map(({ text }) => text).join(' '), stdin)
}

const trap: Rule = ({ argv }, inspection) => {
  const [script] = readOptions(argv.slice(1)).operands
  if (script !== undefined && argv.length > 2) {
    if (script.known) inspection.script(script.text)
    else inspection.ask('shell.unresolved', `What trap runs depends on ${script.text}.`)
  }
}

const alias: Rule = ({ argv }, inspection) => {
  for (const { text, known } of argv.slice(1)) {
    const equals = text.indexOf('=')
    if (equals < 0) continue
    if (known) inspection.script(text.slice(equals + 1))
    else inspection.ask('shell.unresolved', 'What an alias means depends on a variable.')
  }
}

const later: Rule = ({ argv, stdin }, inspection) => {
  const name = argv[0]?.text ?? ''
  const options = readOptions(argv.slice(1), ['f', 't', 'q', 'u'])
  if (name.endsWith('crontab')) {
    if (!options.has('l')) inspection.ask('shell.later', 'crontab changes what runs later.')
    return
  }
  if (options.has('l', 'V') || name.endsWith('atq')) return
  if (stdin.kind === 'text') inspection.script(stdin.text)
  inspection.ask('shell.later', `${name} runs something when nobody looks.`)
}

const watchLike: Rule = ({ argv }, inspection) => {
  const { operands } = readOptions(argv.slice(1), ['n', 'interval', 'q', 'equexit'], {
    stopAtOperand: true,
  })
  if (operands.some(({ known }) => !known))
    inspection.ask('shell.unresolved', 'What watch runs is only known when it runs.')
  else if (operands.length > 0) inspection.script(operands.map(({ text }) => text).join(' '))
}

const scriptLog: Rule = ({ argv }, inspection) => {
  for (const { text } of readOptions(argv.slice(1), [
    'c',
    'command',
    'I',
    'O',
    'B',
    'T',
    'm',
    'E',
    'o',
  ]).values('c', 'command'))
    inspection.script(text)
}

const flock: Rule = ({ argv, stdin }, inspection) => {
  const options = readOptions(argv.slice(1), ['w', 'timeout', 'E', 'c'], { stopAtOperand: true })
  const [, ...inner] = options.operands
  if (inner[0]?.text === '-c') inspection.script(inner[1]?.text ?? '')
  else if (inner.length > 0) inspection.command(inner, stdin)
}

const applet: Rule = ({ argv, stdin }, inspection) => {
  const inner = argv.slice(1)
  if (inner.length > 0 && !/^--?\w/.test(inner[0]?.text ?? '')) inspection.command(inner, stdin)
}

const isolating: Rule = ({ argv, stdin }, inspection) => {
  inspection.ask('shell.privilege', `${argv[0]?.text ?? ''} changes which system the command sees.`)
  const { operands } = readOptions(
    argv.slice(1),
    ['t', 'target', 'userspec', 'groups', 'S', 'G', 'R', 'w', 'wd'],
    { stopAtOperand: true },
  )
  if (operands.length > 0)
    inspection.command(operands.slice((argv[0]?.text ?? '').endsWith('chroot') ? 1 : 0), stdin)
}

const remoteShell: Rule = ({ argv }, inspection) => {
  const options = readOptions(argv.slice(1), 'BbcDEeFIiJLlmOopQRSWw'.split(''), {
    stopAtOperand: true,
  })
  for (const { text } of options.values('o')) {
    if (
      /^(?:Proxy(?:Command|UseFdpass)|LocalCommand|PermitLocalCommand|RemoteCommand|KnownHostsCommand|Match|Include|PKCS11Provider|SecurityKeyProvider|XAuthLocation)/i.test(
        text,
      )
    ) {
      inspection.deny(
        'shell.option-runs',
        `ssh -o ${text.replace(/[ =].*$/s, '')} runs a program here.`,
      )
    }
  }
  const [, ...remote] = options.operands
  if (remote.length > 0 && remote.every(({ known }) => known))
    inspection.script(remote.map(({ text }) => text).join(' '), unknownInput)
  if (!options.has('V')) inspection.ask('shell.remote', 'ssh reaches another machine.')
}

/** The rules of programs that run another command. */
export const wrapperRules: Readonly<Record<string, Rule>> = {
  sudo,
  doas: sudo,
  pkexec: sudo,
  gosu: wraps([], 1),
  'su-exec': wraps([], 1),
  su,
  runuser: su,
  env,
  command,
  builtin: command,
  exec: wraps(['a']),
  nice: wraps(['n', 'adjustment']),
  ionice: wraps(['c', 'n', 'class', 'classdata', 'p']),
  chrt: wraps(['p', 'T', 'P', 'D'], 1),
  taskset: wraps([], 1),
  nohup: wraps(),
  setsid: wraps(),
  disown: () => undefined,
  timeout: wraps(['k', 'kill-after', 's', 'signal'], 1),
  gtimeout: wraps(['k', 'kill-after', 's', 'signal'], 1),
  time: wraps(['f', 'format', 'o', 'output']),
  stdbuf: wraps(['i', 'o', 'e', 'input', 'output', 'error']),
  unbuffer: wraps(),
  caffeinate: wraps(['t', 'w']),
  strace: wraps(['e', 'o', 'p', 's', 'a', 'u', 'E', 'S', 'P', 'O']),
  ltrace: wraps(['e', 'o', 'p', 's', 'a', 'u', 'l', 'n', 'F']),
  valgrind: wraps(),
  'xvfb-run': wraps(['n', 's', 'e', 'f', 'p', 'w']),
  'dbus-run-session': wraps(['config-file']),
  proxychains: wraps(['f']),
  proxychains4: wraps(['f']),
  torsocks: wraps(),
  torify: wraps(),
  setarch: wraps([], 1),
  linux32: wraps(),
  linux64: wraps(),
  faketime: wraps(['f'], 1),
  prlimit: wraps(['p']),
  'systemd-run': wraps([
    'p',
    'property',
    'u',
    'unit',
    'M',
    'H',
    'E',
    'setenv',
    'on-active',
    'on-calendar',
    'uid',
    'gid',
    'slice',
    'description',
  ]),
  'systemd-inhibit': wraps(['what', 'who', 'why', 'mode']),
  firejail: wraps(),
  bwrap: isolating,
  unshare: isolating,
  nsenter: isolating,
  chroot: isolating,
  'arch-chroot': isolating,
  setpriv: wraps(['reuid', 'regid', 'groups']),
  capsh: isolating,
  dotenv: wraps(['e', 'f']),
  direnv: wraps([], 2),
  doppler: (command, inspection) => {
    const at = command.argv.findIndex(({ text }) => text === '--')
    if (command.argv[1]?.text === 'run' && at > 0)
      inspection.command(command.argv.slice(at + 1), command.stdin)
  },
  xargs,
  parallel,
  eval: evaluate,
  trap,
  alias,
  at: later,
  batch: later,
  atq: later,
  crontab: later,
  watch: watchLike,
  entr: wraps(),
  hyperfine: watchLike,
  script: scriptLog,
  flock,
  busybox: applet,
  toybox: applet,
  ssh: remoteShell,
  mosh: remoteShell,
  autossh: remoteShell,
  sshpass: (command, inspection) => {
    inspection.ask('shell.remote', 'sshpass reaches another machine.')
    wraps(['p', 'f', 'd', 'P'])(command, inspection)
  },
}
