// make torture: while applications are submitted and messages go out, faults are injected; then both sides are asked whether anything was
// lost, doubled or out of order.
//   FAULTS=300   how many        SEED=1      which, in which order, with which numbers
//   SCALE=0.05   what every duration is multiplied with; 1: the lengths of production
//   WORLDS=1     so many instances side by side, each with its share of the faults: long waits cost nothing then
//   FIRST=1      begins with this number: FIRST=37 FAULTS=1 is the 37th alone        KINDS=text  only kinds whose "track: name" contains this
import { fork } from "node:child_process";
import { mkdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { check } from "./check.mjs";
import { FAULTS } from "./faults.mjs";
import { Missed } from "./harm.mjs";
import { World } from "./world.mjs";
import { until } from "./wait.mjs";

const setting = (name, preset) => Number(process.env[name] || preset);
const wanted = setting("FAULTS", 300), seed = setting("SEED", 1), scale = setting("SCALE", 0.05), first = setting("FIRST", 1), worlds = setting("WORLDS", 1);
const world = Number(process.env.WORLD ?? 0); // which of them this process is
const patience = 60 + 600 * scale; // seconds: what must go on, goes on within that time
const kinds = FAULTS.filter(([name, track]) => `${track}: ${name}`.includes(process.env.KINDS ?? ""));

// Numbers that can be had again: one row of them for each name.
function randoms(name) {
	let state = [...name].reduce((hash, c) => Math.imul(hash ^ c.charCodeAt(0), 16777619), 2166136261) >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let x = Math.imul(state ^ (state >>> 15), 1 | state);
		x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
		return ((x ^ (x >>> 14)) >>> 0) / 4294967296;
	};
}
// Every deck has each kind as often as the table says, shuffled.
function kindOf(n) {
	const cards = kinds.flatMap((kind) => Array(kind[2]).fill(kind)), r = randoms(`deck ${seed} ${Math.floor((n - 1) / cards.length)}`);
	for (let i = cards.length - 1; i > 0; i--) {
		const j = Math.floor(r() * (i + 1));
		[cards[i], cards[j]] = [cards[j], cards[i]];
	}
	return cards[(n - 1) % cards.length];
}

const all = Array.from({ length: wanted }, (_, i) => {
	const [name, track, , strike] = kindOf(first + i);
	return { n: first + i, name, track, strike };
});
const say = (text) => console.log(text);
const now = () => Date.now() / 1000;
const INVARIANTS = ["I1", "I2", "I3", "I4", "I5", "I7", "I8"];

// ---- one instance ----

async function track(t, faults, name, violation) {
	for (const fault of faults.filter((one) => one.track === name)) {
		if (t.stuck) return;
		fault.from = now();
		try {
			await fault.strike(t, randoms(`fault ${seed} ${fault.n}`));
			fault.struck = true;
		} catch (error) {
			t.stuck ||= /a free car|messages go on|feed ended/.test(error.message);
			if (!(error instanceof Missed)) violation("I7", `${fault.name}: ${error.message}`);
			fault.missed = error.message;
		}
		fault.until = now();
		if (process.env.VERBOSE) say(`# ${fault.from.toFixed(1)} ${world} ${fault.n} ${fault.name}: ${fault.missed ?? "struck"}, ${(fault.until - fault.from).toFixed(1)} s`);
	}
}

// Messages a second, of so many applications.
async function rate(t, applications) {
	const from = t.accepted.length, begin = now(), made = await t.load(applications);
	const cards = new Set(made.flatMap((one) => one.cards.map((card) => card.iccid))), most = made.reduce((sum, one) => sum + one.cards.length * (one.kind === "register" ? 2 : 1), 0);
	const mine = () => t.accepted.slice(from).filter((line) => cards.has(line.ICCID));
	await until("messages of the measurement", () => mine().length >= most, patience);
	return most / (mine().at(-1).time - begin);
}

// I7: as fast as an instance that had no faults. Both are measured in turns, so that what else this machine does strikes both.
async function asFast(t, violation) {
	const untouched = await oneAtATime(() => World.start(scale, `untouched${world}`, () => {})), ours = [], theirs = [];
	const median = (rates) => rates.slice(-5).sort((a, b) => a - b)[2];
	try {
		await rate(untouched, 6); // warm
		await until("the rate of an instance without faults", async () => {
			theirs.push(await rate(untouched, 12));
			ours.push(await rate(t, 12));
			return ours.length >= 5 && median(ours) >= 0.95 * median(theirs);
		}, patience);
	} catch (error) {
		violation("I7", `${error.message}: ${ours.map((n) => n.toFixed(0))} messages a second, without faults ${theirs.map((n) => n.toFixed(0))}`);
	} finally {
		await untouched.stop();
	}
	return [median(theirs), median(ours)];
}

// Each instance looks for free ports when it starts: one process after the other.
async function oneAtATime(start) {
	const lock = join(process.env.WORK ?? "/tmp", "starting");
	await until("no other instance starts", () => {
		try {
			mkdirSync(lock);
			return true;
		} catch {
			return false;
		}
	}, 600);
	return start().finally(() => rmdirSync(lock));
}

// The faults that were there at a moment, or the last before it.
function blamed(faults, at) {
	const there = faults.filter((fault) => fault.from <= at && at <= (fault.until ?? Infinity) + 1);
	return there.length ? there : faults.filter((fault) => fault.from <= at).sort((a, b) => b.from - a.from).slice(0, 1);
}

// What happened in this instance: {faults, violations, seconds, counts…}.
async function tortured() {
	const faults = all.filter((fault) => (fault.n - first) % worlds === world), violations = [];
	const violation = (invariant, what) => violations.push({ invariant, kind: invariant === "I1" ? "lost" : "other", what, at: now() });
	const t = await oneAtATime(() => World.start(scale, worlds > 1 ? `torture${world}` : "torture", violation));
	try {
		const begin = now();
		let going = true;
		const people = t.people(() => going);
		await Promise.all([...new Set(faults.map((fault) => fault.track))].map((name) => track(t, faults, name, violation)));
		going = false;
		await people;
		await t.settle(patience);
		const end = now();
		const rates = await asFast(t, violation);
		await t.settle(patience);
		if (t.workers.length !== t.workerCount) violation("I7", `${t.workers.length} of ${t.workerCount} workers`);
		const facts = await check(t, end - begin);
		violations.push(...facts.found);
		for (const one of violations) one.faults = blamed(faults, one.at).map(({ n, name }) => ({ n, name }));
		return {
			faults: faults.map(({ strike, ...fault }) => fault), violations, seconds: end - begin, rates, sessions: t.sessions().most, innocent: t.innocent,
			lasted: [...facts.applications.values()].filter((a) => a.submitted > begin).map((a) => a.ended - a.submitted),
			counts: [t.submitted.length, t.journeys, facts.messages.size, facts.received.length, t.calls.asked.size, facts.files.length],
		};
	} finally {
		await t.stop();
	}
}

// ---- all of them ----

const sideBySide = () => Promise.all(Array.from({ length: worlds }, (_, n) => {
	const child = fork(fileURLToPath(import.meta.url), { env: { ...process.env, WORLD: n } });
	let result;
	child.on("message", (message) => {
		result = message;
		say(`# instance ${n} ended after ${result.seconds | 0} s: ${result.violations.map((one) => `${one.invariant} ${one.what}`).slice(0, 5).join("; ") || "all ok"}`);
	});
	return new Promise((done) => child.on("exit", () => done(result)));
}));

function report(results) {
	const faults = results.flatMap((one) => one?.faults ?? []), violations = results.flatMap((one) => one?.violations ?? []);
	const table = new Map(kinds.map(([name]) => [name, { injected: 0, missed: 0, lost: 0, doubled: 0, "out of order": 0, other: 0, seconds: [] }]));
	for (const fault of faults.filter((one) => one.until)) {
		const row = table.get(fault.name);
		row[fault.struck ? "injected" : "missed"]++;
		row.seconds.push(fault.until - fault.from);
	}
	for (const violation of violations) for (const fault of violation.faults) table.get(fault.name)[violation.kind]++;
	say(`${"fault".padEnd(48)} injected missed  lost doubled disorder other  seconds (mean, most)`);
	for (const [name, row] of table) {
		if (!row.seconds.length) continue;
		const mean = row.seconds.reduce((sum, s) => sum + s, 0) / row.seconds.length;
		say(`${name.padEnd(48)} ${String(row.injected).padStart(8)} ${String(row.missed).padStart(6)} ${String(row.lost).padStart(5)} ${String(row.doubled).padStart(7)} ${String(row["out of order"]).padStart(8)} ${String(row.other).padStart(5)}  ${mean.toFixed(1)}, ${Math.max(...row.seconds).toFixed(1)}`);
	}
	for (const { invariant, what, faults: there } of violations.slice(0, 200)) say(`VIOLATION ${invariant}: ${what} (seed ${seed}, fault ${there.map((fault) => `${fault.n} ${fault.name}`).join(" or ") || "none"})`);
	const count = (kind) => violations.filter((one) => one.kind === kind).length, struck = faults.filter((fault) => fault.struck).length, there = results.filter(Boolean);
	const lasted = there.flatMap((one) => one.lasted).sort((a, b) => a - b), sums = there.map((one) => one.counts).reduce((sum, one) => sum.map((n, i) => n + one[i]), Array(6).fill(0));
	for (const fault of faults.filter((one) => one.missed)) say(`# missed: ${fault.n} ${fault.name}: ${fault.missed}`);
	say(`# seed ${seed}, scale ${scale}: ${Math.max(...there.map((one) => one.seconds)) | 0} s in ${worlds} instances, ${sums[0]} applications (${sums[1]} by people), ${sums[2]} messages, ${sums[3]} times at the carrier, ${sums[4]} instructions, ${sums[5]} files in at most ${Math.max(...there.map((one) => one.sessions))} SFTP sessions at once, ${there.reduce((sum, one) => sum + one.innocent, 0)} put back by staff after five killed processes; ` +
		`an application took ${lasted[lasted.length >> 1]?.toFixed(1)} s (median), ${lasted.at(-1)?.toFixed(1)} s (most); messages a second without faults and after them: ${there.map((one) => one.rates.map((n) => n?.toFixed(0)).join(" ")).join(", ")}`);
	say(`torture faults ${struck} missed ${wanted - struck} lost ${count("lost")} doubled ${count("doubled")} out_of_order ${count("out of order")} other ${count("other")}`);
	for (const name of INVARIANTS) say(`${violations.some((one) => one.invariant === name) || there.length < worlds ? "not ok" : "ok"} ${name}`);
	say(struck >= 0.9 * wanted ? "ok nine of ten faults struck" : "not ok nine of ten faults struck");
	return violations.length === 0 && there.length === worlds && struck >= 0.9 * wanted;
}

if (process.send) {
	process.send(await tortured());
	process.disconnect();
} else {
	process.exitCode = report(worlds > 1 ? await sideBySide() : [await tortured()]) ? 0 : 1;
}
