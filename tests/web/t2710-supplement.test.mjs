// 待补充: people ask for exactly what they need, the signed-in owner of that application sends it, and it goes back to review.
import assert from "node:assert/strict";
import test from "node:test";

import { importCars } from "./cars.mjs";
import { cardStates, Instance, journey, newPhone, until, Visitor } from "./client.mjs";
import { jpeg } from "./media.mjs";

const instance = Instance.shared();
const KNOWN = { OwnerType: "person", OwnerName: "欧阳补充" }; // unlike the name that is read: people look at it
instance.remember("欧阳补充");

const told = (v, template) => instance.sms(v.number).filter((m) => m.template === template).length;
const evidence = (number, column) => instance.value(`SELECT ${column} FROM application WHERE number = '${number}'`);

async function inReview(cards = 1) {
	const [car] = await importCars(instance, [{ cards, columns: KNOWN }]), v = await journey(instance, car);
	await cardStates(instance, v.application, ["review"]);
	return v;
}

test("asked, told by SMS and in the records, sent, and back in review", async () => {
	const v = await inReview(2), number = v.application, front = evidence(number, "front_evidence_id");
	await instance.ctl("review", "ask", number, "certificate_front", "--text", "照片反光，请重新拍人像面");
	await cardStates(instance, number, ["needs_more"]);
	await instance.ctl("review", "ask", number, "vehicle_licence");
	await assert.rejects(instance.ctl("review", "ask", number, "authorisation"), /is a person's/);
	await until("the SMS that more is needed", () => told(v, "2000016") === 1);
	const line = (await instance.ctl("review", "list")).split("\n").find((one) => one.startsWith(number));
	assert.match(line, /needs_more\t[-\d]+ [\d:]+\tcertificate_front, vehicle_licence$/);
	await assert.rejects(instance.ctl("review", "approve", number), /not in review/);

	await v.get("/records");
	assert.ok(v.page.has("待补充") && v.page.has("照片反光，请重新拍人像面"), v.page.text);
	const path = v.page.attributes("a", "href").find((href) => href.startsWith("/supplement"));
	await v.get(path);
	assert.equal(v.page.heading, "补充材料");
	assert.ok(v.page.has("照片反光，请重新拍人像面"));
	assert.ok(v.page.uploadPath.startsWith("/supplement/upload/front?"), "one after the other, exactly this");
	const first = v.page.uploadPath;
	assert.match((await v.upload(first, Buffer.from("no picture"))).error("file"), /JPG/);
	assert.match((await v.upload(first, Buffer.alloc(0))).error("file"), /证件正面/);
	assert.match((await v.upload(first, Buffer.from("no picture"), { json: true })).json.errors[0].text, /JPG/);
	assert.equal(evidence(number, "front_evidence_id"), front);
	await v.get(path);
	await v.upload(first, jpeg("again"));
	assert.notEqual(evidence(number, "front_evidence_id"), front, "in the place of the one before");
	await cardStates(instance, number, ["needs_more"]);
	assert.ok(v.page.uploadPath.startsWith("/supplement/upload/licence?"));
	// The first once more, and what was not asked for: nothing is taken.
	const rows = () => instance.value(`SELECT count(*) FROM evidence e JOIN application a ON a.id = e.application_id WHERE a.number = '${number}'`);
	const before = rows();
	await v.upload(first, jpeg("twice"));
	await v.upload(first.replace("/front", "/other"), jpeg("unasked"));
	assert.equal(rows(), before);
	await v.get(path);
	await v.upload(v.page.uploadPath, jpeg("licence"));
	assert.equal(v.page.heading, "材料已收到");
	assert.ok(v.page.has("一个工作日"));
	await cardStates(instance, number, ["review"]);
	await until("the SMS that people look at it again", () => told(v, "2000004") === 2);
	assert.equal(told(v, "2000016"), 1);
	assert.match((await instance.ctl("review", "list")).split("\n").find((one) => one.startsWith(number)), /review\t[-\d]+ [\d:]+\tcertificate_front \(given\), vehicle_licence \(given\)$/);
	assert.deepEqual(instance.sql(`SELECT action FROM audit u JOIN application a ON a.id = u.application_id WHERE a.number = '${number}' AND action LIKE 'supplement%' ORDER BY u.number`).map((r) => r[0]), ["supplement.asked", "supplement.asked", "supplement.given", "supplement.given"]);
	assert.ok((await v.get("/records")).has("人工审核中") && !v.page.html.includes("/supplement"));
	assert.ok((await instance.ctl("review", "picture", number, "vehicle_licence", "--reason", "looks")).length > 100);
	// Once more, and then decided.
	await instance.ctl("review", "ask", number, "certificate_front");
	await v.get(path);
	assert.ok(!v.page.has("行驶证主页"), "the round before is over");
	await v.upload(v.page.uploadPath, jpeg("third"));
	await cardStates(instance, number, ["review"]);
	await instance.ctl("review", "approve", number);
	await cardStates(instance, number);
	assert.equal((await v.get(path)).path, "/records", "decided: nothing to send any more");
	v.close();
});

test("asked and never answered: staff refuse it, the user is told and may do it again, the card is free", async () => {
	const v = await inReview(2), number = v.application;
	await instance.ctl("review", "ask", number, "certificate_front");
	await cardStates(instance, number, ["needs_more"]);
	await assert.rejects(instance.ctl("review", "refuse", number), /--reason/);
	assert.match(await instance.ctl("review", "refuse", number, "--reason", "三周没有回音"), /2 cards are refused/);
	await cardStates(instance, number, ["refused"]);
	await until("the SMS that it is refused", () => told(v, "2000003") === 1);
	await assert.rejects(instance.ctl("review", "refuse", number, "--reason", "twice"), /not in review/);
	assert.ok(!(await instance.ctl("review", "list")).includes(number));
	const list = await v.get("/records");
	assert.ok(list.has("没有收到要补充的材料") && !list.html.includes("三周"), "the reason is for staff");
	assert.equal((await v.get(`/supplement?number=${number}`)).path, "/records", "nothing to send any more");
	await v.get("/records");
	await v.post("/records/retry", { number });
	assert.equal(v.page.path, "/register/front", "with new pictures");
	v.close();
});

test("what waits too long is an alarm with a number, and nobody's name", async () => {
	const v = await inReview(), number = v.application;
	await instance.ctl("review", "ask", number, "certificate_front");
	instance.sql(`UPDATE application_card SET state_at = now() - interval '8 days' WHERE application_id = (SELECT id FROM application WHERE number = '${number}')`);
	instance.sql("UPDATE job_schedule SET next_at = now() WHERE kind = 'waiting'");
	await until("the alarm", () => /alarm waiting .*what=needs_more count=[1-9]\d* days=7/.test(instance.log("jobs")));
	v.close();
});

test("so is a complaint, a correction or somebody who wants to act for a company that nobody answers; monitoring counts them", async () => {
	const v = await inReview(), of = `FROM application WHERE number = '${v.application}'`, [complaint, correction, company, member] = Array.from({ length: 4 }, () => crypto.randomUUID());
	instance.sql(`INSERT INTO complaint (id, number, automaker_id, kind, once_hash, data_key_id, text_sealed, created_at)
			SELECT '${complaint}', '${complaint}', automaker_id, 'other', convert_to('${complaint}', 'UTF8'), data_key_id, '', now() - interval '4 days' ${of};
		INSERT INTO correction (id, number, application_id, field, created_at) SELECT '${correction}', '${correction}', id, 'name', now() - interval '4 days' ${of};
		INSERT INTO company (id, automaker_id, code, name, opened_by) SELECT '${company}', automaker_id, '${company.replaceAll("-", "").toUpperCase().slice(0, 18)}', '示例物流', 'self' ${of};
		INSERT INTO company_member (id, company_id, phone_hash, phone_hash_key, state, added_by, added_at) VALUES ('${member}', '${company}', '', '', 'waiting', 'visitor', now() - interval '4 days')`);
	instance.sql("UPDATE job_schedule SET next_at = now() WHERE kind = 'waiting'");
	for (const what of ["complaint", "correction", "company_admin"])
		await until(what, () => new RegExp(`alarm waiting .*what=${what} count=[1-9]\\d* days=3`).test(instance.log("jobs")));
	const metrics = (await v.request("GET", "/metrics")).html;
	for (const what of ["complaint", "correction", "company_admin"]) {
		assert.match(metrics, new RegExp(`^realname_staff_waiting\\{what="${what}"\\} [1-9]`, "m"));
		assert.ok(Number(metrics.match(new RegExp(`^realname_staff_oldest_seconds\\{what="${what}"\\} ([\\d.]+)`, "m"))[1]) > 3 * 86400, what);
	}
	assert.match(metrics, /^realname_task_done_seconds\{task="retention"\} \d/m);
	instance.sql(`DELETE FROM complaint WHERE id = '${complaint}'; DELETE FROM correction WHERE id = '${correction}'; DELETE FROM company_member WHERE id = '${member}'; DELETE FROM company WHERE id = '${company}'`);
	v.close();
});

test("only the phone of the application, signed in", async () => {
	const v = await inReview(), number = v.application;
	await instance.ctl("review", "ask", number, "other_photo");
	await v.get(`/supplement?number=${number}`);
	const path = v.page.uploadPath;
	const other = await inReview();
	const page = await other.get(`/supplement?number=${number}`);
	assert.equal(page.status, 404);
	await other.get("/records");
	assert.equal((await other.upload(path.replace(/csrf=[^&]*/, `csrf=${other.page.csrf}`), jpeg("a stranger's"))).status, 404);
	const nobody = new Visitor(instance);
	await nobody.get(`/supplement?number=${number}`);
	assert.equal(nobody.page.path, "/records/phone");
	assert.equal((await nobody.upload(path.replace(/csrf=[^&]*/, `csrf=${nobody.page.csrf}`), jpeg("nobody's"))).path, "/records/phone");
	assert.equal((await other.get(`/supplement?number=${other.application}`)).status, 404, "nothing was asked for");
	assert.equal((await other.get("/supplement")).status, 404);
	assert.equal(instance.value(`SELECT count(*) FROM supplement s JOIN application a ON a.id = s.application_id WHERE a.number = '${number}' AND s.given_at IS NULL`), "1");
	// Signed in on another device.
	const phone = v.number, later = new Visitor(instance);
	instance.sql("UPDATE attempt SET at = at - interval '61 seconds' WHERE kind = 'sms.phone'");
	await later.records(phone, 2);
	await later.get(`/supplement?number=${number}`);
	await later.upload(later.page.uploadPath, jpeg("mine"));
	await cardStates(instance, number, ["review"]);
	for (const one of [v, other, nobody, later]) one.close();
});

test("two tabs send the same at once: one counts", async () => {
	const v = await inReview(), number = v.application;
	await instance.ctl("review", "ask", number, "vehicle_licence");
	await v.get(`/supplement?number=${number}`);
	const path = v.page.uploadPath;
	await Promise.all([1, 2, 3].map((n) => v.upload(path, jpeg(`tab ${n}`), { json: true })));
	await cardStates(instance, number, ["review"]);
	assert.equal(instance.value(`SELECT count(*) FROM evidence e JOIN application a ON a.id = e.application_id WHERE a.number = '${number}' AND e.purpose = 'vehicle_licence'`), "1");
	v.close();
});

test("what cannot be asked", async () => {
	const v = await inReview(), number = v.application;
	await assert.rejects(instance.ctl("review", "ask", number, "selfie"), /WHAT is one of certificate_front/);
	await assert.rejects(instance.ctl("review", "ask", number, "other_photo", "--text", "字".repeat(61)), /1 to 60 characters/);
	await assert.rejects(instance.ctl("review", "ask", "NOTHERE", "other_photo"), /no application/);
	await instance.ctl("review", "ask", number, "other_photo", "--text", "字".repeat(60));
	await assert.rejects(instance.ctl("review", "ask", number, "other_photo"), /asked for already/);
	const [car] = await importCars(instance), done = await journey(instance, car, { phone: newPhone() });
	await cardStates(instance, done.application);
	await assert.rejects(instance.ctl("review", "ask", done.application, "other_photo"), /not in review/);
	for (const one of [v, done]) one.close();
});
