// 实名登记记录: the columns, both tabs, search and pages, doing a refused application again with what is still valid, the receipt,
// withdrawing, reporting misuse, and the older records of a phone that may have had another owner.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { importCars } from "./cars.mjs";
import { cardStates, Instance, journey, until, Visitor } from "./client.mjs";
import { jpeg } from "./media.mjs";

const instance = Instance.shared();
const KNOWN = { OwnerType: "person", OwnerName: "欧阳测试" };
const of = (number) => `(SELECT id FROM application WHERE number = '${number}')`;

// A registration whose cards the carrier refuses with this cause.
async function refused(cause, { cards = 1, columns, ...options } = {}) {
	const [car] = await importCars(instance, [{ cards, columns }]);
	instance.script("carrier", [{ match: { action: "account", contains: car.cards[0].iccid }, then: { error: cause } }]);
	const v = await journey(instance, car, options);
	await cardStates(instance, v.application, ["refused", "done"]);
	instance.script("carrier");
	return v;
}
const retry = async (v, number = v.application) => {
	await v.get("/records");
	return v.post("/records/retry", { number });
};

test("the columns of the manual, masked, with a reason and what can be done", async () => {
	const v = await refused("身份证校验失败"), { person, car } = v;
	const list = await v.get("/records");
	for (const column of ["业务类型", "姓名", "车架号", "ICCID", "状态", "失败原因", "操作人", "办理时间"]) assert.ok(list.html.includes(`<th scope="col">${column}</th>`), column);
	for (const words of ["车主实名认证", "未通过", "运营商核对证件未通过", "本人线上办理", car.cards[0].iccid.slice(-4), v.application]) assert.ok(list.has(words), words);
	assert.ok(!list.html.includes(person.name) && !list.html.includes(person.number) && !list.html.includes(car.vin) && !list.html.includes(car.cards[0].iccid));
	assert.equal((list.html.match(/重新办理</g) ?? []).length, 1);
	assert.ok(!list.has("撤回"));
	assert.ok(list.attributes("a", "href").includes("/fleet"), "企业用户业务");
	instance.sql(`UPDATE application SET holder = 'organisation', acting = 'responsible_person' WHERE number = '${v.application}'`);
	for (const path of ["/records", "/records?tab=company"]) assert.ok(!(await v.get(path)).has(v.application), "a company's is not one's own");
	v.close();
});

test("every refusal of a carrier has words of its own", () => {
	const keys = new Set([...readFileSync("cgi/t1/wire.c", "utf8").matchAll(/"(t1\.[a-z]+)"/g)].map((m) => m[1]));
	const messages = readFileSync("cgi/http/messages.c", "utf8");
	assert.ok(keys.size > 5);
	for (const key of keys) assert.ok(messages.includes(`{"${key}",`), key);
});

test("search by VIN: whole or the last six, one's own only, not in the address", async () => {
	const v = await refused("501"), other = await refused("501"), vin = v.car.vin;
	for (const typed of [vin, vin.toLowerCase(), vin.slice(-6)]) {
		const page = await v.post("/records/search", { vin: typed });
		assert.equal(page.path, "/records");
		assert.ok(page.has(v.application) && page.has(vin.slice(-6)), typed);
	}
	for (const typed of [other.car.vin, other.car.vin.slice(-6)]) {
		const page = await v.post("/records/search", { vin: typed });
		assert.ok(page.has("没有这个车架号的记录") && !page.html.includes(other.application), "another's car");
	}
	assert.ok((await v.get("/records?page=1")).has("没有这个车架号的记录"), "stays");
	assert.ok((await v.post("/records/search", { action: "all" })).has(v.application));
	for (const wrong of ["12345", "ABCDEFG", "%' OR 1", "_____1"]) {
		const page = await v.post("/records/search", { vin: wrong });
		assert.equal(page.status, 422);
		assert.match(page.error("vin"), /17 位车架号/);
		assert.ok(page.has(v.application), "the list stays");
	}
	for (const one of [v, other]) one.close();
});

test("pages of twenty", async () => {
	const v = await refused("501");
	instance.sql(`INSERT INTO application (id, number, automaker_id, kind, holder, channel, acting, data_key_id, created_at, expires_at, submitted_at, phone_hash, phone_hash_key, phone_proved_at, vehicle_id)
		SELECT gen_random_uuid(), 'PG' || left(md5(a.id::text || i), 10), automaker_id, kind, holder, channel, acting, data_key_id, now() - make_interval(mins => i), now(), now(), phone_hash, phone_hash_key, now(), vehicle_id
		FROM application a, generate_series(1, 44) i WHERE a.id = ${of(v.application)}`);
	const seen = new Set();
	let page = await v.get("/records");
	for (const count of [20, 20, 5]) {
		const numbers = [...page.html.matchAll(/编号 <span class="mono">([0-9A-Za-z]+)</g)].map((m) => m[1]);
		assert.equal(numbers.length, count);
		numbers.forEach((number) => seen.add(number));
		const next = page.attributes("a", "href").find((path) => new RegExp(`page=${seen.size / 20 + 1}$`).test(path));
		assert.equal(Boolean(next), count === 20);
		if (next) page = await v.get(next);
	}
	assert.equal(seen.size, 45);
	v.close();
});

test("a refusal that another look may cure: done again from the check page alone", async () => {
	const v = await refused("400", { cards: 2 });
	const before = v.application, sent = instance.sms(v.number).length;
	await retry(v);
	assert.equal(v.page.path, "/register/check", v.page.text);
	assert.ok(v.page.has(v.car.cards[0].iccid.slice(-4)) && !v.page.has(`尾号 ${v.car.cards[1].iccid.slice(-4)}`), "the refused card only");
	for (const side of ["front", "back"]) assert.equal((await v.request("GET", `/register/picture/${side}`)).status, 200, side);
	// Nothing of the new one is readable with the old key only, or gone with it.
	instance.sql(`UPDATE data_key SET wrapped = NULL, erased_at = now() WHERE id = (SELECT data_key_id FROM application WHERE number = '${before}')`);
	assert.equal(instance.value(`SELECT count(*) FROM evidence e JOIN application a ON a.id = e.application_id WHERE a.retry_of = ${of(before)} AND e.data_key_id <> a.data_key_id`), "0");
	await v.submit();
	assert.equal(v.page.path, "/register/done", v.page.text);
	const number = v.page.text.match(/受理编号\s*([0-9A-Za-z-]+)/)[1];
	assert.notEqual(number, before);
	assert.deepEqual(await cardStates(instance, number), ["done"]);
	const message = instance.accepted().find((m) => m.ICCID === v.car.cards[0].iccid);
	assert.ok(message, "the carrier got it");
	assert.equal(instance.sms(v.number).slice(sent).filter((m) => m.template === "2000001").length, 0, "no new code");
	assert.equal(instance.value(`SELECT count(DISTINCT t.kind) FROM consent c JOIN agreement_text t ON t.id = c.agreement_text_id WHERE c.application_id = ${of(number)}`), "5");
	assert.equal(instance.value(`SELECT count(*) FROM audit WHERE application_id = ${of(number)} AND action = 'draft.taken_over'`), "1");
	const list = await v.get("/records");
	assert.ok(list.has(number) && list.has(before), "signed in still; the record of an erased key stays");
	v.close();
});

test("a refused certificate: what was confirmed is shown for correction; the same person keeps the verified face", async () => {
	const v = await refused("姓名与证件不符"), address = "北京市东城区景山前街四号";
	await v.get("/records");
	await retry(v);
	assert.equal(v.page.path, "/register/identity");
	assert.equal(v.page.value("number"), v.person.number);
	await v.identity({ address });
	assert.equal(v.page.path, "/register/check");
	await v.submit();
	assert.equal(v.page.path, "/register/done");
	v.close();

	const w = await refused("身份证校验失败");
	await retry(w);
	await w.identity({ name: "另外一人" });
	assert.equal(w.page.path, "/register/consent", "another person: asked himself, then the face again");
	w.close();
});

test("refused pictures: taken again, then confirmed, and to the check page", async () => {
	const front = jpeg(`again ${Math.random()}`), back = jpeg(`again back ${Math.random()}`), v = await refused("照片不清晰", { front, back });
	await retry(v);
	assert.equal(v.page.path, "/register/front");
	assert.equal(instance.value(`SELECT count(*) FROM evidence e JOIN application a ON a.id = e.application_id WHERE a.retry_of = ${of(v.application)} AND e.purpose LIKE 'certificate%'`), "0");
	await v.picture("front", front);
	await v.picture("back", back);
	await v.identity();
	assert.equal(v.page.path, "/register/check", "the same person: the face counts");
	v.close();
	// Pictures of somebody else take the face with them.
	const w = await refused("照片不清晰");
	await retry(w);
	await w.picture("front", jpeg(`another ${Math.random()}`));
	await w.picture("back", jpeg(`another back ${Math.random()}`));
	await w.identity();
	assert.equal(w.page.path, "/register/consent");
	await w.consent();
	await w.clip();
	assert.equal(w.page.path, "/register/agreements", "and he agrees himself");
	w.close();
});

test("what is older than a day is proved anew; what is there already is gone on with", async () => {
	const v = await refused("400");
	instance.sql(`UPDATE application SET vehicle_proved_at = now() - interval '25 hours', liveness_passed_at = now() - interval '25 hours' WHERE number = '${v.application}'`);
	await retry(v);
	assert.equal(v.page.path, "/register/vehicle");
	await v.vehicle(v.car);
	await v.cards();
	assert.equal(v.page.path, "/register/liveness", "phone, pictures and holder are still there");
	await v.clip();
	assert.equal(v.page.path, "/register/check");
	await retry(v);
	assert.equal(v.page.path, "/register/check", "the same draft");
	assert.equal(instance.value(`SELECT count(*) FROM application WHERE retry_of = ${of(v.application)}`), "1");
	v.close();
	const w = await refused("400");
	await w.get("/records");
	const pages = await Promise.all([1, 2, 3, 4].map(() => w.send("/records/retry", { number: w.application })));
	assert.ok(pages.every((page) => page.status === 303 || page.status === 403), pages.map((page) => page.status).join());
	assert.equal(instance.value(`SELECT count(*) FROM application WHERE retry_of = ${of(w.application)}`), "1", "pressed at once");
	w.close();
});

test("a newer privacy notice or agreement is agreed to again", async () => {
	const v = await refused("400");
	const newer = (kind, version) => instance.sql(`INSERT INTO agreement_text (id, automaker_id, kind, version, title, body, sha256, valid_from) SELECT gen_random_uuid(), automaker_id, kind, '${version}', title, body, sha256, now() FROM agreement_text WHERE kind = '${kind}' ORDER BY valid_from DESC LIMIT 1`);
	const drop = (version) => instance.sql(`DELETE FROM consent WHERE agreement_text_id IN (SELECT id FROM agreement_text WHERE version = '${version}'); DELETE FROM agreement_text WHERE version = '${version}'`);
	try {
		newer("privacy_notice", "test-records");
		await retry(v);
		assert.equal(v.page.path, "/register/notice");
		assert.equal(instance.value(`SELECT count(*) FROM application WHERE retry_of = ${of(v.application)}`), "0");
		drop("test-records");
		newer("network", "test-records");
		await retry(v);
		assert.equal(v.page.path, "/register/agreements");
	} finally {
		drop("test-records");
	}
	v.close();
});

test("a withdrawn face consent: no portrait is copied, and the person is asked again", async () => {
	const v = await refused("400");
	instance.sql(`UPDATE consent c SET withdrawn_at = now() FROM agreement_text t WHERE t.id = c.agreement_text_id AND t.kind = 'face' AND c.application_id = ${of(v.application)}`);
	await retry(v);
	assert.equal(v.page.path, "/register/consent");
	assert.equal(instance.value(`SELECT count(*) FROM evidence e JOIN application a ON a.id = e.application_id WHERE a.retry_of = ${of(v.application)} AND e.purpose = 'portrait'`), "0");
	v.close();
});

test("an application whose key is gone is done again from what is clear", async () => {
	const v = await refused("400");
	instance.sql(`UPDATE data_key SET wrapped = NULL, erased_at = now() WHERE id = (SELECT data_key_id FROM application WHERE number = '${v.application}')`);
	await retry(v);
	assert.equal(v.page.path, "/register/front");
	// Nobody can say any more whether it is the same person.
	await v.picture("front", jpeg(`unknown ${Math.random()}`));
	await v.picture("back", jpeg(`unknown back ${Math.random()}`));
	await v.identity();
	assert.equal(v.page.path, "/register/consent");
	v.close();
});

test("a receipt to print: masked, with the texts that were agreed to", async () => {
	const v = await refused("501"), { person, car } = v;
	await v.get("/records");
	const page = await v.get(`/records/receipt/${v.application}`);
	assert.equal(page.status, 200);
	for (const words of [v.application, "办理凭证", "居民身份证", "未通过", car.cards[0].iccid.slice(-4), "SHA-256", person.number.slice(-4)]) assert.ok(page.has(words), words);
	for (const [title, version, hash] of instance.sql(`SELECT t.title, t.version, left(encode(c.sha256, 'hex'), 16) FROM consent c JOIN agreement_text t ON t.id = c.agreement_text_id WHERE c.application_id = ${of(v.application)}`))
		assert.ok(page.has(title) && page.has(version) && page.has(hash), title);
	for (const hidden of [person.name, person.number, car.vin, v.number, person.address]) assert.ok(!page.html.includes(hidden));
	v.close();
});

test("withdrawing until it is pushed, with a page that asks", async () => {
	const [car] = await importCars(instance, [{ cards: 2, columns: KNOWN }]), v = await journey(instance, car);
	await cardStates(instance, v.application, ["review"]);
	const list = await v.get("/records"), path = `/records/withdraw/${v.application}`;
	assert.ok(list.attributes("a", "href").includes(path));
	assert.ok((await v.get(path)).has("确认撤回"));
	assert.deepEqual(await cardStates(instance, v.application, ["review"]), ["review", "review"], "looking changes nothing");
	const after = await v.post(path);
	assert.ok(after.has("已撤回。") && !after.attributes("a", "href").includes(path));
	assert.deepEqual(await cardStates(instance, v.application, ["withdrawn"]), ["withdrawn", "withdrawn"]);
	assert.equal(instance.value(`SELECT count(*) FROM audit WHERE application_id = ${of(v.application)} AND action IN ('application.withdrawn', 'card.withdrawn')`), "3");
	await assert.rejects(instance.ctl("review", "approve", v.application));
	const again = await v.send(path);
	assert.equal(again.headers.location, "/records?said=withdrawn", "pressed once more: the first time did it");
	assert.equal(instance.value(`SELECT count(*) FROM audit WHERE application_id = ${of(v.application)} AND action = 'application.withdrawn'`), "1");
	assert.equal((await journey(instance, car)).page.path, "/register/done", "the cards are free");
	v.close();
});

test("a review that approves while the owner withdraws: one of them", async () => {
	const [car] = await importCars(instance, [{ columns: KNOWN }]), v = await journey(instance, car), path = `/records/withdraw/${v.application}`;
	await v.get(path);
	const [answer, approved] = await Promise.all([v.send(path), instance.ctl("review", "approve", v.application).then(() => true, () => false)]);
	const withdrawn = answer.headers.location === "/records?said=withdrawn";
	assert.notEqual(withdrawn, approved);
	await cardStates(instance, v.application, [withdrawn ? "withdrawn" : "done"]);
	v.close();
});

test("what is pushed cannot be withdrawn", async () => {
	const v = await refused("501");
	assert.equal((await v.request("GET", `/records/withdraw/${v.application}`)).headers.location, "/records?said=pushed");
	await v.get("/records");
	assert.equal((await v.send(`/records/withdraw/${v.application}`)).headers.location, "/records?said=pushed");
	v.close();
});

test("不是我办的, and it is true: staff's cancellation goes to the carrier as every other, and the one who reported sees it", async () => {
	const [car] = await importCars(instance, [{ cards: 2 }]), v = await journey(instance, car), path = `/records/misuse/${v.application}`;
	await cardStates(instance, v.application);
	await v.get(path);
	const number = (await v.post(path)).text.match(/报告编号 ([0-9A-Z]+)/)[1];
	const close = (...more) => instance.ctl("misuse", "close", number, ...more, "--reason", "核实为冒用");
	const registered = () => instance.value(`SELECT count(*) FROM registration WHERE ended_at IS NULL AND from_application_id = ${of(v.application)}`);
	await assert.rejects(close("own", "--cancel"), /outcome misuse/);
	const told = await close("misuse", "--cancel"), done = told.match(/2 cards are being cancelled: application ([0-9A-Z]{12})/)[1];
	await cardStates(instance, done);
	assert.equal(registered(), "0");
	assert.deepEqual(instance.sql(`SELECT kind, channel, holder FROM application WHERE number = '${done}'`), [["cancel", "counter", "person"]]);
	assert.deepEqual(instance.sql(`SELECT DISTINCT m.kind, m.oper_type FROM t1_message m JOIN application_card ac ON ac.id = m.application_card_id WHERE ac.application_id = ${of(done)}`), [["account", "cancel"]]);
	for (const card of car.cards) assert.equal(instance.accepted().filter((one) => one.ICCID === card.iccid).length, 3, "the carrier got account, car, and the end");
	await until("the result by SMS", () => instance.value(`SELECT count(*) FROM sms_message WHERE application_id = ${of(done)} AND template = 'cancel_ok' AND state = 'sent'`) === "1");
	assert.match(instance.value(`SELECT detail->>'cancelled_by' FROM audit WHERE application_id = ${of(v.application)} AND action = 'misuse.closed'`), new RegExp(done));
	const list = await v.get("/records");
	assert.ok(list.has(done) && list.has("工作人员办理") && list.has("已注销"));
	assert.equal((await v.get(`/records/receipt/${done}`)).status, 200);
	v.close();
	// What people still look at is not cancelled, and the report stays open.
	const [other] = await importCars(instance, [{ columns: { OwnerType: "person", OwnerName: "欧阳某某" } }]), w = await journey(instance, other);
	await w.get(`/records/misuse/${w.application}`);
	const second = (await w.post(`/records/misuse/${w.application}`)).text.match(/报告编号 ([0-9A-Z]+)/)[1];
	await assert.rejects(instance.ctl("misuse", "close", second, "misuse", "--cancel", "--reason", "x"), /not finished/);
	assert.ok((await instance.ctl("misuse", "list", "--state", "open", "--limit", "10000")).includes(second));
	// Nor is it approved: not before people have found out, and not when it was true.
	await assert.rejects(instance.ctl("review", "approve", w.application), new RegExp(`close report ${second} first`));
	await instance.ctl("misuse", "close", second, "misuse", "--reason", "x");
	await assert.rejects(instance.ctl("review", "approve", w.application), new RegExp(`report ${second} of misuse was true`));
	await instance.ctl("review", "refuse", w.application, "--reason", "x");
	await cardStates(instance, w.application, ["refused"]);
	w.close();
});

test("不是我办的: nothing is cancelled while a card of it is on its way, and nothing that was registered otherwise", async () => {
	const report = async (v) => {
		await v.get(`/records/misuse/${v.application}`);
		return (await v.post(`/records/misuse/${v.application}`)).text.match(/报告编号 ([0-9A-Z]+)/)[1];
	};
	const close = (number) => instance.ctl("misuse", "close", number, "misuse", "--cancel", "--reason", "x");
	// One of two cards waits for its carrier: it would be registered after the report is closed.
	const [car, again] = await importCars(instance, [{ cards: 2 }, {}]);
	instance.script("carrier", [{ match: { contains: car.cards[1].iccid }, then: { status: 503, body: "{}" } }]);
	const v = await journey(instance, car), number = await report(v), states = () => instance.sql(`SELECT state FROM application_card WHERE application_id = ${of(v.application)} ORDER BY state`).flat().join();
	await until("one card is registered", () => states() === "done,pushing");
	await assert.rejects(close(number), /not finished/);
	assert.equal(instance.value(`SELECT count(*) FROM application WHERE channel = 'counter' AND vehicle_id = (SELECT id FROM vehicle WHERE vin = '${car.vin}')`), "0");
	instance.script("carrier");
	instance.sql("UPDATE job SET run_at = now() WHERE kind = 't1_send' AND claim IS NULL");
	await cardStates(instance, v.application);
	assert.match(await close(number), /2 cards are being cancelled/);
	v.close();
	// Registered, changed by the same person: the report on the first one ends what has become of it.
	const front = jpeg(`holder ${Math.random()}`), w = await journey(instance, again, { front }), first = await report(w);
	await cardStates(instance, w.application);
	const change = await journey(instance, again, { flow: "update", front });
	await cardStates(instance, change.application);
	const ended = (await close(first)).match(/1 cards are being cancelled: application ([0-9A-Z]{12})/)[1];
	await cardStates(instance, ended);
	// Registered anew by the same person: that is not what the report is about.
	const fresh = await journey(instance, again, { front });
	await cardStates(instance, fresh.application);
	const second = await report(change);
	await assert.rejects(close(second), /nothing is registered/);
	assert.equal(instance.value(`SELECT count(*) FROM registration WHERE ended_at IS NULL AND from_application_id = ${of(fresh.application)}`), "1");
	for (const one of [w, change, fresh]) one.close();
});

test("不是我办的, and the carrier refuses staff's cancellation: the registration stands, and the person is not asked to do it again", async () => {
	const [car] = await importCars(instance), v = await journey(instance, car), path = `/records/misuse/${v.application}`;
	await cardStates(instance, v.application);
	await v.get(path);
	const number = (await v.post(path)).text.match(/报告编号 ([0-9A-Z]+)/)[1];
	instance.script("carrier", [{ match: { contains: car.cards[0].iccid }, then: { error: "999", message: "no" } }]);
	const done = (await instance.ctl("misuse", "close", number, "misuse", "--cancel", "--reason", "x")).match(/application ([0-9A-Z]{12})/)[1];
	await cardStates(instance, done, ["refused"]);
	instance.script("carrier");
	assert.equal(instance.value(`SELECT count(*) FROM registration WHERE ended_at IS NULL AND from_application_id = ${of(v.application)}`), "1");
	const list = await v.get("/records");
	assert.ok(list.has(done) && !list.has("重新办理") && list.has("没有办成，请拨打客服电话"), list.text);
	await until("the alarm", () => new RegExp(`alarm staff .*application=${done} kind=cancel refused`).test(instance.log("jobs")));
	// The report is closed; what it was about can still be ended, once.
	await assert.rejects(instance.ctl("misuse", "close", number, "own", "--reason", "x"), /closed already: misuse/);
	const later = (await instance.ctl("misuse", "close", number, "misuse", "--cancel", "--reason", "asked again")).match(/application ([0-9A-Z]{12})/)[1];
	await cardStates(instance, later);
	assert.equal(instance.value(`SELECT count(*) FROM registration WHERE ended_at IS NULL AND from_application_id = ${of(v.application)}`), "0");
	assert.equal(instance.value(`SELECT detail->>'cancelled_by' FROM audit WHERE application_id = ${of(v.application)} AND action = 'misuse.cancelled'`), later);
	await assert.rejects(instance.ctl("misuse", "close", number, "misuse", "--cancel", "--reason", "x"), /nothing is registered/);
	v.close();
});

test("不是我办的: one report, a number, an alarm, and what happens next", async () => {
	const [car] = await importCars(instance), v = await journey(instance, car), path = `/records/misuse/${v.application}`;
	await cardStates(instance, v.application);
	assert.ok((await v.get(path)).has("一个工作日内"));
	assert.equal(instance.value(`SELECT count(*) FROM misuse_report WHERE application_id = ${of(v.application)}`), "0");
	const page = await v.post(path), number = page.text.match(/报告编号 ([0-9A-Z]+)/)[1];
	assert.equal(page.path, path);
	await v.post(path);
	assert.deepEqual(instance.sql(`SELECT number FROM misuse_report WHERE application_id = ${of(v.application)}`), [[number]]);
	assert.equal(instance.value(`SELECT count(*) FROM audit WHERE application_id = ${of(v.application)} AND action = 'application.misuse_reported'`), "1");
	assert.match(instance.log("web"), new RegExp(`alarm misuse .*report=${number}`));
	assert.ok((await v.get("/records")).has("已报告"));
	// Staff: masked, revealed on record, closed once.
	const line = (await instance.ctl("misuse", "list", "--state", "open", "--limit", "10000")).split("\n").find((one) => one.startsWith(number));
	assert.ok(line.includes(v.application) && line.includes("\topen\t") && !line.includes(car.vin), line);
	const shown = await instance.ctl("misuse", "show", number);
	assert.ok(shown.includes(`report ${number}`) && shown.includes(`application ${v.application}`));
	for (const secret of [v.number, v.person.name, v.person.number, car.vin]) assert.ok(!shown.includes(secret));
	const revealed = () => instance.value(`SELECT count(*) FROM audit WHERE application_id = ${of(v.application)} AND action = 'application.revealed'`);
	await assert.rejects(instance.ctl("misuse", "show", number, "--reveal"), /--reason/);
	assert.equal(revealed(), "0");
	assert.ok((await instance.ctl("misuse", "show", number, "--reveal", "--reason", "回电核实")).includes(v.number));
	assert.equal(revealed(), "1");
	await assert.rejects(instance.ctl("misuse", "close", number, "guilty", "--reason", "x"), /misuse .*own .*unreachable/);
	await assert.rejects(instance.ctl("misuse", "close", number, "own"), /--reason/);
	await assert.rejects(instance.ctl("misuse", "close", "NOSUCHREPORT", "own", "--reason", "x"), /no report/);
	await instance.ctl("misuse", "close", number, "own", "--reason", "家人\"代办\"");
	await assert.rejects(instance.ctl("misuse", "close", number, "misuse", "--reason", "again"), /closed already: own/);
	assert.deepEqual(instance.sql(`SELECT detail->>'outcome', detail->>'reason' FROM audit WHERE application_id = ${of(v.application)} AND action = 'misuse.closed'`), [["own", "家人\"代办\""]]);
	assert.ok(!(await instance.ctl("misuse", "list", "--state", "open", "--limit", "10000")).includes(number));
	assert.ok((await instance.ctl("misuse", "list", "--state", "closed", "--limit", "10000")).includes(number));
	assert.equal((await v.get(path)).heading, "您的报告已处理完");
	v.close();
});

test("records older than 90 days: the end of the certificate number, of the right holder only", async () => {
	const all = [];
	for (const car of await importCars(instance, 3)) {
		const v = await journey(instance, car);
		await cardStates(instance, v.application);
		all.push(v);
	}
	// The phone of the last had other owners before.
	const v = all[2], [old, older, recent] = all.map((one) => ({ number: one.application, person: one.person }));
	instance.sql(`UPDATE application SET created_at = now() - interval '91 days', phone_hash = (SELECT phone_hash FROM application WHERE number = '${recent.number}') WHERE number IN ('${old.number}', '${older.number}')`);
	let list = await v.get("/records");
	assert.ok(list.has(recent.number) && !list.has(old.number) && !list.has(older.number));
	for (const path of ["receipt", "withdraw", "misuse"]) assert.equal((await v.request("GET", `/records/${path}/${old.number}`)).status, 404, path);
	assert.equal((await v.send("/records/retry", { number: old.number })).status, 404);
	await v.get("/records/older");
	assert.equal((await v.post("/records/older", { tail: "12" })).status, 422);
	const right = old.person.number.slice(-4), wrong = ["0000", "1111", "2222"].find((t) => t !== right && t !== older.person.number.slice(-4));
	const refusedPage = await v.post("/records/older", { tail: wrong });
	assert.match(refusedPage.error("tail"), /还可以再试 4 次/);
	list = await v.post("/records/older", { tail: right.toLowerCase() });
	assert.equal(list.path, "/records");
	assert.ok(list.has(old.number) && list.has(recent.number));
	if (right !== older.person.number.slice(-4)) assert.ok(!list.has(older.number), "another holder's stay hidden");
	assert.equal((await v.request("GET", `/records/receipt/${old.number}`)).status, 200);
	// Tries run out, for the phone, whoever asks.
	for (let n = 0; n < 4; n++) {
		await v.get("/records/older");
		await v.post("/records/older", { tail: wrong });
	}
	await v.get("/records/older");
	const locked = await v.post("/records/older", { tail: right });
	assert.equal(locked.status, 429);
	assert.match(locked.error("tail"), /输错次数较多/);
	await v.get("/records");
	await v.post("/records/leave");
	assert.equal(instance.value(`SELECT count(*) FROM session WHERE cardinality(records_holders) > 0 AND phone_hash IS NULL`), "0", "forgotten with the sign-in");
	all.forEach((one) => one.close());
});

test("a stranger gets nothing of all this", async () => {
	const v = await refused("501"), w = await journey(instance, (await importCars(instance))[0], { stop: "front" }), nobody = new Visitor(instance);
	await w.get("/records");
	for (const path of ["receipt", "withdraw", "misuse"]) {
		const page = await w.request("GET", `/records/${path}/${v.application}`), none = await w.request("GET", `/records/${path}/NOSUCHNUMBER`);
		assert.equal(page.status, 404);
		const text = (p) => p.html.replaceAll(/[0-9a-f]{12}/g, "").replaceAll(/\/care\/on\?to=[^"]*/g, ""); // the case number, the way back of 大字版
		assert.equal(text(page), text(none), "as if there were none");
		assert.equal((await nobody.request("GET", `/records/${path}/${v.application}`)).headers.location, "/records/phone");
	}
	for (const path of [`withdraw/${v.application}`, `misuse/${v.application}`]) assert.equal((await w.send(`/records/${path}`)).status, 404);
	assert.equal((await w.send("/records/retry", { number: v.application })).status, 404);
	assert.equal(instance.value(`SELECT count(*) FROM application WHERE retry_of = ${of(v.application)}`), "0");
	await v.get("/records");
	for (const path of ["retry", "search", "older", `withdraw/${v.application}`, `misuse/${v.application}`])
		assert.notEqual((await v.send(`/records/${path}`, [["csrf", "wrong"], ["number", v.application]])).status, 200, path);
	assert.equal(instance.value(`SELECT count(*) FROM misuse_report WHERE application_id = ${of(v.application)}`), "0");
	for (const one of [v, w, nobody]) one.close();
});
