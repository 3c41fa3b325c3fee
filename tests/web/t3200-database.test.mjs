// The database is away, is killed, or drops our connections: a page says so, no process ends, and all is well again by itself.
import assert from "node:assert/strict";
import { readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { importCars } from "./cars.mjs";
import { cardStates, Instance, journey, until } from "./client.mjs";

const instance = Instance.shared();
const socket = join(instance.endpoints.database_socket, ".s.PGSQL.5432");
const server = () => Number(readFileSync(join(instance.runDir, "pg/postmaster.pid"), "utf8").split("\n")[0]);
const workers = () => [...instance.log("web").matchAll(/died signal/g)].length;

test("no database: 503 with what was saved, also as JSON; then back by itself", async () => {
	const [car] = await importCars(instance), v = await journey(instance, car, { stop: "phone" }), crashes = workers();
	const sessions = instance.sessions("realname_web", "realname_jobs");
	renameSync(socket, `${socket}.away`);
	try {
		await instance.endSessions(sessions);
		const page = await until("503", async () => {
			const answer = await v.request("GET", "/register/phone");
			return answer.status === 503 && answer;
		});
		assert.match(page.html, /<link rel="stylesheet"/);
		assert.ok(page.has("保存"), page.text);
		assert.ok(page.headers["retry-after"]);
		assert.equal((await v.request("GET", "/")).status, 503);
		assert.equal((await v.json("/register/phone")).json.error, "unavailable");
		assert.equal((await v.send("/register/phone", { phone: "13800138000" })).status, 503);
		assert.equal((await v.request("GET", "/healthz")).status, 200, "the site itself is up");
		const ready = await v.request("GET", "/readyz");
		assert.deepEqual([ready.status, ready.json.database], [503, false]);
	} finally {
		renameSync(`${socket}.away`, socket);
	}
	await instance.readyEverywhere(v);
	assert.equal((await v.get("/register/phone")).path, "/register/phone", "nothing is lost");
	assert.equal(workers(), crashes, "no worker died of it");
	v.close();
});

// The next n changes of this draft fail as PostgreSQL fails one of two that are in each other's way.
function busy(v, n) {
	instance.sql(`DROP TRIGGER IF EXISTS busy ON application; DROP FUNCTION IF EXISTS busy(); DROP SEQUENCE IF EXISTS busy;
		CREATE SEQUENCE busy; CREATE FUNCTION busy() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
		IF NEW.id = '${instance.value(`SELECT ${v.draft}`)}' AND nextval('busy') <= ${n} THEN RAISE EXCEPTION 'in the way' USING ERRCODE = '40001'; END IF; RETURN NEW; END $$;
		CREATE TRIGGER busy BEFORE UPDATE ON application FOR EACH ROW EXECUTE FUNCTION busy()`);
}

test("in each other's way: tried once more without being asked, and kept once", async (t) => {
	const [car] = await importCars(instance), v = await journey(instance, car, { stop: "code" }), code = await instance.code(v.number);
	t.after(() => instance.sql("DROP TRIGGER busy ON application; DROP FUNCTION busy(); DROP SEQUENCE busy"));
	const audits = (action) => instance.value(`SELECT count(*) FROM audit WHERE application_id = ${v.draft} AND action = '${action}'`);
	busy(v, 1);
	const began = Date.now();
	await v.post("/register/code", { code });
	if (v.page.status === 503 && Date.now() - began > 2000) await v.post("/register/code", { code }); // too late for another try by itself: the machine stood still
	assert.equal(v.page.path, "/register/front", "the new session id is the one that was kept");
	assert.equal(audits("draft.phone_proved"), "1");
	assert.match(instance.log("web"), /retry .*route=\/register\/\*/);
	busy(v, 2);
	const page = await v.send("/register/vehicle", { vin: car.vin, proof: car.proof });
	assert.equal(page.status, 503, "once, not without end");
	assert.ok(page.has("保存"));
	assert.equal((await v.get("/register/front")).path, "/register/front");
	v.close();
});

test("our connections are cut again and again during journeys", async () => {
	const cars = await importCars(instance, 3);
	let done = false, cuts = 0;
	const claims = () => Number(instance.value("SELECT last_value FROM job_claim"));
	const cutting = (async () => {
		while (!done) {
			const before = claims();
			await until("jobs are taken again", () => done || claims() >= before + 2, 60);
			cuts += instance.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'realname_jobs' ORDER BY random() LIMIT 1").length;
		}
	})();
	const all = await Promise.all(cars.map((car) => journey(instance, car)));
	for (const v of all) await cardStates(instance, v.application, ["done"], 60);
	done = true;
	await cutting;
	assert.ok(cuts >= 5, `${cuts} cuts`);
	for (const car of cars) {
		const ids = new Set(instance.received("carrier").filter((m) => m.decrypted?.ICCID === car.cards[0].iccid).map((m) => JSON.parse(m.body).RequestID));
		assert.equal(ids.size, 2);
	}
	all.forEach((v) => v.close());
});

test("the server crashes in the middle: nothing that was answered is lost", async () => {
	const [car] = await importCars(instance), v = await journey(instance, car, { stop: "check" }), before = server();
	process.kill(before, "SIGQUIT"); // as "pg_ctl stop -m immediate"
	await until("another server", () => {
		try {
			return server() !== before;
		} catch {
			return false; // its file comes and goes
		}
	});
	const page = await until("the page", async () => {
		const answer = await v.request("GET", "/register/check");
		return answer.status === 200 && answer;
	});
	assert.ok(page.value("token"));
	// Another worker may still believe that it is away, for a second.
	await until("the submission", () => v.submit().then(() => v.page.path === "/register/done"));
	await cardStates(instance, v.page.text.match(/受理编号\s*([0-9A-Za-z-]+)/)[1], ["done"], 60);
	v.close();
});

test("web workers that are killed are there again at once", async () => {
	const [car] = await importCars(instance), v = await journey(instance, car, { stop: "phone" });
	const pids = instance.workers();
	assert.ok(pids.length > 0);
	for (const pid of pids) process.kill(pid, "SIGKILL");
	await until("an answer", async () => (await v.request("GET", "/register/phone")).status === 200);
	v.close();
});
