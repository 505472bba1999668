import { firstText, readOptions, type Rule } from './command.ts'
import { destructiveWord } from './verbs.ts'

function always(verdict: 'ask' | 'deny', rule: string, reason: string): Rule {
  return ({ argv }, inspection) => {
    const args = argv.slice(1)
    if (args.length === 1 && /^--?(?:help|version|V)$/.test(firstText(args))) return
    inspection[verdict](rule, `${firstText(argv)} ${reason}`)
  }
}

const asksFor = (reason: string): Rule => always('ask', 'shell.system', reason)
const refuses = (reason: string): Rule => always('deny', 'shell.system', reason)

/** Asks unless all words are among those that only look. */
function looksWith(pattern: RegExp, reason: string, valueOptions: readonly string[] = []): Rule {
  return ({ argv }, inspection) => {
    const options = readOptions(argv.slice(1), valueOptions)
    const verb = firstText(options.operands)
    if (!pattern.test(verb)) inspection.ask('shell.system', `${firstText(argv)} ${verb} ${reason}`)
  }
}

const kill: Rule = ({ argv }, inspection) => {
  const args = argv.slice(1).map(({ text }) => text)
  if (args.length === 0 || /^-(?:0|l|L|-list)$/.test(args[0] ?? '')) return
  if (args.slice(1).includes('-1') || (args.length === 1 && args[0] === '-1'))
    inspection.deny('shell.kill', 'kill -1 ends every process.')
  else inspection.ask('shell.kill', 'kill ends a process that somebody may need.')
}

const systemctl = looksWith(
  /^(?:|status|show|cat|list-\S+|is-\S+|get-default|help)$/,
  'changes a service.',
  ['t', 'type', 'state', 'n', 'o', 'p', 'property', 'H', 'M', 'lines'],
)

const printVariable: Rule = ({ argv }, inspection) => {
  const names = argv.slice(1).filter(({ text }) => !text.startsWith('-'))
  if (names.length === 0)
    inspection.ask(
      'shell.credential',
      'printenv prints every variable, keys among them; name the one you need.',
    )
  for (const { text } of names) {
    if (isSecretName(text)) inspection.ask('shell.credential', `${text} may hold a key.`)
  }
}

/** True where a variable's name says that it holds a key. */
export function isSecretName(name: string): boolean {
  return (
    /(?:^|_)(?:API_?KEY|KEY|TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|PASS|PWD|CREDENTIALS?|PRIVATE|AUTH)(?:_|$)|APIKEY|SECRET/i.test(
      name,
    ) && !/^(?:PWD|OLDPWD|SSH_AUTH_SOCK|KEY_COUNT)$/.test(name)
  )
}

const listVariables: Rule = ({ argv }, inspection) => {
  const args = argv.slice(1).map(({ text }) => text)
  const prints =
    args.length === 0 ||
    (args.every((text) => text.startsWith('-')) &&
      args.some((text) => /p|x/.test(text)) &&
      firstText(argv) !== 'set')
  if (prints)
    inspection.ask('shell.credential', `${firstText(argv)} prints every variable, keys among them.`)
}

const mount = looksWith(/^$/, 'changes what the file system shows.')

const firewall: Rule = ({ argv }, inspection) => {
  if (
    !argv
      .slice(1)
      .every(({ text }) =>
        /^(?:-[LSnvt]+|--list\S*|--line-numbers|status|verbose|numbered|list|ruleset|filter|nat|mangle|show)$/.test(
          text,
        ),
      )
  )
    inspection.ask('shell.system', `${firstText(argv)} changes the firewall.`)
}

const sysctl: Rule = ({ argv }, inspection) => {
  if (argv.some(({ text }) => /^-\w*[wp]|^--(?:write|load|system)|=/.test(text)))
    inspection.ask('shell.system', 'sysctl changes the kernel.')
}

const clock: Rule = ({ argv }, inspection) => {
  if (argv.some(({ text }) => /^-s|^--set|^--(?:hctosys|systohc)/.test(text)))
    inspection.ask('shell.system', 'The clock of the machine changes.')
}

const systemPackages: Rule = ({ argv }, inspection) => {
  const options = readOptions(argv.slice(1), ['t', 'target-release', 'o', 'c', 'p', 'prefix'])
  const [verb, ...names] = options.operands.map(({ text }) => text)
  const name = firstText(argv)
  if (verb === 'env' && /^(?:remove|create|update)$/.test(names[0] ?? '')) {
    inspection.ask('shell.packages', `${name} env ${names[0] ?? ''} changes what is installed.`)
    return
  }
  if (verb === undefined || options.has('dry-run', 's', 'simulate', 'help', 'version')) {
    if (
      /^(?:dpkg|rpm|pacman)$/.test(name) &&
      options.names.some((option) =>
        /^[irePRUSF]$|^(?:install|remove|purge|erase|upgrade)$/.test(option),
      )
    )
      inspection.ask('shell.packages', `${name} changes what is installed.`)
    return
  }
  if (
    /^(?:list|search|show|info|policy|depends|rdepends|madison|outdated|leaves|deps|doctor|config|cat|home|log|view|why|ls|audit|fund|root|bin|prefix|help|version|versions|check|tree|freeze|licenses|explain|query|whatprovides|repolist|history|env|metadata|desc|uses|options|pkgs|graph)$/.test(
      verb,
    )
  )
    return
  if (/^(?:dpkg|rpm|pacman)$/.test(name)) {
    if (
      options.names.some((option) =>
        /^(?:i|r|e|P|R|U|S|F|install|remove|purge|erase|upgrade)$/.test(option),
      )
    )
      inspection.ask('shell.packages', `${name} changes what is installed.`)
    return
  }
  inspection.ask('shell.packages', `${name} ${verb} changes what is installed.`)
}

const javascriptPackages: Rule = ({ argv, stdin }, inspection) => {
  const name = firstText(argv)
  const options = readOptions(
    argv.slice(1),
    [
      'prefix',
      'C',
      'w',
      'workspace',
      'filter',
      'F',
      'registry',
      'cwd',
      'dir',
      'loglevel',
      'reporter',
      'c',
      'call',
      'p',
      'package',
      'otp',
      'tag',
      'access',
    ],
    { stopAtOperand: false },
  )
  const [verb, ...rest] = options.operands.map(({ text }) => text)
  if (options.has('registry'))
    inspection.ask('shell.packages', `${name} takes packages from another registry.`)
  if (verb === undefined) return
  if (/^(?:exec|x|dlx)$/.test(verb)) {
    for (const { text, known } of options.values('c', 'call')) {
      if (known) inspection.script(text)
      else inspection.ask('shell.unresolved', 'What npm exec runs is only known when it runs.')
    }
    const at = argv.findIndex(({ text }) => text === verb)
    if (rest.length > 0) runPackage(argv.slice(at + 1), stdin, inspection)
    return
  }
  if (/^(?:run|run-script|rum|urn|test|t|tst|start|stop|restart)$/.test(verb)) {
    const script = /^(?:run|run-script|rum|urn)$/.test(verb) ? (rest[0] ?? '') : ''
    if (
      /^(?:deploy|publish|release|destroy|drop|nuke|db:(?:drop|reset))/.test(script) ||
      (destructiveWord(script) && !/^(?:rm|clean|test|lint|check)/.test(script))
    ) {
      inspection.ask('shell.packages', `The script ${script} may publish or delete.`)
    }
    return
  }
  if (
    /^(?:ci|clean-install|ls|list|ll|la|view|info|show|v|outdated|audit|why|explain|explore|root|bin|prefix|help|doctor|fund|pack|ping|search|whoami|docs|home|bugs|repo|query|sbom|dedupe|licenses|store|import|rebuild|versions|fetch|prune|init|create|version|config|get|cache|pkg|set-script|workspaces?|node|patch|env|build|dev|lint|format|typecheck|check|preview|serve|watch|test:\S+|build:\S+|lint:\S+|tsc|vitest|jest|eslint|prettier|upgrade-interactive|generate-lock-entry|plugin|constraints|stage|tsgo)$/.test(
      verb,
    )
  ) {
    if (verb === 'config' && /^(?:set|delete|edit)$/.test(rest[0] ?? ''))
      inspection.ask(
        'shell.packages',
        `${name} config ${rest[0] ?? ''} changes how packages are taken.`,
      )
    if (verb === 'config' && /^(?:get)$/.test(rest[0] ?? '') && isSecretName(rest[1] ?? ''))
      inspection.ask('shell.credential', 'The setting may hold a key.')
    if (verb === 'audit' && rest[0] === 'fix' && options.has('force'))
      inspection.ask('shell.packages', `${name} audit fix --force changes major versions.`)
    if (verb === 'cache' && /^(?:clean|clear|rm)$/.test(rest[0] ?? '') && options.has('force'))
      inspection.ask('shell.packages', `${name} cache clean --force deletes the cache.`)
    if (verb === 'create' || (verb === 'init' && rest.length > 0))
      inspection.ask('shell.foreign-code', `${name} ${verb} runs a package from the registry.`)
    return
  }
  if (/^(?:install|i|in|add|isntall|link|update|up|upgrade)$/.test(verb)) {
    if (rest.length > 0 && !/^(?:link|update|up|upgrade)$/.test(verb))
      inspection.ask(
        'shell.packages',
        `${name} ${verb} brings in code of others: ${rest[0] ?? ''}.`,
      )
    else if (options.has('g', 'global'))
      inspection.ask('shell.packages', `${name} ${verb} -g changes the machine.`)
    return
  }
  inspection.ask(
    'shell.packages',
    `${name} ${verb} publishes, removes or changes something for others.`,
  )
}

// Programs that development dependencies bring along; another name may be fetched from the registry and run.
const developmentTools =
  /^(?:tsc|tsx|tsgo|ts-node|eslint|oxlint|oxfmt|prettier|biome|vitest|jest|mocha|ava|playwright|cypress|vite|webpack|rollup|rolldown|esbuild|tsup|tsdown|next|nuxt|astro|svelte-check|vue-tsc|ng|nx|turbo|lerna|changeset|knip|publint|attw|nyc|c8|stylelint|markdownlint|husky|lint-staged|commitlint|typedoc|api-extractor|depcheck|npm-check-updates|ncu|concurrently|nodemon|rimraf|cross-env|dotenv|tailwindcss|postcss|babel|swc|sass|storybook|prisma|drizzle-kit|graphql-codegen|openapi-typescript|size-limit|wrangler|vercel|netlify|serve|http-server|json-server|pnpm|npm|yarn|node|typescript|@biomejs\/biome|@changesets\/cli)(?:@[\w.^~-]+)?$/

/** A program that is fetched by name: known development tools pass, others bring in code. */
function runPackage(
  args: readonly { readonly text: string; readonly known: boolean; readonly glob: boolean }[],
  stdin: Parameters<Rule>[0]['stdin'],
  inspection: Parameters<Rule>[1],
): void {
  const options = readOptions(
    args,
    ['p', 'package', 'c', 'call', 'from', 'python', 'with', 'spec'],
    { stopAtOperand: true },
  )
  const [program, ...rest] = options.operands
  for (const { text } of options.values('c', 'call')) inspection.script(text)
  if (program === undefined) return
  if (
    options.has('y', 'yes', 'p', 'package', 'from', 'with', 'spec') ||
    !developmentTools.test(program.text)
  ) {
    inspection.ask(
      'shell.foreign-code',
      `${program.text} may be fetched from the registry and run.`,
    )
  }
  const name = program.text.replace(/(?<=.)@.*$/s, '')
  if (/^(?:rimraf|node|tsx|ts-node|pnpm|npm|yarn)$/.test(name)) {
    if (name === 'rimraf') inspection.ask('shell.recursive-delete', 'rimraf deletes whole folders.')
    else inspection.command([{ ...program, text: name }, ...rest], stdin)
  }
  if (
    /^(?:prisma|drizzle-kit|wrangler|vercel|netlify|changeset)$/.test(name) &&
    (/^(?:deploy|delete|publish|remove|rm|rollback|reset|push|secret|env|alias|domains|teams|--prod)$/.test(
      firstText(rest),
    ) ||
      rest.some(({ text }) =>
        /^(?:reset|--force-reset|--accept-data-loss|--prod|delete|deploy|push)$/.test(text),
      ))
  ) {
    inspection.ask('shell.infrastructure', `${name} ${firstText(rest)} changes what others use.`)
  }
}

const runsPackage: Rule = ({ argv, stdin }, inspection) =>
  runPackage(argv.slice(1), stdin, inspection)

const pip: Rule = ({ argv }, inspection) => {
  const name = firstText(argv)
  const options = readOptions(argv.slice(1), [
    'r',
    'requirement',
    'c',
    'constraint',
    'i',
    'index-url',
    'extra-index-url',
    'f',
    'find-links',
    't',
    'target',
    'e',
    'editable',
    'python',
    'p',
  ])
  const [verb, ...rest] = options.operands.map(({ text }) => text)
  if (
    options.has('index-url', 'extra-index-url', 'find-links', 'trusted-host') ||
    options.names.includes('i')
  )
    inspection.ask('shell.packages', `${name} takes packages from another index.`)
  if (
    verb === undefined ||
    /^(?:list|show|freeze|check|search|help|index|cache|config|debug|inspect|hash|download|wheel|lock|tree|version|venv|sync|python|export|run|env|info|self|build)$/.test(
      verb,
    )
  ) {
    if (verb === 'run' && rest.length > 0) {
      const at = argv.findIndex(({ text }) => text === 'run')
      const inner = readOptions(
        argv.slice(at + 1),
        ['with', 'p', 'python', 'extra', 'group', 'package', 'env-file'],
        { stopAtOperand: true },
      )
      if (inner.has('with'))
        inspection.ask('shell.foreign-code', `${name} run --with brings in code of others.`)
      inspection.command(inner.operands)
    }
    return
  }
  if (/^(?:install|add)$/.test(verb)) {
    const local = rest.every((text) => /^\.{1,2}(?:\/|$|\[)|^\.\//.test(text))
    if (rest.length > 0 && !local)
      inspection.ask(
        'shell.packages',
        `${name} ${verb} brings in code of others: ${rest[0] ?? ''}.`,
      )
    return
  }
  inspection.ask('shell.packages', `${name} ${verb} changes what is installed or published.`)
}

/** Build tools that run the project's own scripts: a target that publishes or destroys is asked for. */
function buildTool(publishes: RegExp): Rule {
  return ({ argv }, inspection) => {
    const args = argv.slice(1).map(({ text }) => text)
    if (args.some((text) => /^(?:-n|--dry-run|--just-print|--version|--help|-h)$/.test(text)))
      return
    for (const text of args) {
      if (publishes.test(text)) {
        inspection.ask(
          'shell.packages',
          `${firstText(argv)} ${text} publishes, installs or deletes something.`,
        )
        return
      }
    }
    if (argv.some(({ text }) => /^(?:SHELL|MAKEFLAGS|CC|CXX)=/.test(text) && /[;&|$`(]/.test(text)))
      inspection.ask('shell.option-runs', 'The assignment runs a command.')
    if (
      args.some(
        (text, index) =>
          text === '-f-' ||
          (/^(?:-f|--file)$/.test(text) && /^(?:-|\/)/.test(args[index + 1] ?? '')),
      )
    ) {
      inspection.ask('shell.foreign-script', 'The rules come from outside of the project.')
    }
    if (firstText(argv) === 'make' && args.some((text) => text.startsWith('--eval')))
      inspection.ask('shell.option-runs', 'make --eval runs what it is given.')
  }
}

const targets =
  /^(?:publish\S*|release\S*|deploy\S*|destroy\S*|drop\S*|nuke\S*|teardown\S*|purge\S*|uninstall|yank|login|owner|db-reset|db[:_-](?:drop|reset))$/

const pulumi = looksWith(
  /^(?:|preview|stack|config|logs|about|whoami|version|plugin|org|schema)$/,
  'changes real infrastructure.',
  ['s', 'C'],
)

/** The rules of programs that change the machine or what is installed on it. */
export const systemRules: Readonly<Record<string, Rule>> = {
  kill,
  pkill: asksFor('ends processes that somebody may need.'),
  killall: asksFor('ends processes that somebody may need.'),
  xkill: asksFor('ends processes that somebody may need.'),
  fuser: ({ argv }, inspection) => {
    if (argv.some(({ text }) => /^-\w*k/.test(text)))
      inspection.ask('shell.kill', 'fuser -k ends processes.')
  },
  shutdown: refuses('switches the machine off.'),
  reboot: refuses('restarts the machine.'),
  halt: refuses('switches the machine off.'),
  poweroff: refuses('switches the machine off.'),
  init: refuses('changes how the machine runs.'),
  telinit: refuses('changes how the machine runs.'),
  systemctl,
  service: ({ argv }, inspection) => {
    if (!/^(?:status|)$/.test(argv[2]?.text ?? '') && argv[1]?.text !== '--status-all')
      inspection.ask('shell.system', 'service changes a service.')
  },
  launchctl: looksWith(/^(?:|list|print\S*|blame|help|version)$/, 'changes a service.'),
  supervisorctl: looksWith(/^(?:|status|tail|pid|help|version|avail)$/, 'changes a service.'),
  pm2: looksWith(
    /^(?:|list|ls|l|status|show|describe|logs|info|monit|jlist|prettylist)$/,
    'changes a service.',
    ['lines'],
  ),
  useradd: asksFor('changes who may log in.'),
  adduser: asksFor('changes who may log in.'),
  userdel: asksFor('changes who may log in.'),
  deluser: asksFor('changes who may log in.'),
  usermod: asksFor('changes who may log in.'),
  groupadd: asksFor('changes who may do what.'),
  groupdel: asksFor('changes who may do what.'),
  groupmod: asksFor('changes who may do what.'),
  gpasswd: asksFor('changes who may do what.'),
  passwd: asksFor('changes a password.'),
  chpasswd: asksFor('changes passwords.'),
  chage: asksFor('changes who may log in.'),
  chsh: asksFor('changes who may log in.'),
  vipw: asksFor('changes who may log in.'),
  visudo: asksFor('changes who may do what.'),
  dscl: asksFor('changes who may log in.'),
  mkfs: refuses('deletes a whole file system.'),
  newfs: refuses('deletes a whole file system.'),
  mke2fs: refuses('deletes a whole file system.'),
  diskutil: looksWith(/^(?:|list|info|activity|listFilesystems)$/, 'changes a disk.'),
  lvremove: refuses('deletes a volume.'),
  vgremove: refuses('deletes volumes.'),
  pvremove: refuses('deletes a volume.'),
  lvreduce: asksFor('makes a volume smaller.'),
  lvresize: asksFor('changes a volume.'),
  mdadm: looksWith(/^$/, 'changes an array of disks.'),
  zpool: looksWith(
    /^(?:|list|status|get|history|iostat|events|version)$/,
    'changes a pool of disks.',
  ),
  zfs: looksWith(/^(?:|list|get|version|diff|holds|userspace)$/, 'changes a file system.'),
  btrfs: ({ argv }, inspection) => {
    if (!/^(?:list|show|usage|df|stats|status|get)$/.test(argv[2]?.text ?? ''))
      inspection.ask('shell.system', 'btrfs changes a file system.')
  },
  cryptsetup: looksWith(/^(?:|status|luksDump|isLuks|benchmark)$/, 'changes an encrypted disk.'),
  swapoff: asksFor('changes the memory of the machine.'),
  mount,
  umount: asksFor('changes what the file system shows.'),
  insmod: asksFor('loads code into the kernel.'),
  modprobe: asksFor('loads code into the kernel.'),
  rmmod: asksFor('takes code out of the kernel.'),
  sysctl,
  iptables: firewall,
  ip6tables: firewall,
  nft: firewall,
  ufw: firewall,
  'firewall-cmd': firewall,
  pfctl: firewall,
  ip: ({ argv }, inspection) => {
    if (argv.some(({ text }) => /^(?:add|del|delete|set|flush|change|replace|exec)$/.test(text)))
      inspection.ask('shell.system', 'ip changes the network.')
  },
  ifconfig: looksWith(/^/, 'changes the network.'),
  route: looksWith(/^$/, 'changes the network.'),
  nmcli: ({ argv }, inspection) => {
    if (
      argv.some(({ text }) =>
        /^(?:add|delete|del|modify|up|down|off|on|connect|disconnect)$/.test(text),
      )
    )
      inspection.ask('shell.system', 'nmcli changes the network.')
  },
  setenforce: asksFor('changes what protects the machine.'),
  csrutil: asksFor('changes what protects the machine.'),
  spctl: asksFor('changes what protects the machine.'),
  setcap: asksFor('gives a program more rights.'),
  'update-rc.d': asksFor('changes what starts with the machine.'),
  chkconfig: asksFor('changes what starts with the machine.'),
  'update-alternatives': asksFor('changes which programs run.'),
  efibootmgr: asksFor('changes how the machine starts.'),
  'grub-install': asksFor('changes how the machine starts.'),
  nvram: asksFor('changes how the machine starts.'),
  date: clock,
  hwclock: clock,
  timedatectl: looksWith(/^(?:|status|show|list-timezones)$/, 'changes the clock.'),
  hostname: ({ argv }, inspection) => {
    if (argv.slice(1).some(({ text }) => !text.startsWith('-')))
      inspection.ask('shell.system', 'hostname changes the name of the machine.')
  },
  hostnamectl: looksWith(/^(?:|status)$/, 'changes the name of the machine.'),
  history: ({ argv }, inspection) => {
    if (argv.some(({ text }) => /^-\w*[cdw]/.test(text)))
      inspection.ask('shell.covers-tracks', 'history -c hides what was done.')
  },
  fc: asksFor('runs an old command again.'),
  printenv: printVariable,
  set: listVariables,
  export: listVariables,
  declare: listVariables,
  typeset: listVariables,
  enable: asksFor('changes which commands mean what.'),
  security: asksFor('reads or changes the keychain.'),
  'secret-tool': asksFor('reads or changes the keychain.'),
  keyctl: asksFor('reads or changes keys.'),
  pass: asksFor('prints passwords.'),
  gpg: ({ argv }, inspection) => {
    if (
      argv.some(({ text }) =>
        /^--(?:export-secret|delete|gen|edit-key|import|decrypt|passphrase|quick)|^-d$/.test(text),
      )
    )
      inspection.ask('shell.credential', 'gpg uses or changes keys.')
  },
  'ssh-keygen': asksFor('makes or changes keys.'),
  'ssh-add': ({ argv }, inspection) => {
    if (!argv.slice(1).every(({ text }) => /^-[lL]$/.test(text)) || argv.length === 1)
      inspection.ask('shell.credential', 'ssh-add changes the agent.')
  },
  'ssh-copy-id': asksFor('opens another machine.'),
  xclip: ({ argv }, inspection) => {
    if (argv.some(({ text }) => text.startsWith('-o')))
      inspection.ask('shell.credential', 'The clipboard may hold anything.')
  },
  pbpaste: asksFor('prints the clipboard, which may hold anything.'),
  screencapture: asksFor('records the screen.'),
  apt: systemPackages,
  'apt-get': systemPackages,
  'apt-cache': () => undefined,
  aptitude: systemPackages,
  dpkg: systemPackages,
  yum: systemPackages,
  dnf: systemPackages,
  rpm: systemPackages,
  zypper: systemPackages,
  pacman: systemPackages,
  apk: systemPackages,
  brew: systemPackages,
  port: systemPackages,
  snap: systemPackages,
  flatpak: systemPackages,
  nix: systemPackages,
  'nix-env': systemPackages,
  gem: systemPackages,
  conda: systemPackages,
  mamba: systemPackages,
  npm: javascriptPackages,
  pnpm: javascriptPackages,
  yarn: javascriptPackages,
  npx: runsPackage,
  bunx: runsPackage,
  pnpx: runsPackage,
  uvx: runsPackage,
  pipx: ({ argv, stdin }, inspection) => {
    if (argv[1]?.text === 'run') runPackage(argv.slice(2), stdin, inspection)
    else if (argv[1]?.text !== 'list')
      inspection.ask('shell.packages', 'pipx changes what is installed.')
  },
  pip,
  pip3: pip,
  uv: (command, inspection) =>
    pip(
      command.argv[1]?.text === 'pip'
        ? {
            ...command,
            argv: [
              command.argv[0] ?? { text: 'uv', known: true, glob: false },
              ...command.argv.slice(2),
            ],
          }
        : command,
      inspection,
    ),
  poetry: pip,
  pipenv: pip,
  rye: pip,
  make: buildTool(targets),
  gmake: buildTool(targets),
  just: buildTool(targets),
  task: buildTool(targets),
  rake: buildTool(targets),
  rails: buildTool(
    /^(?:db:(?:drop|reset|rollback|seed:replant|schema:load)|runner|r|credentials\S*|destroy)$/,
  ),
  cargo: buildTool(/^(?:publish|yank|owner|login|install|uninstall)$/),
  go: ({ argv }, inspection) => {
    const [verb, ...rest] = argv.slice(1).map(({ text }) => text)
    if (verb === 'run' && rest.some((text) => /@/.test(text)))
      inspection.ask('shell.foreign-code', 'go run fetches a program and runs it.')
    if (verb === 'install' && rest.some((text) => /@/.test(text)))
      inspection.ask('shell.packages', 'go install brings in code of others.')
    if (argv.some(({ text }) => /^-(?:exec|toolexec|vettool)(?:=|$)/.test(text)))
      inspection.ask('shell.option-runs', `go ${verb ?? ''} runs another program.`)
    if (verb === 'clean' && rest.some((text) => text.startsWith('-modcache')))
      inspection.ask('shell.packages', 'go clean -modcache deletes the cache.')
    if (verb === 'env' && rest.some((text) => /^-[wu]/.test(text)))
      inspection.ask('shell.environment', 'go env -w changes settings.')
  },
  mvn: buildTool(/^(?:deploy\S*|release:\S*|site-deploy|\S*:deploy)$/),
  gradle: buildTool(/^(?:publish\S*|upload\S*|release\S*)$/),
  gradlew: buildTool(/^(?:publish\S*|upload\S*|release\S*)$/),
  dotnet: buildTool(/^(?:nuget|publish|tool)$/),
  composer: buildTool(/^(?:global|require|remove|exec|config)$/),
  bundle: buildTool(/^(?:exec|add|remove|config)$/),
  mix: buildTool(/^(?:hex\.publish|ecto\.drop|ecto\.reset|archive\.install)$/),
  flyway: looksWith(/^(?:info|validate|version|help)$/, 'changes a database.'),
  liquibase: looksWith(/^(?:status|history|validate|diff|help)$/, 'changes a database.'),
  alembic: looksWith(/^(?:current|history|heads|show|branches|check)$/, 'changes a database.'),
  nginx: ({ argv }, inspection) => {
    if (argv.some(({ text }) => text.startsWith('-s'))) {
      inspection.ask('shell.system', 'nginx -s stops or reloads a service.')
    }
  },
  haproxy: ({ argv }, inspection) => {
    if (argv.some(({ text }) => /^-(?:sf|st|D)$/.test(text))) {
      inspection.ask('shell.system', 'haproxy stops or starts a service.')
    }
  },
  ps: ({ argv }, inspection) => {
    if (argv.slice(1).some(({ text }) => /^[a-z]*e[a-z]*$/.test(text))) {
      inspection.ask('shell.credential', 'ps e prints the variables of other processes.')
    }
  },
  'ansible-playbook': ({ argv }, inspection) => {
    if (
      !argv.some(({ text }) =>
        /^(?:-C|--check|--syntax-check|--list-\w+|--version|--help)$/.test(text),
      )
    ) {
      inspection.ask(
        'shell.infrastructure',
        'ansible-playbook changes other machines; try --check first.',
      )
    }
  },
  ansible: ({ argv }, inspection) => {
    const module = readOptions(argv.slice(1), ['m', 'module-name', 'a', 'args', 'i']).values(
      'm',
      'module-name',
    )[0]
    if (
      !/^(?:ping|setup|debug|gather_facts)$/.test(module?.text ?? '') &&
      !argv.some(({ text }) => /^--(?:list-hosts|version|check)$/.test(text))
    ) {
      inspection.ask('shell.infrastructure', 'ansible runs something on other machines.')
    }
  },
  pulumi: (command, inspection) => {
    if (/^(?:rm|delete|import|rename)$/.test(command.argv[2]?.text ?? '')) {
      inspection.ask('shell.infrastructure', 'pulumi changes a stack.')
    } else pulumi(command, inspection)
  },
  pg_dump: ({ argv }, inspection) => {
    const options = readOptions(argv.slice(1), ['f', 'file', 'h', 'p', 'U', 'd', 't', 'n', 'F'])
    if (options.has('c', 'clean'))
      inspection.ask(
        'shell.database',
        'pg_dump --clean writes statements that drop everything first.',
      )
  },
  tmux: asksFor('runs something in another terminal.'),
  screen: asksFor('runs something in another terminal.'),
  // Commands of Windows, for agents that drive cmd.exe or PowerShell through the same tool.
  del: asksFor('deletes files.'),
  erase: asksFor('deletes files.'),
  rd: asksFor('deletes folders.'),
  format: refuses('deletes a whole disk.'),
  diskpart: refuses('changes disks.'),
  cipher: asksFor('can overwrite a disk.'),
  vssadmin: asksFor('deletes backups.'),
  wbadmin: asksFor('changes backups.'),
  bcdedit: asksFor('changes how the machine starts.'),
  reg: looksWith(/^(?:|query)$/i, 'changes the registry.'),
  regedit: asksFor('changes the registry.'),
  net: looksWith(/^(?:|view|statistics|config|help)$/i, 'changes users or services.'),
  net1: looksWith(/^(?:|view|statistics|config|help)$/i, 'changes users or services.'),
  netsh: asksFor('changes the network.'),
  sc: looksWith(/^(?:|query\w*)$/i, 'changes a service.'),
  schtasks: asksFor('changes what runs later.'),
  taskkill: asksFor('ends processes.'),
  wmic: asksFor('changes or runs anything.'),
  icacls: asksFor('changes who may do what.'),
  takeown: asksFor('changes who owns a file.'),
  certutil: asksFor('downloads and decodes files.'),
  bitsadmin: asksFor('downloads files.'),
  mshta: asksFor('runs code of a page.'),
  rundll32: asksFor('runs code of a library.'),
  regsvr32: asksFor('runs code of a library.'),
  wscript: asksFor('runs a script.'),
  cscript: asksFor('runs a script.'),
  cmd: asksFor('runs commands that are not looked into.'),
  dropdb: asksFor('deletes a database.'),
  createdb: asksFor('creates a database.'),
  dropuser: asksFor('deletes a user.'),
  createuser: asksFor('creates a user.'),
  pg_restore: asksFor('overwrites a database.'),
  mongorestore: asksFor('overwrites a database.'),
  mysqladmin: looksWith(
    /^(?:|status|ping|version|variables|processlist|extended-status)$/,
    'changes a database.',
    ['u', 'h', 'P', 'S'],
  ),
  mysqlimport: asksFor('changes a database.'),
}
