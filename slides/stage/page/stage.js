/*
 * The page of the stage. The stream of events (EVENTS.md) becomes a model; what is seen is a
 * function of the model and of a moment, the cursor. So what was recorded can be paused,
 * replayed and stepped through, and a live scene is one whose cursor follows the newest
 * moment.
 *
 * In a mailed report the events stand in the page. Else they come from the server. model.js
 * has the model, draw.js the canvases, and this file the rest of the page.
 */
'use strict';

const FRAME_LIVE_MS = 33; // the browser shares the machine with the servers it shows
const LAG_MS = 60;        // a live cursor stays behind, so that it never shows a guess
const byId = (id) => document.getElementById(id);

/* ---- the page: built for a scene ---- */

const recorded = [];
let parts = [];      // of each lane, the elements that change
let columns = null;  // the heads of the figures that are shown
let stepNote = '';   // the event that was stepped to
let changed = true, pending = false, lastFrame = 0, lastDrawn = 0, lastSpoken = 0, worked = 0;

function make(tag, className, text, parent) {
    const element = document.createElement(tag);
    if (className)
        element.className = className;
    if (text !== undefined)
        element.textContent = text;
    parent?.append(element);
    return element;
}

/* Writes only what is different: an element that is not touched costs nothing. */
function put(element, text) {
    if (element.textContent !== text)
        element.textContent = text;
}

function makeLane(lane, index) {
    const row = make('div', 'lane', undefined, byId('lanes'));
    row.setAttribute('role', 'row');
    const named = make('div', 'named', undefined, row);
    named.setAttribute('role', 'rowheader');
    const button = make('button', 'name', lane.name, named);
    const words = make('div', 'words', '', named);
    const spoken = make('div', 'spoken', '', named);
    spoken.id = `lane-${index}`;
    button.type = 'button';
    button.title = lane.command;
    button.setAttribute('aria-describedby', spoken.id);
    button.addEventListener('click', () => openCalls(lane.name));
    const chart = make('div', 'chart', undefined, row);
    chart.setAttribute('role', 'cell');
    const canvas = make('canvas', '', undefined, chart);
    canvas.setAttribute('aria-hidden', 'true');
    canvas.addEventListener('click', (event) => {
        seek(timeUnder(event));
        openCalls(lane.name);
    });
    resizing.observe(canvas);
    const figures = make('div', 'figures', undefined, row);
    figures.setAttribute('role', 'presentation');
    return {lane, row, button, words, spoken, canvas, figures, cells: []};
}

function begin(scene) {
    const model = stage.model = newModel(scene);
    Object.assign(stage.view, {time: 0, running: true, following: true});
    for (const part of parts)
        resizing.unobserve(part.canvas), part.row.remove();
    closeCalls();
    parts = model.lanes.map(makeLane);
    columns = null;
    stepNote = '';
    put(byId('title'), scene.title);
    put(byId('question'), scene.question);
    document.title = `${scene.title} – the stage`;
    document.body.classList.remove('idle');
    byId('menu').hidden = true;
    byId('lanes').hidden = false;
    byId('scenes').value = scene.name;
}

/* ---- the page: at a moment ---- */

const METERS = [
    {head: 'processor', text: ({cpu}) => cpu === undefined ? '–' : percent(cpu)},
    {head: 'calls a second', text: (sample, rate) => rate === undefined ? '–' : short(rate)},
    {head: 'would block, in all', text: ({wasted}) => wasted === undefined ? '–' : short(wasted)},
];
/* Nobody counts the calls of a server that is not narrated. */
const QUIET_METERS = [METERS[0],
    {head: 'descriptors', text: ({descriptors = '–'}) => String(descriptors)},
    {head: 'memory, MiB', text: ({memory}) => memory ? (memory / 1024).toFixed(1) : '–'},
];

/* While the scene plays the meters stand beside the lanes; at its end, the table. */
function showColumns(model, over) {
    const meters = model.scene.narrated ? METERS : QUIET_METERS;
    const wanted = over && model.table ? model.table.columns : meters;
    if (columns === wanted)
        return;
    columns = wanted;
    byId('lanes').style.setProperty('--columns', columns.length);
    byId('lanes').classList.toggle('many', columns.length > 4);
    byId('heads').replaceChildren(...columns.map((column) => {
        const element = make('div', '', column.head ?? column);
        element.setAttribute('role', 'columnheader');
        return element;
    }));
    for (const part of parts) {
        part.cells = columns.map(() => {
            const cell = make('div', 'figure');
            cell.setAttribute('role', 'cell');
            return {cell, text: make('span', '', '', cell), below: make('small', '', '', cell)};
        });
        part.figures.replaceChildren(...part.cells.map(({cell}) => cell));
        if (columns === meters)
            part.meter = make('i', '', undefined, make('span', 'meter', undefined,
                part.cells[0].cell));
    }
}

function showMeters(part, t) {
    const sample = lastAt(part.lane.samples, t) || {}, rate = rateAt(part.lane, t);
    columns.forEach((column, i) => put(part.cells[i].text, column.text(sample, rate)));
    const scale = `scaleX(${Math.min(sample.cpu || 0, 100) / 100})`;
    if (part.meter.style.transform !== scale)
        part.meter.style.transform = scale;
}

const MARKS = {best: '✓ best', worst: '✗ worst'};

function showFigures(part, table) {
    const row = table.rows.find(({lane}) => lane === part.lane.name);
    part.cells.forEach(({cell, text, below}, i) => {
        const figure = row?.cells[i] || {text: '–', mark: ''};
        put(text, figure.text === '-' ? '–' : figure.text);
        put(below, MARKS[figure.mark] || '');
        cell.className = `figure ${figure.mark || ''}`;
    });
}

function showLane(model, part, span, time, over) {
    const t = timeIn(model, part.lane, time), {text, bad} = laneWords(model, part.lane, t);
    if (!part.row.hidden)
        drawLane(model, part.lane, part.canvas, span, time);
    put(part.words, text);
    part.words.classList.toggle('bad', bad);
    if (columns !== model.table?.columns)
        showMeters(part, t);
    else
        showFigures(part, model.table);
    if (over || !stage.view.running || performance.now() - lastSpoken > 900)
        put(part.spoken, laneSpeech(model, part.lane, t));
}

function showWords(model, over) {
    const conclusion = over && model.conclusion;
    const note = stepNote ? {text: stepNote, bad: false}
        : over ? noteWords(model) : {text: '', bad: false};
    put(byId('point'), (conclusion || model.scene.look).replace(/(\d)-(?=\w)/g, '$1\u2011'));
    byId('point').classList.toggle('over', Boolean(conclusion));
    put(byId('note'), note.text);
    byId('note').classList.toggle('bad', note.bad);
    if (Number(byId('legend').dataset.count) !== 1 + Object.keys(SIGNS)
        .filter((kind) => model.signs.has(kind)).length)
        drawLegend();
}

function showControls(model, span) {
    const {view} = stage, slider = byId('slider');
    slider.max = Math.ceil(span);
    slider.value = view.time;
    slider.setAttribute('aria-valuetext', seconds(view.time));
    put(byId('clock'), seconds(view.time));
    put(byId('pause'), view.running ? 'Pause' : 'Go on');
    byId('live').hidden = model.end !== null || view.following;
    byId('stop').disabled = model.end !== null;
    byId('pause').disabled = !view.running && isOver(model, view.time);
}

function draw() {
    const {model, view} = stage;
    if (!model)
        return;
    const span = spanOf(model), over = isOver(model, view.time);
    showColumns(model, over);
    drawAxis(model, byId('axis'), span, view.time);
    for (const part of parts)
        showLane(model, part, span, view.time, over);
    if (performance.now() - lastSpoken > 900)
        lastSpoken = performance.now();
    showWords(model, over);
    showControls(model, span);
    if (view.calls)
        showCalls();
}

/* ---- time ---- */

function advance(ms) {
    const {model, view} = stage;
    if (!model || !view.running)
        return;
    const before = view.time;
    view.time = Math.min(view.time + ms * (view.following ? 1 : view.speed), model.newest);
    if (view.following && view.time < model.newest - 3 * LAG_MS)
        view.time = model.newest - LAG_MS;
    if (model.end && view.time >= model.newest - TICK)
        Object.assign(view, {time: model.newest, running: false, following: false});
    changed ||= view.time !== before || !view.running;
}

/* The one loop. It goes on while the cursor runs, and draws only what has changed. */
function frame(now) {
    const begun = performance.now();
    pending = false;
    advance(Math.min(now - lastFrame, 250));
    lastFrame = now;
    const due = !stage.view.following || now - lastDrawn >= FRAME_LIVE_MS;
    if (changed && due) {
        changed = false;
        lastDrawn = now;
        draw();
        worked += performance.now() - begun;
        stage.longestFrameMs = Math.max(stage.longestFrameMs, worked);
        worked = 0;
    }
    if (changed || stage.view.running)
        wake();
}

function wake() {
    if (!pending)
        requestAnimationFrame(frame);
    pending = true;
}

function refresh() {
    changed = true;
    wake();
}

function seek(time) {
    const {model, view} = stage;
    if (!model)
        return;
    stepNote = '';
    Object.assign(view, {time: Math.min(Math.max(time, 0), model.newest),
        running: false, following: false});
    refresh();
}

function goOn() {
    const {model, view} = stage;
    if (!model)
        return;
    stepNote = '';
    view.running = !view.running;
    view.following = false;
    if (view.running && isOver(model, view.time))
        view.time = 0;
    lastFrame = performance.now();
    refresh();
}

function replay() {
    seek(0);
    goOn();
}

function goLive() {
    const {model, view} = stage;
    seek(model?.newest);
    if (model && !model.end)
        Object.assign(view, {running: true, following: true});
}

/* To the next moment at which something happened, or to the one before. With all lanes on
   the screen a step takes in what happens within 10 ms, so that it shows in each of them. */
function step(direction) {
    const {model, view} = stage;
    if (!model)
        return;
    const width = view.calls ? TICK : 10;
    const moments = momentsOf(model)
        .filter((event) => !view.calls || event.lane === view.calls);
    const event = direction > 0 ? moments[upTo(moments, view.time + TICK)]
        : moments[upTo(moments, view.time - 2 * width) - 1];
    if (!event)
        return seek(direction > 0 ? model.newest : 0);
    seek(view.calls ? event.t : Math.min(event.t + width, model.newest));
    stepNote = `${(event.t / 1000).toFixed(4)} s   ${stepWords(moments, event, width)}`;
}

/* What a step shows: what a client does in all lanes, if it does something. */
function stepWords(moments, event, width) {
    const act = moments.find(({e, t}) => e === 'act' && t >= event.t && t < event.t + width);
    if (!stage.view.calls && act)
        return `${act.client} ${eventWords(act).replace(`${act.client} `, '')}`;
    return `${event.lane}: ${eventWords(event)}`;
}

function changeSpeed(direction) {
    const select = byId('speed');
    const index = select.selectedIndex + direction;
    if (index >= 0 && index < select.options.length)
        select.selectedIndex = index;
    stage.view.speed = Number(select.value);
}

function timeUnder(event) {
    const {left, width} = event.target.getBoundingClientRect();
    return scaleOf(width, spanOf(stage.model)).t(event.clientX - left);
}

/* ---- the calls of a lane ---- */

const rowPool = [];
let scrolledTo = -1; // the line that the list was scrolled to last
let steppedTo = {};  // the line that was stepped to, and its moment

const laneOfCalls = () => stage.model?.lanes.find(({name}) => name === stage.view.calls);

function openCalls(name) {
    if (!stage.model)
        return;
    stage.view.calls = name;
    stage.view.following = false;
    scrolledTo = -1;
    steppedTo = {};
    if (stage.view.running)
        goOn();
    document.body.classList.add('one-lane');
    byId('calls').hidden = false;
    for (const part of parts)
        part.row.hidden = part.lane.name !== name;
    byId('calls-list').focus();
    refresh();
}

function closeCalls() {
    const name = stage.view.calls;
    stage.view.calls = null;
    document.body.classList.remove('one-lane');
    byId('calls').hidden = true;
    for (const part of parts)
        part.row.hidden = false;
    parts.find((part) => part.lane.name === name)?.button.focus();
    refresh();
}

/* Where the cursor stands: at the one that was stepped to, in a call that sleeps at that
   moment, or else at the nearest. */
function nearestCall(log, time) {
    const after = upTo(log, time - TICK), isCall = (event, i) => i >= after && event.e === 'call';
    const next = log[after], before = log[after - 1], call = log.findIndex(isCall);
    if (steppedTo.time === time)
        return steppedTo.index;
    if (call !== -1 && log[call].t - 1000 * log[call].told.took < time - TICK)
        return call;
    return next && !(before && time - before.t < next.t - time) ? after : after - 1;
}

function callTexts(event) {
    const {told} = event;
    if (event.e !== 'call')
        return {what: eventWords(event), kind: 'told'};
    const leftOut = told.left_out ?? event.left_out;
    if (leftOut)
        return {what: `… and ${leftOut} calls more that are not told`, kind: 'told left-out'};
    const result = [told.result, told.errno, told.more].filter((one) => one !== undefined);
    return {what: `${told.call}(${told.arguments})`, result: `= ${result.join(' ')}`,
        why: told.reason ? `${told.verdict} ${told.action || ''}: ${told.reason}` : '',
        took: !(told.took >= 0.001) ? ''
            : `slept ${told.took < 1 ? millis(told.took * 1000) : seconds(told.took * 1000)}`,
        kind: told.errno ? 'failed' : ''};
}

function callRow(index) {
    while (rowPool.length <= index) {
        const row = make('div', 'call', undefined, byId('calls-space'));
        const cells = ['sign', 'at', 'took'].map((name) => make('span', name, '', row));
        const call = make('span', 'told-call', undefined, row);
        cells.push(make('span', 'what', '', call), make('span', 'result', '', call),
            make('span', 'why', '', row));
        rowPool.push({row, cells});
    }
    return rowPool[index];
}

function fillCall({row, cells}, event, index, isNear, height) {
    const {what, result = '', why = '', took = '', kind} = callTexts(event);
    [isNear ? '▸' : '', (event.t / 1000).toFixed(6), took, what, result, why]
        .forEach((text, i) => put(cells[i], text));
    row.className = `call ${kind}${isNear ? ' near' : ''}${why ? '' : ' wide'}`;
    row.title = `${what} ${result}\n${why}`;
    row.style.top = `${index * height}px`;
    row.hidden = false;
    row.onclick = () => toCall(event, index);
}

/* Rows exist for what is seen; the space under them has the height of all. */
function showCalls() {
    const lane = laneOfCalls(), log = logOf(lane), {time} = stage.view;
    const list = byId('calls-list'), height = rem * 1.6, near = nearestCall(log, time);
    const sample = lastAt(lane.samples, time);
    put(byId('calls-title'), `${lane.name} at ${seconds(time)}`);
    put(byId('calls-facts'), !sample ? '' : [
        sample.descriptors !== undefined && `${sample.descriptors} descriptors`,
        sample.memory !== undefined && `${(sample.memory / 1024).toFixed(1)} MiB`,
        sample.calls !== undefined && `${short(sample.calls)} calls`,
        sample.wasted !== undefined && `${short(sample.wasted)} of them would block`,
    ].filter(Boolean).join(', '));
    put(byId('calls-empty'), stage.model.scene.silence ?? '');
    byId('calls-space').style.height = `${log.length * height}px`;
    if (scrolledTo !== near)
        list.scrollTop = near * height - list.clientHeight / 2 + height / 2;
    scrolledTo = near;
    const first = Math.max(0, Math.floor(list.scrollTop / height) - 2);
    const last = Math.min(log.length, Math.ceil((list.scrollTop + list.clientHeight) / height) + 2);
    for (let i = first; i < last; i++)
        fillCall(callRow(i - first), log[i], i, i === near, height);
    for (let i = Math.max(last - first, 0); i < rowPool.length; i++)
        rowPool[i].row.hidden = true;
    if (log[near])
        put(byId('calls-near'), Object.values(callTexts(log[near])).join(' '));
}

function toCall(event, index) {
    seek(event.t);
    steppedTo = {time: stage.view.time, index};
}

function stepCall(direction) {
    const log = logOf(laneOfCalls());
    const index = nearestCall(log, stage.view.time) + direction;
    if (log[index])
        toCall(log[index], index);
}

/* ---- the menu, the sheet ---- */

function showMenu(scenes) {
    byId('scenes').replaceChildren(...scenes.map(({name, title}) => {
        const option = make('option', '', title);
        option.value = name;
        return option;
    }));
    byId('menu').replaceChildren(...scenes.map(({name, title, question}) => {
        const item = make('li'), button = make('button', '', undefined, item);
        make('strong', '', title, button);
        make('span', '', question, button);
        button.addEventListener('click', () => {
            byId('scenes').value = name;
            play();
        });
        return item;
    }));
    showPlayed();
}

/* The menu names the scene that is on the stage, unless somebody is choosing another. */
function showPlayed() {
    if (stage.scene && document.activeElement !== byId('scenes'))
        byId('scenes').value = stage.scene;
}

function openSheet(title, content) {
    put(byId('sheet-title'), title);
    byId('sheet-text').replaceChildren(content);
    byId('sheet').showModal();
}

function openNotes() {
    const {model} = stage, content = document.createDocumentFragment();
    if (!model?.end) {
        make('p', '', 'They come at the end of a scene.', content);
        return openSheet('Notes', content);
    }
    if (model.end.text)
        make('p', 'bad', `The scene did not end: ${model.end.text}.`, content);
    else
        make('p', '', model.load || 'The machine was quiet enough.', content);
    const list = make('ul', '', undefined, content);
    for (const {lane, text, held, saw} of model.checks)
        make('li', held ? '' : 'bad', `${held ? '✓' : '✗ did not hold:'} ${lane}: ${text}` +
            ` (saw ${saw})`, list);
    for (const lane of model.lanes)
        for (const event of [...lane.says, ...lane.server.filter((e) => e.state === 'crashed')])
            make('li', 'bad', `${lane.name}, ${seconds(event.t)}: ${eventWords(event)}`, list);
    openSheet('Notes', content);
}

function setTheme(theme) {
    document.documentElement.dataset.theme = theme;
    put(byId('theme'), theme === 'dark' ? 'Light' : 'Dark');
    restyle();
}

const SIGNS = {connecting: 'connecting', connected: 'connected', waiting: 'waits',
    served: 'answered', busy: 'talks', silent: 'does not read', ended: 'ended',
    failed: 'failed', processor: 'processor'};

/* Of the signs, those that have been seen in this scene. */
function drawLegend() {
    const seen = Object.keys(SIGNS)
        .filter((kind) => kind === 'processor' || stage.model?.signs.has(kind));
    byId('legend').replaceChildren(...seen.map((kind) => {
        const item = make('li'), canvas = make('canvas', '', undefined, item);
        canvas.setAttribute('aria-hidden', 'true');
        drawSign(canvas, kind, rem * (marks[kind] ? 0.8 : 1.8), rem);
        make('span', '', SIGNS[kind], item);
        return item;
    }));
    byId('legend').dataset.count = seen.length;
}

function drawSign(canvas, kind, width, height) {
    const c = sizeCanvas(canvas, width, height).getContext('2d');
    Object.assign(canvas.style, {width: `${width}px`, height: `${height}px`});
    c.fillStyle = colours.processor;
    if (kind === 'processor')
        c.fillRect(0, height * 0.4, width, height * 0.6);
    else if (bars[kind])
        bars[kind](c, 0, width, 0, height);
    else
        marks[kind](c, width / 2, 0, height);
}

function restyle() {
    readStyle();
    drawLegend();
    refresh();
}

const resizing = new ResizeObserver((entries) => {
    readStyle();
    for (const {target} of entries)
        sizeCanvas(target);
    refresh();
});

/* ---- where the events come from ---- */

function showError(text) {
    put(byId('error'), text);
}

function play(event) {
    event?.preventDefault();
    const name = byId('scenes').value;
    if (recorded.length > 0)
        return playRecorded(name, 0);
    fetch(`/play?scene=${encodeURIComponent(name)}`, {method: 'POST'}).then((answer) =>
        showError(answer.ok ? '' : answer.status === 409
            ? 'A scene is being played already. Wait for its end, or stop it.'
            : `The stage refused to play "${name}": ${answer.status} ${answer.statusText}`),
    () => showError('The stage cannot be reached. Has it ended?'));
}

function stop() {
    fetch('/stop', {method: 'POST'}).then(
        (answer) => showError(answer.ok ? '' : `The stage did not stop: ${answer.status}`),
        () => showError('The stage cannot be reached. Has it ended?'));
}

/* A recorded scene is there as a whole: from its beginning, or as it ended. */
function playRecorded(name, from) {
    recorded.find((scene) => scene.name === name).events.forEach(take);
    seek(from ?? stage.model.newest);
    if (from !== undefined)
        goOn();
}

function openReport(text) {
    for (const one of JSON.parse(text)) {
        const events = Array.isArray(one) ? one : one.events;
        const {name, title, question} = events[0];
        recorded.push({name, title, question, events});
    }
    showMenu(recorded);
    byId('stop').hidden = true;
    byId('scenes').addEventListener('change', () => playRecorded(byId('scenes').value));
    if (recorded.length > 0)
        playRecorded(recorded[0].name);
}

function takeMessage({data}) {
    const begun = performance.now();
    try {
        const event = JSON.parse(data);
        take(event);
        if (event.e === 'scene')
            showPlayed();
        if (event.e === 'scene' || event.e === 'end')
            showError('');
    } catch (error) {
        showError(`An event could not be understood (${error.message}): ${data.slice(0, 80)}`);
    }
    worked += performance.now() - begun;
    refresh();
}

/* The browser connects again by itself, unless the server refused: then we do. The record
   comes once more from its beginning; if it does not, nobody goes on with what we have. */
function watch(wasLost) {
    const source = new EventSource('/events');
    let isLost = wasLost;
    source.onmessage = takeMessage;
    source.onopen = () => {
        if (isLost && stage.state === 'playing')
            take({e: 'end', text: 'the connection was lost'});
        showError('');
        loadScenes();
        refresh();
    };
    source.onerror = () => {
        isLost = true;
        showError('No connection: the stage has ended or is busy. Trying again.');
        if (source.readyState === EventSource.CLOSED)
            setTimeout(watch, 2000, true);
    };
}

function loadScenes() {
    if (byId('scenes').options.length === 0)
        fetch('/scenes').then((answer) => answer.json()).then(showMenu)
            .catch((error) => showError(`The list of scenes did not come: ${error.message}`));
}

/* ---- keys ---- */

function toLane(index) {
    if (!parts[index])
        return;
    if (stage.view.calls)
        openCalls(parts[index].lane.name);
    else
        parts[index].button.focus();
}

function toNextLane(direction) {
    if (stage.view.calls)
        return stepCall(direction);
    const at = parts.findIndex((part) => part.button === document.activeElement);
    toLane(at === -1 ? 0 : (at + direction + parts.length) % parts.length);
}

const keys = {
    ' ': goOn,
    'ArrowRight': (event) => event.shiftKey ? seek(stage.view.time + 100) : step(1),
    'ArrowLeft': (event) => event.shiftKey ? seek(stage.view.time - 100) : step(-1),
    'ArrowDown': () => toNextLane(1),
    'ArrowUp': () => toNextLane(-1),
    'Home': () => seek(0),
    'End': goLive,
    'Escape': () => stage.view.calls && closeCalls(),
    '+': () => changeSpeed(1),
    '-': () => changeSpeed(-1),
    '?': openHelp,
    'r': replay,
    'p': play,
    's': () => recorded.length || stop(),
    'm': () => byId('scenes').focus(),
    'n': openNotes,
    't': toggleTheme,
};

function openHelp() {
    openSheet('Keys', byId('keys').content.cloneNode(true));
}

function toggleTheme() {
    setTheme(document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark');
}

/* A control that has the focus keeps the keys that it knows. */
function onKey(event) {
    const {key, target} = event, own = target.closest('select, input, button');
    const isControls = own && (key === ' ' || key === 'Enter') ||
        target.matches('select, input') && (key.startsWith('Arrow') || /^(Home|End|\w)$/.test(key));
    if (event.ctrlKey || event.metaKey || event.altKey || isControls || byId('sheet').open)
        return;
    const action = keys[key] || keys[key.toLowerCase()] ||
        (/^[1-9]$/.test(key) && (() => toLane(Number(key) - 1)));
    if (!action)
        return;
    event.preventDefault();
    action(event);
}

function listen() {
    const buttons = {pause: goOn, replay, back: () => step(-1), step: () => step(1),
        live: goLive, notes: openNotes, theme: toggleTheme, help: openHelp, stop,
        'calls-close': closeCalls};
    for (const [id, action] of Object.entries(buttons))
        byId(id).addEventListener('click', action);
    byId('choice').addEventListener('submit', play);
    byId('slider').addEventListener('input', () => seek(Number(byId('slider').value)));
    byId('speed').addEventListener('change', () => changeSpeed(0));
    byId('calls-list').addEventListener('scroll', refresh);
    for (const kind of ['pointerdown', 'pointermove'])
        byId('axis').addEventListener(kind, (event) =>
            event.buttons && stage.model && seek(timeUnder(event)));
    document.addEventListener('keydown', onKey);
}

/* ---- the beginning ---- */

function start() {
    const dark = matchMedia('(prefers-color-scheme: dark)'), text = byId('recorded')?.textContent;
    stage.seek = seek;
    listen();
    resizing.observe(byId('axis'));
    setTheme(dark.matches ? 'dark' : 'light');
    dark.addEventListener('change', () => setTheme(dark.matches ? 'dark' : 'light'));
    if (text)
        openReport(text);
    else
        watch(false);
}

if (document.readyState === 'loading')
    document.addEventListener('DOMContentLoaded', start);
else
    start();
