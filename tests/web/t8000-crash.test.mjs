// What survives when things die: the background program at every named point, a worker that sleeps longer than its lease (at random, and
// everything else: make torture). Every submission that was answered with 已受理 reaches 实名成功; the carrier sees one RequestID and one
// body for each message, and accepts the account before the vehicle.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { importCars } from "./cars.mjs";
import { cardStates, journey, newPhone, until } from "./client.mjs";
import { Crashing, POINTS, alive, signal } from "./crashing.mjs";
import { decrypted, sha256, unzipped, uploaded } from "./files.mjs";

const OURS = POINTS.filter((point) => /^(job|t1)\./.test(point)); // those of files: t8100; of batches: tests/db/test_batch.c
const RUNS = OURS.flatMap((point) => [[point, 1], [point, 2]]); // 1: at the account message, 2: at the vehicle message
const submitted = []; // {number, iccid} of everything that was answered with 已受理
let crashing, instance, data;

before(async () => {
	crashing = await Crashing.start("crash-instance", {
		REALNAME_JOBS_WORKERS: "3", REALNAME_T1_WORKERS: "1", REALNAME_SFTP_WORKERS: "1", REALNAME_JOB_POLL_MS: "50", REALNAME_JOB_LEASE_S: "1", REALNAME_SFTP_STALL_S: "3",
		REALNAME_OUTBOUND_TIMEOUT_MS: "3000", REALNAME_OUTBOUND_CONNECT_MS: "1000", REALNAME_SMS_VIN_DAY: "1000", REALNAME_SMS_BUDGET_DAY: "100000",
	});
	({ instance, data } = crashing);
});
after(() => instance?.stop());

const processes = () => crashing.processes(), restart = (settings) => crashing.restart(settings);
// Time passes: the leases that are held now run out.
const leasesRunOut = () => instance.sql("UPDATE job SET run_at = now() - interval '1 second' WHERE claim IS NOT NULL AND run_at > now()");

async function submit(v, car) {
	await v.submit();
	assert.match(v.page.text, /已受理/);
	v.application = v.page.text.match(/受理编号\s*([0-9A-Za-z-]+)/)[1];
	submitted.push({ number: v.application, iccid: car.cards[0].iccid });
}

// What the carrier saw of a card.
function assertSentOnce({ number, iccid }) {
	const all = instance.received("carrier").filter((m) => m.decrypted?.ICCID === iccid);
	for (const kind of ["account", "vehicle"]) {
		const bodies = all.filter((m) => m.action === kind).map((m) => m.body);
		assert.ok(bodies.length > 0, `${number}: ${kind} was sent`);
		assert.equal(new Set(bodies).size, 1, `${number}: one body in ${bodies.length} ${kind} messages`);
	}
	assert.deepEqual(instance.accepted().filter((m) => m.ICCID === iccid).map((m) => m.kind), ["account", "vehicle"], `${number}: accepted in order`);
}
// What we wrote about all of them: the wrong ones of {number, state, messages with their outcomes, registrations, results told}.
function wronglyWritten() {
	return instance.sql(`SELECT * FROM (SELECT a.number, ac.state,
		(SELECT string_agg(m.kind || ' ' || m.state || ' ' || (SELECT count(*) FROM t1_attempt t WHERE t.message_id = m.id AND t.outcome = 'done'), ', ' ORDER BY m.sequence) FROM t1_message m WHERE m.application_card_id = ac.id) AS messages,
		(SELECT count(*) FROM registration g WHERE g.card_id = ac.card_id) AS registrations,
		(SELECT count(*) FROM sms_message s WHERE s.application_id = a.id AND s.template = 'result_ok') AS told
		FROM application a JOIN application_card ac ON ac.application_id = a.id WHERE a.submitted_at IS NOT NULL) x
		WHERE (x.state, x.messages, x.registrations, x.told) IS DISTINCT FROM ('done', 'account done 1, vehicle done 1', 1, 1)`);
}

test("killed at every named point", async (t) => {
	assert.ok(OURS.length >= 6);
	const cars = await importCars(instance, RUNS.length), people = [];
	for (let n = 0; n < cars.length; n += 4) people.push(...(await Promise.all(cars.slice(n, n + 4).map((car) => journey(instance, car, { stop: "check" })))));
	for (const [i, [point, count]] of RUNS.entries())
		await t.test(`${point}, time ${count}`, async () => {
			const mark = join(data, `mark-${i}`);
			await restart({ REALNAME_CRASH: `${point}:${count}`, REALNAME_CRASH_MARK: mark, REALNAME_JOBS_WORKERS: 1, REALNAME_JOB_LEASE_S: 90 });
			await submit(people[i], cars[i]);
			await until(`a death at ${point}`, () => existsSync(mark));
			// The dead one is missed at once: the lease is longer than this.
			await cardStates(instance, people[i].application, ["done"], 60);
			assertSentOnce(submitted.at(-1));
			people[i].close();
		});
});

test("a carrier that does not answer keeps nobody else waiting", async () => {
	const cars = await importCars(instance, 6), people = await Promise.all(cars.map((car, i) => journey(instance, car, { stop: i < 5 ? "check" : "phone" })));
	await restart({ REALNAME_OUTBOUND_TIMEOUT_MS: 20000 });
	instance.script("carrier", [{ delay_ms: 25000, then: { cut: true } }]); // longer than the time-out of a call
	for (let i = 0; i < 5; i++) await submit(people[i], cars[i]);
	const held = () => Number(instance.value("SELECT count(*) FROM job WHERE kind = 't1_send' AND claim IS NOT NULL AND run_at > now()"));
	await until("five messages that wait for the carrier", () => held() === 5);
	await people[5].phone(newPhone());
	await instance.code(people[5].number);
	await people[5].code();
	assert.equal(people[5].page.path, "/register/front");
	assert.equal(held(), 5, "the code did not wait for the carrier");
	instance.script("carrier");
	for (let i = 0; i < 5; i++) await cardStates(instance, people[i].application);
	for (const v of people) v.close();
});

test("a worker that slept longer than its lease writes nothing", async (t) => {
	const [car] = await importCars(instance), v = await journey(instance, car, { stop: "check" });
	await restart({ REALNAME_OUTBOUND_TIMEOUT_MS: 20000 });
	instance.script("carrier", [{ match: { action: "account" }, times: 1, delay_ms: 10000 }]);
	const before = instance.received("carrier").length, old = processes();
	t.after(() => signal(old.workers, "SIGCONT")); // also when something fails on the way
	await submit(v, car);
	await until("the account message at the carrier", () => instance.received("carrier").length > before);
	signal(old.workers, "SIGSTOP");
	signal([old.parent], "SIGKILL"); // the supervisor starts another one, which is another host for all that the queue knows
	leasesRunOut();
	await cardStates(instance, v.application);
	assertSentOnce(submitted.at(-1));
	await until("the result is told and the pictures are there", () => instance.value("SELECT count(*) FROM job") === "0", 120);
	const tables = ["t1_message", "t1_attempt", "application_card", "registration", "audit", "sms_message", "job"];
	const state = () => tables.map((table) => instance.value(`SELECT count(*) || ':' || coalesce(md5(string_agg(x::text, '|' ORDER BY x::text)), '') FROM ${table} x`));
	const then = state();
	signal(old.workers, "SIGCONT");
	await until("the old workers end", () => !old.workers.some(alive));
	assert.deepEqual(state(), then);
	assert.match(instance.log("jobs"), /kind=t1_send left to its lease: (job|message) .* (no longer held|changed meanwhile)/);
	instance.script("carrier");
	v.close();
});

test("nothing was lost and nothing is left", async () => {
	await restart();
	leasesRunOut();
	await until("no job is left", () => instance.value("SELECT count(*) FROM job") === "0", 180); // files are built meanwhile
	const kept = new Set(instance.sql("SELECT number FROM application WHERE submitted_at IS NOT NULL").map(([number]) => number));
	for (const one of submitted) {
		assert.ok(kept.has(one.number), `${one.number} was answered with 已受理`);
		assertSentOnce(one);
	}
	assert.deepEqual(wronglyWritten(), []);
	// One RequestID for each card and kind, and one body for each RequestID, over everything that the carrier ever got.
	const bodies = new Map(), requests = new Map();
	for (const m of instance.received("carrier")) {
		const id = JSON.parse(m.body).RequestID ?? JSON.parse(m.body).requestId, key = `${m.action} ${m.decrypted.ICCID}`;
		assert.equal(bodies.get(id) ?? m.body, m.body);
		assert.equal(requests.get(key) ?? id, id);
		bodies.set(id, m.body);
		requests.set(key, id);
	}
	assert.equal(requests.size, 2 * kept.size);
	// Every account message has its file, whole, and nothing else is on the carrier's server.
	const files = instance.sql("SELECT folder || name || '.bin', encode(sha256, 'hex'), state FROM t1_file");
	assert.equal(files.length, kept.size);
	for (const [path, hash, state] of files) {
		const bin = readFileSync(path);
		assert.deepEqual([state, sha256(bin)], ["done", hash]);
		assert.ok(unzipped(decrypted(instance, bin)).length >= 6);
	}
	assert.equal(uploaded(instance).length, files.length);
	assert.equal(instance.value("SELECT count(*) FROM application a WHERE audit_count <> (SELECT count(*) FROM audit u WHERE u.application_id = a.id)"), "0");
	for (const table of ["verification", "reading", "sms_message"]) assert.equal(instance.value(`SELECT count(*) FROM ${table} WHERE state = 'waiting'`), "0", table);
});
