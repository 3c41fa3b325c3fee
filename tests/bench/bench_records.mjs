// Whether the records page stays as fast when many applications are stored: two instances, one with 10,000 and one with 1,000,000
// applications, asked in short rounds by turns; the ratio of the 99th percentiles. Each request is of another phone than the one
// before, so that a page is not one that has just been read. A phone has 30 applications, a page of them shows 20.
import { Instance, newPhone, Visitor } from "../web/client.mjs";
import { quantile, remark, result } from "./measure.mjs";

const SIZES = [10_000, 1_000_000], PER_PHONE = 30, VISITORS = 20, ROUNDS = 60, WARM_ROUNDS = 5;

// Filled as the superuser with triggers off: what is measured is reading. One application of each phone is in every state that a
// list can show; names are of keys that were erased, as with old ones.
const FILL = (count) => `
	SET session_replication_role = replica;
	SET synchronous_commit = off;
	INSERT INTO data_key (id, erased_at) SELECT md5('k' || i)::uuid, now() FROM generate_series(1, ${count}) i;
	INSERT INTO application (id, number, automaker_id, kind, holder, channel, acting, data_key_id, created_at, expires_at, submitted_at, phone_hash, phone_hash_key, phone_proved_at, vehicle_id)
		SELECT md5('a' || i)::uuid, 'B' || lpad(i::text, 11, '0'), m.id, CASE i % 7 WHEN 0 THEN 'cancel' ELSE 'register' END, 'person', 'online', 'self', md5('k' || i)::uuid,
			now() - (i % ${PER_PHONE}) * interval '1 day', now(), now() - (i % ${PER_PHONE}) * interval '1 day', sha256(('p' || i % ${Math.floor(count / PER_PHONE)})::bytea), 'lookup', now(), v.id
		FROM generate_series(1, ${count}) i, (SELECT id FROM automaker LIMIT 1) m, (SELECT id FROM vehicle LIMIT 1) v;
	INSERT INTO application_party (id, application_id, role, certificate_type, name_sealed, number_sealed, number_hash, number_hash_key, address_sealed)
		SELECT md5('h' || i)::uuid, md5('a' || i)::uuid, 'holder', 'ID_CARD', '\\x00', '\\x00', sha256(('n' || i)::bytea), 'lookup', '\\x00' FROM generate_series(1, ${count}) i;
	INSERT INTO application_card (id, application_id, card_id, state, refusal_key)
		SELECT md5('c' || i)::uuid, md5('a' || i)::uuid, c.id, CASE i % 5 WHEN 0 THEN 'refused' ELSE 'done' END, CASE i % 5 WHEN 0 THEN 't1.norecord' END
		FROM generate_series(1, ${count}) i, (SELECT id FROM card LIMIT 1) c;
	ANALYZE;
	CHECKPOINT;`;

async function prepare(count) {
	const instance = await Instance.start(`records-${count}`, {});
	const start = Date.now();
	instance.sql(FILL(count));
	const visitors = await Promise.all(Array.from({ length: VISITORS }, async () => {
		const visitor = new Visitor(instance, { plain: true });
		await visitor.records(newPhone());
		return visitor;
	}));
	remark(`${instance.value("SELECT count(*) FROM application")} applications stored in ${((Date.now() - start) / 1000).toFixed(0)} s`);
	return { instance, count, visitors, times: [] };
}

// Gives every session another phone, then asks once for each.
async function round(one, keep) {
	one.instance.sql(`UPDATE session SET phone_hash = sha256(('p' || floor(random() * ${Math.floor(one.count / PER_PHONE)})::int)::bytea), signed_in_at = now(), signed_in_until = now() + interval '30 minutes'`);
	for (const visitor of one.visitors) {
		const start = process.hrtime.bigint(), page = await visitor.request("GET", "/records");
		const ms = Number(process.hrtime.bigint() - start) / 1e6;
		if (page.status !== 200 || (page.html.match(/<tbody/g) ?? []).length !== 20) throw new Error(`not a full page: ${page.status} ${page.heading}`);
		if (keep) one.times.push(ms);
	}
}

const all = [];
try {
	for (const count of SIZES) all.push(await prepare(count));
	for (let n = 0; n < WARM_ROUNDS + ROUNDS; n++) for (const one of all) await round(one, n >= WARM_ROUNDS);
	const late = all.map((one) => quantile(one.times, 0.99));
	result("records.p99_ratio_1m_10k", (late[1] / late[0]).toFixed(2), "ratio");
	all.forEach((one, i) => remark(`${one.count}: p99 ${late[i].toFixed(1)} ms, median ${quantile(one.times, 0.5).toFixed(1)} ms of ${one.times.length} pages of different phones`));
} finally {
	for (const one of all) {
		one.visitors.forEach((visitor) => visitor.close());
		await one.instance.stop();
	}
}
process.exit(0);
