// The background program is killed: at every named point, and at random during journeys. Nothing is lost, nothing is sent twice under
// another RequestID or with other bytes, and the account message goes before the vehicle message.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";

import { importCars } from "./cars.mjs";
import { Instance, journey, until } from "./client.mjs";
import { TOP } from "./instance.mjs";

const BUILD = resolve(TOP, process.env.BUILD ?? "build");
const POINTS = [...readFileSync(join(TOP, "cgi/jobs/crash.h"), "utf8").matchAll(/^#define CRASH_\w+ "([^"]+)"/gm)].map((m) => m[1]);
let instance;

// The instance runs the program that has crash points; the file crash.env in its folder says at which one to die.
before(async () => {
	const work = process.env.WORK ?? "/tmp", build = join(work, "crash-build");
	execFileSync("make", ["--no-print-directory", `BUILD=${BUILD}`, `${BUILD}/crash/realname-jobs`], { cwd: TOP, stdio: "pipe" });
	mkdirSync(build, { recursive: true });
	for (const part of ["bin", "static"]) cpSync(join(BUILD, part), join(build, part), { recursive: true });
	cpSync(join(BUILD, "crash/realname-jobs"), join(build, "bin/realname-jobs.real"));
	rmSync(join(build, "bin/realname-jobs"));
	writeFileSync(join(build, "bin/realname-jobs"), '#!/bin/sh\nhere=$(dirname "$0")/../..\n[ ! -e "$here/crash.env" ] || . "$here/crash.env"\nexec "$0.real" "$@"\n');
	for (const name of ["bin/realname-jobs", "bin/realname-jobs.real"]) chmodSync(join(build, name), 0o755);
	instance = await Instance.start("crashes", { REALNAME_JOBS_WORKERS: "2", REALNAME_JOB_POLL_MS: "50" }, build);
});
after(() => instance?.stop());

// Processes of the background program, the parent first.
function processes() {
	const place = join(readFileSync(join(instance.runDir, "endpoints.json"), "utf8").match(/"ca": "(.*)\/tls\/ca.pem"/)[1], "app/bin/realname-jobs");
	return execFileSync("ps", ["-eo", "pid=,args="], { encoding: "utf8" }).split("\n").map((line) => line.trim().split(/\s+/))
		.filter(([, ...words]) => words.some((word) => word.startsWith(place))).map(([pid]) => Number(pid)).sort((a, b) => a - b);
}
function kill(pids) {
	for (const pid of pids) {
		try {
			process.kill(pid, "SIGKILL");
		} catch (error) {
			if (error.code !== "ESRCH") throw error;
		}
	}
}
// The leases of the dead run out.
const time = () => instance.sql("UPDATE job SET lease_until = now() - interval '1 second' WHERE lease_until > now(); UPDATE job SET run_at = now() WHERE run_at > now()");
const messages = (car) => instance.received("carrier").filter((m) => m.decrypted?.ICCID === car.cards[0].iccid);

async function assertDone(v, car) {
	await until(`${v.application} done`, () => {
		const state = instance.value(`SELECT ac.state FROM application a JOIN application_card ac ON ac.application_id = a.id WHERE a.number = '${v.application}'`);
		if (state !== "done") instance.sql("UPDATE job SET run_at = now() WHERE run_at > now(); UPDATE job SET lease_until = now() - interval '1 second' WHERE lease_until < now() + interval '26 seconds'");
		return state === "done";
	}, 60);
	const all = messages(car);
	for (const kind of ["account", "vehicle"]) assert.equal(new Set(all.filter((m) => m.action === kind).map((m) => m.body)).size, 1, `${kind}: one RequestID and one body in ${all.length} messages`);
	assert.ok(all.findIndex((m) => m.action === "account") < all.findIndex((m) => m.action === "vehicle"));
	assert.deepEqual(instance.accepted().filter((m) => m.ICCID === car.cards[0].iccid).map((m) => m.kind), ["account", "vehicle"]);
	assert.equal(instance.value(`SELECT count(*) FROM registration g JOIN card c ON c.id = g.card_id WHERE c.iccid = '${car.cards[0].iccid}'`), "1");
	assert.equal(instance.value(`SELECT count(*) FROM audit u JOIN application a ON a.id = u.application_id WHERE a.number = '${v.application}' HAVING count(*) = max(u.number)`) !== undefined, true, "audit without gaps");
}

for (const point of POINTS)
	for (const count of point.startsWith("t1.") ? [1, 2] : [1])
		test(`killed at ${point}, time ${count}`, async () => {
			const [car] = await importCars(instance), v = await journey(instance, car, { stop: "check" });
			const data = instance.endpoints.ca.replace(/\/tls\/ca.pem$/, ""), mark = join(data, `crash-${point}-${count}`), file = join(data, "crash.env");
			writeFileSync(`${file}.new`, `export REALNAME_CRASH=${point}:${count} REALNAME_CRASH_MARK=${mark} REALNAME_JOBS_WORKERS=1\n`, { mode: 0o644 });
			chmodSync(`${file}.new`, 0o644);
			renameSync(`${file}.new`, file);
			kill(processes());
			await until("the program again", () => processes().length >= 2);
			await v.submit();
			v.application = v.page.text.match(/受理编号\s*([0-9A-Za-z-]+)/)[1];
			// One worker, so that the second time comes to the same process: it is the vehicle message.
			await until(`a death at ${point}`, () => existsSync(mark));
			rmSync(file);
			kill(processes());
			await until("the program again", () => processes().length >= 3);
			time();
			await assertDone(v, car);
			v.close();
		});

test("killed at random during twenty journeys", async () => {
	const cars = await importCars(instance, 20);
	let going = true, deaths = 0;
	const killing = (async () => {
		while (going) {
			const all = processes(), some = Math.random() < 0.3 ? all : all.slice(1).filter(() => Math.random() < 0.6);
			kill(some);
			deaths += some.length;
			// The leases of those that died; a live one that is taken away from notices by its token.
			instance.sql("UPDATE job SET lease_until = now() - interval '1 second' WHERE lease_until > now()");
			instance.sql("UPDATE job SET run_at = now() WHERE run_at > now()");
			await new Promise((done) => setTimeout(done, 100 + Math.random() * 300));
		}
	})();
	const people = [];
	try {
		for (let n = 0; n < cars.length; n += 5) people.push(...(await Promise.all(cars.slice(n, n + 5).map((car) => patient(car)))));
		for (const [i, v] of people.entries()) {
			if (i === 10) going = false;
			await assertDone(v, cars[i]);
		}
	} finally {
		going = false;
		await killing;
	}
	assert.ok(deaths > 5, `${deaths} deaths`);
	assert.equal(instance.value("SELECT count(*) FROM job WHERE dead_at IS NOT NULL AND kind = 't1_send'"), "0");
	people.forEach((v) => v.close());
});

// Does a journey as a person does whose pages sometimes say "busy, try again".
async function patient(car) {
	for (let n = 0; ; n++) {
		try {
			return await journey(instance, car);
		} catch (error) {
			if (n === 8) throw error;
		}
	}
}
