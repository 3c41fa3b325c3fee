// Nobody sees or changes anything of another company: every address of the table of routes, those of owners too, by each of its methods,
// with ids of everything that the other company has, by a stranger, by a phone without a company and by the admin of another company. A
// new route and a new table with rows of a company or of an application are covered by themselves.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";

import { Instance, newPhone, Visitor } from "./client.mjs";
import * as papers from "./company.mjs";
import { importCompany, signInFleet } from "./fleet.mjs";

const instance = Instance.shared();

// Every row of the table of routes, as the compiler sees it: {path, methods}.
function routeTable() {
	const text = execFileSync(process.env.CC ?? "cc", ["-E", "-P", "-Icgi", "cgi/flow/routes.c"], { maxBuffer: 1 << 26 }).toString();
	const rows = text.slice(text.lastIndexOf("const struct route routes[] =")).match(/\{[^{}]*\}/g);
	assert.equal(rows.pop(), "{0}", "the table ends");
	return rows.map((row) => {
		const [, path, methods] = row.match(/^\{\s*((?:"[^"]*"\s*)+),\s*([^,]+),/);
		return { path: [...path.matchAll(/"([^"]*)"/g)].map((m) => m[1]).join(""), methods: [...methods.matchAll(/ROUTE_([A-Z]+)/g)].map((m) => m[1]) };
	});
}
// What ends the sign-in, or the phone's own data: posted last.
const LAST = ["/records/phone", "/mine/delete", "/records/leave"];
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
			SELECT gen_random_uuid(), '${number}', automaker_id, 'register', 'organisation', 'online', 'responsible_person', '${id}', k.id, now(), now() FROM k, company c WHERE c.id = '${id}' RETURNING id),
		s AS (INSERT INTO supplement (id, application_id, what, words) SELECT gen_random_uuid(), id, 'certificate_front', 'x' FROM a)
		INSERT INTO application_card (id, application_id, card_id, vehicle_id, state) SELECT gen_random_uuid(), a.id, b.card_id, v.id, 'needs_more'
		FROM a, vehicle v JOIN card_binding b ON b.vehicle_id = v.id AND b.bound_until IS NULL WHERE v.vin = '${company.cars[0].vin}'`);
	v.close();
	return { ...company, id, number };
}
// Every table whose rows belong to a company, or to an application of one.
const OF = { company: (id) => `SELECT * FROM company WHERE id = '${id}'` };
for (const [table, column] of instance.sql("SELECT c.table_name, max(c.column_name) FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name) WHERE t.table_schema = 'public' AND t.table_type = 'BASE TABLE' AND c.column_name IN ('company_id', 'application_id') AND c.table_name <> 'application' AND c.table_name NOT IN ('session', 'audit', 'attempt') GROUP BY 1 ORDER BY 1"))
	OF[table] = (id) => (column === "company_id" ? `SELECT * FROM ${table} WHERE company_id = '${id}'` : `SELECT x.* FROM ${table} x JOIN application a ON a.id = x.application_id WHERE a.company_id = '${id}'`);
OF.application = (id) => `SELECT * FROM application WHERE company_id = '${id}'`;
const snapshot = (id) => Object.fromEntries(Object.entries(OF).map(([name, rows]) => [name, instance.value(`SELECT count(*) || ' ' || coalesce(md5(string_agg(t::text, '' ORDER BY t::text)), '') FROM (${rows(id)}) t`)]));
const WITH_ID = instance.sql("SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'id'").map(([name]) => name);
const idsOf = (id) => [...new Set(Object.keys(OF).filter((name) => WITH_ID.includes(name)).flatMap((name) => instance.sql(`SELECT id FROM (${OF[name](id)}) t ORDER BY id LIMIT 1`).map(([one]) => one)))];

test("every address with every id of another company gives nothing and changes nothing", { timeout: 600000 }, async () => {
	const other = await victim(), own = await importCompany(instance, { cars: 1 }), all = routeTable(), fleet = all.filter((route) => route.path.startsWith("/fleet"));
	const routes = [...fleet, ...all.filter((route) => !fleet.includes(route) && !LAST.includes(route.path)), ...LAST.map((path) => all.find((route) => route.path === path))];
	assert.equal(routes.length, all.length);
	for (const known of ["/fleet", "/fleet/members/*", "/fleet/choose", "/fleet/register/picture/*", "/fleet/person/*", "/fleet/open/*", "/fleet/register/resume/*/*", "/mine/picture/*", "/records/receipt/*", "/supplement"]) assert.ok(routes.some((route) => route.path === known), known);
	const vehicles = instance.sql(`SELECT vehicle_id FROM company_vehicle WHERE company_id = '${other.id}'`).map(([id]) => id);
	const numbers = instance.sql(`SELECT number FROM application WHERE company_id = '${other.id}' ORDER BY created_at`).map(([number]) => number);
	const ids = [...new Set([...idsOf(other.id), ...vehicles, other.id])], words = [...ids, ...numbers];
	const few = [...new Set([...instance.sql(`SELECT id FROM evidence WHERE application_id IN (SELECT id FROM application WHERE company_id = '${other.id}') LIMIT 1`), ...instance.sql(`SELECT id FROM application WHERE company_id = '${other.id}'`)].flat()), ...numbers];
	const before = snapshot(other.id);
	for (const name of ["application", "application_paper", "evidence", "application_party", "company_vehicle", "company_member"]) assert.ok(!before[name].startsWith("0"), `${name} is there to be looked for`);
	const secrets = [other.name, other.code, ...other.phones, ...numbers, ...ids, ...other.cars.map((car) => car.vin), ...other.cars.flatMap((car) => car.cards.map((card) => card.iccid))];

	const stranger = new Visitor(instance, { flow: "fleet/register" }), nobody = await signInFleet(instance, newPhone(), new Visitor(instance, { flow: "fleet/register" }));
	const admin = await signInFleet(instance, own.phones[0], new Visitor(instance, { flow: "fleet/register" })), busy = await signInFleet(instance, own.phones[0], new Visitor(instance, { flow: "fleet/register" }));
	await stranger.get("/complaint");
	await busy.get("/fleet/register/notice");
	await busy.post("/fleet/register/notice");
	let asked = 0;
	const clean = (page, sent, where) => {
		assert.ok(page.status < 500 || page.status === 503, `${where}: ${page.status}`);
		const text = `${page.html} ${JSON.stringify(page.headers)}`;
		for (const secret of secrets) assert.ok(sent.includes(secret) || !text.includes(secret), `${where} tells ${secret}`);
		asked++;
	};
	const fields = (id) => [["number", numbers[0]], ["number", other.number], ["id", id], ["member", id], ["car", id], ["shown", id], ["car", vehicles[0]], ["shown", vehicles[0]], ["remove", id], ["item", id], ["action", "use"], ["complete", "1"]];
	const said = (id) => fields(id).flat().join(" ");
	for (const [name, v] of Object.entries({ stranger, nobody, admin, busy })) {
		const token = v.token, header = { "X-CSRF-Token": token, "Tus-Resumable": "1.0.0", "Upload-Length": "100", "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream" };
		for (const { path: pattern, methods } of name === "busy" ? fleet : routes) {
			const ofFleet = pattern.startsWith("/fleet"), stars = pattern.split("*").length - 1;
			const choices = stars < 2 ? [...(ofFleet ? words : few), ...(ofFleet && v.page.path.startsWith("/fleet") ? [...SLUGS, "attachment", "business", "authorisation"] : [])] : [...words.slice(0, 2), other.number, "result.csv", "result.xlsx", "withdraw", "retry", "front"];
			v.connect(); // a connection serves so many requests and no more
			const paths = [...new Set(filled(pattern, choices))], where = (method, path) => `${name} ${method} ${path}`;
			if (methods.includes("GET"))
				for (let i = 0; i < paths.length; i += 8)
					await Promise.all(paths.slice(i, i + 8).map(async (path) => {
						clean(await v.request("GET", path), decodeURIComponent(path), where("GET", path));
						if (ofFleet && words.includes(path.split("/").pop())) clean(await v.json(path), path, where("GET as JSON", path));
					}));
			for (const path of paths) {
				const sent = decodeURIComponent(path);
				for (const method of methods.filter((one) => ["HEAD", "PATCH", "DELETE"].includes(one))) clean(await v.request(method, path, { headers: header, body: method === "PATCH" ? "x" : null }), sent, where(method, path));
				if (methods.includes("POST") && stars > 0) clean(await v.send(path, fields(words[0]), { "X-CSRF-Token": token }), `${sent} ${said(words[0])}`, where("POST", path));
			}
			if (stars === 0 && methods.includes("POST")) for (const id of ofFleet ? ids : ids.slice(0, 3)) clean(await v.send(pattern, fields(id)), said(id), `${name} POST ${pattern}`);
		}
		const query = `?number=${other.number}`, sends = `/supplement/upload/front${query}&csrf=${encodeURIComponent(token)}`;
		for (const path of [`/supplement${query}`, `/supplement/upload/front${query}`]) clean(await v.request("GET", path), path, `${name} GET ${path}`);
		clean(await v.request("POST", sends, { headers: { "Content-Type": "multipart/form-data; boundary=x" }, body: "--x--\r\n" }), sends, `${name} POST ${sends}`);
		clean(await v.request("POST", `/supplement/resume/front${query}`, { headers: header, body: "" }), query, `${name} POST a piece`);
		if (name === "busy") assert.equal((await v.request("GET", "/fleet")).heading, own.name, "signed in to the end");
		assert.deepEqual(snapshot(other.id), before, `${name} changed something`);
	}
	for (const path of [`/fleet/members/${instance.value(`SELECT id FROM company_member WHERE company_id = '${other.id}' LIMIT 1`)}`, `/fleet/batch/${other.number}`, `/fleet/batch/${other.number}/result.csv`, `/supplement?number=${other.number}`]) {
		const again = await signInFleet(instance, own.phones[0], new Visitor(instance));
		assert.equal((await again.request("GET", path)).status, 404, path);
		again.close();
	}
	assert.ok(asked > 4000, `${asked} requests`);
	assert.equal(instance.value(`SELECT count(*) FROM batch_vehicle b JOIN application a ON a.id = b.application_id JOIN company_vehicle o ON o.vehicle_id = b.vehicle_id WHERE o.company_id = '${other.id}' AND a.company_id <> o.company_id`), "0", "no car of theirs in another basket");
	for (const v of [stranger, nobody, admin, busy]) v.close();
});
