/**
 * The decisions of a limit store as Redis scripts, one each: what a script does, nobody sees half done. They decide as
 * the ledger in core does, in microseconds of Redis's own clock; the conformance suite holds the two together.
 *
 * All keys of a script carry the same hash tag, so that a cluster runs it on one node.
 */
const clock = `
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local function whole(number) return string.format('%.0f', number) end
-- When the last member of a sorted set ends.
local function last(key)
  local member = redis.call('ZRANGE', key, -1, -1, 'WITHSCORES')
  return tonumber(member[2] or 0)
end
local function expire(key, at) redis.call('PEXPIREAT', key, whole(at / 1000 + 1)) end
`

/** Reads budgets: what was spent in this period, and what is reserved for longer than now. */
const accounts = `
-- Rows of a budget: a hash with period and spent, and a sorted set of reservations, 'amount:id' by their end.
local function account(claim, sums, open)
  local period = claim.period and math.floor(now / claim.period) or 0
  local row = redis.call('HMGET', sums, 'period', 'spent', 'reserved')
  local spent = tonumber(row[2] or 0)
  local reserved = tonumber(row[3] or 0)
  if row[1] and tonumber(row[1]) ~= period then spent = 0 end
  local ended = redis.call('ZRANGEBYSCORE', open, '-inf', whole(now))
  if #ended > 0 then
    for _, member in ipairs(ended) do
      reserved = reserved - tonumber(string.match(member, '^(%d+):'))
      redis.call('ZREM', open, member)
    end
    redis.call('HSET', sums, 'reserved', whole(reserved))
  end
  return { period = period, spent = spent, reserved = reserved }
end
local function keep(claim, sums, open, row)
  redis.call('HSET', sums, 'period', whole(row.period), 'spent', whole(row.spent), 'reserved', whole(row.reserved))
  -- Both go together, or neither: a budget with neither of them is never forgotten.
  local ends = claim.period and (row.period + 1) * claim.period or claim.keep and now + claim.keep
  if ends then
    ends = math.max(ends, last(open))
    expire(sums, ends)
    expire(open, ends)
  end
end
local function reserve(claim, sums, open, row, id, until_)
  local member = whole(claim.amount) .. ':' .. id
  if redis.call('ZADD', open, whole(until_), member) == 1 then row.reserved = row.reserved + claim.amount end
  keep(claim, sums, open, row)
end
`

const rates = `
-- In quarters of a microsecond, which a time of today holds exactly.
local function length(claim, cost) return math.floor(cost * claim.period / claim.limit * 4) / 4 end
local function arrival(key) return math.max(tonumber(redis.call('GET', key) or now), now) end
local function setArrival(key, at)
  if at <= now then redis.call('DEL', key) else
    redis.call('SET', key, string.format('%.2f', at), 'PXAT', whole(at / 1000 + 1))
  end
end
`

/**
 * KEYS: of the circuit, two of each budget, one of each slot claim, one of each rate, in the order of the request.
 * ARGV: the request. Answers {1, probe, failures}, or {0, by, index, wait in microseconds; -1 for ever}, and of a
 * budget what is spent and reserved.
 */
export const admitScript: string = `${clock}${accounts}${rates}
local request = cjson.decode(ARGV[1])
local id = request.id
local until_ = now + request.lease
local at = 0
local function key() at = at + 1 return KEYS[at] end

local circuit = request.circuit and key()
local probe, failures = 0, 0
if circuit then
  local row = redis.call('HMGET', circuit, 'openUntil', 'probeUntil', 'failures')
  failures = tonumber(row[3] or 0)
  if row[1] then
    local openUntil, probeUntil = tonumber(row[1]), tonumber(row[2] or 0)
    if now < openUntil then return {0, 'circuit', 0, whole(openUntil - now)} end
    if now < probeUntil then return {0, 'circuit', 0, whole(math.min(probeUntil - now, 1000000))} end
    probe = 1
  end
end

local books = {}
for index, claim in ipairs(request.budgets) do
  local sums, open = key(), key()
  local row = account(claim, sums, open)
  if row.spent + row.reserved + claim.amount > claim.max then
    local wait = claim.period and whole(claim.period - now % claim.period) or '-1'
    return {0, 'budget', index - 1, wait, whole(row.spent + row.reserved)}
  end
  books[index] = {sums, open, row}
end

local slots = {}
for index, claim in ipairs(request.slots) do
  local leases = key()
  redis.call('ZREMRANGEBYSCORE', leases, '-inf', whole(now))
  if redis.call('ZCARD', leases) >= claim.max then
    local first = redis.call('ZRANGE', leases, 0, 0, 'WITHSCORES')
    return {0, 'concurrency', index - 1, whole((first[2] or now) - now)}
  end
  slots[index] = leases
end

local cells = {}
local wait, slowest = 0, 0
for index, claim in ipairs(request.rates) do
  local cell = key()
  local due = arrival(cell)
  local left = due + length(claim, math.min(claim.cost, claim.burst)) - length(claim, claim.burst) - now
  if left > wait then wait, slowest = left, index end
  cells[index] = {cell, due}
end
if wait > 0 then return {0, 'rate', slowest - 1, whole(math.ceil(wait))} end

if probe == 1 then redis.call('HSET', circuit, 'probe', id, 'probeUntil', whole(until_)) end
for index, claim in ipairs(request.budgets) do
  local book = books[index]
  reserve(claim, book[1], book[2], book[3], id, until_)
end
for index, claim in ipairs(request.slots) do
  redis.call('ZADD', slots[index], whole(until_), id)
  expire(slots[index], last(slots[index]))
end
for index, claim in ipairs(request.rates) do
  setArrival(cells[index][1], cells[index][2] + length(claim, claim.cost))
end
return {1, probe, failures}
`

/**
 * KEYS: of the batch, then as above without circuits, settlement by settlement. ARGV: how long the batch is remembered,
 * the settlements. A batch that came before, because its answer was lost, is not counted again.
 */
export const settleScript: string = `${clock}${accounts}${rates}
if not redis.call('SET', KEYS[1], '1', 'NX', 'PX', ARGV[1]) then return 0 end
local at = 1
local function key() at = at + 1 return KEYS[at] end
for _, settlement in ipairs(cjson.decode(ARGV[2])) do
  for _, claim in ipairs(settlement.budgets) do
    local sums, open = key(), key()
    local row = account(claim, sums, open)
    if redis.call('ZREM', open, whole(claim.amount) .. ':' .. settlement.id) == 1 then
      row.reserved = row.reserved - claim.amount
    end
    -- Also where the reservation has expired: what was spent was spent.
    row.spent = row.spent + claim.used
    keep(claim, sums, open, row)
  end
  for _ in ipairs(settlement.slots) do redis.call('ZREM', key(), settlement.id) end
  for _, claim in ipairs(settlement.rates) do
    local cell = key()
    if claim.used ~= claim.cost then setArrival(cell, arrival(cell) + length(claim, claim.used - claim.cost)) end
  end
end
return 1
`

/** KEYS: of the circuit, two of each budget, one of each slot claim, holding by holding. ARGV: the holdings. */
export const renewScript: string = `${clock}${accounts}
local at = 0
local function key() at = at + 1 return KEYS[at] end
for _, holding in ipairs(cjson.decode(ARGV[1])) do
  local until_ = now + holding.lease
  local circuit = holding.circuit and key()
  if circuit and redis.call('HGET', circuit, 'probe') == holding.id then
    redis.call('HSET', circuit, 'probeUntil', whole(until_))
  end
  for _, claim in ipairs(holding.budgets) do
    local sums, open = key(), key()
    reserve(claim, sums, open, account(claim, sums, open), holding.id, until_)
  end
  for _ in ipairs(holding.slots) do
    local leases = key()
    redis.call('ZADD', leases, whole(until_), holding.id)
    expire(leases, last(leases))
  end
end
return 1
`

/**
 * KEYS: of the circuit. ARGV: request, 'failed' or 'succeeded', failures in a row that open it, first and longest time
 * that it stays open, how long it is remembered. Answers 1 where this opened it.
 */
export const circuitScript: string = `${clock}
local id, how = ARGV[1], ARGV[2]
local row = redis.call('HMGET', KEYS[1], 'openUntil', 'openFor', 'probe', 'failures')
if how == 'succeeded' then
  if not row[1] or row[3] == id then redis.call('DEL', KEYS[1]) end
  return 0
end
local opened = 0
if row[1] then
  if row[3] ~= id then return 0 end
  local longer = math.min(row[2] * 2, tonumber(ARGV[5]))
  redis.call('HDEL', KEYS[1], 'probe', 'probeUntil')
  redis.call('HSET', KEYS[1], 'openUntil', whole(now + longer), 'openFor', whole(longer))
else
  local failures = redis.call('HINCRBY', KEYS[1], 'failures', 1)
  if failures >= tonumber(ARGV[3]) then
    redis.call('HSET', KEYS[1], 'openUntil', whole(now + ARGV[4]), 'openFor', ARGV[4])
    opened = 1
  end
end
redis.call('PEXPIRE', KEYS[1], ARGV[6])
return opened
`
