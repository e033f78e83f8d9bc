/*
 * The model of the stage: what the events said (EVENTS.md), and what was at a moment.
 */
'use strict';

const TICK = 1e-6;
const STALL_MS = 120;     // without a byte; bytes are told every 50 ms
const UNDECIDED_MS = 200; // a wait that began so shortly before the end says nothing
/* The states that a group is told in, and the words for them; in the order of a drawing. */
const GROUP_PARTS = ['waiting', 'connected', 'connecting', 'ended', 'left'];
const GROUP_WORDS = ['wait', 'connected', 'connecting', 'ended', 'left'];

const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);

/*
 * What all have in common; it is for tests and for the curious, too.
 *     model            what the events said; null before the first scene
 *     view             the cursor: time in ms, running, following (live), speed, and calls:
 *                      the lane whose calls are open, or null
 *     longestFrameMs   the most time that a frame took, with the events taken in before it
 *     state            'idle', 'playing' (the scene's end has not come) or 'over'
 *     scene            the name of the scene, or null
 *     span             the length of the time axis, in ms
 *     waits(client)    {lane: ms}: the longest wait; null if an answer never came
 *     seek(ms)         pauses and moves the cursor
 */
const stage = {
    model: null,
    view: {time: 0, running: false, following: false, speed: 1, calls: null},
    longestFrameMs: 0,
    get state() { return !this.model ? 'idle' : this.model.end ? 'over' : 'playing'; },
    get scene() { return this.model ? this.model.scene.name : null; },
    get span() { return this.model ? spanOf(this.model) : 0; },
    waits,
};
window.stage = stage;

/* ---- the model ---- */

function newModel(scene) {
    const model = {scene, lanes: [], acts: [], moments: [], momentsSorted: true, newest: 0,
        table: null, conclusion: null, checks: [], load: null, end: null, signs: new Set()};
    for (const {name, command} of scene.lanes)
        model.lanes.push({name, command, newest: 0, server: [], says: [], sizes: [],
            samples: [], rows: scene.clients.map(newRow), log: [], logSorted: true,
            actsSeen: new Map()});
    return model;
}

/* A client, or a group. `states` has an entry for each change and each mark: `line` is what
   the client is from then on, `mark` what happened at that moment. One that waits but hears
   bytes all the time, as it sends and hears many messages, is "busy", up to `until`. */
function newRow({name, count}) {
    return {name, isGroup: count !== 1, states: [], counts: [], heard: 0, answers: 0,
        longest: null, askedAt: null, overAt: null, isSilent: false};
}

function rowOf(lane, name) {
    let row = lane.rows.find((one) => one.name === name);
    if (!row)
        lane.rows.push(row = newRow({name, count: 1}));
    return row;
}

function addState(row, t, line, mark, event) {
    row.states.push({t, line, mark, text: event.text, ms: event.ms, answers: row.answers});
}

function markBusy(model, row, from, until) {
    const last = row.states[row.states.length - 1];
    if (last?.line === 'busy')
        last.until = until;
    else if (last?.line === 'waiting' && from - last.t < STALL_MS)
        Object.assign(last, {line: 'busy', until});
    else if (last?.line === 'waiting')
        row.states.push({...last, t: from, line: 'busy', mark: '', until});
    if (lineOf(row) === 'busy')
        model.signs.add('busy');
}

const ON = new Set(['connecting', 'connected', 'waiting', 'busy', 'silent']);
const lineOf = (row) => row.states.length ? row.states[row.states.length - 1].line : 'absent';

function addLog(model, lane, event) {
    const last = lane.log[lane.log.length - 1];
    lane.logSorted &&= !last || last.t <= event.t;
    lane.log.push(event);
}

function addMoment(model, event) {
    const last = model.moments[model.moments.length - 1];
    model.momentsSorted &&= !last || last.t <= event.t;
    model.moments.push(event);
}

/* The clients of all lanes do the same at about the same time: the axis shows it once. */
function addAct(model, lane, event) {
    const key = `${event.client} ${event.text}`;
    const nth = lane.actsSeen.get(key) || 0;
    lane.actsSeen.set(key, nth + 1);
    if (model.acts.some((act) => act.key === key && act.nth === nth))
        return;
    const place = upTo(model.acts, event.t);
    model.acts.splice(place, 0,
        {t: event.t, client: event.client, text: actWords(event.text), key, nth});
}

function takeAnswer(model, row, event) {
    const last = row.states[row.states.length - 1];
    row.answers++;
    row.longest = Math.max(row.longest ?? 0, event.ms);
    row.askedAt = null;
    if (last?.line === 'waiting' && event.t - last.t > 2 * event.ms + 20)
        markBusy(model, row, last.t, event.t);
    addState(row, event.t, 'connected', 'served', event);
}

/* One that does not read may ask, but what it waits for is itself. */
function takeState(row, event) {
    const {state} = event, then = row.askedAt === null ? 'connected' : 'waiting';
    const line = state === 'reads' ? then : state;
    row.isSilent = state === 'silent' || (row.isSilent && state === 'waiting');
    if (ON.has(line))
        addState(row, event.t, row.isSilent ? 'silent' : line, '', event);
    else
        addState(row, event.t, state, state, event);
}

const taking = {
    server(model, lane, event) {
        (event.state === 'says' ? lane.says : lane.server).push(event);
        addLog(model, lane, event);
        addMoment(model, event);
    },
    size(model, lane, event) {
        lane.sizes.push(event);
        for (const row of lane.rows) {
            addState(row, event.t, 'absent', '', event);
            row.counts.push({t: event.t, parts: [0, 0, 0, 0, 0], answers: 0});
        }
        addMoment(model, event);
    },
    act(model, lane, event) {
        if (!model.scene.sizes.length)
            addAct(model, lane, event);
        addLog(model, lane, event);
        addMoment(model, event);
    },
    client(model, lane, event) {
        const row = rowOf(lane, event.client);
        if (event.state === 'waiting')
            row.askedAt = event.t;
        if (event.state === 'served')
            takeAnswer(model, row, event);
        else
            takeState(row, event);
        model.signs.add(lineOf(row)).add(event.state);
        row.overAt = ON.has(lineOf(row)) ? null : event.t;
        addMoment(model, event);
    },
    group(model, lane, event) {
        const row = rowOf(lane, event.client);
        row.isGroup = true;
        row.counts.push({t: event.t, answers: event.answers,
            parts: GROUP_PARTS.map((part) => event[part] || 0)});
        GROUP_PARTS.filter((part) => event[part]).forEach((part) => model.signs.add(part));
    },
    bytes(model, lane, event) {
        const row = rowOf(lane, event.client);
        if (event.heard > row.heard)
            markBusy(model, row, event.t, event.t);
        row.heard = event.heard;
    },
    hears(model, lane, event) {
        const row = rowOf(lane, event.client);
        addState(row, event.t, lineOf(row), 'hears', event);
        addLog(model, lane, event);
        addMoment(model, event);
    },
    sample(model, lane, event) {
        lane.samples.push(event);
    },
    call(model, lane, event) {
        addLog(model, lane, event);
    },
};

/* What is told of no lane: it is known from the newest moment on. */
const concluding = {
    table: (model, event) => { model.table = event; },
    conclusion: (model, event) => { model.conclusion = event.text; },
    check: (model, event) => { model.checks.push(event); },
    load: (model, event) => { model.load = event.text; },
    end: (model, event) => { model.end = event; },
};

function take(event) {
    if (event.e === 'scene')
        return begin(event);
    const {model} = stage;
    if (!model)
        return;
    if (concluding[event.e]) {
        concluding[event.e](model, event);
        return;
    }
    const lane = model.lanes.find((one) => one.name === event.lane);
    if (!lane || !taking[event.e])
        return;
    taking[event.e](model, lane, event);
    lane.newest = Math.max(lane.newest, event.t);
    model.newest = Math.max(model.newest, event.t);
}

/* ---- looking things up ---- */

/* How many of them happened up to t; they are in the order of time. */
function upTo(sorted, t, from = 0) {
    let low = from, high = sorted.length;
    while (low < high) {
        const middle = (low + high) >> 1;
        if (sorted[middle].t <= t)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const lastAt = (sorted, t) => sorted[upTo(sorted, t) - 1];
const byTime = (a, b) => a.t - b.t;

function logOf(lane) {
    if (!lane.logSorted)
        lane.log.sort(byTime);
    lane.logSorted = true;
    return lane.log;
}

function momentsOf(model) {
    if (!model.momentsSorted)
        model.moments.sort(byTime);
    model.momentsSorted = true;
    return model.moments;
}

/* The end of the time axis. While more comes it grows in steps, so that it stands still. */
function spanOf(model) {
    let span = Math.max(model.scene.length || 0, 500);
    if (model.end)
        return Math.max(model.newest, 1);
    while (span < model.newest)
        span *= 1.3;
    return span;
}

/* Servers that are played one after the other are not all as far as the cursor. */
function timeIn(model, lane, time) {
    return model.scene.together ? Math.min(time, model.newest) : Math.min(time, lane.newest);
}

const isOver = (model, time) => model.end !== null && time >= model.newest - TICK;
const crashOf = (lane, t) => lane.server.find((e) => e.state === 'crashed' && e.t <= t);

function rateAt(lane, t) {
    const last = upTo(lane.samples, t) - 1;
    let first = last;
    while (first > 0 && lane.samples[last].t - lane.samples[first].t < 450)
        first--;
    if (first === last || last < 0 || lane.samples[last].calls === undefined)
        return undefined;
    const since = lane.samples[first], now = lane.samples[last];
    const calls = now.calls >= since.calls ? now.calls - since.calls : now.calls;
    return 1000 * calls / Math.max(now.t - since.t, 1);
}

/* A wait that is not over counts if it has lasted so long that it is one (see actor.c). */
function longestWait(row, newest) {
    const open = row.askedAt === null ? 0 : (row.overAt ?? newest) - row.askedAt;
    return open > UNDECIDED_MS ? null : row.longest;
}

function waits(client) {
    const result = {};
    for (const {name, rows, newest} of stage.model?.lanes || []) {
        const row = rows.find((one) => one.name === client && !one.isGroup);
        if (row)
            result[name] = longestWait(row, newest);
    }
    return result;
}

/* ---- in words ---- */

const short = (n) => n < 9999.5 ? String(Math.round(n))
    : n < 999500 ? `${Math.round(n / 1000)} k` : `${(n / 1e6).toFixed(n < 9.95e6 ? 1 : 0)} M`;
const percent = (n) => `${n >= 9.95 || n === 0 ? Math.round(n) : n.toFixed(1)} %`;
const millis = (ms) => ms < 1 ? `${ms.toFixed(2)} ms` : ms < 10 ? `${ms.toFixed(1)} ms`
    : `${Math.round(ms)} ms`;
const seconds = (ms) => `${(ms / 1000).toFixed(2)} s`;
const PHRASES = {connecting: 'connecting', connected: 'connected', waiting: 'waits',
    busy: 'talks', silent: 'does not read', reads: 'reads again', left: 'left', ended: 'ended',
    failed: 'failed', absent: ''};

/* A message of the chat is JSON: of its members, what people look for. */
function messageWords(text) {
    try {
        const {type, text: said, message, room} = JSON.parse(text);
        return said ?? message ?? ([type, room].filter(Boolean).join(': ') || text);
    } catch (error) {
        return text; // it is no JSON
    }
}

const actWords = (text) => text.replace(/ until ["'].*$/, '')
    .replace(/'(\{.*\})'/, (all, json) => `"${messageWords(json)}"`);

function groupWords(parts) {
    return GROUP_PARTS.map((part, i) => parts[i] ? `${parts[i]} ${GROUP_WORDS[i]}` : '')
        .filter(Boolean).join(', ');
}

function rowWords(row, t) {
    if (row.isGroup && row.counts.length) {
        const now = lastAt(row.counts, t);
        return now ? groupWords(now.parts) : '';
    }
    const now = lastAt(row.states, t);
    if (!now || now.line === 'absent')
        return '';
    return now.line === 'waiting' ? `waits since ${millis(t - now.t)}`
        : now.mark === 'served' ? `answered after ${millis(now.ms)}`
            : PHRASES[now.line] + (now.text && !ON.has(now.line) ? `: ${now.text}` : '');
}

/* How many clients are in which state, as short as a lane's name. */
function laneWords(model, lane, t) {
    const failed = isOver(model, stage.view.time) &&
        model.checks.filter((check) => check.lane === lane.name && !check.held).length;
    if (crashOf(lane, t))
        return {text: 'crashed', bad: true};
    if (failed)
        return {text: failed === 1 ? 'not as expected' : `${failed} not as expected`, bad: true};
    if (lane.newest === 0 && !lane.server.length)
        return {text: model.scene.together ? '' : 'its turn will come', bad: false};
    const counts = {};
    for (const row of lane.rows) {
        const parts = row.isGroup ? lastAt(row.counts, t)?.parts : null;
        const state = lastAt(row.states, t);
        if (parts)
            GROUP_PARTS.forEach((part, i) => { counts[part] = (counts[part] || 0) + parts[i]; });
        else if (state)
            counts[state.line] = (counts[state.line] || 0) + 1;
    }
    const says = [['waiting', counts.waiting === 1 ? 'waits' : 'wait'],
        ['busy', counts.busy === 1 ? 'talks' : 'talk'], ['silent', 'silent'],
        ['connecting', 'connecting'], ['failed', 'failed'], ['ended', 'ended'],
        ['connected', 'connected'], ['left', 'left']].filter(([state]) => counts[state])
        .map(([state, word]) => `${counts[state]} ${word}`);
    const two = says.slice(0, 2).join(', ');
    return {text: two.length < 20 ? two : says[0], bad: false};
}

function laneSpeech(model, lane, t) {
    const crash = crashOf(lane, t), sample = lastAt(lane.samples, t);
    const clients = lane.rows.map((row) => [row.name, rowWords(row, t)])
        .filter(([, words]) => words).map(([name, words]) => `${name} ${words}`);
    if (sample?.cpu !== undefined)
        clients.push(`processor ${percent(sample.cpu)}`);
    return (crash ? `The server crashed: ${crash.text}. ` : '') + clients.join('; ');
}

function eventWords(event) {
    switch (event.e) {
    case 'act': return `${event.client} ${event.text}`;
    case 'hears': return `${event.client} hears ${event.text}`;
    case 'size': return `${event.size} clients`;
    case 'server': return event.state === 'says' ? `the server says: ${event.text}`
        : `the server ${event.state === 'listening' ? 'listens' : event.state === 'stopped'
            ? 'is stopped' : event.state}${event.state === 'crashed' ? `: ${event.text}` : ''}`;
    case 'client': return `${event.client} ${event.state === 'served'
        ? `has the answer after ${millis(event.ms)}`
        : PHRASES[event.state] + (event.text ? `: ${event.text}` : '')}`;
    default: return '';
    }
}

function noteWords(model) {
    const failed = model.checks.filter((check) => !check.held), said = [];
    if (model.end.text)
        said.push(`The scene did not end: ${model.end.text}.`);
    if (failed.length)
        said.push(`${failed.length} of ${model.checks.length} expectations did not hold: ` +
            `${failed.map((one) => `${one.lane}: ${one.text}, saw ${one.saw}`).join('; ')}.`);
    else if (model.checks.length)
        said.push(`All ${model.checks.length} expectations held.`);
    if (model.load)
        said.push(model.load);
    return {text: said.join(' '), bad: failed.length > 0 || model.end.text !== ''};
}
