// What carries files dies, sleeps and is more than the carrier allows: every file arrives once and whole, and the server never counts
// more than twenty sessions.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, openSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { importCars } from "./cars.mjs";
import { cardStates, journey, until } from "./client.mjs";
import { Crashing, POINTS, alive, signal } from "./crashing.mjs";
import { decrypted, order, orderAll, Relay, rows, server, sessionsCounted, sha256, unzipped, uploaded } from "./files.mjs";

const OURS = ["job.claimed", ...POINTS.filter((point) => point.startsWith("sftp."))];
const STALL_S = 5;
let crashing, instance, relay, car;
let orders = 0;
const nextId = () => `C${String(Date.now())}X${String(++orders).padStart(8, "0")}`;
const file = (id) => rows(instance, car, `f.id = '${id}'`)[0];

function assertWhole(row) {
	const bin = readFileSync(join(row.folder, `${row.name}.bin`));
	assert.equal(sha256(bin), row.sha256);
	assert.ok(unzipped(decrypted(instance, bin)).length >= 6);
	assert.ok(!existsSync(join(row.folder, `${row.name}.bin.tmp`)));
}
const delivered = (id, seconds = 20) => until("delivered", () => file(id).state === "done", seconds).then(() => assertWhole(file(id)));

before(async () => {
	crashing = await Crashing.start("files-crash-instance", {
		REALNAME_JOBS_WORKERS: "1", REALNAME_SFTP_WORKERS: "1", REALNAME_SFTP_STALL_S: String(STALL_S), REALNAME_JOB_POLL_MS: "50", REALNAME_OUTBOUND_CONNECT_MS: "1500",
	});
	({ instance } = crashing);
	[car] = await importCars(instance);
	const v = await journey(instance, car);
	await cardStates(instance, v.application);
	v.close();
	await until("its file", () => rows(instance, car)[0]?.state === "done");
	relay = await new Relay().start(server(instance).port);
	instance.sql(`UPDATE carrier_connection SET profile = jsonb_set(profile, '{sftp,port}', '${relay.port}')`);
});
after(async () => {
	await relay?.stop();
	await instance?.stop();
});

for (const point of OURS)
	test(`killed at ${point}`, async () => {
		const mark = join(crashing.data, `mark-${point}`);
		await crashing.restart({ REALNAME_CRASH: point, REALNAME_CRASH_MARK: mark, REALNAME_SFTP_STALL_S: 30 });
		const id = order(instance, car, nextId());
		await until(`a death at ${point}`, () => existsSync(mark));
		// Missed at once: what the dead one promised to hold is longer than this.
		await delivered(id, 50);
		assert.ok(Number(instance.value(`SELECT deaths FROM job_done WHERE subject = '${id}'`)) >= 1);
	});

test("killed in the middle of an upload: what the server has is written over from the first byte", async () => {
	const mark = join(crashing.data, "mark-half");
	await crashing.restart({ REALNAME_CRASH: "sftp.mid_upload:3", REALNAME_CRASH_MARK: mark, REALNAME_SFTP_STALL_S: 30 });
	const id = order(instance, car, nextId());
	await until("a death", () => existsSync(mark));
	await delivered(id, 50);
});

// Another background program with the same database, as on a second machine.
function another(settings) {
	const all = { ...crashing.environment, ...settings, REALNAME_DATABASE: `host=${instance.endpoints.database_socket} dbname=realname user=realname_jobs` };
	return spawn(join(crashing.data, "app/bin/realname-jobs.real"), ["--config", join(crashing.data, "realname.conf")], {
		stdio: ["ignore", "ignore", openSync(join(instance.runDir, "log/another.log"), "a")], uid: statSync(crashing.data).uid, gid: statSync(crashing.data).gid, env: { PATH: process.env.PATH, REALNAME_JOB_DELAY_SCALE: "0.02", ...all },
	});
}
async function ended(program) {
	program.kill("SIGTERM");
	await new Promise((done) => (program.exitCode !== null ? done() : program.once("exit", done)));
}

test("stopped for longer than what it holds, then woken up: it ends before it can touch anything", async () => {
	const stall = 15; // its parent ends it after 70 s
	await crashing.restart({ REALNAME_SFTP_STALL_S: stall });
	const couriers = () => instance.sql("SELECT pid FROM worker WHERE role = 'sftp'").map(([pid]) => Number(pid)).filter(alive);
	const [sleeper] = await until("the courier", () => couriers().length === 1 && couriers());
	const holds = (id) => instance.value(`SELECT count(*) FROM job j JOIN worker w ON w.id = j.worker WHERE j.subject = '${id}' AND j.claim IS NOT NULL AND w.pid = ${sleeper}`) === "1";
	relay.hangAfter = 300000; // so that it is in the middle of a file
	let id, stopped;
	do {
		signal([sleeper], "SIGCONT");
		id = order(instance, car, nextId());
		await until("it is in the middle of a file", () => holds(id) && file(id).state === "prepared");
		signal([sleeper], "SIGSTOP");
		stopped = Date.now();
	} while (!holds(id));
	relay.hangAfter = Infinity;
	relay.drop();
	// The sleeper still has its connection to the database: its job is free when its lease is over, and another one takes it.
	instance.sql(`UPDATE job SET run_at = now() - interval '1 second' WHERE subject = '${id}'`);
	const extra = another({ REALNAME_SFTP_STALL_S: stall });
	try {
		await until("delivered by another", () => (instance.sql("DELETE FROM lane"), file(id).state === "done"), 60);
		assertWhole(file(id));
		const written = instance.value(`SELECT md5(t1_file::text) FROM t1_file WHERE id = '${id}'`);
		await until("its clock has run down", () => Date.now() > stopped + (stall + 1) * 1000);
		signal([sleeper], "SIGCONT");
		await until("it ends", () => !alive(sleeper));
		assert.match(instance.log("jobs"), new RegExp(`pid=${sleeper} died signal=14`));
		assert.equal(instance.value(`SELECT md5(t1_file::text) FROM t1_file WHERE id = '${id}'`), written);
		assertWhole(file(id));
	} finally {
		relay.hangAfter = Infinity;
		signal([sleeper], "SIGCONT");
		await ended(extra);
	}
});

test("stopped and never woken up: people are told, its parent ends it, and its slot goes on", async () => {
	await crashing.restart({ REALNAME_SFTP_STALL_S: 3 });
	const [sleeper] = await until("the courier", () => (instance.sql("DELETE FROM lane"), instance.sql("SELECT pid FROM worker WHERE role = 'sftp' AND missed_at IS NULL").map(([pid]) => Number(pid)).filter(alive)).length === 1 && crashing.processes().workers.filter((pid) => instance.value(`SELECT role FROM worker WHERE pid = ${pid}`) === "sftp"));
	const { parent } = crashing.processes(), keeps = () => instance.value(`SELECT count(*) FROM sftp_slot s JOIN worker w ON w.id = s.worker WHERE w.pid = ${sleeper}`) === "1";
	relay.hangAfter = 300000;
	try {
		const id = order(instance, car, nextId());
		await until("it is in the middle of a file", () => keeps() && file(id).state === "prepared");
		signal([parent, sleeper], "SIGSTOP"); // at first with its parent, as when a whole machine is stopped
		relay.hangAfter = Infinity;
		instance.sql("UPDATE sftp_slot SET held_until = now() - interval '2 minutes' WHERE worker IS NOT NULL");
		instance.sql("UPDATE job_schedule SET next_at = now() WHERE kind = 'sftp_slots'");
		await until("the alarm", () => new RegExp(`alarm sftp_slots destination=\\S+ slot=\\d+ is kept by host=\\S+ pid=${sleeper}, .*kill -9`).test(instance.log("jobs")));
		assert.ok(keeps(), "its session is still there, nobody may take its slot");
		signal([parent], "SIGCONT");
		await until("its parent ends it", () => !alive(sleeper), 60);
		assert.match(instance.log("jobs"), new RegExp(`pid=${sleeper} was stopped for too long`));
		await until("its slot is free", () => !keeps());
		await delivered(id, 60);
	} finally {
		relay.hangAfter = Infinity;
		signal([parent, sleeper], "SIGCONT");
	}
});

test("thirty that could, twenty that may: the server counts", async () => {
	instance.sql(`UPDATE carrier_connection SET profile = jsonb_set(profile, '{sftp,port}', '${server(instance).port}')`);
	const settings = { REALNAME_SFTP_STALL_S: 20, REALNAME_JOB_DELAY_SCALE: 1 }; // a session without work lasts for seconds then
	await crashing.restart({ ...settings, REALNAME_SFTP_WORKERS: 20 });
	const from = readFileSync(join(instance.runDir, "log/sftp.log"), "utf8").length;
	const extra = another({ ...settings, REALNAME_SFTP_WORKERS: 10 });
	try {
		await until("thirty couriers", () => instance.value("SELECT count(*) FROM worker WHERE role = 'sftp' AND missed_at IS NULL") === "30");
		const ids = orderAll(instance, car, Array.from({ length: 40 }, nextId));
		await until("all slots taken", () => instance.value("SELECT count(*) FROM sftp_slot WHERE worker IS NOT NULL") === "20");
		assert.throws(() => instance.sql("INSERT INTO sftp_slot (destination, number) VALUES ('x:22', 21)"), /sftp_slot_number_check/);
		await until("all delivered", () => ids.every((id) => file(id).state === "done"), 120);
		for (const id of ids) assertWhole(file(id));
		const most = sessionsCounted(instance, from);
		assert.ok(most > 15 && most <= 20, `${most} sessions at once`);
	} finally {
		await ended(extra);
	}
});

test("nothing was lost, doubled or left", async () => {
	await until("no job is left", () => instance.value("SELECT count(*) FROM job") === "0", 30);
	const all = instance.sql("SELECT folder || name || '.bin', state FROM t1_file").map(([path, state]) => (assert.equal(state, "done"), path)).sort();
	assert.deepEqual(uploaded(instance).map((path) => join(server(instance).folder, path)), all);
	assert.equal(instance.value("SELECT count(*) FROM audit WHERE action = 'file.delivered'"), String(all.length), "delivered once each");
});
