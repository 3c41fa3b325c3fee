// Nobody sees or changes anything of another company: every address below /fleet that the table of routes has, with every id that the
// other company has, looked at and posted to, by a stranger, by a phone without a company and by the admin of another company.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";

import { Instance, newPhone, Visitor } from "./client.mjs";
import * as papers from "./company.mjs";
import { importCompany, signInFleet } from "./fleet.mjs";

const instance = Instance.shared();

// The addresses as routes.c has them, with their macros.
function fleetRoutes() {
	const text = readFileSync("cgi/flow/routes.c", "utf8"), lines = text.split("\n");
	const body = (name) => {
		const at = lines.findIndex((line) => line.startsWith(`#define ${name}(`));
		let end = at;
		while (lines[end].endsWith("\\")) end++;
		return lines.slice(at, end + 1).join("\n");
	};
	const ends = (name) => [...body(name).matchAll(/\{"\/" (?:slug|place) "([^"]*)"/g)].map((m) => m[1]);
	const all = { UPLOADS: ends("UPLOADS"), FLOW: [...ends("FLOW"), ...ends("UPLOADS")], COMPANY_FLOW: [...ends("COMPANY_FLOW"), ...ends("FLOW"), ...ends("UPLOADS")] };
	const found = [...text.matchAll(/^\t\{"(\/fleet[^"]*)"/gm)].map((m) => m[1]);
	for (const [, macro, slug] of text.matchAll(/^\t(FLOW|COMPANY_FLOW|UPLOADS)\("(fleet[^"]*)"\)/gm)) found.push(...all[macro].map((end) => `/${slug}${end}`));
	return found;
}
const SLUGS = [...new Set(readdirSync("cgi/flow").filter((name) => name.endsWith(".c")).flatMap((name) => [...readFileSync(`cgi/flow/${name}`, "utf8").matchAll(/\.slug = "([a-z-]+)"/g)].map((m) => m[1])))];

// The pattern with every star filled in, in every way.
function filled(pattern, words) {
	return pattern.includes("*") ? words.flatMap((word) => filled(pattern.replace("*", encodeURIComponent(word)), words)) : [pattern];
}

// Another company with cars, a submitted batch, and a draft with its papers.
async function victim() {
	const company = await importCompany(instance, { phones: [newPhone(), newPhone()], cars: 2 }), v = await signInFleet(instance, company.phones[0], new Visitor(instance, { flow: "fleet/register" }));
	const id = instance.value(`SELECT id FROM company WHERE code = '${company.code}'`), number = `BT${company.code.slice(-10)}`;
	papers.scriptLicence(instance, company);
	await v.get("/fleet/register/notice");
	await v.post("/fleet/register/notice");
	if (v.page.path.endsWith("/cars")) await papers.carsStep(v);
	await papers.allTasks(v);
	instance.script("identity");
	instance.sql(`WITH k AS (INSERT INTO data_key (id, wrapped) VALUES (gen_random_uuid(), '\\x00') RETURNING id),
		a AS (INSERT INTO application (id, number, automaker_id, kind, holder, channel, acting, company_id, data_key_id, expires_at, submitted_at)
			SELECT gen_random_uuid(), '${number}', automaker_id, 'register', 'organisation', 'online', 'responsible_person', '${id}', k.id, now(), now() FROM k, company c WHERE c.id = '${id}' RETURNING id)
		INSERT INTO application_card (id, application_id, card_id, vehicle_id, state) SELECT gen_random_uuid(), a.id, b.card_id, v.id, 'review'
		FROM a, vehicle v JOIN card_binding b ON b.vehicle_id = v.id AND b.bound_until IS NULL WHERE v.vin = '${company.cars[0].vin}'`);
	v.close();
	return { ...company, id, number };
}
const OF = {
	company: (id) => `SELECT * FROM company WHERE id = '${id}'`,
	company_member: (id) => `SELECT * FROM company_member WHERE company_id = '${id}'`,
	company_vehicle: (id) => `SELECT * FROM company_vehicle WHERE company_id = '${id}'`,
	application: (id) => `SELECT * FROM application WHERE company_id = '${id}'`,
	batch_vehicle: (id) => `SELECT b.* FROM batch_vehicle b JOIN application a ON a.id = b.application_id WHERE a.company_id = '${id}'`,
	application_card: (id) => `SELECT c.* FROM application_card c JOIN application a ON a.id = c.application_id WHERE a.company_id = '${id}'`,
	application_party: (id) => `SELECT p.* FROM application_party p JOIN application a ON a.id = p.application_id WHERE a.company_id = '${id}'`,
	application_paper: (id) => `SELECT p.* FROM application_paper p JOIN application a ON a.id = p.application_id WHERE a.company_id = '${id}'`,
	evidence: (id) => `SELECT e.* FROM evidence e JOIN application a ON a.id = e.application_id WHERE a.company_id = '${id}'`,
};
const snapshot = (id) => Object.fromEntries(Object.entries(OF).map(([name, rows]) => [name, instance.value(`SELECT count(*) || ' ' || coalesce(md5(string_agg(t::text, '' ORDER BY t::text)), '') FROM (${rows(id)}) t`)]));
const idsOf = (id) => ["company_member", "application", "application_paper", "evidence", "application_card"].flatMap((name) => instance.sql(`SELECT id FROM (${OF[name](id)}) t ORDER BY id LIMIT 3`).map(([one]) => one));

test("every address below /fleet with every id of another company gives nothing and changes nothing", { timeout: 300000 }, async () => {
	const other = await victim(), own = await importCompany(instance, { cars: 1 }), routes = fleetRoutes();
	for (const known of ["/fleet", "/fleet/members/*", "/fleet/choose", "/fleet/register/picture/*", "/fleet/register/*", "/fleet/open/*", "/fleet/register/upload/*"]) assert.ok(routes.includes(known), known);
	const vehicles = instance.sql(`SELECT vehicle_id FROM company_vehicle WHERE company_id = '${other.id}'`).map(([id]) => id);
	const drafts = instance.sql(`SELECT number FROM application WHERE company_id = '${other.id}' ORDER BY created_at`).map(([number]) => number);
	const ids = [...idsOf(other.id), ...vehicles, other.id], words = [...ids.slice(0, 3), ids.at(-1), vehicles[0], ...drafts];
	const before = snapshot(other.id);
	for (const name of ["application", "application_paper", "evidence", "application_party", "company_vehicle"]) assert.ok(!before[name].startsWith("0"), `${name} is there to be looked for`);
	const secrets = [other.name, other.code, ...other.phones, ...drafts, ...ids, ...other.cars.map((car) => car.vin), ...other.cars.flatMap((car) => car.cards.map((card) => card.iccid))];

	const stranger = new Visitor(instance, { flow: "fleet/register" }), nobody = await signInFleet(instance, newPhone(), new Visitor(instance, { flow: "fleet/register" }));
	const admin = await signInFleet(instance, own.phones[0], new Visitor(instance, { flow: "fleet/register" })), busy = await signInFleet(instance, own.phones[0], new Visitor(instance, { flow: "fleet/register" }));
	await stranger.get("/complaint");
	await busy.get("/fleet/register/notice");
	await busy.post("/fleet/register/notice");
	let asked = 0;
	const clean = (page, sent, where) => {
		assert.ok(page.status < 500, `${where}: ${page.status}`);
		const text = `${page.html} ${JSON.stringify(page.headers)}`;
		for (const secret of secrets) assert.ok(sent.includes(secret) || !text.includes(secret), `${where} tells ${secret}`);
		asked++;
	};
	const fields = (id) => [["number", drafts[0]], ["number", other.number], ["member", id], ["car", id], ["shown", id], ["car", vehicles[0]], ["shown", vehicles[0]], ["remove", id], ["item", id], ["action", "use"], ["complete", "1"]];
	for (const [name, v] of Object.entries({ stranger, nobody, admin, busy })) {
		for (const pattern of routes) {
			const stars = pattern.split("*").length - 1, choices = stars === 0 ? words : pattern.endsWith("/*") && stars === 1 ? [...words, ...SLUGS, "attachment", "business", "authorisation"] : [...words.slice(0, 2), other.number, "result.csv", "result.xlsx", "withdraw", "retry"];
			for (const path of new Set(filled(pattern, choices))) {
				const sent = decodeURIComponent(path);
				clean(await v.request("GET", path), sent, `${name} GET ${path}`);
				if (stars === 1) clean(await v.send(path, fields(words[0])), `${sent} ${fields(words[0]).flat().join(" ")}`, `${name} POST ${path}`);
			}
			if (stars === 0) for (const id of ids) clean(await v.send(pattern, fields(id)), fields(id).flat().join(" "), `${name} POST ${pattern}`);
		}
		if (name === "admin" || name === "busy")
			for (const path of [`/fleet/members/${ids[0]}`, `/fleet/batch/${other.number}`, `/fleet/batch/${other.number}/result.csv`]) assert.equal((await v.request("GET", path)).status, 404, `${name} ${path}`);
		assert.deepEqual(snapshot(other.id), before, `${name} changed something`);
	}
	assert.ok(asked > 1000, `${asked} requests`);
	assert.equal(instance.value(`SELECT count(*) FROM batch_vehicle b JOIN application a ON a.id = b.application_id JOIN company_vehicle o ON o.vehicle_id = b.vehicle_id WHERE o.company_id = '${other.id}' AND a.company_id <> o.company_id`), "0", "no car of theirs in another basket");
	for (const v of [stranger, nobody, admin, busy]) v.close();
});
