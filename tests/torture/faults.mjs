// The faults: a line and a function each. Those of one track follow one another, the tracks run side by side. A function makes its
// load, does its harm, waits until the harm was done (what never strikes throws Missed and is not counted), and takes it away again.
import { POINTS } from "../web/crashing.mjs";
import { until } from "./wait.mjs";
import { FILE_FAULTS } from "./faults_files.mjs";
import { INSTRUCTION_FAULTS } from "./faults_instructions.mjs";
import { QUEUE_FAULTS } from "./faults_queue.mjs";
import { Missed, between, down, killedAt, link, messages, on, one, partKilled, pause, stoppedAt, strikes, under } from "./harm.mjs";
import { CARRIER } from "./world.mjs";

// ---- what the carrier answers ----

// The next `times` messages of one kind get this answer. after: what is done about it.
const answers = (then, { action = "account", times, delay, after = () => {} } = {}) => async (t, r) => {
	const count = times ?? between(r, 1, 4), rule = { match: { action }, times: count, then: typeof then === "function" ? then(t, r) : then };
	if (delay) rule.delay_ms = Math.round(delay * t.timeout);
	const hits = t.script([rule]);
	await under(t, messages(2), async () => {
		try {
			await strikes(t, "such a message", () => hits().length > 0);
			await until("all of them", () => hits().length >= count, 2).catch(() => {});
		} finally {
			t.script([]);
		}
		await after(t, hits()[0]);
	});
};
// Our credential is refused: the connection waits for people.
async function resume(t) {
	await strikes(t, "the connection waits", async () => (await t.value(`SELECT count(*) FROM carrier_connection WHERE id = '${t.connection}' AND suspended_at IS NOT NULL`)) === "1");
	await t.ctl("carrier", "resume", CARRIER);
}
// The car's data are refused after the account was taken: nothing is undone, staff asks again.
async function askAgain(t, hit) {
	const request = JSON.parse(hit.body).RequestID;
	const [state] = await strikes(t, "what became of it", async () => (await t.sql(`SELECT m.state FROM t1_message m LEFT JOIN job j ON j.kind = 't1_send' AND j.subject = m.id
		WHERE m.request_id = '${request}' AND (m.state = 'done' OR j.dead_at IS NOT NULL)`))[0]);
	if (state === "refused") await t.ctl("t1", "retry", request);
}
// Nothing usable from anybody until the breaker opens; then all is well again.
const storm = (then) => async (t) => {
	const hits = t.script([{ then }]);
	await under(t, messages(3), async () => {
		try {
			await strikes(t, "such messages", () => hits().length > 0);
			const open = async () => (await t.value(`SELECT count(*) FROM lane WHERE name = 't1:${t.connection}' AND state <> 'closed'`)) === "1";
			await until("the breaker opens", async () => hits().length > 60 || (await open()), 20).catch(() => {});
		} finally {
			t.script([]);
		}
	});
};
// Messages are only taken at first; their results are told later, or before the answer is here, to an endpoint that is killed meanwhile.
async function twoStages(t, r) {
	const from = t.accepted.length, profile = (change) => t.sql(`UPDATE carrier_connection SET profile = ${change} WHERE id = '${t.connection}'`);
	const kept = async () => Number(await t.value("SELECT count(*) FROM t1_message WHERE result IS NOT NULL")), before = await kept(), wanted = before + between(r, 2, 6);
	await profile(`profile || '{"completion": "callback"}'`);
	t.script([{ match: { action: "account" }, times: 2, delay_ms: Math.round(0.4 * t.timeout), then: { pass: true } }]);
	try {
		await under(t, messages(2), async () => {
			for (const [what, enough] of [["a result", before + 1], ["more results", wanted]]) {
				await strikes(t, what, async () => (await t.calls.tell(t.accepted.slice(from).map((line) => line.RequestID)), (await kept()) >= enough));
				t.signal(one(t.part("realname-instruction").workers, r), "SIGKILL");
			}
		});
	} finally {
		t.script([]);
		await profile("profile - 'completion'");
	}
	await until("every result was told", async () => (await t.calls.tellAll()) === 0, 30 + 120 * t.scale);
	await t.progress();
}
// A short message's provider.
const sms = (then, delay) => async (t, r) => {
	const hits = t.script([{ times: between(r, 1, 3), then, ...(delay && { delay_ms: Math.round(delay * t.timeout) }) }], "sms");
	await under(t, messages(1), async () => {
		try {
			await strikes(t, "a short message", () => hits().length > 0);
		} finally {
			t.script([], "sms");
		}
	});
};

const carrier = on("carrier"), jobs = on("jobs"), web = on("web"), message = on("sms");
// F5: the commit is done, and whoever asked for it never hears so.
const commitUnheard = (name) => link((t, r) => ({ link: name, toxic: "limit_data", stream: "down", contains: "commit", bytes: 0, times: between(r, 1, 3) }));
// The same for statements that commit by themselves: claims.
const claimUnheard = link((t, r) => ({ link: "jobs", toxic: "limit_data", stream: "down", contains: "s", bytes: between(r, 0, 60), times: 2 }));

// ---- processes ----

const workers = (choose, signal) => async (t, r) => {
	await t.load(2);
	const all = t.workers;
	if (!all.length) throw new Missed("no workers");
	t.signal(choose(all, r), signal);
	if (signal === "SIGSTOP") {
		await pause(1.5 * t.lease);
		t.wake();
	}
	await t.progress();
};
async function parentKilled(t) {
	await t.load(2);
	t.signal(t.parent, "SIGKILL");
	await t.progress();
}
// ---- the database ----

async function databaseRestarted(t) {
	await t.load(2);
	t.signal(t.postmaster, "SIGQUIT"); // -m immediate: no last words, recovery at the start
	await t.progress();
}
async function backendKilled(t) {
	await t.load(2);
	const pid = await t.value("SELECT pid FROM pg_stat_activity WHERE usename = 'realname_jobs' ORDER BY state_change DESC LIMIT 1");
	if (!pid) throw new Missed("no backend");
	t.signal(Number(pid), "SIGKILL"); // the server ends all others too
	await t.progress();
}
const terminated = (who, times) => async (t) => {
	for (let n = 0; n < times; n++) {
		await t.load(1);
		await t.sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = ANY ('{${who}}') AND application_name <> 'feed'`).catch(() => {});
		if (n + 1 < times) await pause(500);
	}
	await t.progress();
};
// ---- the clock ----

const clock = (seconds) => async (t) => {
	if (!t.clockCanBeFaked) throw new Missed("libfaketime is not installed");
	await t.load(2);
	t.clock(seconds);
	try {
		await Promise.all([t.progress(), t.calls.load(1)]);
		await pause(0.3 * t.lease);
		await t.progress();
	} finally {
		t.clock(0);
	}
	await t.progress();
};

// ---- the queue itself ----

// F22: a message that kills whoever builds it ends as a dead letter, alone; when it is mended an operator puts it back.
async function poison(t) {
	const made = await t.submit(30); // its last message is sent long after this
	const message = await t.value(`SELECT m.id FROM t1_message m JOIN application_card ac ON ac.id = m.application_card_id WHERE ac.application_id = '${made.application}' ORDER BY m.sequence DESC LIMIT 1`);
	t.crashAt("t1.build", 0, 11, message);
	let job;
	try {
		await t.load(4);
		job = await strikes(t, "the dead letter", async () => (await t.sql(`SELECT j.id, j.dead_cause FROM job j JOIN t1_message m ON m.id = j.subject WHERE m.id = '${message}' AND j.dead_at IS NOT NULL
			UNION ALL SELECT -1, m.state FROM t1_message m WHERE m.id = '${message}' AND m.state = 'done'`))[0], 90 + 300 * t.scale);
	} finally {
		t.forgetCrash("t1.build");
	}
	if (job[0] === "-1") throw new Missed("it was sent already");
	const innocent = await t.value(`SELECT count(*) FROM job WHERE dead_cause = 'kills_worker' AND subject <> '${message}'`);
	if (innocent !== "0") t.violation("I1", `${innocent} messages that kill nobody became dead letters beside one that does`);
	await t.ctl("requeue", "--dead");
}
// name, track, how often in a deck, function
export const FAULTS = [
	...[["cut", { cut: true }], ["garbage", { garbage: true }], ["truncated", (t, r) => ({ truncate: between(r, 0, 60) })], ["other id", { other_request_id: true }], ["wrong types", { wrong_type: true }],
		["604", { error: "604" }], ["500", { status: 500 }], ["502", { status: 502, body: "<html>bad gateway</html>" }], ["503 after it was done", { status: 503, process: true }], ["429", { status: 429 }],
		["301", { status: 301 }], ["200 empty", { status: 200, body: "" }], ["70 KB", { status: 200, body: "x".repeat(70000) }]].map(([name, then]) => [`answer ${name}`, "carrier", 2, answers(then)]),
	["answer cut, vehicle", "carrier", 2, answers({ cut: true }, { action: "vehicle" })],
	["answer too late", "carrier", 2, answers({ pass: true }, { delay: 1.3, times: 2 })],
	["answer slow", "carrier", 2, answers({ pass: true }, { delay: 0.5 })],
	...["400", "501", "证件号码有误"].map((cause) => [`answer ${cause}: refused`, "carrier", 1, answers({ error: cause }, { times: 1 })]),
	["answer 400 to a vehicle", "carrier", 1, answers({ error: "400" }, { action: "vehicle", times: 1, after: askAgain })],
	...[["401", { error: "401" }], ["405", { error: "405" }], ["HTTP 403", { status: 403 }]].map(([name, then]) => [`answer ${name}: suspended`, "carrier", 1, answers(then, { times: 1, after: resume })]),
	["accepted in two stages", "carrier", 2, twoStages],
	["storm of 503", "carrier", 1, storm({ status: 503 })],
	["storm of cuts", "carrier", 1, storm({ cut: true })],
	["SMS cut", "carrier", 1, sms({ cut: true })],
	["SMS 500", "carrier", 1, sms({ status: 500 })],
	["SMS garbage", "carrier", 1, sms({ garbage: true })],
	...Object.entries(carrier).map(([name, fault]) => [`link to carrier: ${name}`, "links", 2, fault]),
	["link to carrier: down", "links", 2, down("carrier")],
	...Object.entries(jobs).filter(([name]) => name !== "slow_close").map(([name, fault]) => [`link to database: ${name}`, "links", 2, fault]),
	["link to database: down", "links", 2, down("jobs")],
	...["reset", "cut_up", "cut_down", "latency"].map((name) => [`link of the pages to database: ${name}`, "links", 1, web[name]]),
	...["reset", "blackhole", "cut_down"].map((name) => [`link to SMS: ${name}`, "links", 1, message[name]]),
	["commit unheard", "links", 5, commitUnheard("jobs")],
	["commit unheard, pages", "links", 2, commitUnheard("web")],
	["answer of the database unheard", "links", 2, claimUnheard],
	...POINTS.filter((point) => /^(job|t1)\./.test(point) && point !== "t1.build").map((point) => [`killed at ${point}`, "processes", 2, killedAt(point)]),
	...["t1.after_attempt_commit", "t1.after_send", "job.before_result_commit", "job.claimed"].map((point) => [`stopped at ${point}`, "processes", 1, stoppedAt(point)]),
	["a worker killed", "processes", 4, workers(one, "SIGKILL")],
	["all workers killed", "processes", 2, workers((all) => all, "SIGKILL")],
	["a worker stopped", "processes", 2, workers(one, "SIGSTOP")],
	["parent killed", "processes", 2, parentKilled],
	["page process killed", "processes", 2, partKilled("realname-web", "child")],
	["page parent killed", "processes", 1, partKilled("realname-web", "parent")],
	["carrier killed", "processes", 2, partKilled("standin_carrier", "parent")],
	["SMS provider killed", "processes", 1, partKilled("standin_sms", "parent")],
	["database restarted", "processes", 2, databaseRestarted],
	["a backend killed", "processes", 2, backendKilled],
	["backends terminated", "processes", 3, terminated("realname_jobs,realname_web", 1)],
	["backends terminated, 2 a second", "processes", 1, terminated("realname_jobs", 4)],
	...[[-3600, "an hour back"], [3600, "an hour ahead"], [86400, "a day ahead"]].map(([seconds, name]) => [`clock ${name}`, "processes", 1, clock(seconds)]),
	["poison", "processes", 1, poison],
	...QUEUE_FAULTS,
	...FILE_FAULTS,
	...INSTRUCTION_FAULTS,
];
