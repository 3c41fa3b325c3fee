// Faults of what is stored: readers and locks that stay, errors of the database, cards with very many messages, writers that race.
import { Missed, between, pause, pick, strikes } from "./harm.mjs";

// F7: somebody holds the horizon or locks while work goes on, for so many seconds of production.
const session = (seconds, statement, sessions = 1) => async (t) => {
	const all = Array.from({ length: sessions }, () => t.sql(`${statement}; SELECT pg_sleep(${seconds * t.scale}); COMMIT`, 600).catch(() => {}));
	await t.load(2);
	await Promise.all(all);
	await t.progress();
};

// F8: what is written to a table fails so many times, whatever was going to be written.
const TABLES = {
	realname_jobs: ["INSERT ON t1_attempt", "UPDATE ON t1_message", "INSERT ON job_done", "UPDATE ON application_card", "UPDATE ON t1_file", "UPDATE ON sftp_slot", "UPDATE ON sms_message", "UPDATE ON job"],
	realname_web: ["INSERT ON job", "INSERT ON application_card", "INSERT ON t1_message"],
	realname_instruction: ["INSERT ON t1_instruction", "INSERT ON t1_file", "INSERT ON job"],
};
const fails = (code, role) => async (t, r) => {
	const table = pick(r, TABLES[role]), name = `torture_${++t.numbers}`;
	await t.sql(`DROP SEQUENCE IF EXISTS ${name}; CREATE SEQUENCE ${name};
		CREATE OR REPLACE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
			IF session_user = '${role}' AND nextval('${name}') <= ${between(r, 1, 4)} THEN RAISE EXCEPTION 'torture' USING ERRCODE = '${code}'; END IF;
			RETURN NEW; END $$;
		CREATE OR REPLACE TRIGGER ${name} BEFORE ${table} FOR EACH ROW EXECUTE FUNCTION ${name}()`);
	const coming = Promise.all([t.load(2), t.calls.load(1)]);
	coming.catch(() => {}); // told below
	try {
		await strikes(t, `${table} fails`, async () => (await t.value(`SELECT is_called FROM ${name}`)) === "t");
	} finally {
		await pause(100);
		await t.sql(`DROP FUNCTION IF EXISTS ${name} CASCADE; DROP SEQUENCE IF EXISTS ${name}`);
	}
	await coming;
};
// 53300: no connection is to be had.
async function noConnections(t, r) {
	await t.sql("ALTER ROLE realname_jobs CONNECTION LIMIT 1; ALTER ROLE realname_instruction CONNECTION LIMIT 1");
	try {
		await t.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename IN ('realname_jobs', 'realname_instruction')").catch(() => {});
		await pause(between(r, 100, 500) * t.scale * 20);
	} finally {
		await t.sql("ALTER ROLE realname_jobs CONNECTION LIMIT -1; ALTER ROLE realname_instruction CONNECTION LIMIT -1");
	}
	await Promise.all([t.progress(), t.calls.load(1)]);
}

// F23: very many messages for one card.
async function hotKey(t) {
	await t.submit(Math.round(100 + 400 * t.scale));
	await t.progress();
}
// F24: three processes write messages for one card at the same time.
async function race(t) {
	const made = await t.submit(10);
	const written = await t.race(made.cards[0].card, 4);
	if (!written) throw new Missed("its application had ended");
}

export const QUEUE_FAULTS = [
	["long reader", "queue", 1, session(120, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM job")],
	["four readers", "queue", 1, session(60, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM job; SELECT count(*) FROM t1_message", 4)],
	["idle in a transaction", "queue", 1, session(60, "BEGIN; UPDATE lane SET name = name")],
	["jobs locked", "queue", 2, session(20, "BEGIN; SELECT id FROM job ORDER BY random() LIMIT 20 FOR UPDATE")],
	["table locked", "queue", 1, session(5, "BEGIN; LOCK TABLE job IN ACCESS EXCLUSIVE MODE")],
	...["40001", "40P01", "55P03", "57014", "53100", "53200"].map((code) => [`database says ${code}`, "queue", 2, fails(code, "realname_jobs")]),
	...["40001", "40P01"].map((code) => [`database says ${code} to pages`, "queue", 1, fails(code, "realname_web")]),
	...["40001", "40P01", "53100"].map((code) => [`database says ${code} to the endpoint`, "queue", 1, fails(code, "realname_instruction")]),
	["no connections", "queue", 2, noConnections],
	["hot key", "queue", 1, hotKey],
	["race for a card", "queue", 2, race],
];
