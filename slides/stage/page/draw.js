/*
 * The canvases of the stage: a lane, and the axis above the lanes, at a moment. Each state
 * has a colour, a shape or pattern and, where it fits, a word.
 */
'use strict';

const MANY = 8; // changes in a pixel

/* ---- colours, patterns, canvases ---- */

const COLOURS = ['paper', 'raised', 'ink', 'soft', 'rule', 'connected', 'waiting',
    'waiting-ground', 'served', 'silent', 'silent-ground', 'processor', 'worst'];
let colours = {}, patterns = new Map(), family = 'sans-serif', rem = 18;

function readStyle() {
    const style = getComputedStyle(document.documentElement);
    for (const name of COLOURS)
        colours[name] = style.getPropertyValue(`--${name}`).trim();
    rem = parseFloat(style.fontSize);
    family = getComputedStyle(document.body).fontFamily;
    patterns = new Map();
}

/* A tile in device pixels, that stays fine on a screen with many. */
function patternOf(context, kind) {
    const ratio = window.devicePixelRatio || 1, side = 8;
    if (patterns.has(kind))
        return patterns.get(kind);
    const tile = document.createElement('canvas');
    tile.width = tile.height = side * ratio;
    const c = tile.getContext('2d');
    c.scale(tile.width / side, tile.width / side);
    const [ground, sign] = {waiting: ['waiting-ground', 'waiting'],
        silent: ['silent-ground', 'silent'], connected: ['paper', 'connected'],
        connecting: ['paper', 'soft'], ended: ['raised', 'ink'], busy: ['paper', 'served'],
        crashed: ['raised', 'soft']}[kind];
    c.fillStyle = colours[ground];
    c.fillRect(0, 0, side, side);
    c.strokeStyle = c.fillStyle = colours[sign];
    c.lineWidth = kind === 'waiting' ? 2.4 : 1.2;
    c.beginPath();
    if (kind === 'waiting')
        for (const x of [-8, 0, 8])
            c.moveTo(x, 8), c.lineTo(x + 8, 0);
    if (kind === 'ended' || kind === 'crashed')
        c.moveTo(0, 0), c.lineTo(8, 8), c.moveTo(8, 0), c.lineTo(0, 8);
    if (kind === 'connected')
        c.moveTo(0, 2), c.lineTo(8, 2), c.moveTo(0, 6), c.lineTo(8, 6);
    if (kind === 'busy')
        c.moveTo(2, 0), c.lineTo(2, 8), c.moveTo(6, 0), c.lineTo(6, 8);
    c.stroke();
    if (kind === 'silent' || kind === 'connecting')
        for (const [x, y] of [[2, 2], [6, 6]])
            c.fillRect(x - 1, y - 1, 2, 2);
    const pattern = context.createPattern(tile, 'repeat');
    pattern.setTransform(new DOMMatrix().scale(side / tile.width));
    patterns.set(kind, pattern);
    return pattern;
}

function sizeCanvas(canvas, width = canvas.clientWidth, height = canvas.clientHeight) {
    const ratio = window.devicePixelRatio || 1;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.getContext('2d').setTransform(ratio, 0, 0, ratio, 0, 0);
    return Object.assign(canvas, {seenWidth: width, seenHeight: height});
}

function setFont(c, size, weight = 500) {
    c.font = `${weight} ${size}px ${family}`;
    c.textBaseline = 'middle';
}

/* As much of the text as fits, or "" if that would be next to nothing. */
function fitted(c, text, width, isWhole = false) {
    const all = c.measureText(text).width;
    if (all <= width)
        return text;
    let most = isWhole ? 0 : Math.floor(text.length * width / all);
    while (most > 3 && c.measureText(`${text.slice(0, most)}…`).width > width)
        most--;
    return most > 3 ? `${text.slice(0, most)}…` : '';
}

/* A text with paper behind it. */
function label(c, text, x, y, size, colour = colours.ink) {
    const width = c.measureText(text).width;
    c.fillStyle = colours.paper;
    c.fillRect(x - 2, y - size * 0.58, width + 4, size * 1.16);
    c.fillStyle = colour;
    c.fillText(text, x, y + size * 0.06);
}

const gutter = () => rem * 4.2;

function scaleOf(width, span) {
    const left = gutter(), room = width - left - rem * 0.8;
    return {x: (t) => left + room * t / span, t: (x) => span * (x - left) / room,
        ms: span / room, right: width};
}

/* ---- one client ---- */

const bars = {
    connecting(c, x0, x1, y, h) {
        c.setLineDash([4, 4]);
        c.strokeStyle = colours.soft;
        strokeLine(c, x0, x1, y + h / 2, 2);
        c.setLineDash([]);
    },
    connected(c, x0, x1, y, h) {
        c.strokeStyle = colours.connected;
        strokeLine(c, x0, x1, y + h / 2, Math.max(2, h * 0.13));
    },
    waiting: (c, x0, x1, y, h) => block(c, 'waiting', x0, x1, y + h * 0.06, h * 0.88),
    silent: (c, x0, x1, y, h) => block(c, 'silent', x0, x1, y + h * 0.2, h * 0.6),
    busy: (c, x0, x1, y, h) => block(c, 'busy', x0, x1, y + h * 0.06, h * 0.88, 'served'),
};

const marks = {
    left(c, x, y, h) {
        c.fillStyle = colours.soft;
        c.fillRect(x - 1, y + h * 0.2, 2, h * 0.6);
    },
    served(c, x, y, h) {
        c.fillStyle = colours.served;
        c.fillRect(x - 1, y + h * 0.02, 3, h * 0.96);
    },
    hears(c, x, y, h) {
        c.strokeStyle = colours.ink;
        c.fillStyle = colours.paper;
        c.lineWidth = 1.5;
        c.beginPath();
        c.arc(x, y + h / 2, Math.min(h * 0.2, 5), 0, 7);
        c.fill();
        c.stroke();
    },
    ended(c, x, y, h) {
        const r = Math.min(h * 0.3, 7);
        c.strokeStyle = colours.worst;
        c.lineWidth = 2.5;
        c.beginPath();
        c.moveTo(x - r, y + h / 2 - r);
        c.lineTo(x + r, y + h / 2 + r);
        c.moveTo(x + r, y + h / 2 - r);
        c.lineTo(x - r, y + h / 2 + r);
        c.stroke();
    },
};
marks.failed = marks.ended;

function strokeLine(c, x0, x1, y, width) {
    c.lineWidth = width;
    c.beginPath();
    c.moveTo(x0, y);
    c.lineTo(Math.max(x1, x0 + 1), y);
    c.stroke();
}

function block(c, kind, x0, x1, y, h, edge = kind) {
    const width = Math.max(x1 - x0, 1.5);
    c.fillStyle = width > 3 ? patternOf(c, kind) : colours[edge];
    c.fillRect(x0, y, width, h);
    c.strokeStyle = colours[edge];
    c.lineWidth = 1.5;
    if (width > 3)
        c.strokeRect(x0 + 0.75, y + 0.75, width - 1.5, h - 1.5);
}

/* What a client was from when to when, for as many moments as there are pixels: where many
   changes fall into one, that is a run of its own, so that a frame costs the same however
   much happened. */
function runsOf(states, scale, t) {
    const n = upTo(states, t), runs = [];
    for (let i = 0; i < n;) {
        const state = states[i], x0 = scale.x(state.t), last = runs[runs.length - 1];
        const next = Math.min(upTo(states, state.t + scale.ms, i + 1), n);
        const x1 = scale.x(next < n ? states[next].t : states[n - 1].t + scale.ms);
        if (next - i <= MANY) {
            runs.push({state, x0, x1: scale.x(i + 1 < n ? states[i + 1].t : t)});
            i++;
            continue;
        }
        const open = last?.dense ? last : {dense: true, state, x0, before: state.answers};
        if (open !== last)
            runs.push(open);
        Object.assign(open, {x1, answers: states[next - 1].answers - open.before});
        i = next;
        if (i === n)
            runs.push({state: {...states[n - 1], mark: ''}, x0: x1, x1: scale.x(t)});
    }
    return runs;
}

/* What was busy and then heard nothing for long waits again. */
function drawBar(c, {dense, state, x0, x1}, scale, y, h) {
    const stalled = state.line === 'busy' ? scale.x(state.until + STALL_MS) : x1;
    bars[dense ? 'busy' : state.line]?.(c, x0, Math.min(x1, stalled), y, h);
    if (stalled < x1)
        bars.waiting(c, stalled, x1, y, h);
}

function drawClient(c, row, scale, y, h, t, isCrashed) {
    const runs = runsOf(row.states, scale, t), size = Math.min(h * 0.88, rem * 0.9);
    for (const run of runs)
        drawBar(c, run, scale, y, h);
    runs.forEach((run, i) => {
        const end = i + 1 < runs.length ? runs[i + 1].x0 : scale.right;
        if (size >= 9 && !(isCrashed && run.state.mark === 'ended'))
            drawWord(c, run, end - run.x0, y + h / 2, size, i + 1 < runs.length, scale.ms);
    });
    for (const {dense, state, x0} of runs)
        if (!dense)
            marks[state.mark]?.(c, x0, y, h);
}

/* What stands in a bar, or behind a mark. */
function wordOf({dense, answers, state, x0, x1}, isOver, msOfPixel) {
    if (dense)
        return `${answers} answers`;
    switch (state.mark || state.line) {
    case 'served': return millis(state.ms);
    case 'hears': return messageWords(state.text);
    case 'waiting': return x1 - x0 < 12 ? ''
        : `${isOver ? 'waited' : 'waits'} ${seconds((x1 - x0) * msOfPixel)}`;
    case 'ended': case 'failed': return state.text || state.mark;
    case 'connected': case 'connecting': return '';
    default: return PHRASES[state.mark || state.line] || '';
    }
}

/* A word that does not fit is left out; a text that somebody said is cut. */
function drawWord(c, run, room, y, size, isOver, msOfPixel) {
    const {mark, line} = run.dense ? {mark: '', line: 'busy'} : run.state;
    const isBad = mark === 'ended' || mark === 'failed', text = wordOf(run, isOver, msOfPixel);
    setFont(c, size, line === 'waiting' ? 650 : 500);
    const shown = fitted(c, text, (mark ? room : run.x1 - run.x0) - 18, mark !== 'hears');
    if (shown)
        label(c, shown, run.x0 + (mark ? 9 : 7), y, size, isBad ? colours.worst : colours.ink);
    else if (isBad)
        label(c, text, run.x0 - 10 - c.measureText(text).width, y, size, colours.worst);
}

/* ---- a group ---- */

/* One path for each state: a fill is dear, a rectangle in it is not. */
function drawGroup(c, row, scale, y, h, t) {
    const n = upTo(row.counts, t), paths = GROUP_PARTS.map(() => new Path2D());
    for (let i = 0, next; i < n; i = next) {
        next = Math.min(upTo(row.counts, row.counts[i].t + scale.ms / 2, i + 1), n);
        const {parts} = row.counts[next - 1], all = sum(parts);
        const x0 = scale.x(row.counts[i].t), x1 = scale.x(next < n ? row.counts[next].t : t);
        let bottom = y + h;
        parts.forEach((count, part) => {
            const height = all ? h * count / all : 0;
            bottom -= height;
            if (height > 0)
                paths[part].rect(x0, bottom, x1 - x0 + 0.3, height);
        });
    }
    GROUP_PARTS.forEach((part, i) => {
        if (part === 'left')
            return;
        c.fillStyle = patternOf(c, part);
        c.fill(paths[i]);
    });
    if (n > 0 && sum(row.counts[n - 1].parts) > 0)
        drawGroupWords(c, row.counts[n - 1], scale, y + h / 2, Math.min(h * 0.6, rem * 0.9), t);
}

/* They stand where nothing is drawn yet, or cover a small part of what is. */
function drawGroupWords(c, {parts, answers}, scale, y, size, t) {
    const text = groupWords(parts) + (answers ? `; ${answers} answers` : '');
    setFont(c, size, 600);
    const width = c.measureText(text).width, x = scale.x(t);
    if (x + 8 + width < scale.right)
        label(c, text, x + 8, y, size);
    else if (width < 0.35 * (x - gutter()))
        label(c, text, x - width - 8, y, size);
}

/* ---- a lane ---- */

/* The rows of a lane: a group is higher than a client. */
function rowPlaces(lane, top, height) {
    const weights = lane.rows.map((row) => row.isGroup ? 1.7 : 1);
    const unit = Math.min(height / sum(weights), rem * 1.9);
    let y = top + (height - unit * sum(weights)) / 2;
    return lane.rows.map((row, i) => {
        const place = {row, y: y + unit * 0.06, h: unit * (weights[i] - 0.12)};
        y += unit * weights[i];
        return place;
    });
}

function drawNames(c, places) {
    for (const {row, y, h} of places) {
        const size = Math.min(h * 0.95, rem * 0.95), room = gutter() - 14;
        if (size < 9)
            continue;
        setFont(c, size);
        setFont(c, size * Math.max(0.8, Math.min(1, room / c.measureText(row.name).width)));
        c.textAlign = 'right';
        c.fillStyle = colours.ink;
        c.fillText(fitted(c, row.name, room), gutter() - 11, y + h / 2);
        c.textAlign = 'left';
    }
}

/* How much of a processor was used, along time, under the clients. */
function drawProcessor(c, lane, scale, bottom, h, t) {
    const n = upTo(lane.samples, t);
    c.fillStyle = colours.rule;
    c.fillRect(gutter(), bottom - 1, scale.x(t) - gutter(), 1);
    c.fillStyle = colours.processor;
    for (let i = 1; i < n; i++) {
        const share = Math.min((lane.samples[i].cpu || 0) / 100, 1);
        const x0 = scale.x(lane.samples[i - 1].t);
        if (share > 0)
            c.fillRect(x0, bottom - h * share, scale.x(lane.samples[i].t) - x0 + 0.3, h * share);
    }
}

function drawSaid(c, lane, scale, y, size, t) {
    const says = lastAt(lane.says, t);
    if (!says)
        return;
    setFont(c, size, 600);
    const text = fitted(c, `says: ${says.text}`, scale.right - gutter() - 12);
    const x = Math.min(scale.x(says.t) + 4, scale.right - c.measureText(text).width - 6);
    label(c, text, x, y, size, colours.worst);
}

function drawCrash(c, crash, scale, height, t) {
    const x = scale.x(crash.t), size = Math.min(rem, height * 0.3);
    c.fillStyle = patternOf(c, 'crashed');
    c.globalAlpha = 0.6;
    c.fillRect(x, 0, Math.max(scale.x(t) - x, 2), height);
    c.globalAlpha = 1;
    setFont(c, size, 650);
    const text = fitted(c, `crashed: ${crash.text}`, scale.right * 0.8);
    const last = scale.right - c.measureText(text).width - 8;
    label(c, text, Math.min(x + 12, last), height / 2, size, colours.worst);
}

/* With sizes: where each begins, and as much of its name as there is room for. */
function drawSizes(c, lane, scale, height, t) {
    setFont(c, rem * 0.8);
    lane.sizes.slice(0, upTo(lane.sizes, t)).forEach(({t: at, size}, i) => {
        const x = scale.x(at), room = (scale.x(lane.sizes[i + 1]?.t ?? Infinity) || 0) - x - 8;
        c.fillStyle = colours.soft;
        c.fillRect(x, 0, 1, height);
        const text = fitted(c, `${size} clients`, room, true) || fitted(c, `${size}`, room, true);
        c.fillText(text, x + 4, rem * 0.46);
    });
}

function drawLane(model, lane, canvas, span, time) {
    const c = canvas.getContext('2d'), {seenWidth: width, seenHeight: height} = canvas;
    const scale = scaleOf(width, span), t = timeIn(model, lane, time), strip = height * 0.14;
    const top = model.scene.sizes.length ? rem * 0.85 : 2, crash = crashOf(lane, t);
    c.clearRect(0, 0, width, height);
    const places = rowPlaces(lane, top, height - strip - top - 2);
    drawNames(c, places);
    drawProcessor(c, lane, scale, height, strip, t);
    for (const {row, y, h} of places)
        if (row.isGroup)
            drawGroup(c, row, scale, y, h, t);
        else
            drawClient(c, row, scale, y, h, t, crash !== undefined);
    drawSizes(c, lane, scale, height, t);
    if (crash)
        drawCrash(c, crash, scale, height, t);
    drawSaid(c, lane, scale, height - rem * 0.42, Math.max(strip, rem * 0.75), t);
    c.fillStyle = colours.ink;
    c.fillRect(scale.x(time) - 0.5, 0, 1.5, height);
}

/* ---- the axis ---- */

function stepOfAxis(span) {
    const steps = [50, 100, 200, 250, 500, 1000, 2000, 2500, 5000, 10000, 20000, 30000, 60000];
    return steps.find((step) => span / step <= 10) || span / 10;
}

/* Acts of one client that follow each other closely share a flag. */
function flagsOf(model, scale, time) {
    const flags = [];
    for (const act of model.acts.slice(0, upTo(model.acts, time))) {
        const x = scale.x(act.t), last = flags.findLast((flag) => flag.client === act.client);
        if (last && x - last.x < 6)
            last.text += `, ${act.text}`;
        else
            flags.push({x, client: act.client, text: `${act.client} ${act.text}`});
    }
    return flags;
}

/* Gives each flag a place in one of two rows, as near as there is room. One that says again
   what is said, or that finds no place, stays without words. */
function placeFlags(c, flags, width) {
    const ends = [0, 0], placed = [], said = new Set();
    for (const {x, text} of flags) {
        const wanted = c.measureText(text).width + 10;
        const at = Math.max(Math.min(x, width - Math.min(wanted, width / 2)), gutter());
        const row = said.has(text) ? -1 : ends.findIndex((end) => end <= at + rem * 1.5);
        if (row === -1)
            continue;
        const left = Math.max(at, ends[row]);
        said.add(text);
        const shown = fitted(c, text, width - left - 6);
        placed.push({x, left, row, text: shown});
        ends[row] = left + 10 + c.measureText(shown).width;
    }
    return placed;
}

function drawFlags(c, model, scale, width, height, time) {
    const flags = flagsOf(model, scale, time), line = rem * 1.05;
    const placed = placeFlags(c, flags, width);
    c.fillStyle = colours.ink;
    for (const {x} of flags)
        c.fillRect(x - 0.5, height - 5, 1.5, 5);
    for (const {x, row} of placed)
        c.fillRect(x - 0.5, row * line + 2, 1.5, (2 - row) * line - 2);
    for (const {left, row, text} of placed)
        label(c, text, left + 5, line * (row + 0.5), rem * 0.88);
    if (!model.scene.together && flags.length === 0) {
        c.fillStyle = colours.soft;
        c.fillText('Each server had its own turn. They begin at 0 together here.',
            gutter(), line);
    }
}

function drawAxis(model, canvas, span, time) {
    const c = canvas.getContext('2d'), {seenWidth: width, seenHeight: height} = canvas;
    const scale = scaleOf(width, span), step = stepOfAxis(span);
    c.clearRect(0, 0, width, height);
    setFont(c, rem * 0.88);
    c.textAlign = 'center';
    for (let t = 0; t <= span + TICK; t += step) {
        c.fillStyle = colours.soft;
        c.fillRect(scale.x(t), height - 4, 1, 4);
        c.fillText(t === 0 ? '0 s' : String(t / 1000), scale.x(t), height - rem * 0.68);
    }
    c.textAlign = 'left';
    drawFlags(c, model, scale, width, height, time);
    c.fillStyle = colours.ink;
    c.fillRect(scale.x(time) - 0.5, height - rem * 0.4, 1.5, rem * 0.4);
}
