import {
  type EffectiveCommand,
  firstText,
  type Inspection,
  readOptions,
  type Rule,
} from './command.ts'
import { placeOf } from './place.ts'
import { byVerbs, checkTexts, isReadingVerb } from './verbs.ts'
import { type Argument, literal } from './word.ts'

const dry = /^--(?:dry-run(?:=(?:client|server|true))?|dryrun|what-if|whatif)$/

const kubectl: Rule = ({ argv, stdin }, inspection) => {
  const dashes = argv.findIndex(({ text }) => text === '--')
  const own = argv.slice(1, dashes < 0 ? undefined : dashes)
  const options = readOptions(own, [
    'n',
    'namespace',
    'context',
    'cluster',
    'kubeconfig',
    'l',
    'selector',
    'o',
    'output',
    'f',
    'filename',
    'c',
    'container',
    'k',
    'server',
    's',
    'token',
    'user',
    'as',
    'as-group',
    'tail',
    'since',
    'field-selector',
    'sort-by',
    'replicas',
    'image',
    'timeout',
    'p',
    'patch',
    'type',
    'v',
    'request-timeout',
    'overrides',
  ])
  const [verb, kind, ...rest] = options.operands.map(({ text }) => text)
  if (verb === undefined) return
  if (options.has('as', 'as-group'))
    inspection.ask('shell.privilege', `${firstText(argv)} acts as somebody else.`)
  if (verb === 'exec' || verb === 'debug' || verb === 'run') {
    const inner = dashes < 0 ? options.operands.slice(2) : argv.slice(dashes + 1)
    if (inner.length > 0) inspection.command(inner, stdin)
    if (verb !== 'exec' || inner.length === 0)
      inspection.ask('shell.cluster', `${firstText(argv)} ${verb} starts something in the cluster.`)
    if (options.has('overrides', 'privileged'))
      inspection.ask('shell.privilege', 'The container gets more rights than usual.')
    return
  }
  if (/^(?:get|describe)$/.test(verb)) {
    const wanted = [kind ?? '', ...rest].join(' ')
    if (
      /\bsecrets?\b|\ball\b.*\bsecret/i.test(wanted) &&
      verb === 'get' &&
      options.values('o', 'output').some(({ text }) => !/^(?:wide|name)$/.test(text))
    ) {
      inspection.ask('shell.credential', 'The secret is printed.')
    }
    return
  }
  if (
    verb === 'config' &&
    /^(?:view|get-contexts|current-context|get-clusters|get-users)$/.test(kind ?? '')
  ) {
    if (options.has('raw'))
      inspection.ask('shell.credential', 'kubectl config view --raw prints keys.')
    return
  }
  if (verb === 'rollout' && /^(?:status|history)$/.test(kind ?? '')) return
  if (verb === 'auth' && /^(?:can-i|whoami)$/.test(kind ?? '')) return
  if (
    /^(?:logs|top|explain|version|api-resources|api-versions|cluster-info|diff|wait|events|completion|options|help|kustomize|plugin)$/.test(
      verb,
    )
  )
    return
  if (own.some(({ text }) => dry.test(text)) && verb !== 'delete') return
  if (own.some(({ text }) => dry.test(text))) return
  inspection.ask(
    'shell.cluster',
    `${firstText(argv)} ${verb} changes the cluster; try --dry-run first.`,
  )
}

const docker: Rule = ({ argv, stdin }, inspection) => {
  const name = firstText(argv)
  const global = readOptions(
    argv.slice(1),
    [
      'H',
      'host',
      'c',
      'context',
      'config',
      'l',
      'log-level',
      'f',
      'file',
      'p',
      'project-name',
      'env-file',
      'profile',
      'project-directory',
    ],
    { stopAtOperand: true },
  )
  if (global.has('H', 'host')) inspection.ask('shell.remote', `${name} talks to another machine.`)
  let [verb, ...args] = global.operands
  if (verb?.text === 'container' || verb?.text === 'image' || verb?.text === 'compose') {
    const group = verb.text
    const inner = readOptions(
      args,
      ['f', 'file', 'p', 'project-name', 'env-file', 'profile', 'project-directory'],
      { stopAtOperand: true },
    )
    ;[verb, ...args] = inner.operands
    if (group === 'compose' && verb !== undefined) {
      const options = readOptions(args, ['t', 'timeout'])
      if (verb.text === 'down' && options.has('v', 'volumes', 'rmi'))
        inspection.ask('shell.container', 'compose down -v deletes volumes.')
      if (/^(?:rm|kill)$/.test(verb.text))
        inspection.ask('shell.container', `compose ${verb.text} stops or deletes containers.`)
      if (/^(?:exec|run)$/.test(verb.text)) runs(args, 1, stdin, inspection)
      return
    }
    if (
      /^(?:rm|prune|kill)$/.test(verb?.text ?? '') ||
      (group === 'image' && verb?.text === 'remove')
    ) {
      inspection.ask(
        'shell.container',
        `${name} ${group} ${verb?.text ?? ''} deletes or stops something.`,
      )
      return
    }
  }
  if (verb === undefined) return
  const options = readOptions(
    args,
    [
      ...'abcehlmpuvw'.split(''),
      'name',
      'entrypoint',
      'env',
      'volume',
      'mount',
      'network',
      'net',
      'pid',
      'ipc',
      'uts',
      'userns',
      'user',
      'workdir',
      'publish',
      'cap-add',
      'device',
      'security-opt',
      'env-file',
      'memory',
      'cpus',
      'platform',
      'label',
      'add-host',
      'hostname',
      'restart',
      'volumes-from',
      'tail',
      'since',
      'filter',
      'format',
      'f',
    ].filter((value) => value !== 'f' || verb?.text === 'build' || verb?.text === 'ps'),
    { stopAtOperand: true },
  )
  switch (verb.text) {
    case 'run':
    case 'create':
    case 'exec': {
      const mounts = [...options.values('v', 'volume'), ...options.values('mount')].map(
        ({ text }) => /(?:^|,)(?:src|source)=([^,]+)/.exec(text)?.[1] ?? text.split(':')[0] ?? '',
      )
      if (
        options.has('privileged', 'cap-add', 'device', 'security-opt', 'volumes-from') ||
        options
          .values('pid', 'ipc', 'uts', 'userns', 'network', 'net')
          .some(({ text }) => text === 'host')
      ) {
        inspection.ask('shell.privilege', `${name} gives the container the machine.`)
      }
      for (const mount of mounts) {
        if (
          /docker\.sock|containerd\.sock/.test(mount) ||
          ['root', 'home', 'system', 'credential', 'device'].includes(placeOf(mount))
        ) {
          inspection.ask('shell.privilege', `${name} gives the container ${mount}.`)
        }
      }
      for (const entry of options.values('entrypoint'))
        inspection.command([entry, ...options.operands.slice(1)], stdin)
      const inner = options.operands.slice(1)
      if (inner.length > 0) inspection.command(inner, stdin)
      return
    }
    case 'rm':
    case 'rmi':
      inspection.ask('shell.container', `${name} ${verb.text} deletes containers or images.`)
      return
    case 'kill':
    case 'stop':
    case 'restart':
    case 'pause':
      inspection.ask('shell.container', `${name} ${verb.text} stops what others may use.`)
      return
    case 'system':
    case 'volume':
    case 'network':
    case 'builder':
    case 'buildx':
    case 'context':
    case 'swarm':
    case 'node':
    case 'service':
    case 'stack':
    case 'secret':
    case 'config':
    case 'plugin':
    case 'machine':
    case 'manifest':
    case 'trust': {
      const [sub] = options.operands
      if (
        sub !== undefined &&
        !/^(?:ls|list|inspect|df|info|events|ps|create|show|build|bake|version|logs|du|use|services)$/.test(
          sub.text,
        )
      ) {
        inspection.ask(
          'shell.container',
          `${name} ${verb.text} ${sub.text} changes what others may use.`,
        )
      }
      return
    }
    case 'push':
    case 'login':
    case 'commit':
    case 'import':
    case 'load':
    case 'update':
    case 'rename':
      inspection.ask('shell.container', `${name} ${verb.text} changes or publishes something.`)
      return
    case 'cp': {
      const target = options.operands.at(-1)
      if (
        target !== undefined &&
        !target.text.includes(':') &&
        !['project', 'temporary'].includes(placeOf(target.text))
      )
        inspection.ask('shell.protected-path', `${name} cp writes to ${target.text}.`)
      return
    }
    default:
  }
}

function runs(
  args: readonly Argument[],
  skip: number,
  stdin: EffectiveCommand['stdin'],
  inspection: Inspection,
): void {
  const inner = readOptions(
    args,
    [
      'e',
      'env',
      'u',
      'user',
      'w',
      'workdir',
      'entrypoint',
      'v',
      'volume',
      'name',
      'p',
      'publish',
      'index',
    ],
    { stopAtOperand: true },
  ).operands.slice(skip)
  if (inner.length > 0) inspection.command(inner, stdin)
}

const terraform: Rule = ({ argv }, inspection) => {
  const operands = argv
    .slice(1)
    .filter(({ text }) => !text.startsWith('-'))
    .map(({ text }) => text)
  const [verb, sub] = operands
  if (verb === undefined || argv.some(({ text }) => /^-{1,2}(?:help|version)$/.test(text))) return
  const looks =
    /^(?:plan|validate|fmt|show|output|init|providers|graph|version|get|console|test|metadata|help|hclfmt|render-json)$/
  if (looks.test(verb)) return
  if (verb === 'state' && /^(?:list|show|pull)$/.test(sub ?? '')) return
  if (verb === 'workspace' && /^(?:list|show|select|new)$/.test(sub ?? '')) return
  inspection.ask(
    'shell.infrastructure',
    `${firstText(argv)} ${verb} changes real infrastructure; show the plan first.`,
  )
}

const cloud: Rule = (command, inspection) => {
  const { argv } = command
  const args = argv.slice(1)
  const name = firstText(argv)
  if (args.some(({ text }) => dry.test(text) || /^(?:help|--help|--version)$/.test(text))) return
  const words = readOptions(args, [
    'region',
    'profile',
    'output',
    'query',
    'endpoint-url',
    'project',
    'account',
    'format',
    'g',
    'resource-group',
    'n',
    'name',
    'zone',
    'subscription',
    'o',
    'filter',
    'configuration',
  ]).operands
  checkTexts(args, inspection)
  // `aws logs delete-log-group`: the first word names a service, not what is done.
  const grouped = !/^(?:gsutil|bq)$/.test(name)
  if (name === 'gsutil' && args.some(({ text }) => text === '-d'))
    inspection.ask('shell.sync-delete', 'gsutil rsync -d deletes what the source lacks.')
  if (words.some(({ text }) => /secret_access_key|session_token/.test(text)))
    inspection.ask('shell.credential', `${name} prints a key.`)
  for (const [index, { text, known }] of words.slice(0, 5).entries()) {
    if (!known) break
    if (
      /^(?:(?:get|assume)-(?:session-token|federation-token|login-password|role\S*)|assume-role\S*|(?:print|get)-access-token|print-identity-token|decrypt|export-credentials|get-authorization-token|get-credentials)$/.test(
        text,
      )
    ) {
      inspection.ask('shell.credential', `${name} ${text} prints a key.`)
      return
    }
    if (index === 0 && grouped) continue
    if (
      isReadingVerb(text) ||
      /^(?:cp|wait|configure|tail|presign|login|sso|init|version|config|head-\w+|batch-get-\w+|filter-log-events|ls)$/.test(
        text,
      )
    ) {
      if (/^(?:cp|sync|mv)$/.test(text)) checkCloudCopy(words, inspection)
      return
    }
    if (text === 'sync' && name === 'aws' && !args.some((argument) => argument.text === '--delete'))
      return
    if (isWriting(text)) {
      inspection.ask('shell.cloud', `${name} ${text} changes something in the cloud.`)
      return
    }
  }
}

function isWriting(word: string): boolean {
  return /^(?:create|delete|update|put|set|add|remove|start|stop|restart|reboot|reset|rm|rb|mb|mv|sync|deploy|apply|enable|disable|import|export|patch|ssh|scp|run|exec|execute|purge|revoke|grant|undelete|invoke|call|resize|destroy|drain|move|migrate|promote|failover|rotate|signed-url|publish|send|clear|release|abandon|detach|attach|abort|cancel|terminate|modify|register|deregister|authorize|associate|disassociate|change|copy|restore|schedule|unsubscribe|subscribe|tag|untag|upload|write|reboot|replace|reject|accept|admin|confirm|complete|batch-delete|batch-write|batch-put|transact)(?:-|$)/.test(
    word,
  )
}

function checkCloudCopy(words: readonly Argument[], inspection: Inspection): void {
  for (const { text, known } of words) {
    if (!known) inspection.ask('shell.unresolved', `What is copied depends on ${text}.`)
  }
}

const github: Rule = (command, inspection) => {
  const { argv } = command
  const options = readOptions(argv.slice(1), [
    'R',
    'repo',
    'X',
    'method',
    'f',
    'F',
    'raw-field',
    'field',
    'H',
    'header',
    'q',
    'jq',
    't',
    'template',
    'input',
    'hostname',
    'b',
    'body',
    'title',
    'L',
    'limit',
    'json',
    's',
    'state',
    'l',
    'label',
    'B',
    'base',
    'head',
  ])
  const [group, verb] = options.operands.map(({ text }) => text)
  if (group === 'api') {
    const method =
      options.values('X', 'method')[0]?.text.toUpperCase() ??
      (options.has('f', 'F', 'raw-field', 'field', 'input') ? 'POST' : 'GET')
    const query = options.operands.some(({ text }) => text === 'graphql')
    const mutates = argv.some(({ text }) => /\bmutation\b/.test(text))
    if (method !== 'GET' && (!query || mutates))
      inspection.ask('shell.http-write', `${firstText(argv)} api ${method} changes something.`)
    return
  }
  if (group === 'auth' && verb !== 'status')
    inspection.ask('shell.credential', `${firstText(argv)} auth ${verb ?? ''} handles keys.`)
  else if (
    /^(?:delete|archive|unarchive|rename|transfer|merge|close|lock|disable|remove|revoke|set|edit|cancel|unlink|upload|rerun|enable|sync|ready|lock|pin|unpin|restore|fork|add|import|exec|deploy-key|reopen|clear|run|dispatch|delete-asset)$/.test(
      verb ?? '',
    ) &&
    /^(?:repo|secret|variable|ssh-key|gpg-key|release|gist|issue|pr|run|workflow|cache|codespace|label|project|extension|ruleset|alias|config|org|cs|mr|ci|deploy-key|token|runner|cluster|schedule)$/.test(
      group ?? '',
    )
  ) {
    inspection.ask(
      'shell.forge',
      `${firstText(argv)} ${group ?? ''} ${verb ?? ''} changes what others see or use.`,
    )
  }
}

const helm: Rule = (command, inspection) => {
  const args = command.argv.slice(1)
  const verb = firstText(args.filter(({ text }) => !text.startsWith('-')))
  if (args.some(({ text }) => dry.test(text))) return
  if (/^(?:install|upgrade|uninstall|delete|del|un|rollback|push|test)$/.test(verb)) {
    inspection.ask('shell.cluster', `helm ${verb} changes the cluster.`)
  }
}

// Options that carry SQL, by client.
const sqlOptions: Readonly<Record<string, readonly string[]>> = {
  psql: ['c', 'command'],
  mysql: ['e', 'execute'],
  mariadb: ['e', 'execute'],
  sqlcmd: ['Q', 'q'],
  'clickhouse-client': ['q', 'query'],
  cqlsh: ['e', 'execute'],
  snowsql: ['q', 'query'],
  cockroach: ['e', 'execute'],
  trino: ['execute'],
  presto: ['execute'],
  usql: ['c', 'command'],
}

/** Commands of psql itself that describe what is there. */
const looksOnly = /^\s*\\(?:d\w*\+?|l\+?|z|conninfo|encoding|timing)(?:\s+[\w.*"]{1,100})?\s*;?\s*$/

const sqlClient: Rule = ({ argv, stdin }, inspection) => {
  const name = firstText(argv)
  const statementOptions = sqlOptions[name] ?? ['c', 'e', 'q']
  const options = readOptions(argv.slice(1), [
    ...statementOptions,
    ...'hpUuDdPfvFRoLS'
      .split('')
      .filter(
        (letter) =>
          !statementOptions.includes(letter) &&
          !(letter === 'p' && /^(?:mysql|mariadb)$/.test(name)),
      ),
    'host',
    'port',
    'username',
    'user',
    'dbname',
    'database',
    'file',
    'output',
    'set',
    'variable',
    'password',
  ])
  for (const statement of options.values(...statementOptions)) {
    if (!statement.known)
      inspection.ask('shell.unresolved', 'The statement is only known when it runs.')
    else if (!looksOnly.test(statement.text)) inspection.sql(statement.text)
  }
  if (options.has('f', 'file') && name !== 'mysql')
    inspection.ask('shell.database', `${name} runs a file of statements.`)
  if (stdin.kind === 'text') inspection.sql(stdin.text)
  else if (stdin.kind === 'unknown')
    inspection.ask('shell.database', `${name} runs whatever its input says.`)
}

const sqlite: Rule = ({ argv, stdin }, inspection) => {
  const options = readOptions(
    argv
      .slice(1)
      .map((argument) =>
        /^-[a-z]{2,}/.test(argument.text) ? { ...argument, text: `-${argument.text}` } : argument,
      ),
    ['cmd', 'init', 'separator', 'nullvalue', 'newline'],
  )
  if (options.has('init'))
    inspection.ask('shell.database', 'sqlite3 -init runs a file of commands.')
  const statements = [...options.operands.slice(1), ...options.values('cmd')]
  for (const { text, known } of [
    ...statements,
    ...(stdin.kind === 'text' ? [literal(stdin.text)] : []),
  ]) {
    if (!known) inspection.ask('shell.unresolved', 'The statement is only known when it runs.')
    for (const line of text.split('\n')) {
      const dot = /^\s*\.(\w+)/.exec(line)?.[1]
      if (dot === undefined) continue
      if (
        !/^(?:sc(?:hema)?|ta(?:bles)?|databases|indexes|indices|dump|headers?|mode|help|show|stats|width|fullschema|nullvalue|separator|timer|eqp|explain|changes|quit|exit|version|dbinfo)$/.test(
          dot,
        )
      ) {
        inspection.ask('shell.database', `.${dot} of sqlite3 reads, writes or runs something else.`)
      }
    }
    const sql = text
      .split('\n')
      .filter((line) => !/^\s*\./.test(line))
      .join('\n')
    if (sql.trim() !== '') inspection.sql(sql)
  }
  if (stdin.kind === 'unknown')
    inspection.ask('shell.database', 'sqlite3 runs whatever its input says.')
}

const redis: Rule = ({ argv, stdin }, inspection) => {
  const options = readOptions(
    argv.slice(1),
    ['h', 'p', 'a', 'n', 'u', 's', 'user', 'pass', 'i', 'r'],
    { stopAtOperand: true },
  )
  if (options.has('eval')) inspection.ask('shell.database', 'redis-cli --eval runs a script.')
  const verb = firstText(options.operands).toLowerCase()
  const sub = (options.operands[1]?.text ?? '').toLowerCase()
  const reads =
    /^(?:|get|mget|exists|ttl|pttl|type|keys|scan|sscan|hscan|zscan|hget|hgetall|hmget|hkeys|hvals|hlen|llen|lrange|lindex|smembers|scard|sismember|zrange|zcard|zscore|strlen|getrange|info|ping|dbsize|time|lastsave|echo|memory|object|xlen|xrange|xread|xinfo|pubsub|randomkey|help|command|latency|slowlog|role|select)$/
  if (
    !reads.test(verb) &&
    !(verb === 'config' && sub === 'get') &&
    !(verb === 'client' && /^(?:list|info|id|getname)$/.test(sub)) &&
    !(verb === 'cluster' && /^(?:info|nodes|slots|shards)$/.test(sub))
  ) {
    inspection.ask('shell.database', `redis-cli ${verb} changes or deletes something.`)
  }
  if (stdin.kind !== 'none')
    inspection.ask('shell.database', 'redis-cli runs whatever its input says.')
}

const mongo: Rule = ({ argv, stdin }, inspection) => {
  const options = readOptions(argv.slice(1), [
    'eval',
    'host',
    'port',
    'u',
    'p',
    'f',
    'file',
    'username',
    'password',
  ])
  for (const { text, known } of options.values('eval')) {
    const looks =
      /^[\w.\s()"'{}[\]:,$-]*$/.test(text) &&
      !/\$(?:where|function|out|merge|accumulator)\b/.test(text) &&
      (text.match(/\.(\w+)\s*\(/g) ?? []).every((call) =>
        /\.(?:find|findOne|count|countDocuments|estimatedDocumentCount|distinct|aggregate|getCollectionNames|getCollection|getSiblingDB|limit|sort|skip|pretty|toArray|stats|explain|getIndexes|getName|status|serverStatus|listCollections|version|hello|forEach|project|map)\s*\(/.test(
          call,
        ),
      ) &&
      !/\.forEach\s*\(\s*[^\s"')]*(?:=>|function)/.test(text)
    if (!known || !looks)
      inspection.ask('shell.database', 'The mongo script changes something, or could.')
  }
  if (options.has('f', 'file') || options.operands.some(({ text }) => text.endsWith('.js')))
    inspection.ask('shell.database', 'mongo runs a script.')
  if (stdin.kind !== 'none') inspection.ask('shell.database', 'mongo runs whatever its input says.')
}

const rclone: Rule = (command, inspection) => {
  const args = command.argv.slice(1)
  if (args.some(({ text }) => dry.test(text) || text === '-n' || text === '--interactive')) return
  const verb = firstText(
    readOptions(args, [
      'config',
      'transfers',
      'checkers',
      'exclude',
      'include',
      'filter',
      'bwlimit',
    ]).operands,
  )
  if (
    /^(?:serve|mount|config|rcd?|link|dedupe|cleanup|bisync|moveto|settier|authorize|obscure|nfsmount|selfupdate|backend|touch|rcat)$/.test(
      verb,
    )
  )
    inspection.ask('shell.copy-out', `rclone ${verb} changes something or opens it to others.`)
  else byVerbs(command, inspection)
}

/** The rules of clients of clusters, clouds, forges and databases. */
export const serviceRules: Readonly<Record<string, Rule>> = {
  kubectl,
  oc: kubectl,
  k: kubectl,
  docker,
  podman: docker,
  nerdctl: docker,
  'docker-compose': (command, inspection) =>
    inspection.command(
      [literal('docker'), literal('compose'), ...command.argv.slice(1)],
      command.stdin,
    ),
  terraform,
  tofu: terraform,
  terragrunt: terraform,
  aws: cloud,
  gcloud: cloud,
  gsutil: cloud,
  bq: cloud,
  az: cloud,
  oci: cloud,
  aliyun: cloud,
  ibmcloud: cloud,
  doctl: cloud,
  hcloud: cloud,
  linode: cloud,
  gh: github,
  glab: github,
  hub: github,
  helm,
  psql: sqlClient,
  mysql: sqlClient,
  mariadb: sqlClient,
  sqlcmd: sqlClient,
  'clickhouse-client': sqlClient,
  cqlsh: sqlClient,
  snowsql: sqlClient,
  cockroach: sqlClient,
  trino: sqlClient,
  presto: sqlClient,
  usql: sqlClient,
  sqlite3: sqlite,
  sqlite: sqlite,
  duckdb: sqlite,
  'redis-cli': redis,
  'valkey-cli': redis,
  'keydb-cli': redis,
  mongosh: mongo,
  mongo,
  rclone,
}
