// Faults while carriers call: the same again at the same moment, another body, connections that end, the program killed around its commit.
import { until } from "./wait.mjs";
import { Missed, between, instructions, link, on, partKilled, pause, pick, strikes } from "./harm.mjs";

const LOAD = { load: instructions(2) };

// F20: many at once; then, whatever came of them, until it is answered.
async function replayed(t, r) {
	const message = t.calls.make(), answers = await Promise.all(Array.from({ length: between(r, 5, 40) }, () => t.calls.once(message)));
	await t.calls.answered(message);
	if (!answers.some(Boolean)) throw new Missed("none was answered");
}
async function twoBodies(t, r) {
	const message = t.calls.make(), bodies = [message, t.calls.other(message)];
	await Promise.all(Array.from({ length: between(r, 4, 20) }, (_, i) => t.calls.once(bodies[i % 2])));
	await Promise.all(bodies.map((body) => t.calls.answered(body)));
}
// Its file has been delivered, and it comes again: alike, and nothing more happens.
async function late(t, r) {
	const done = [...t.calls.asked.values()].filter((one) => one.answers.size === 1), { message } = done.length ? pick(r, done) : { message: t.calls.make() };
	await t.calls.answered(message);
	await t.calls.carried(message);
	await Promise.all([1, 2, 3].map(() => t.calls.once(message)));
	await t.calls.answered(t.calls.other(message));
}
// The caller sends and goes away; and comes again.
async function goneBeforeAnswer(t, r) {
	const all = Array.from({ length: between(r, 4, 8) }, () => t.calls.make());
	const gone = await Promise.all(all.map((message) => t.calls.drop(message, between(r, 0, 3))));
	await Promise.all(all.map((message) => t.calls.answered(message)));
	if (!gone.some(Boolean)) throw new Missed("all were answered before");
}
// The program is killed while its database has not heard of the instruction, or has committed it and not been heard.
const killedAround = (committed) => async (t) => {
	const message = t.calls.make(), id = await t.links.add({ link: "instruction", toxic: "timeout", timeout_ms: 0, stream: committed ? "down" : "up", contains: message.RequestID });
	const there = async () => (await t.value(`SELECT count(*) FROM t1_instruction WHERE request_id = '${message.RequestID}'`)) === "1";
	const call = t.calls.once(message);
	try {
		if (committed) await strikes(t, "the commit", there);
		else {
			await strikes(t, "a statement on its way", () => t.links.strikes(id) > 0);
			await pause(100);
			if (await there()) throw new Missed("it was committed before");
		}
		t.signal(t.part("realname-instruction").workers, "SIGKILL");
		await call;
	} finally {
		await t.links.remove(id);
	}
	await t.calls.answered(message);
};
// F21: many come while nothing can be delivered, a file for each; all of it follows. At the rates of a storm most of them come again.
const storm = (rate, seconds) => async (t, r) => {
	const id = await t.links.add({ link: "sftp", toxic: "down" }), messages = Array.from({ length: between(r, 15, 30) }, () => t.calls.make());
	try {
		if (rate && !(await t.calls.storm(messages, rate, Math.max(1, Math.round(seconds * t.scale))))) throw new Missed("none was accepted");
		await Promise.all(messages.map((message) => t.calls.answered(message)));
	} finally {
		await t.links.remove(id);
	}
};
async function refused(t, r) {
	await t.sql("ALTER ROLE realname_instruction NOLOGIN");
	const message = t.calls.make();
	try {
		await t.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'realname_instruction'").catch(() => {});
		await until("it is refused", async () => (await t.calls.once(message)) === null, 10);
		await pause(between(r, 0, 400) * t.scale * 20);
	} finally {
		await t.sql("ALTER ROLE realname_instruction LOGIN");
	}
	await t.calls.answered(message);
}

const callers = on("callers", { ...LOAD, up: 800, down: 900 }), database = on("instruction", { ...LOAD, up: 150, down: 60 });
const unheard = link((t, r) => ({ link: "instruction", toxic: "limit_data", stream: "down", bytes: between(r, 0, 30), times: between(r, 1, 3) }), LOAD);

export const INSTRUCTION_FAULTS = [
	["instruction replayed at once", "instructions", 4, replayed],
	["instruction with two bodies at once", "instructions", 3, twoBodies],
	["instruction again after its delivery", "instructions", 2, late],
	["caller gone before the answer", "instructions", 3, goneBeforeAnswer],
	...[["cut_up", 3], ["cut_down", 3], ["reset", 2], ["blackhole", 1], ["sliced", 1], ["latency", 1]].map(([name, often]) => [`link of callers: ${name}`, "instructions", often, callers[name]]),
	...[["cut_up", 2], ["cut_down", 2], ["reset", 1], ["blackhole", 1], ["latency", 1]].map(([name, often]) => [`link of the endpoint to database: ${name}`, "instructions", often, database[name]]),
	["commit of instructions unheard", "instructions", 3, unheard],
	["endpoint killed before the commit", "instructions", 3, killedAround(false)],
	["endpoint killed after the commit", "instructions", 3, killedAround(true)],
	["endpoint process killed", "instructions", 2, partKilled("realname-instruction", "child", instructions(2))],
	["endpoint parent killed", "instructions", 1, partKilled("realname-instruction", "parent", instructions(2))],
	["endpoint refused by the database", "instructions", 1, refused],
	["instructions while files cannot go", "instructions", 1, storm()],
	["storm of 500 instructions a second", "instructions", 1, storm(500, 40)],
	["storm of 2,000 instructions a second", "instructions", 1, storm(2000, 20)],
];
