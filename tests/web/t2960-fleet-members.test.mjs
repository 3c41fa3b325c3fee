// Admins of a company add and remove each other, and add cars that they prove: who may, who is told, and that it ends at once.
import assert from "node:assert/strict";
import test from "node:test";

import { importCars } from "./cars.mjs";
import { Instance, journey, cardStates, newPhone, until, Visitor } from "./client.mjs";
import { importCompany, importFleetText, HEADER, signInFleet } from "./fleet.mjs";

const instance = Instance.shared();
const members = (company) => instance.sql(`SELECT m.id FROM company_member m JOIN company c ON c.id = m.company_id WHERE c.code = '${company.code}' AND m.state <> 'removed' ORDER BY m.added_at, m.id`).map(([id]) => id);
const told = (phone, template) => instance.sms(phone).filter((message) => message.template === template).length;

test("an admin is added by phone, told, masked in the list, and may act at once", async () => {
	const company = await importCompany(instance), v = await signInFleet(instance, company.phones[0]), phone = newPhone();
	instance.remember(phone, "钱小助");
	for (const [fields, field] of [[{ phone: "123", name: "" }, "phone"], [{ phone, name: "1" }, "name"], [{ phone: company.phones[0], name: "" }, "phone"]]) {
		await v.get("/fleet/members");
		const page = await v.post("/fleet/members", fields);
		assert.equal(page.status, 422);
		assert.ok(page.errors[field], field);
	}
	assert.equal(v.page.error("phone"), "这个手机号已经是管理员，不用再添加");
	await v.get("/fleet/members");
	await v.post("/fleet/members", { phone: ` ${phone.slice(0, 3)} ${phone.slice(3)}`, name: "钱小助" });
	assert.ok(v.page.has("已添加"));
	assert.ok(v.page.has("钱") && !v.page.html.includes("钱小助") && !v.page.html.includes(phone), "masked");
	await until("a message about it", () => told(phone, "2000031") === 1);
	assert.deepEqual(instance.sms(phone)[0].parameters, [company.name]);
	assert.match(instance.value(`SELECT actor FROM audit WHERE action = 'company.member_added' AND object = 'company_member:${members(company)[1]}'`), /^member:[0-9a-f-]{36}$/);
	const mate = await signInFleet(instance, phone);
	assert.equal(mate.page.heading, company.name);
	for (const one of [v, mate]) one.close();
});

test("a removed admin sees nothing from the next request on, in every browser", async () => {
	const company = await importCompany(instance, { phones: [newPhone(), newPhone()] }), v = await signInFleet(instance, company.phones[0]), mate = await signInFleet(instance, company.phones[1]), second = await signInFleet(instance, company.phones[1]);
	await v.get("/fleet/members");
	const id = v.page.html.match(/<tbody[\s\S]*?<\/tbody>/g).find((html) => !html.includes("您自己")).match(/members\/([0-9a-f-]{36})/)[1];
	const asks = await v.get(`/fleet/members/${id}`);
	assert.equal(asks.heading, "移除管理员");
	assert.equal(members(company).length, 2, "looking removes nobody");
	await v.post(`/fleet/members/${id}`);
	assert.ok(v.page.has("已移除"));
	for (const one of [mate, second]) {
		for (const path of ["/fleet", "/fleet/members", "/fleet/add"]) assert.ok(!(await one.get(path)).html.includes(company.name), path);
		const sent = await one.send("/fleet/members", { phone: newPhone(), name: "" });
		assert.equal(sent.headers.location, "/fleet");
	}
	assert.equal(instance.value(`SELECT phone_sealed IS NULL AND name_sealed IS NULL AND removed_at IS NOT NULL FROM company_member WHERE id = '${id}'`), "t");
	await until("a message about it", () => told(company.phones[1], "2000032") === 1);
	// Pressed again, or by another admin at the same moment: the list, which says that it is done.
	assert.equal((await v.get(`/fleet/members/${id}`)).path, "/fleet/members");
	await v.post(`/fleet/members/${id}`);
	assert.equal(v.page.path, "/fleet/members?done=removed");
	assert.ok(v.page.has("已移除"));
	assert.equal(told(company.phones[1], "2000032"), 1, "told once");
	assert.equal(instance.value(`SELECT count(*) FROM audit WHERE action = 'company.member_removed' AND object = 'company_member:${id}'`), "1");
	await v.get("/fleet/members");
	await v.post("/fleet/members", { phone: company.phones[1], name: "" });
	assert.equal((await signInFleet(instance, company.phones[1])).page.heading, company.name, "added again");
	for (const one of [v, mate, second]) one.close();
});

test("the last admin stays; two who remove each other at once leave one", async () => {
	const company = await importCompany(instance, { phones: [newPhone(), newPhone()] }), one = await signInFleet(instance, company.phones[0]), two = await signInFleet(instance, company.phones[1]);
	const [a, b] = members(company);
	await Promise.all([one.get("/fleet/members"), two.get("/fleet/members")]);
	const row = one.page.html.match(/<tbody[\s\S]*?<\/tbody>/g).find((html) => html.includes("您自己")), first = row.includes(a) ? a : b;
	const other = first === a ? b : a;
	await Promise.all([one.send(`/fleet/members/${other}`), two.send(`/fleet/members/${first}`)]);
	assert.equal(members(company).length, 1);
	const left = members(company)[0] === first ? one : two;
	const page = await left.get(`/fleet/members/${members(company)[0]}`);
	assert.ok(page.has("您是唯一的管理员"));
	assert.equal((await left.send(`/fleet/members/${members(company)[0]}`)).status, 422);
	assert.equal(members(company).length, 1);
	for (const v of [one, two]) v.close();
});

test("another company's admins cannot be named", async () => {
	const company = await importCompany(instance), other = await importCompany(instance), v = await signInFleet(instance, company.phones[0]);
	await v.get("/fleet/members");
	for (const id of [members(other)[0], "nobody", "' OR ''='", "00000000-0000-0000-0000-000000000000"]) {
		const path = `/fleet/members/${encodeURIComponent(id)}`;
		assert.equal((await v.request("GET", path)).status, 404, id);
		assert.equal((await v.send(path)).status, 404, id);
	}
	assert.equal(members(other).length, 1);
	assert.ok(!(await v.get("/fleet/members")).html.includes(members(other)[0]));
	v.close();
});

test("no more are added in a day than the limit, since each gets a message", async () => {
	const company = await importCompany(instance), v = await signInFleet(instance, company.phones[0]);
	let page;
	for (let i = 0; i < 21; i++) {
		await v.get("/fleet/members");
		page = await v.post("/fleet/members", { phone: newPhone(), name: "" });
	}
	assert.equal(page.status, 422);
	assert.equal(page.error("phone"), "今天添加的次数较多，请明天再试");
	assert.equal(members(company).length, 21);
	v.close();
});

test("a car is added by its VIN and engine number; a wrong one, an unknown one and another company's read the same", async () => {
	const company = await importCompany(instance, { cars: 1 }), other = await importCompany(instance, { cars: 1 }), [free, persons, registered, applied] = await importCars(instance, [{}, { columns: { OwnerType: "person" } }, {}, {}]);
	const v = await signInFleet(instance, company.phones[0]);
	const add = async (vin, proof) => {
		await v.get("/fleet/add");
		return v.post("/fleet/add", { vin, proof });
	};
	const same = (page) => page.error("proof").replace(/\d+ 次/, "n 次");
	const wrong = await add(free.vin, "ZZZZZ9"), unknown = await add("LSVAA0000A0000000", "ZZZZZ9"), theirs = await add(other.cars[0].vin, other.cars[0].proof);
	for (const page of [wrong, unknown, theirs]) assert.equal(page.status, 422);
	assert.equal(same(unknown), same(wrong));
	assert.equal(same(theirs), same(wrong));
	assert.equal(instance.value(`SELECT count(*) FROM attempt WHERE kind = 'proof.vin'`) >= 3, true, "all are counted");
	const owner = await journey(instance, registered, {}), applicant = await journey(instance, applied, { stop: "check" });
	await cardStates(instance, owner.application, ["done"]);
	instance.sql(`UPDATE application_card SET state = 'review' WHERE application_id = ${applicant.draft}`);
	for (const car of [persons, registered, applied])
		assert.equal((await add(car.vin, car.proof)).error("vin"), "这辆车由个人登记或正在办理，请先由本人注销或撤回，有疑问请联系客服", car.vin);
	for (const one of [owner, applicant]) one.close();
	assert.equal((await add(company.cars[0].vin, company.cars[0].proof)).error("vin"), "这辆车已经在贵单位名下，不用再添加");
	assert.ok((await add(free.vin.toLowerCase(), free.proof)).has("已加入"));
	assert.ok(v.page.has("现在有 2 辆车"));
	assert.deepEqual(instance.sql(`SELECT c.code, o.source, o.standing FROM company_vehicle o JOIN company c ON c.id = o.company_id WHERE o.vin = '${free.vin}'`), [[company.code, "proved", "free"]]);
	const failed = await importFleetText(instance, `${HEADER}\n${other.code},,,,${free.vin}\n`).then(() => assert.fail("taken"), (error) => error.stderr);
	assert.ok(failed.includes(`is a car of ${company.code}`));
	v.close();
});

test("wrong proofs lock the car for this address, as for owners", async () => {
	const company = await importCompany(instance, { cars: 0 }), [car] = await importCars(instance), v = await signInFleet(instance, company.phones[0], new Visitor(instance, { localAddress: "127.0.9.3" }));
	let page;
	for (let i = 0; i < 6; i++) {
		await v.get("/fleet/add");
		page = await v.post("/fleet/add", { vin: car.vin, proof: "ZZZZZ9" });
	}
	assert.match(page.error("proof"), /输错次数较多/);
	await v.get("/fleet/add");
	assert.equal((await v.post("/fleet/add", { vin: car.vin, proof: car.proof })).status, 422, "the right one too");
	v.close();
});
