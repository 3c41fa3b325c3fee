// People ask for papers of a batch: the company is told where it looks, any of its admins sends them, and nobody else.
import assert from "node:assert/strict";
import test, { afterEach } from "node:test";

import { atCars } from "./basket.mjs";
import { cardStates, Instance, until, Visitor } from "./client.mjs";
import { allTasks, carsStep, newCompany, signedIn, submitted } from "./company.mjs";
import { jpeg, pdf } from "./media.mjs";

const instance = Instance.shared();
afterEach(() => instance.script("identity"));

// A batch that people look at, since its company is new. The admin is at its page.
async function inReview(cars = 2) {
	const v = await atCars(instance, cars, { trusted: false });
	await carsStep(v);
	await allTasks(v);
	await submitted(v);
	assert.equal(v.page.heading, "这一批正在核验", v.page.text);
	v.place = `/fleet/batch/${v.batch}`;
	v.asks = `/supplement?number=${v.batch}`;
	return v;
}
const mateOf = (v) => signedIn(instance, v.company, { cars: false });
const rows = (v) => instance.value(`SELECT count(*) FROM evidence e JOIN application a ON a.id = e.application_id WHERE a.number = '${v.batch}'`);
const withToken = (path, v) => path.replace(/csrf=[^&]*/, `csrf=${v.page.csrf}`);

test("asked: told by SMS, on the front page and on the open page of the batch; another admin sends it, and the batch goes on", async () => {
	const v = await inReview(), mate = await mateOf(v), waiting = async () => (await v.json(v.place)).json.waiting;
	assert.equal(await waiting(), true);
	assert.ok(v.page.waiting && !v.page.html.includes("/supplement"));
	await instance.ctl("review", "ask", v.batch, "certificate_front", "--text", "照片反光，请重新拍人像面");
	await instance.ctl("review", "ask", v.batch, "vehicle_licence");
	const message = await until("the SMS to whoever submitted it", () => instance.sms(v.number).find((m) => m.template === "2000016"));
	assert.deepEqual(message.parameters, [v.batch]);
	assert.equal(await waiting(), false, "the open page is read again");
	await v.get(v.place);
	assert.equal(v.page.heading, "请补充材料");
	assert.ok(v.page.has("照片反光，请重新拍人像面") && !v.page.has("已受理，稍后") && !v.page.waiting, v.page.text);
	assert.ok(v.page.attributes("a", "href").includes(v.asks), "the way to send it");
	await mate.get("/fleet");
	assert.ok(mate.page.has("待补充 2 张") && !mate.page.has("办理中 2 张"), mate.page.text);
	assert.ok(mate.page.attributes("a", "href").includes(v.asks));

	await mate.get(v.asks);
	assert.equal(mate.page.heading, "补充材料");
	assert.ok(mate.page.attributes("a", "href").includes(v.place), "back to the batch");
	const first = mate.page.uploadPath;
	assert.match((await mate.upload(first, Buffer.from("no picture"))).error("file"), /JPG/);
	await mate.get(v.asks);
	await mate.upload(first, jpeg("front again"));
	assert.ok(mate.page.uploadPath.startsWith("/supplement/upload/licence?"), "one after the other");
	assert.equal(await waiting(), false);
	await mate.upload(mate.page.uploadPath, jpeg("licence"));
	assert.equal(mate.page.path, `${v.place}?said=given`);
	assert.equal(mate.page.heading, "这一批正在核验");
	assert.ok(mate.page.has("补充的材料已收到") && mate.page.waiting, mate.page.text);
	await cardStates(instance, v.batch, ["review"]);
	assert.equal(await waiting(), true);
	assert.deepEqual(instance.sql(`SELECT e.purpose, e.role FROM supplement s JOIN evidence e ON e.id = s.evidence_id JOIN application a ON a.id = s.application_id WHERE a.number = '${v.batch}' ORDER BY 1`),
		[["certificate_front", "responsible_person"], ["vehicle_licence", "organisation"]]);
	assert.deepEqual(instance.sql(`SELECT DISTINCT u.actor FROM audit u JOIN application a ON a.id = u.application_id WHERE a.number = '${v.batch}' AND u.action = 'supplement.given'`), [[`member:${mate.member}`]]);
	// Sent by the other already: the page says how it stands. Decided: the same.
	assert.equal((await v.get(v.asks)).path, `${v.place}?said=given`);
	await instance.ctl("review", "approve", v.batch);
	await cardStates(instance, v.batch);
	assert.equal((await v.get(v.asks)).path, v.place);
	assert.ok(!(await v.get(`${v.place}?said=given`)).has("补充的材料已收到"), "no longer so");
	for (const one of [v, mate]) one.close();
});

test("a company's own papers: another certificate and letter in their places, an attachment beside the others, as picture or PDF", async () => {
	const v = await inReview(1), number = v.batch, of = (column) => instance.value(`SELECT ${column} FROM application a WHERE number = '${number}'`);
	const used = "(SELECT string_agg(e.media_type, ' ') FROM evidence e WHERE e.id IN (a.business_licence_evidence_id, a.authorisation_evidence_id))";
	const attachments = "(SELECT count(*) FROM application_paper p WHERE p.application_id = a.id)", before = Number(of(attachments)), old = of("authorisation_evidence_id");
	for (const what of ["business_licence", "authorisation", "attachment"]) await instance.ctl("review", "ask", number, what);
	await v.get(v.asks);
	for (const [slug, label] of [["business", "单位证件"], ["letter", "授权书"], ["attachment", "附件"]]) {
		assert.ok(v.page.uploadPath.startsWith(`/supplement/upload/${slug}?`), v.page.uploadPath);
		assert.ok(v.page.has(`选择${label}（JPG、PNG 或 PDF`), v.page.text);
		assert.match((await v.upload(v.page.uploadPath, Buffer.from("no paper"))).error("file"), /PDF/);
		await v.get(v.asks);
		await v.upload(v.page.uploadPath, pdf([label, "第二页"]));
	}
	assert.equal(v.page.path, `${v.place}?said=given`);
	assert.deepEqual([of(used), Number(of(attachments)) - before], ["application/pdf application/pdf", 1]);
	assert.notEqual(of("authorisation_evidence_id"), old);
	assert.equal(of("authorisation_name_sealed IS NULL"), "t", "whom the one before named is not whom this one names");
	assert.ok((await instance.ctl("review", "show", number)).includes("authorisation: files 1, pages 2"));
	instance.sql(`INSERT INTO application_paper (id, application_id, evidence_id) SELECT gen_random_uuid(), a.id, a.authorisation_evidence_id FROM application a, generate_series(1, 8) WHERE number = '${number}'`);
	await assert.rejects(instance.ctl("review", "ask", number, "attachment"), /has 10 attachments/);
	await instance.ctl("review", "approve", number);
	await cardStates(instance, number);
	v.close();
});

test("refused and done again: the letter that staff got comes along, and whom it names is still to be said", async () => {
	const v = await inReview(1);
	await instance.ctl("review", "ask", v.batch, "authorisation");
	await v.get(v.asks);
	await v.upload(v.page.uploadPath, pdf(["授权书"]));
	await instance.ctl("review", "refuse", v.batch, "--reason", "x");
	await v.get(v.place);
	await v.post(`${v.place}/retry`);
	assert.match(v.page.path, /^\/fleet\/register\//, v.page.text);
	assert.deepEqual(instance.sql(`SELECT a.authorisation_evidence_id IS NOT NULL, a.authorisation_name_sealed IS NULL, a.authorisation_given_at IS NULL FROM application a JOIN application o ON o.id = a.retry_of WHERE o.number = '${v.batch}'`), [["t", "t", "t"]]);
	assert.equal((await v.get("/fleet/register/consent")).path, "/fleet/register/tasks", "not done yet");
	await v.get("/fleet/register/letter");
	assert.match(v.page.html, /\/picture\/letter/, "the letter is there");
	await v.post("/fleet/register/letter", { person: "", checked: "1" });
	assert.ok(v.page.error("person"), "and its name is asked for");
	v.close();
});

test("whoever submitted it sends it too; withdrawn instead, nothing is wanted any more", async () => {
	const v = await inReview(1);
	await instance.ctl("review", "ask", v.batch, "other_photo");
	await v.get(v.asks);
	await v.upload(v.page.uploadPath, jpeg("his own"));
	assert.equal(v.page.path, `${v.place}?said=given`);
	await instance.ctl("review", "ask", v.batch, "other_photo");
	await v.get(v.asks);
	const path = v.page.uploadPath;
	await v.get(`${v.place}/withdraw`);
	await v.post(`${v.place}/withdraw`);
	assert.equal(v.page.heading, "这一批已撤回");
	const before = rows(v);
	await v.upload(withToken(path, v), jpeg("too late"));
	assert.equal(v.page.path, v.place);
	assert.equal(rows(v), before);
	v.close();
});

test("nobody else: another company's admin, a removed one, one signed in for himself only, somebody not signed in", async () => {
	const v = await inReview(1), mate = await mateOf(v), other = await signedIn(instance, newCompany(instance), { cars: false }), nobody = new Visitor(instance);
	await instance.ctl("review", "ask", v.batch, "certificate_front");
	const mine = new Visitor(instance);
	instance.sql("UPDATE attempt SET at = at - interval '61 seconds' WHERE kind = 'sms.phone'");
	await mine.records(v.number, instance.sms(v.number).filter((m) => m.template === "2000001").length + 1);
	await v.get(v.asks);
	const path = v.page.uploadPath, before = rows(v), query = `?number=${v.batch}`;
	const resume = (who) => who.request("POST", `/supplement/resume/front${query}`, { headers: { "Tus-Resumable": "1.0.0", "Upload-Length": "5", "X-CSRF-Token": who.page.csrf, Accept: "application/json" } });
	await mate.get(v.asks);
	assert.equal(mate.page.heading, "补充材料");
	instance.sql(`UPDATE company_member SET state = 'removed', removed_at = now() WHERE id = '${mate.member}'`);
	for (const who of [other, mate, mine]) {
		await who.get("/records");
		assert.equal((await who.request("GET", v.asks)).status, 404);
		assert.equal((await who.json(v.asks)).status, 404);
		assert.equal((await resume(who)).status, 404);
		assert.equal((await who.upload(withToken(path, who), jpeg("not his"))).status, 404);
	}
	await nobody.get("/records/phone");
	assert.equal((await resume(nobody)).json.location, "/records/phone");
	assert.equal((await nobody.upload(withToken(path, nobody), jpeg("nobody's"))).path, "/records/phone");
	assert.equal((await nobody.get(v.asks)).path, "/records/phone", "the same as for any number");
	assert.equal(rows(v), before);
	// The sign-in has run out: to the one of companies.
	instance.sql(`UPDATE session SET signed_in_until = now() WHERE company_member_id = '${v.member}'`);
	assert.equal((await v.get(v.asks)).path, "/records/phone?to=fleet");
	assert.equal(rows(v), before);
	for (const one of [v, mate, other, nobody, mine]) one.close();
});
