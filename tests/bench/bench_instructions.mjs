// Collection instructions over fresh TLS connections: at a constant rate, then as fast as the machine allows, by turns with the same nginx
// answering a fixed text: processor time of nginx, instruction program and PostgreSQL together. The sender's own does not count. An
// instance of its own, with 20,000 registered cards, that delivers nothing: that is measured by itself.
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { Carrier } from "../web/carrier.mjs";
import { Instance, TOP, until } from "../web/instance.mjs";
import { cpu, median, parts, quantile, remark, result, run } from "./measure.mjs";
import { secondNginx } from "./nginx.mjs";

const RATE = 500, SECONDS = 60, ROUNDS = 10, PER_ROUND = 2000, CONNECTIONS = 64, CARDS = 20_000, PARTS = ["nginx", "realname-instru", "postgres"];
const storm = resolve(TOP, process.env.BUILD ?? "build", "bench/storm"), GOOD = '"OprRst":"1"', PATH = "/t1/instruction";

// Registrations as they are after years: each card with an application of its own. Triggers are off, what is measured only reads them.
const FILL = `
	SET session_replication_role = replica;
	INSERT INTO data_key (id, erased_at) VALUES (md5('k')::uuid, now());
	INSERT INTO application (id, number, automaker_id, kind, holder, channel, acting, data_key_id, expires_at, submitted_at)
		SELECT md5('a' || i)::uuid, 'B' || i, a.id, 'register', 'person', 'online', 'self', md5('k')::uuid, now(), now() FROM generate_series(1, ${CARDS}) i, automaker a;
	INSERT INTO card (id, carrier_id, iccid, msisdn) SELECT md5('c' || i)::uuid, c.id, '89860' || lpad(i::text, 14, '0') || '0', '1441' || lpad(i::text, 9, '0') FROM generate_series(1, ${CARDS}) i, carrier c;
	INSERT INTO registration (id, card_id, carrier_id, holder_id, holder, holder_number_hash, holder_number_hash_key, from_application_id)
		SELECT md5('r' || i)::uuid, md5('c' || i)::uuid, c.id, md5('h' || i)::uuid, 'person', '', 'lookup', md5('a' || i)::uuid FROM generate_series(1, ${CARDS}) i, carrier c;
	ANALYZE;
	CHECKPOINT;`;

const instance = await Instance.start("instructions", { DATABASE_FSYNC: "on", REALNAME_SFTP_WORKERS: "0", REALNAME_JOB_POLL_MS: "1000" });
const carrier = new Carrier(instance), file = join(process.env.WORK ?? "/tmp", "bodies");
const written = () => Number(instance.value("SELECT count(*) FROM t1_instruction i JOIN t1_file f ON f.instruction_id = i.id JOIN job j ON j.subject = f.id"));
let sent = 0;

function writeBodies(count) {
	const iccid = () => `89860${String(1 + Math.floor(Math.random() * CARDS)).padStart(14, "0")}0`;
	writeFileSync(file, `${Array.from({ length: count }, () => JSON.stringify(carrier.instruction(iccid()))).join("\n")}\n`);
}

// Sends the file; the numbers that it tells.
async function send(port, how, value) {
	const { stdout, stderr } = await run(storm, [port, PATH, file, GOOD, how, value]).catch((error) => error); // it fails when one call did
	if (!stdout) throw new Error(stderr);
	if (stderr) console.error(stderr.trim());
	return Object.fromEntries([...stdout.matchAll(/(\w+) ([\d.]+)/g)].map(([, name, number]) => [name, Number(number)]));
}

try {
	instance.sql(FILL);
	const fixed = await secondNginx(instance, "fixed", (text) => text.replace(/location = \/t1\/instruction \{[^}]*\}/,
		`location = ${PATH} { default_type application/json; return 200 '{"RequestID":"0123456789abcdef01234567","OprRst":"1"}'; }`));
	const server = fixed.start(), roots = parts(instance, PARTS), port = new URL(instance.endpoints.instructions).port;
	// Microseconds of processor time a call, of each process tree.
	const round = async (to, trees) => {
		const before = trees.map((root) => cpu([root])), told = await send(to, "at-once", CONNECTIONS);
		return { times: trees.map((root, i) => (cpu([root]) - before[i]) / PER_ROUND / 1000), told };
	};
	writeBodies(PER_ROUND);
	await until("the second nginx", async () => (await carrier.send("{}").catch(() => null)) !== null);
	await send(fixed.ports.instructions, "at-once", CONNECTIONS);
	await send(port, "at-once", CONNECTIONS);

	writeBodies(RATE * SECONDS);
	const steady = await send(port, "rate", RATE);
	result("t1.instructions_per_s", (steady.good / Math.max(steady.seconds, SECONDS)).toFixed(0), "1/s");
	result("t1.instructions_p99_ms", steady.p99_ms.toFixed(1), "ms");
	remark(`${steady.good} of ${steady.sent} accepted in ${steady.seconds} s; median ${steady.p50_ms} ms, longest ${steady.max_ms} ms, from when a call was due`);

	const ours = [], theirs = [], before = written();
	for (let i = 0; i < ROUNDS; i++) {
		writeBodies(PER_ROUND);
		theirs.push(await round(fixed.ports.instructions, [server.pid]));
		ours.push(await round(port, roots));
		sent += PER_ROUND;
	}
	const lost = ours.reduce((all, one) => all + one.told.good, 0) - (written() - before), failed = sent - ours.reduce((all, one) => all + one.told.good, 0);
	if (lost || failed) throw new Error(`of ${sent} calls ${failed} failed, ${lost} are not stored`);
	const sum = (one) => one.times.reduce((all, time) => all + time, 0), ratios = ours.map((one, i) => sum(theirs[i]) / sum(one));
	result("t1.instructions_vs_nginx", median(ratios).toFixed(2), "ratio");
	remark(`nginx with a fixed answer ${median(theirs.map(sum)).toFixed(0)} us, ours ${median(ours.map(sum)).toFixed(0)} us a call (${PARTS.map((name, i) => `${name} ${median(ours.map((one) => one.times[i])).toFixed(0)}`).join(", ")}); ratio of a pair of rounds: quarter ${quantile(ratios, 0.25).toFixed(3)}, three quarters ${quantile(ratios, 0.75).toFixed(3)}`);
	remark(`${ROUNDS * PER_ROUND} calls over ${CONNECTIONS} connections at a time, all accepted, all stored with their deliveries: ${(PER_ROUND / median(ours.map((one) => one.told.seconds))).toFixed(0)} a second, ${(PER_ROUND / median(theirs.map((one) => one.told.seconds))).toFixed(0)} of the fixed answer`);
} finally {
	await instance.stop();
}
process.exit(0);
