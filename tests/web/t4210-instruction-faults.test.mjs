// Instructions while things break: what was answered with success is kept, what was not may come again, and there is one of each. And who
// may call by the server's own rules: addresses and client certificates.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { Carrier, loadCarrier } from "./carrier.mjs";
import { importCars, newIccid } from "./cars.mjs";
import { cardStates, Instance, journey, until } from "./client.mjs";

const instance = Instance.shared(), carrier = new Carrier(instance);
const server = () => Number(readFileSync(join(instance.runDir, "pg/postmaster.pid"), "utf8").split("\n")[0]);

let card;
async function registered() {
	if (!card) {
		const [car] = await importCars(instance), visitor = await journey(instance, car);
		await cardStates(instance, visitor.application);
		visitor.close();
		card = car.cards[0].iccid;
	}
	return card;
}

// Sends calls by and by, each again until it is accepted, while act() breaks things. Gives the answers that were not success.
async function storm(total, act) {
	const messages = Array.from({ length: total }, () => carrier.instruction(card)), troubles = [];
	let next = 0, done = 0;
	const acting = act(() => done);
	await Promise.all(Array.from({ length: 16 }, async () => {
		while (next < total) {
			const message = messages[next++];
			await until("accepted", async () => {
				const answer = await carrier.call(message).catch((error) => ({ cause: error.code ?? error.message }));
				if (answer.outcome !== "1") troubles.push(answer.cause);
				return answer.outcome === "1";
			}, 60);
			done++;
		}
	}));
	await acting;
	const ids = messages.map((message) => `'${message.RequestID}'`).join(",");
	assert.deepEqual(instance.sql(`SELECT count(*), count(DISTINCT request_id) FROM t1_instruction WHERE request_id IN (${ids})`), [[String(total), String(total)]]);
	assert.equal(instance.value(`SELECT count(*) FROM t1_file WHERE source = 'HT' AND request_id IN (${ids})`), String(total));
	assert.equal(instance.value(`SELECT count(*) FROM audit u JOIN t1_instruction i ON u.object = 't1_instruction:' || i.id WHERE i.request_id IN (${ids})`), String(total));
	return troubles;
}

test("the database crashes in the middle of a storm: 604 or no connection, and again until accepted", async () => {
	await registered();
	const crashes = () => [...instance.log("instruction").matchAll(/died/g)].length, before = crashes();
	const troubles = await storm(400, async (done) => {
		await until("the storm", () => done() >= 60, 60);
		const old = server();
		process.kill(old, "SIGQUIT"); // as "pg_ctl stop -m immediate"
		await until("another server", () => {
			try {
				return server() !== old;
			} catch {
				return false; // its file comes and goes
			}
		});
	});
	assert.ok(troubles.length > 0, "the crash was felt");
	for (const cause of troubles) assert.match(cause, /^(604|ECONNRESET|socket hang up|no answer within 30 s)$/);
	assert.equal(crashes(), before, "no process of ours died of it");
});

test("one that the database refuses gets 604, and those that came with it are accepted", async () => {
	await registered();
	const poison = newIccid();
	instance.sql(`ALTER TABLE t1_instruction ADD CONSTRAINT poison CHECK (iccid <> '${poison}') NOT VALID`);
	try {
		for (let round = 0; round < 5; round++) {
			const answers = await Promise.all(Array.from({ length: 40 }, (_, i) => carrier.call(carrier.instruction(i === 20 ? poison : card))));
			assert.deepEqual(answers.map((answer) => answer.cause), answers.map((_, i) => (i === 20 ? "604" : undefined)));
		}
	} finally {
		instance.sql("ALTER TABLE t1_instruction DROP CONSTRAINT poison");
	}
});

test("our connections to the database are cut again and again", async () => {
	await registered();
	let cuts = 0;
	await storm(300, async (done) => {
		while (done() < 250) {
			cuts += instance.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'realname_instruction'").length;
			const seen = done();
			await until("a few more calls", () => done() > seen + 5 || done() >= 250, 60);
		}
	});
	assert.ok(cuts > 5, `cut ${cuts} times`);
});

test("processes of the endpoint are killed in the middle", async () => {
	await registered();
	const pids = () => instance.workers("realname-instruction");
	let killed = 0;
	await storm(300, async (done) => {
		for (const mark of [40, 120, 200]) {
			await until(`${mark} calls`, () => done() >= mark, 60);
			for (const pid of pids()) {
				process.kill(pid, "SIGKILL");
				killed++;
			}
			await until("others in their place", () => pids().length >= 2);
		}
	});
	assert.ok(killed >= 6);
});

test("the socket of the database is away: 604 for everybody who may call, 401 for who may not", async () => {
	await registered();
	instance.sql("ALTER ROLE realname_instruction NOLOGIN");
	try {
		await until("604", async () => {
			instance.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'realname_instruction'");
			return (await carrier.call(carrier.instruction(card))).cause === "604";
		});
		assert.equal((await carrier.call(carrier.instruction(card, { Auth: { ...carrier.auth, SignNature: "00" } }))).status, 401);
		const ready = await until("each of them says so", async () => { // one may have had a session until now
			const answer = await carrier.send(null, { method: "GET", path: "/readyz" });
			return answer.status === 503 && answer;
		});
		assert.deepEqual([ready.status, ready.json.database, ready.json.ready], [503, false, false]);
	} finally {
		instance.sql("ALTER ROLE realname_instruction LOGIN");
	}
	await until("accepted again", async () => (await carrier.call(carrier.instruction(card))).outcome === "1");
});

// A private authority, and a client certificate of it.
function authority(folder, name) {
	const openssl = (...words) => execFileSync("openssl", words, { cwd: folder, stdio: "pipe" });
	openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-keyout", `${name}-ca.key`, "-out", `${name}-ca.pem`, "-subj", `/O=${name}/CN=carrier authority`,
		"-addext", "basicConstraints=critical,CA:TRUE");
	openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", `/CN=${name}`);
	openssl("x509", "-req", "-in", `${name}.csr`, "-CA", `${name}-ca.pem`, "-CAkey", `${name}-ca.key`, "-set_serial", "1", "-days", "2", "-out", `${name}.pem`);
	for (const part of [`${name}-ca.pem`]) chmodSync(join(folder, part), 0o644);
	return { ca: join(folder, `${name}-ca.pem`), tls: { key: readFileSync(join(folder, `${name}.key`)), cert: readFileSync(join(folder, `${name}.pem`)) } };
}

test("the server's own rules: an address that is not allowed, a client certificate that is missing or another carrier's", async () => {
	const folder = mkdtempSync("/tmp/instruction-");
	chmodSync(folder, 0o755);
	const one = authority(folder, "one"), other = authority(folder, "other"), stranger = authority(folder, "stranger");
	const both = join(folder, "both.pem");
	execFileSync("sh", ["-c", `cat ${one.ca} ${other.ca} >${both} && chmod 644 ${both}`]);
	const own = await Instance.start("callers", { INSTRUCTION_CALLERS: `allow 127.0.0.0/16; deny all; ssl_client_certificate ${both}; ssl_verify_client on;` });
	try {
		await loadCarrier(own, "sample", "DEMO0001", { instruction_client_ca: one.ca });
		const call = async (options) => {
			const caller = new Carrier(own, options), { status, cause } = await caller.call(caller.instruction(newIccid()));
			return [status, cause];
		};
		await until("known with its certificate", async () => (await call(one.tls))[1] === "501");
		assert.deepEqual(await call({}), [401, "401"], "no certificate");
		assert.deepEqual(await call(stranger.tls), [401, "401"], "of an authority that nobody trusts");
		await until("the certificate of another carrier does not count", async () => (await call(other.tls))[0] === 401);
		assert.deepEqual(await call({ ...one.tls, localAddress: "127.1.0.1" }), [401, "401"], "from elsewhere");
		assert.deepEqual(await call(one.tls), [200, "501"]);
	} finally {
		await own.stop();
		rmSync(folder, { recursive: true });
	}
});
