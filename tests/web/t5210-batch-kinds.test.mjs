// What a batch does at the carrier: every field that is told of a company, a new responsible person for chosen cars with the history kept,
// cancelling that ends a registration only where the carrier accepted, and two admins at the same cars.
import assert from "node:assert/strict";
import test, { afterEach } from "node:test";

import { cardStates, Instance, until } from "./client.mjs";
import { allTasks, carsStep, companyCars, companyTask, newCompany, personTask, letterTask, attachmentsTask, scriptLicence, signedIn, submitted, verified } from "./company.mjs";

const instance = Instance.shared();
afterEach(() => {
	instance.script("identity");
	instance.script("carrier");
});

const digits = (day) => day.replaceAll("-", "");
const validity = (p) => `${digits(p.valid_from)}-${p.long_term ? "长期" : digits(p.valid_until)}`;
const iccids = (cars) => cars.flatMap((car) => car.cards.map((card) => card.iccid));
// Messages about these cards, oldest first: {operation, kind, ...fields}.
const told = (...cards) => instance.received("carrier").filter((m) => cards.includes(m.decrypted?.ICCID)).map((m) => ({ operation: JSON.parse(m.body).OperType, kind: m.action, ...m.decrypted }));
// The registrations of a card, oldest first: {from, until} as numbers of applications, person of the one it came from.
const history = (iccid) => instance.sql(`SELECT f.number, coalesce(u.number, '') FROM registration g JOIN card c ON c.id = g.card_id JOIN application f ON f.id = g.from_application_id LEFT JOIN application u ON u.id = g.until_application_id WHERE c.iccid = '${iccid}' ORDER BY g.began_at, g.ended_at NULLS LAST`).map(([from, until_]) => ({ from, until: until_ }));
const standing = (car) => instance.value(`SELECT standing FROM company_vehicle WHERE vin = '${car.vin}'`);

// Another admin of the same company, or the same for another flow.
async function admin(company, flow = "fleet/register") {
	const v = await signedIn(instance, company, { flow, cars: false });
	scriptLicence(instance, company);
	await v.begin();
	return v;
}
// A company whose cars are registered.
async function registered(cars) {
	const company = newCompany(instance), list = await companyCars(instance, company, cars), v = await admin(company);
	await carsStep(v);
	await allTasks(v);
	await submitted(v);
	await cardStates(instance, v.batch);
	v.close();
	return { company, cars: list, first: v.batch, person: v.person, organisation: v.typed };
}
// Chooses these cars alone.
const choose = async (v, cars) => {
	await v.get(`/${v.flow}/cars`);
	const ids = v.page.values("car"), wanted = instance.sql(`SELECT id FROM vehicle WHERE vin IN (${cars.map((car) => `'${car.vin}'`).join(",")})`).map(([id]) => id);
	return v.post(`/${v.flow}/cars`, [["shown", ids.join(",")], ...wanted.map((id) => ["car", id])]);
};

test("every field of table 8 for a company: the organisation, its responsible person, and the cards under his name", async () => {
	const company = newCompany(instance), [car] = await companyCars(instance, company, 1), v = await admin(company), [card] = car.cards;
	await carsStep(v);
	await companyTask(v, { changes: { postal_address: "北京市朝阳区收发路 8 号收发室" } });
	instance.remember("北京市朝阳区收发路 8 号收发室");
	await personTask(v);
	await letterTask(v, v.person.name);
	await attachmentsTask(v);
	await verified(v);
	assert.ok(v.page.has("北京市朝阳区收发路 8 号收发室"), "shown before it is sent");
	await v.submit();
	v.batch = v.page.path.split("/").pop();
	await cardStates(instance, v.batch);
	const messages = told(card.iccid), [account] = messages, p = v.person, o = v.typed;
	assert.deepEqual(messages.map((m) => [m.kind, m.operation]), [["account", "1"], ["vehicle", undefined]]);
	assert.match(account.AcceptTime, /^20\d{12}$/);
	assert.match(account.StatusUpdateTime ?? "20200101000000", /^20\d{12}$/);
	const { operation, kind, AcceptTime, StatusUpdateTime, ...rest } = account;
	assert.deepEqual(rest, {
		MSISDN: card.msisdn, ICCID: card.iccid, VehicleStatus: "4",
		CustomerType: "2", CustomerName: p.name, CustomerCertType: "01", CustomerCertNumber: p.number, CustomerCertAddress: p.address, CustomerCertDate: validity(p),
		CompanyName: company.name, CompanyCertType: "20", CompanyCertNumber: company.code, CompanyCertAddress: o.address, CompanyPosterAddress: "北京市朝阳区收发路 8 号收发室",
		CorporationName: p.name, CorporationCertType: "01", CorporationCertNumber: p.number, CorporationCertAddress: p.address, CorporationTelephone: p.telephone,
	});
	assert.equal(instance.value(`SELECT g.holder FROM registration g JOIN card c ON c.id = g.card_id WHERE c.iccid = '${card.iccid}' AND g.ended_at IS NULL`), "organisation");
	v.close();
});

test("another responsible person for chosen cars: account messages alone, those cars alone, what was before is kept", async () => {
	const { company, cars, first, person } = await registered(2), [left, changed] = cars, v = await admin(company, "fleet/person");
	await choose(v, [changed]);
	await allTasks(v);
	assert.notEqual(v.person.number, person.number);
	await verified(v);
	assert.ok(v.page.has("这一批 1 辆车") && v.page.has("代替原来登记的信息"), v.page.text);
	instance.script("carrier", [{ match: { contains: changed.cards[0].iccid }, then: { status: 503 } }]);
	await v.submit();
	v.batch = v.page.path.split("/").pop();
	assert.ok(v.page.has("已受理，稍后可在实名记录中查看变更结果"), v.page.text);
	assert.equal(v.page.heading, "这一批正在办理");
	await until("the first attempt", () => instance.received("carrier").some((m) => m.rule === 0 && m.decrypted?.ICCID === changed.cards[0].iccid));
	assert.deepEqual(history(changed.cards[0].iccid), [{ from: first, until: "" }], "nothing changes before the carrier has accepted");
	instance.script("carrier");
	await cardStates(instance, v.batch, ["done"], 60);
	for (const card of changed.cards) {
		const update = told(card.iccid).at(-1);
		assert.deepEqual([update.kind, update.operation, update.CustomerType, update.CompanyCertNumber], ["account", "2", "2", company.code]);
		assert.deepEqual([update.CorporationName, update.CorporationCertNumber, update.CorporationCertAddress, update.CorporationTelephone, update.CustomerCertNumber],
			[v.person.name, v.person.number, v.person.address, v.person.telephone, v.person.number]);
		assert.equal(told(card.iccid).filter((m) => m.kind === "vehicle").length, 1, "of the registration");
		assert.deepEqual(history(card.iccid), [{ from: first, until: v.batch }, { from: v.batch, until: "" }]);
	}
	for (const iccid of iccids([left])) {
		assert.deepEqual(history(iccid), [{ from: first, until: "" }]);
		assert.equal(told(iccid).length, 2, "nothing is sent of a car that was not chosen");
	}
	assert.equal(standing(changed), "registered");
	await v.get(`/fleet/batch/${v.batch}`);
	assert.equal(v.page.heading, "全部成功");
	assert.ok(v.page.has("责任人变更") && v.page.has("已变更"));
	v.close();
});

test("a change that the carrier refused is done again with the same person and papers: only his verification is new", async () => {
	const { company, cars, first } = await registered(1), [card] = cars[0].cards, v = await admin(company, "fleet/person");
	await choose(v, cars);
	await allTasks(v);
	instance.script("carrier", [{ match: { contains: card.iccid }, then: { error: "400", message: "refused" } }]);
	await submitted(v);
	await cardStates(instance, v.batch, ["refused"]);
	await v.get(`/fleet/batch/${v.batch}`);
	assert.equal(v.page.heading, "全部没有成功");
	assert.deepEqual(history(card.iccid), [{ from: first, until: "" }]);
	instance.script("carrier");
	await v.post(`/fleet/batch/${v.batch}/retry`);
	assert.equal(v.page.path, "/fleet/person/consent", v.page.text);
	await submitted(v);
	await cardStates(instance, v.batch);
	assert.deepEqual([told(card.iccid).at(-1).CorporationCertNumber, told(card.iccid).at(-1).operation], [v.person.number, "2"]);
	assert.deepEqual(history(card.iccid), [{ from: first, until: v.batch }, { from: v.batch, until: "" }]);
	v.close();
});

test("done again, and then with the person of a later batch: the face that was verified for the first does not count for him", async () => {
	const company = newCompany(instance), [again, other] = await companyCars(instance, company, 2), v = await admin(company);
	instance.script("carrier", [{ match: { contains: again.cards[0].iccid }, then: { error: "400", message: "refused" } }]);
	await choose(v, [again]);
	await allTasks(v);
	await submitted(v);
	await cardStates(instance, v.batch, ["refused"]);
	instance.script("carrier");
	const first = v.person, refused = v.batch;
	await v.begin();
	await choose(v, [other]);
	await allTasks(v);
	await submitted(v);
	assert.notEqual(v.person.number, first.number);
	await v.post(`/fleet/batch/${refused}/retry`);
	assert.equal(v.page.path, "/fleet/register/consent", v.page.text);
	await v.consent();
	await v.clip();
	await v.agree();
	assert.equal(v.page.path, "/fleet/register/check", v.page.text);
	await v.get("/fleet/register/front");
	await v.post("/fleet/register/front", { action: "type", type: "PASSPORT_FOREIGN" });
	await v.get("/fleet/register/tasks");
	await v.post("/fleet/register/tasks", { action: "reuse" });
	await letterTask(v, v.person.name);
	assert.ok(!["agreements", "check"].includes(v.page.path.split("/").pop()), v.page.path);
	assert.equal(instance.value(`SELECT liveness_passed_at IS NULL AND portrait_evidence_id IS NULL FROM application WHERE company_id = '${company.id}' AND submitted_at IS NULL ORDER BY created_at DESC LIMIT 1`), "t");
	v.close();
});

test("scrapped cars: a registration ends where the carrier accepted, and stays where it did not", async () => {
	const { company, cars, first, person } = await registered(3), [gone, kept, other] = cars, v = await admin(company, "fleet/cancel");
	instance.sql(`UPDATE vehicle SET status = 6, status_updated_at = now() WHERE vin = '${gone.vin}'`);
	await choose(v, [gone, kept]);
	await allTasks(v);
	assert.notEqual(v.person.number, person.number, "who is responsible for the cancellation may be somebody else");
	instance.script("carrier", [{ match: { contains: kept.cards[0].iccid }, then: { error: "400", message: "refused" } }]);
	await submitted(v);
	await cardStates(instance, v.batch, ["done", "refused"]);
	const cancel = told(gone.cards[0].iccid).at(-1);
	assert.deepEqual([cancel.kind, cancel.operation, cancel.CustomerType, cancel.VehicleStatus, cancel.CompanyName, cancel.CompanyCertNumber, cancel.CorporationCertNumber],
		["account", "3", "2", "6", company.name, company.code, v.person.number]);
	assert.match(cancel.StatusUpdateTime, /^20\d{12}$/);
	for (const iccid of iccids([gone])) assert.deepEqual(history(iccid), [{ from: first, until: v.batch }], "kept as history");
	assert.deepEqual(history(kept.cards[0].iccid), [{ from: first, until: "" }], "the carrier refused: still registered");
	for (const iccid of iccids([other])) assert.equal(told(iccid).length, 2);
	assert.deepEqual([gone, kept, other].map(standing), ["free", "registered", "registered"]);
	await v.get(`/fleet/batch/${v.batch}`);
	assert.equal(v.page.heading, "部分成功");
	assert.ok(v.page.has("已注销") && v.page.has("重试失败的 1 辆车"), v.page.text);
	const message = await until("the message at the end", () => instance.sms(v.number).find((m) => m.template === "2000019" && m.parameters[0] === v.batch));
	assert.deepEqual(message.parameters, [v.batch, "1", "1"]);
	// Another try of the one that failed, and then it is done.
	const old = v.batch;
	instance.script("carrier");
	await v.post(`/fleet/batch/${v.batch}/retry`);
	await v.get("/fleet/cancel/cars");
	assert.ok(v.page.has("已选 1 辆"), v.page.text);
	await v.get("/fleet/cancel/tasks");
	if (v.page.path === "/fleet/cancel/tasks") await v.post("/fleet/cancel/tasks", {});
	await submitted(v);
	await cardStates(instance, v.batch);
	assert.deepEqual(history(kept.cards[0].iccid), [{ from: first, until: v.batch }]);
	// The first batch keeps its result, and no longer offers what is done by now.
	await v.get(`/fleet/batch/${old}`);
	assert.equal(v.page.heading, "部分成功");
	assert.ok(!v.page.has("重试失败的") && v.page.has("失败的车都已经重新办理"), v.page.text);
	const drafts = () => instance.value(`SELECT count(*) FROM application WHERE company_id = '${company.id}'`), before = drafts();
	await v.post(`/fleet/batch/${old}/retry`);
	assert.equal(v.page.path, `/fleet/batch/${old}`);
	assert.equal(drafts(), before, "a form that was open since makes no empty batch");
	v.close();
});

test("two admins submit the same cars at once: each car is in one batch, and the other admin is told", async () => {
	const company = newCompany(instance), cars = await companyCars(instance, company, 4), all = [];
	for (const chosen of [cars, cars.slice(0, 3)]) {
		const v = await admin(company);
		await choose(v, chosen);
		await allTasks(v);
		all.push(await verified(v));
	}
	for (const v of all) await v.get("/fleet/register/check");
	const answers = await Promise.all(all.map((v) => v.post("/fleet/register/check", { token: v.page.value("token") })));
	const won = answers.findIndex((page) => page.path.startsWith("/fleet/batch/")), lost = 1 - won;
	assert.ok(won >= 0 && !answers[lost].path.startsWith("/fleet/batch/"), answers.map((page) => `${page.status} ${page.path}`).join(", "));
	assert.equal(answers[lost].status, 409);
	assert.ok(answers[lost].has("正在办理") && answers[lost].has("请再核对一遍"), answers[lost].text);
	const open = instance.sql(`SELECT ac.card_id, count(DISTINCT ac.application_id) FROM application_card ac JOIN application a ON a.id = ac.application_id WHERE a.company_id = '${company.id}' GROUP BY 1`);
	assert.ok(open.length > 0 && open.every(([, n]) => n === "1"), "each card once");
	// What is left goes on: the one car that only the first had, or nothing.
	const page = await all[lost].get("/fleet/register/check");
	assert.ok(page.has(lost === 0 ? "提交登记 1 辆" : "没有可以提交的车"), page.text);
	all.forEach((v) => v.close());
});

test("nobody's, a person's or an unregistered car cannot be cancelled or changed by a company", async () => {
	const company = newCompany(instance), [car] = await companyCars(instance, company, 1);
	for (const flow of ["fleet/cancel", "fleet/person"]) {
		const v = await admin(company, flow);
		await choose(v, [car]);
		assert.equal(v.page.path, `/${flow}/cars`, v.page.text);
		assert.equal(instance.value(`SELECT count(*) FROM batch_vehicle b JOIN application a ON a.id = b.application_id WHERE a.company_id = '${company.id}'`), "0");
		v.close();
	}
});
