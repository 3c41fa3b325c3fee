// Another way than the face verification: photographs that people compare, chosen on the consent or the liveness page, and back.
import assert from "node:assert/strict";
import test, { afterEach } from "node:test";

import { importCars } from "./cars.mjs";
import { cardStates, Instance, journey, newPhone, until, Visitor } from "./client.mjs";
import { clip, jpeg } from "./media.mjs";

const instance = Instance.shared();
afterEach(() => instance.script("identity"));

const sent = (car) => instance.received("carrier").filter((m) => m.decrypted?.ICCID === car.cards[0].iccid);
const field = (v, name) => instance.value(`SELECT ${name} FROM application WHERE id = ${v.draft}`);

// From the papers page to its end: the licence, and on.
async function papers(v, note = "") {
	assert.equal(v.page.path, `/${v.flow}/papers`);
	await v.upload(v.page.uploadPath, jpeg(`licence ${Math.random()}`));
	assert.equal(v.page.path, `/${v.flow}/papers`);
	assert.ok(v.page.has("照片已收到"));
	return v.post(`/${v.flow}/papers`, { note });
}

test("who does not consent takes photographs instead: people decide, and nothing of a face is asked for", async () => {
	const [car] = await importCars(instance), v = await journey(instance, car, { stop: "consent" });
	assert.ok(v.page.has("不用人脸，改人工审核"));
	await v.post("/register/consent", { action: "manual" });
	assert.equal(v.page.path, "/register/papers", "no tick is needed");
	assert.equal((await v.get("/register/consent")).path, "/register/papers");
	assert.equal((await v.get("/register/liveness")).path, "/register/papers");
	assert.equal((await v.get("/register/agreements")).path, "/register/papers", "the licence must be there first");
	const page = await v.post("/register/papers", { note: "" });
	assert.equal(page.status, 422);
	assert.match(page.error("file"), /行驶证/);
	await v.get("/register/papers");
	await papers(v, "我不方便说话");
	assert.equal(v.page.path, "/register/agreements");
	await v.agree();
	assert.ok(v.page.has("不用人脸，由工作人员审核") && v.page.has("一个工作日"));
	const picture = v.page.attributes("img", "src").find((src) => src.includes("/picture/licence"));
	assert.equal((await v.request("GET", picture)).headers["content-type"], "image/jpeg");
	await v.submit();
	assert.equal(v.page.heading, "已受理");
	assert.ok(v.page.has("人工审核") && v.page.has("一个工作日"));
	const number = v.page.text.match(/受理编号\s*([0-9A-Za-z-]+)/)[1];
	await cardStates(instance, number, ["review"]);
	assert.equal(instance.value(`SELECT array_to_string(review_reasons, ',') FROM application WHERE number = '${number}'`), "manual_identity");
	await until("the SMS that people look at it", () => instance.sms(v.number).some((m) => m.template === "2000004"));
	assert.deepEqual(instance.sql(`SELECT t.kind FROM consent c JOIN agreement_text t ON t.id = c.agreement_text_id WHERE c.application_id = ${v.draft} AND t.kind = 'face'`), []);
	assert.deepEqual(instance.sql(`SELECT DISTINCT purpose FROM evidence WHERE application_id = ${v.draft} ORDER BY 1`).map((r) => r[0]), ["certificate_back", "certificate_front", "vehicle_licence"]);
	assert.equal(sent(car).length, 0, "nothing goes to the carrier before");
	// Staff see what it is about; the note only with a reason.
	const shown = await instance.ctl("review", "show", number);
	assert.match(shown, /没有做人脸核验/);
	assert.match(shown, /photographs, no face verification/);
	assert.ok(!shown.includes("我不方便说话"));
	assert.match(await instance.ctl("review", "show", number, "--reveal", "--reason", "looks"), /我不方便说话/);
	assert.match(await instance.ctl("review", "picture", number, "vehicle_licence", "--reason", "looks"), /JFIF|Exif|�/);
	assert.ok(!instance.dump().includes("我不方便说话"), "sealed");
	await instance.ctl("review", "approve", number);
	await cardStates(instance, number);
	assert.deepEqual(sent(car).map((m) => m.action), ["account", "vehicle"]);
	assert.equal(sent(car)[0].decrypted.PhoName, undefined);
	await until("the result by SMS", () => instance.sms(v.number).some((m) => m.template === "2000002"));
	v.close();
});

test("who cannot speak, failed three times or has no tries left finds it on the liveness page", async () => {
	const [car] = await importCars(instance), v = await journey(instance, car, { stop: "liveness" });
	await v.settled("/register/liveness");
	assert.ok(v.page.has("无法朗读") && v.page.has("不用人脸，改人工审核"));
	instance.script("identity", [{ match: { action: "LivenessRecognition" }, then: { result: "FailedOperation.LipVoiceRecognize" } }]);
	for (let n = 1; n <= 5; n++) {
		await v.clip(clip(`failure ${n}`));
		assert.equal(v.page.has("不用人脸也能办"), n >= 3, `after ${n} failures`);
		assert.ok(v.page.has("不用人脸，改人工审核"));
	}
	assert.ok(v.page.has("后再试"), "locked");
	await v.post("/register/liveness", { action: "manual" });
	await papers(v);
	assert.equal(v.page.path, "/register/agreements");
	assert.equal(field(v, "clip_evidence_id IS NULL AND portrait_evidence_id IS NULL AND face_consent_at IS NULL"), "t");
	// Back to the verification: the consent is asked for again, and the tries are still used up.
	await v.get("/register/papers");
	await v.post("/register/papers", { action: "face" });
	assert.equal(v.page.path, "/register/consent");
	assert.equal((await v.get("/register/papers")).path, "/register/consent");
	await v.consent();
	assert.ok(v.page.has("后再试"), "no new tries");
	v.close();
});

test("back to the verification, which then counts alone", async () => {
	const [car] = await importCars(instance), v = await journey(instance, car, { stop: "consent" });
	await v.post("/register/consent", { action: "manual" });
	await papers(v);
	await v.get("/register/papers");
	await v.post("/register/papers", { action: "face" });
	await v.consent();
	await v.clip();
	await v.agree();
	assert.ok(v.page.has("已通过") && !v.page.html.includes("/picture/licence"));
	await v.submit();
	await cardStates(instance, v.page.text.match(/受理编号\s*([0-9A-Za-z-]+)/)[1]);
	v.close();
});

test("a verification on its way does not come back after the other way was chosen", async () => {
	const [car] = await importCars(instance), v = await journey(instance, car, { stop: "liveness" });
	await v.settled("/register/liveness");
	instance.script("identity", [{ match: { action: "LivenessRecognition" }, delay_ms: 1500 }]);
	await v.upload(v.page.uploadPath, clip("slow"), { filename: "clip.webm", type: "video/webm" });
	await v.get("/register/consent");
	await v.post("/register/liveness", { action: "manual" });
	assert.equal(v.page.path, "/register/papers");
	await until("the verification has ended", () => instance.value(`SELECT count(*) FROM verification WHERE application_id = ${v.draft} AND kind = 'liveness' AND state = 'waiting'`) === "0");
	assert.equal(field(v, "liveness_passed_at IS NULL AND portrait_evidence_id IS NULL"), "t");
	v.close();
});

test("cancelling has the same way", async () => {
	const [car] = await importCars(instance), front = jpeg(`manual holder ${Math.random()}`);
	const first = await journey(instance, car, { front });
	await cardStates(instance, first.application);
	const v = await journey(instance, car, { flow: "cancel", front, phone: newPhone(), stop: "consent" });
	await v.post("/cancel/consent", { action: "manual" });
	await papers(v);
	await v.agree();
	await v.submit();
	const number = v.page.text.match(/受理编号\s*([0-9A-Za-z-]+)/)[1];
	await cardStates(instance, number, ["review"]);
	await instance.ctl("review", "approve", number);
	await cardStates(instance, number);
	assert.equal(instance.value(`SELECT count(*) FROM registration g JOIN card c ON c.id = g.card_id WHERE c.iccid = '${car.cards[0].iccid}' AND g.ended_at IS NULL`), "0");
	first.close();
	v.close();
});

test("files, a note and a picture too many: told, and nothing lost", async () => {
	const [car] = await importCars(instance), v = await journey(instance, car, { stop: "consent" });
	await v.post("/register/consent", { action: "manual" });
	const path = v.page.uploadPath;
	assert.match((await v.upload(path, Buffer.from("no picture at all"))).error("file"), /JPG/);
	assert.match((await v.upload(path, Buffer.alloc(0))).error("file"), /行驶证照片/);
	await v.get("/register/papers");
	await v.upload(v.page.uploadPath, jpeg("licence one"));
	const long = "字".repeat(201);
	let page = await v.post("/register/papers", { note: long });
	assert.equal(page.status, 422);
	assert.match(page.error("note"), /200 字/);
	assert.equal(page.value("note"), long, "what was typed stays");
	await v.upload(v.page.uploadPath, jpeg("other one"));
	assert.equal(field(v, "other_evidence_id IS NOT NULL"), "t");
	await v.get("/register/papers?photo=licence");
	assert.ok(v.page.uploadPath.includes("/upload/licence"));
	const before = field(v, "licence_evidence_id"), csrf = /csrf=([^&]*)/.exec(v.page.uploadPath)[1];
	for (const kind of ["licence", "other"]) { // sent once more, since the answer was lost
		const was = field(v, `${kind}_evidence_id`);
		await v.upload(`/register/upload/${kind}?csrf=${csrf}`, jpeg(`${kind} one`));
		assert.equal(field(v, `${kind}_evidence_id`), was);
	}
	await v.get("/register/papers?photo=licence");
	await v.upload(v.page.uploadPath, jpeg("licence two"));
	assert.notEqual(field(v, "licence_evidence_id"), before);
	await v.post("/register/papers", { note: "字".repeat(200) });
	assert.equal(v.page.path, "/register/agreements");
	// Another car: its licence is asked for anew.
	const [second] = await importCars(instance);
	await v.vehicle(second);
	v.car = second;
	await v.cards();
	assert.equal(v.page.path, "/register/papers");
	assert.ok(v.page.has("拍有车架号"));
	instance.sql(`INSERT INTO evidence (id, application_id, role, purpose, sha256, size, media_type, storage_key, data_key_id, retention_class) SELECT gen_random_uuid(), a.id, 'holder', 'vehicle_licence', '', 1, 'image/jpeg', gen_random_uuid()::text, a.data_key_id, 'enrolment' FROM application a, generate_series(1, 20) WHERE a.id = ${v.draft}`);
	assert.match((await v.upload(v.page.uploadPath, jpeg("one too many"))).error("file"), /次数较多/);
	v.close();
});

test("pictures are of their own draft only, and no way is there before its step", async () => {
	const [car] = await importCars(instance), v = await journey(instance, car, { stop: "front" });
	for (const step of ["consent", "liveness", "papers"]) {
		const page = await v.post(`/register/${step}`, { action: "manual" });
		assert.equal(page.path, "/register/front", step);
	}
	assert.equal(field(v, "identity_way"), "face");
	const stranger = new Visitor(instance);
	assert.notEqual((await stranger.request("GET", "/register/picture/licence")).status, 200);
	stranger.close();
	v.close();
});
