// A company, its admin signed in for it, and the papers of a batch as a person gives them.
import assert from "node:assert/strict";
import { randomInt } from "node:crypto";

import { importCars } from "./cars.mjs";
import { newPhone, Visitor } from "./client.mjs";
import { jpeg, pdf } from "./media.mjs";

const CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY";

// A unified code that no other test uses. begins: the first two characters.
export function newCode(begins = "91") {
	const code = `${begins}110105${String(randomInt(1e9)).padStart(9, "0")}`;
	let sum = 0, weight = 1;
	for (const c of code) {
		sum += weight * CHARACTERS.indexOf(c);
		weight = weight * 3 % 31;
	}
	return code + CHARACTERS[(31 - sum % 31) % 31];
}

// A company that is there, known by its name and code.
export function newCompany(instance, { code = newCode(), name = `测试物流${randomInt(1e6)}有限公司`, trusted = true } = {}) {
	instance.remember(name);
	const id = instance.value(`INSERT INTO company (id, automaker_id, code, name, opened_by, trusted_at) SELECT gen_random_uuid(), id, '${code}', '${name}', '${trusted ? "import" : "self"}', ${trusted ? "now()" : "NULL"} FROM automaker RETURNING id`);
	return { id, code, name };
}

// A visitor who is signed in for the company by phone and code. Where it begins a batch a car is chosen already, unless cars is false.
export async function signedIn(instance, company, { phone = newPhone(), flow = "fleet/register", cars = true, ...options } = {}) {
	const v = new Visitor(instance, { flow, ...options });
	if (cars)
		v.begin = async () => {
			await Visitor.prototype.begin.call(v);
			await companyCars(instance, company);
			instance.sql(`INSERT INTO batch_vehicle (application_id, vehicle_id) SELECT a.id, (SELECT vehicle_id FROM company_vehicle WHERE company_id = '${company.id}' ORDER BY added_at DESC LIMIT 1) FROM application a WHERE a.company_id = '${company.id}' ORDER BY a.created_at DESC LIMIT 1`);
			return v.get(`/${flow}/tasks`);
		};
	instance.remember(phone);
	await v.records(phone);
	const row = `(SELECT id_hash FROM session WHERE signed_in_until IS NOT NULL AND phone_hash IS NOT NULL ORDER BY created_at DESC LIMIT 1)`;
	const member = instance.value(`INSERT INTO company_member (id, company_id, phone_hash, phone_hash_key, state, added_by) SELECT gen_random_uuid(), '${company.id}', phone_hash, phone_hash_key, 'active', 'import' FROM session WHERE id_hash = ${row} RETURNING id`);
	instance.sql(`UPDATE session SET company_member_id = '${member}' WHERE id_hash = ${row}`);
	Object.assign(v, { number: phone, company, member });
	return v;
}

// Cars of the company as it knows them, in its table; import-fleet does the same for companies of a file.
export async function companyCars(instance, company, what = 1) {
	const cars = await importCars(instance, what);
	instance.sql(`INSERT INTO company_vehicle (company_id, vehicle_id, vin, model, standing, source) SELECT '${company.id}', id, vin, vehicle_model, 'free', 'import' FROM vehicle WHERE vin IN (${cars.map((car) => `'${car.vin}'`).join(",")})`);
	return cars;
}

// Chooses every car that the first page of the table shows.
export async function carsStep(v) {
	const page = await v.get(`/${v.flow}/cars`), ids = page.values("car");
	return v.post(`/${v.flow}/cars`, [["shown", ids.join(",")], ...ids.map((id) => ["car", id])]);
}

// What is read from the company's certificate.
export function scriptLicence(instance, company, fields = {}, rules = []) {
	instance.script("identity", [...rules, { match: { action: "BizLicenseOCR" }, then: { fields: { Name: company.name, RegNum: company.code, ...fields } } }]);
}

// ---- the tasks, each as a person does it; each gives the page that follows ----

export async function companyTask(v, { file = jpeg(String(Math.random())), changes = {} } = {}) {
	await v.get(`/${v.flow}/company`);
	await v.upload(v.page.uploadPath, file);
	await v.settled(`/${v.flow}/company`);
	const page = v.page, typed = Object.fromEntries(["name", "code", "address", "postal_address", "valid_from", "valid_until"].map((name) => [name, page.value(name)]));
	typed.type = page.tags("input").find((tag) => tag.includes('name="type"') && /\schecked/.test(tag))?.match(/value="([^"]*)"/)[1];
	if (page.ticked("long_term")) typed.long_term = "1";
	Object.assign(typed, changes);
	v.typed = typed;
	v.instance.remember(typed.name, typed.address);
	return v.post(`/${v.flow}/company`, typed);
}

export async function personTask(v, changes = {}) {
	await v.picture("front", jpeg(`front${Math.random()}`));
	await v.picture("back", jpeg(`back${Math.random()}`));
	const telephone = newPhone();
	v.instance.remember(telephone);
	const page = await v.get(`/${v.flow}/identity`);
	v.person = Object.fromEntries(["name", "number", "address", "valid_from", "valid_until"].map((name) => [name, page.value(name)]));
	if (page.ticked("long_term")) v.person.long_term = "1";
	Object.assign(v.person, { telephone }, changes);
	v.instance.remember(v.person.name, v.person.number, v.person.address);
	return v.post(`/${v.flow}/identity`, v.person);
}

export async function letterTask(v, person, file = pdf(["授权书"])) {
	await v.get(`/${v.flow}/letter`);
	await v.upload(v.page.uploadPath, file);
	return v.post(`/${v.flow}/letter`, { person, checked: "1" });
}

export async function attachmentsTask(v, files = [pdf(["入网协议", "责任告知书", "分配管理协议"])]) {
	for (const file of files) {
		await v.get(`/${v.flow}/attachments`);
		await v.upload(v.page.uploadPath, file);
	}
	return v.post(`/${v.flow}/attachments`, { complete: "1" });
}

// All four tasks; the page then is the first behind them.
export async function allTasks(v) {
	await companyTask(v);
	await personTask(v);
	await letterTask(v, v.person.name);
	return attachmentsTask(v);
}

// From the consent to the page before the last press.
export async function verified(v) {
	await v.consent();
	await v.clip();
	await v.agree();
	assert.equal(v.page.path, `/${v.flow}/check`, v.page.text);
	return v;
}
// The same, and pressed: v.batch is its number, the page its own.
export async function submitted(v) {
	await verified(v);
	await v.submit();
	assert.match(v.page.path, /^\/fleet\/batch\//, v.page.text);
	v.batch = v.page.path.split("/").pop();
	return v;
}
