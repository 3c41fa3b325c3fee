// 企业车主办理: companies from the operator's file, the sign-in that belongs to one company, the choice between several, and what the
// front page of a company says.
import assert from "node:assert/strict";
import test from "node:test";

import { importAgain, importCars } from "./cars.mjs";
import { cardStates, Instance, journey, newPhone, until, Visitor } from "./client.mjs";
import { aMinuteLater, HEADER, importCompany, importFleetText, newCode, signInFleet } from "./fleet.mjs";
import { jpeg } from "./media.mjs";

const instance = Instance.shared();
const cookie = (v) => v.cookies.get("__Host-sid");
const memberOf = (company, phone = company.phones[0]) => instance.sql(`SELECT m.id, c.id FROM company_member m JOIN company c ON c.id = m.company_id WHERE c.code = '${company.code}' ORDER BY m.added_at`).map(([id]) => id);

test("an admin of one imported company is at its front page after signing in", async () => {
	const company = await importCompany(instance, { cars: 4 }), [phone] = company.phones;
	const v = new Visitor(instance), first = await v.get("/fleet");
	assert.equal(first.path, "/records/phone?to=fleet");
	assert.equal(first.heading, "企业用户登录");
	const before = cookie(v);
	await signInFleet(instance, phone, v);
	assert.equal(v.page.path, "/fleet");
	assert.equal(v.page.heading, company.name);
	assert.notEqual(cookie(v), before, "a new session id");
	for (const words of [company.code, "一共 4 辆", "未登记 4 辆", "还没有提交过"]) assert.ok(v.page.has(words), words);
	assert.ok(!v.page.html.includes(phone), "the phone is masked");
	assert.ok(!v.page.has("企业第一次提交"), "imported: trusted");
	assert.match(instance.value(`SELECT actor || ' ' || action || ' ' || object FROM audit WHERE action = 'company.entered' AND object = 'company_member:${memberOf(company)[0]}'`), /^visitor company\.entered/);
	assert.equal((await v.get("/")).status, 200);
	await v.get("/fleet");
	await v.post("/records/leave");
	assert.equal((await v.get("/fleet")).path, "/records/phone?to=fleet", "left");
	v.close();
});

test("a phone of several companies chooses, and changes; another company's admin cannot be chosen", async () => {
	const phone = newPhone(), one = await importCompany(instance, { phones: [phone], cars: 1 }), two = await importCompany(instance, { phones: [phone], cars: 2 });
	const other = await importCompany(instance);
	const v = await signInFleet(instance, phone), choice = v.page;
	assert.equal(choice.heading, "选择企业");
	assert.ok(choice.has(one.name) && choice.has(two.name) && !choice.has(other.name));
	for (const wrong of [memberOf(other)[0], "nobody", "", "00000000-0000-0000-0000-000000000000"]) {
		const before = cookie(v), page = await v.send("/fleet/choose", { member: wrong });
		assert.deepEqual([page.status, page.headers.location], [303, "/fleet/choose"], wrong);
		assert.equal(cookie(v), before, "still signed in");
	}
	assert.equal((await v.get("/fleet")).heading, "选择企业", "nothing chosen");
	const before = cookie(v);
	const fields = { csrf: v.page.csrf, member: memberOf(two)[0] };
	await v.post("/fleet/choose", fields);
	assert.equal(v.page.heading, two.name);
	assert.ok(v.page.has("一共 2 辆"));
	const after = cookie(v);
	assert.notEqual(after, before, "rights grew: a new session id");
	// Pressed twice: the second was sent with the cookie of before.
	v.cookies.set("__Host-sid", before);
	const twice = await v.send("/fleet/choose", fields);
	assert.deepEqual([twice.status, twice.headers.location], [303, "/fleet"]);
	v.cookies.set("__Host-sid", after);
	assert.equal((await v.get("/fleet")).heading, two.name);
	await v.get("/fleet/choose");
	assert.ok(v.page.has("正在为这家企业办理"));
	await v.post("/fleet/choose", { member: memberOf(one)[0] });
	assert.equal(v.page.heading, one.name);
	v.close();
});

test("a session never carries a company over to another phone", async () => {
	const company = await importCompany(instance), v = await signInFleet(instance, company.phones[0]), stranger = newPhone();
	assert.equal(v.page.heading, company.name);
	aMinuteLater(instance);
	await v.get("/records/phone");
	await v.post("/records/phone", { phone: stranger });
	assert.equal((await v.get("/fleet")).path, "/records/phone?to=fleet", "another phone was typed");
	await v.get("/records/code");
	await v.post("/records/code", { code: await instance.code(stranger) });
	assert.equal(v.page.path, "/records");
	const page = await v.get("/fleet");
	assert.equal(page.heading, "还没有您的企业");
	assert.ok(!page.html.includes(company.name));
	v.close();
});

test("whoever is signed in for his own records enters a company by choosing it", async () => {
	const company = await importCompany(instance), [phone] = company.phones, v = new Visitor(instance);
	aMinuteLater(instance);
	await v.records(phone);
	assert.equal(v.page.path, "/records");
	assert.equal(instance.value(`SELECT count(*) FROM session WHERE company_member_id = '${memberOf(company)[0]}'`), "0");
	assert.equal((await v.get("/fleet")).heading, "选择企业");
	await v.post("/fleet/choose", { member: memberOf(company)[0] });
	assert.equal(v.page.heading, company.name);
	v.close();
});

test("an admin who waits or was removed sees nothing, from that moment on", async () => {
	const company = await importCompany(instance, { phones: [newPhone(), newPhone()] }), v = await signInFleet(instance, company.phones[0]), [member] = memberOf(company);
	assert.equal(v.page.heading, company.name);
	instance.sql(`UPDATE company_member SET state = 'waiting' WHERE id = '${member}'`);
	const waits = await v.get("/fleet");
	assert.ok(waits.has("正在核实您是不是这家企业的经办人"));
	assert.ok((await v.post("/fleet/choose", { member })).has("正在核实您是不是这家企业的经办人"));
	assert.equal(instance.value(`SELECT count(*) FROM audit WHERE action = 'company.entered' AND object = 'company_member:${member}'`), "1", "entered once, before");
	instance.sql(`UPDATE company_member SET state = 'removed', removed_at = now() WHERE id = '${member}'`);
	assert.ok(!(await v.get("/fleet")).html.includes(company.name));
	v.close();
	const other = await signInFleet(instance, company.phones[1]);
	assert.equal(other.page.heading, company.name);
	instance.sql(`UPDATE company SET closed_at = now() WHERE code = '${company.code}'`);
	assert.ok(!(await other.get("/fleet")).html.includes(company.name), "a closed company");
	other.close();
});

test("an admin goes on with his own draft of this company only; the owner's pages do not know it", async () => {
	const phone = newPhone(), mate = newPhone(), company = await importCompany(instance, { phones: [phone, mate] }), other = await importCompany(instance, { phones: [phone] });
	const v = await signInFleet(instance, phone);
	const draft = (of, hash) => {
		const number = `FD${Math.random().toString(36).slice(2, 12).toUpperCase().padEnd(10, "X")}`;
		instance.sql(`WITH k AS (INSERT INTO data_key (id, wrapped) VALUES (gen_random_uuid(), '\\x00') RETURNING id)
			INSERT INTO application (id, number, automaker_id, kind, holder, channel, acting, company_id, data_key_id, expires_at, phone_hash, phone_hash_key, phone_proved_at)
			SELECT gen_random_uuid(), '${number}', c.automaker_id, 'register', 'organisation', 'online', 'responsible_person', c.id, k.id, now() + interval '1 day', m.phone_hash, m.phone_hash_key, now()
			FROM k, company c JOIN company_member m ON m.company_id = c.id WHERE c.code = '${of.code}' AND m.id = '${hash}'`);
		return number;
	};
	const [mine, mates] = memberOf(company), own = draft(company, mine), his = draft(company, mates), elsewhere = draft(other, memberOf(other)[0]);
	await v.post("/fleet/choose", { member: mine });
	assert.ok(v.page.has(own) && !v.page.has(his) && !v.page.has(elsewhere));
	const before = cookie(v), drafts = `SELECT count(*) FROM session WHERE application_id IN (SELECT id FROM application WHERE number IN ('${own}', '${his}', '${elsewhere}'))`;
	for (const number of [his, elsewhere, "", "2222"]) {
		const page = await v.send("/fleet/continue", { number });
		assert.deepEqual([page.status, page.headers.location], [303, "/fleet"], number);
	}
	assert.deepEqual([instance.value(drafts), cookie(v)], ["0", before]);
	const gone = await v.send("/fleet/continue", { number: own });
	assert.equal(gone.status, 303);
	assert.notEqual(cookie(v), before);
	assert.equal(instance.value(`SELECT count(*) FROM session s JOIN application a ON a.id = s.application_id WHERE a.number = '${own}' AND s.company_member_id = '${mine}'`), "1");
	for (const path of ["/records", "/mine"]) assert.ok(!(await v.get(path)).html.includes(own), path);
	await v.get("/records");
	assert.equal((await v.send("/records/continue", { number: own })).headers.location, "/records");
	instance.sql(`UPDATE application SET submitted_at = now() WHERE number = '${own}'`);
	await v.get("/fleet");
	assert.equal((await v.post("/fleet/continue", { number: own })).path, "/fleet", "sent in another tab meanwhile");
	assert.ok(!(await v.get("/records")).html.includes(own));
	for (const path of [`/records/receipt/${own}`, `/records/withdraw/${own}`, `/records/misuse/${own}`]) assert.equal((await v.get(path)).status, 404, path);
	const home = await v.get("/fleet");
	assert.ok(home.html.includes(`/fleet/batch/${own}`) && !home.html.includes(`/fleet/batch/${elsewhere}`));
	v.close();
});

test("the cards of the batches are counted as they are, and the cars as they stand", async () => {
	const cars = await importCars(instance, 3), company = await importCompany(instance, { cars }), v = await signInFleet(instance, company.phones[0]);
	const done = await journey(instance, cars[0], { stop: "vehicle" }); // a car of a company is nobody's own
	await done.vehicle(cars[0]);
	assert.ok(done.page.has("这是单位名下的车"));
	done.close();
	instance.sql(`WITH k AS (INSERT INTO data_key (id, wrapped) VALUES (gen_random_uuid(), '\\x00') RETURNING id),
		a AS (INSERT INTO application (id, number, automaker_id, kind, holder, channel, acting, company_id, data_key_id, expires_at, submitted_at)
			SELECT gen_random_uuid(), 'BATCH${company.code.slice(-7)}', c.automaker_id, 'register', 'organisation', 'online', 'responsible_person', c.id, k.id, now(), now() FROM k, company c WHERE c.code = '${company.code}' RETURNING id)
		INSERT INTO application_card (id, application_id, card_id, vehicle_id, state)
		SELECT gen_random_uuid(), a.id, b.card_id, v.id, CASE v.vin WHEN '${cars[0].vin}' THEN 'pushing' WHEN '${cars[1].vin}' THEN 'done' ELSE 'refused' END
		FROM a, vehicle v JOIN card_binding b ON b.vehicle_id = v.id AND b.bound_until IS NULL WHERE v.vin IN (${cars.map((car) => `'${car.vin}'`).join(", ")})`);
	const page = await v.get("/fleet");
	for (const words of ["3 辆， 3 张卡", "办理中 1 张", "成功 1 张", "失败 1 张", "正在办理 1 辆", "未登记 2 辆"]) assert.ok(page.text.replace(/，\s*/g, "， ").includes(words), words);
	v.close();
});

test("what is wrong with a file is told by line, and nothing is written", async () => {
	const company = await importCompany(instance, { cars: 1 }), code = newCode(), [car] = company.cars, [free] = await importCars(instance, [{ columns: { OwnerType: "person" } }]);
	const refused = async (rows, words, ...options) => {
		const failed = await importFleetText(instance, `${[HEADER, ...rows].join("\n")}\n`, ...options).then(() => assert.fail("taken"), (error) => error.stderr);
		for (const word of words) assert.ok(failed.includes(word), `${word} in ${failed}`);
		assert.equal(instance.value(`SELECT count(*) FROM company WHERE code = '${code}'`), "0");
	};
	await refused([`${code},新公司,,,`, `${code},新公司,12345,,`, `123,新公司,,,`, `${code},另一个,,,`, `${code},新公司,,,LSVAAOOOOAOOOOOOO`],
		["line 3: AdminPhone", "line 4: Code", "line 5: Name: differs from line 2", "line 6: VIN: has no letters", "4 of 5 rows are bad: nothing is imported"]);
	await refused([`${code},新公司,,,${car.vin}`], [`line 2: VIN: is a car of ${company.code} (--move`]);
	await refused([`${code},新公司,,,${free.vin}`], ["line 2: VIN: the car belongs to a person"]);
	await refused([`${code},新公司,,,LSVAA0000A0000000`], ["line 2: VIN: there is no such car"]);
	await refused([`${code},,13800138000,,`], ["line 2: Name: is missing"]);
	const moved = await importFleetText(instance, `${HEADER}\n${code},新公司,,,${car.vin}\n`, "--move");
	assert.ok(moved.includes("1 rows: 1 new companies, 1 new cars, 1 cars moved"), moved);
	assert.equal(instance.value(`SELECT string_agg(c.code, ',') FROM company_vehicle o JOIN company c ON c.id = o.company_id WHERE o.vin = '${car.vin}'`), code);
});

test("a car that a person registers, or has registered, comes to no company before that has ended", async () => {
	const [open, done] = await importCars(instance, [{ columns: { OwnerType: "person", OwnerName: "欧阳测试" } }, {}]), code = newCode(), front = jpeg(`holder ${Math.random()}`);
	instance.remember("欧阳测试");
	const first = await journey(instance, open), second = await journey(instance, done, { front }), owner = (car) => instance.value(`SELECT coalesce(owner_type, 'nobody') FROM vehicle WHERE vin = '${car.vin}'`);
	await cardStates(instance, first.application, ["review"]);
	await cardStates(instance, second.application, ["done"]);
	Object.assign(open.row, { OwnerType: "", OwnerName: "" });
	await importAgain(instance, [open]);
	for (const car of [open, done]) {
		const failed = await importFleetText(instance, `${HEADER}\n${code},新公司,,,${car.vin}\n`).then(() => assert.fail("taken"), (error) => error.stderr);
		assert.match(failed, /line 2: VIN: cannot be a company's now: a person has registered a card of it, or applies for one/);
		assert.equal(owner(car), "nobody");
	}
	const cancel = await journey(instance, done, { flow: "cancel", front });
	assert.equal(cancel.page.path, "/cancel/done", "he can end it himself");
	await cardStates(instance, cancel.application, ["done"]);
	await importFleetText(instance, `${HEADER}\n${code},新公司,,,${done.vin}\n`);
	assert.equal(owner(done), "organisation");
	for (const v of [first, second, cancel]) v.close();
});

test("a car of a company stays no person's when it is imported once more with an empty OwnerType", async () => {
	const [car] = await importCars(instance, [{ columns: { OwnerType: "" } }]), [free] = await importCars(instance), type = (one) => instance.value(`SELECT coalesce(owner_type, 'nobody') FROM vehicle WHERE vin = '${one.vin}'`);
	await importCompany(instance, { cars: [car] });
	assert.equal(type(car), "organisation");
	for (const columns of [{ OwnerType: "" }, { OwnerType: "organisation" }]) {
		Object.assign(car.row, columns);
		Object.assign(free.row, { OwnerType: "" });
		await importAgain(instance, [car, free]);
		assert.deepEqual([type(car), type(free)], ["organisation", "nobody"]);
	}
	// A person was faster with one that the company has proved: it stays in his reach.
	const [his] = await importCars(instance), owner = await journey(instance, his);
	await cardStates(instance, owner.application);
	instance.sql(`INSERT INTO company_vehicle (company_id, vehicle_id, vin, model, standing, source) SELECT (SELECT company_id FROM company_vehicle WHERE vin = '${car.vin}'), id, vin, vehicle_model, 'registered', 'proved' FROM vehicle WHERE vin = '${his.vin}'`);
	Object.assign(his.row, { OwnerType: "" });
	await importAgain(instance, [his]);
	assert.equal(type(his), "nobody");
	owner.close();
});

test("a company that opened itself: only the admins of the file stay", async () => {
	const code = newCode(), kept = newPhone(), company = await importCompany(instance, { code, phones: [kept, newPhone()], cars: 1 });
	instance.sql(`UPDATE company SET opened_by = 'self', trusted_at = NULL WHERE code = '${code}'`);
	const v = await signInFleet(instance, company.phones[1]);
	assert.equal(v.page.heading, company.name);
	assert.ok(v.page.has("由工作人员核对材料后再送到运营商"));
	const out = await importFleetText(instance, `${HEADER}\n${code},${company.name},${kept},,\n`);
	assert.ok(out.includes(`${code} had opened itself: now trusted; 1 admins that the file does not name wait`), out);
	assert.ok((await v.get("/fleet")).has("正在核实"));
	const [[by, trusted]] = instance.sql(`SELECT opened_by, trusted_at IS NOT NULL FROM company WHERE code = '${code}'`);
	assert.deepEqual([by, trusted], ["import", "t"]);
	const again = await importFleetText(instance, `${HEADER}\n${code},,${kept},,\n`);
	assert.ok(!again.includes("opened itself"));
	v.close();
});

test("whoever was removed stays out when the file names him again, unless told", async () => {
	const phone = newPhone(), company = await importCompany(instance, { phones: [phone] });
	instance.sql(`UPDATE company_member SET state = 'removed', removed_at = now(), phone_sealed = NULL WHERE id = '${memberOf(company)[0]}'`);
	const text = `${HEADER}\n${company.code},,${phone},,\n`;
	assert.ok((await importFleetText(instance, text)).includes("1 contacts were admins before and were removed"));
	assert.equal((await signInFleet(instance, phone)).page.heading, "还没有您的企业");
	assert.ok((await importFleetText(instance, text, "--restore")).includes("1 new admins"));
	assert.equal((await signInFleet(instance, phone)).page.heading, company.name);
});
