// 身份验证: the consent of its own, digits that are good once and for a while, the clip, and what a failure costs.
import assert from "node:assert/strict";
import test, { afterEach } from "node:test";

import { importCars } from "./cars.mjs";
import { Instance, journey, until } from "./client.mjs";
import { clip, jpeg } from "./media.mjs";

const instance = Instance.shared();
afterEach(() => instance.script("identity"));

async function atLiveness() {
	const [car] = await importCars(instance);
	const v = await journey(instance, car, { stop: "liveness" });
	await v.settled("/register/liveness");
	return v;
}
const digitsOf = (page) => page.html.match(/class="say-digits"[^>]*>(\d+)</)?.[1];
const live = { match: { action: "LivenessRecognition" } };

test("faces need a consent of their own, which is not ticked beforehand", async () => {
	const [car] = await importCars(instance), v = await journey(instance, car, { stop: "consent" });
	assert.ok(!v.page.ticked("consent"));
	const page = await v.post("/register/consent", {});
	assert.equal(page.status, 422);
	assert.match(page.error("consent"), /单独同意/);
	assert.equal((await v.get("/register/liveness")).path, "/register/consent", "no way around it");
	v.close();
});

test("digits come from the provider, and are sent back with the clip once", async () => {
	const v = await atLiveness(), digits = digitsOf(v.page), file = clip("one");
	assert.match(digits, /^\d{4}$/);
	const path = v.page.uploadPath;
	instance.script("identity", [{ ...live, then: { result: "FailedOperation.LipMoveSmall" } }]);
	await v.clip(file);
	assert.ok(v.page.has("嘴"), v.page.text);
	const sent = instance.received("identity").filter((m) => m.action === "LivenessRecognition").at(-1);
	const body = JSON.parse(sent.body);
	assert.ok(sent.body.includes(digits), "the digits that were shown");
	if (typeof body.VideoBase64 === "string") assert.equal(body.VideoBase64, file.toString("base64"), "as recorded");
	assert.notEqual(instance.value(`SELECT id FROM live_code WHERE application_id = ${v.draft} ORDER BY created_at DESC LIMIT 1`), instance.value(`SELECT live_code_id FROM verification WHERE kind = 'liveness' AND application_id = ${v.draft} ORDER BY created_at DESC LIMIT 1`), "new digits");
	assert.equal(instance.value(`SELECT count(*) FROM live_code WHERE application_id = ${v.draft} AND state = 'used'`), "1");
	assert.ok(path);
	v.close();
});

test("the clip goes with the digits that its page showed; sent once more, since the answer was lost, it counts once", async () => {
	const v = await atLiveness(), shown = digitsOf(v.page), path = v.page.uploadPath, file = clip("shown");
	const others = async () => { // asked for in another window
		await v.post("/register/liveness", { action: "digits" });
		await v.settled("/register/liveness");
		return digitsOf(v.page);
	};
	let other = await others();
	while (other === shown) other = await others();
	instance.script("identity", [{ ...live, then: { result: "FailedOperation.LipMoveSmall" } }]);
	for (let n = 0; n < 2; n++) assert.equal((await v.upload(path, file, { json: true })).status, 200);
	await v.settled("/register/liveness");
	for (let n = 0; n < 2; n++) assert.equal((await v.upload(path, file, { json: true })).status, 200, "judged meanwhile");
	const sent = instance.received("identity").filter((m) => m.action === "LivenessRecognition").at(-1);
	assert.equal(JSON.parse(sent.body).ValidateData, shown);
	assert.equal(instance.value(`SELECT count(*) FROM verification WHERE kind = 'liveness' AND application_id = ${v.draft}`), "1");
	assert.equal(instance.value(`SELECT count(*) FROM evidence WHERE purpose = 'clip' AND application_id = ${v.draft}`), "1");
	const answer = await v.upload(path, clip("another"), { json: true });
	assert.match(answer.json.errors[0].text, /数字已过期/, "used once");
	for (const digits of ["", "x", `${"0".repeat(8)}-0000-0000-0000-${"0".repeat(12)}`])
		assert.equal((await v.upload(path.replace(/digits=[^&]*/, `digits=${digits}`), file, { json: true })).status, 422, digits);
	v.close();
});

test("digits that have run out are refused, and new ones are there", async () => {
	const v = await atLiveness(), path = v.page.uploadPath;
	instance.sql(`UPDATE live_code SET expires_at = now() - interval '1 second' WHERE application_id = ${v.draft}`);
	const answer = await v.upload(path, clip("late"), { json: true });
	assert.equal(answer.status, 422);
	assert.match(answer.json.errors[0].text, /数字已过期/);
	assert.equal(instance.value(`SELECT count(*) FROM verification WHERE kind = 'liveness' AND application_id = ${v.draft}`), "0");
	await v.settled("/register/liveness");
	assert.match(digitsOf(v.page), /^\d{4}$/);
	await v.clip();
	assert.equal((await v.get("/register/agreements")).path, "/register/agreements");
	v.close();
});

test("how long the digits live is told from now, whatever a phone's clock says", async () => {
	const v = await atLiveness(), left = Number(/data-left="(\d+)"/.exec(v.page.html)[1]);
	assert.ok(left > 0 && left <= 300, left);
	v.close();
});

test("a clip that the provider can't open: the way over the phone's own camera is offered first", async () => {
	const v = await atLiveness();
	assert.doesNotMatch(v.page.html, /data-first/);
	instance.script("identity", [{ ...live, then: { result: "FailedOperation.LipVideoInvalid" } }]);
	await v.clip();
	assert.ok(v.page.has("改用手机自带的相机录"));
	assert.match(v.page.html, /data-fallback data-first/);
	instance.script("identity");
	v.close();
});

test("another person is typed in: what the one before consented and agreed to is not his", async () => {
	const [car] = await importCars(instance), v = await journey(instance, car, { stop: "check" });
	await v.identity({ address: "北京市东城区景山前街四号" });
	assert.equal(v.page.path, "/register/check", "the same person: all of it stands");
	await v.identity({ name: "另外一人" });
	assert.equal(v.page.path, "/register/consent");
	await v.consent();
	await v.picture("front", jpeg(`other ${Math.random()}`));
	await v.picture("back", jpeg(`other back ${Math.random()}`));
	await v.identity();
	assert.equal(v.page.path, "/register/consent", "before the camera too");
	await v.consent();
	await v.clip();
	assert.equal(v.page.path, "/register/agreements", v.page.text);
	await v.agree();
	assert.equal((await v.submit()).path, "/register/done");
	v.close();
});

test("another set of digits; pressed twice it is one", async () => {
	const v = await atLiveness();
	instance.sql(`UPDATE live_code SET created_at = created_at - interval '6 seconds' WHERE application_id = ${v.draft}`);
	const before = instance.value(`SELECT count(*) FROM live_code WHERE application_id = ${v.draft}`);
	await Promise.all([1, 2, 3].map(() => v.send("/register/liveness", { action: "digits" })));
	await v.settled("/register/liveness");
	assert.ok(Number(instance.value(`SELECT count(*) FROM live_code WHERE application_id = ${v.draft}`)) - Number(before) <= 1, "one call to the provider");
	v.close();
});

test("every container that phones record in is taken; others are told apart", async () => {
	const v = await atLiveness(), path = v.page.uploadPath;
	for (const [file, message] of [
		[Buffer.alloc(5000, 65), /不是能识别的录像/], [jpeg("no clip"), /不是能识别的录像/], [clip("short", 1500), /不足 3 秒/], [Buffer.alloc(0), /请拍摄或选择|是空的/],
		[clip("large", 6_500_000), /录像太大，不能超过 5MB/],
	]) {
		const answer = await v.upload(path, file, { json: true });
		assert.equal(answer.status, 422);
		assert.match(answer.json.errors[0].text, message);
		const page = await v.upload(path, file);
		assert.match(page.error("file"), message);
		await v.get("/register/liveness");
	}
	assert.equal(instance.value(`SELECT count(*) FROM verification WHERE kind = 'liveness' AND application_id = ${v.draft}`), "0", "none of them was sent on");
	instance.script("identity", [{ ...live, then: { result: "FailedOperation.LifePhotoSizeError" } }]);
	for (const container of ["webm", "mp4", "mov", "avi"]) {
		const before = instance.received("identity").filter((m) => m.action === "LivenessRecognition").length;
		await v.clip(clip(container, 4000, container));
		const [sent, ...more] = instance.received("identity").filter((m) => m.action === "LivenessRecognition").slice(before);
		assert.equal(more.length, 0);
		assert.equal(JSON.parse(sent.answer.body).Response.Result, "FailedOperation.LifePhotoSizeError", container);
	}
	v.close();
});

test("a failure names its cause and costs a try", async () => {
	const v = await atLiveness();
	let left = 5;
	for (const [code, message] of [
		["FailedOperation.LipVoiceRecognize", /没有听清数字/], ["FailedOperation.LivessDetectFake", /现场录制/], ["FailedOperation.IdNameMisMatch", /不一致/], ["FailedOperation.CompareLowSimilarity", /比对未通过/],
	]) {
		instance.script("identity", [{ ...live, then: { result: code } }]);
		await v.clip();
		assert.match(v.page.text, message, code);
		assert.ok(!/[{}]/.test(v.page.text), "no placeholder is left");
		left--;
		if (left <= 3) assert.match(v.page.text, new RegExp(`还可以再试 ${left} 次`), code);
	}
	instance.script("identity", [{ ...live, then: { result: "FailedOperation.LipFaceIncomplete" } }]);
	await v.clip();
	assert.match(v.page.text, /请在 .*后再试/, "locked");
	assert.equal(v.page.uploadPath, null);
	// The lock holds for a clip that is sent anyway, and for a new draft of this phone.
	const csrf = v.page.csrf ?? (await v.get("/register/consent")).csrf;
	assert.match((await v.upload(`/register/upload/clip?csrf=${csrf}`, clip("anyway"), { json: true })).json.errors[0].text, /用完/);
	instance.script("identity");
	instance.sql(`UPDATE verification SET created_at = created_at - interval '7 hours' WHERE application_id = ${v.draft}`);
	await v.clip();
	assert.equal((await v.get("/register/agreements")).path, "/register/agreements", "after some hours it goes on");
	v.close();
});

test("a provider in trouble never counts, and there is a way on", async () => {
	const v = await atLiveness();
	for (const [name, then] of [
		["InternalError", { error: "InternalError" }], ["system error", { result: "InternalError.CompareSystemError" }], ["http 502", { status: 502, body: "<html>" }], ["garbage", { garbage: true }], ["cut", { cut: true }],
		["truncated", { truncate: 10 }], ["wrong types", { wrong_type: true }],
	]) {
		instance.script("identity", [{ ...live, then }]);
		await v.clip();
		assert.ok(v.page.has("不计入次数"), `${name}: ${v.page.text.slice(0, 300)}`);
		instance.sql(`UPDATE live_code SET created_at = created_at - interval '6 seconds' WHERE application_id = ${v.draft}`);
		await v.post("/register/liveness", { action: "retry" });
		await v.settled("/register/liveness");
		assert.match(digitsOf(v.page) ?? v.page.text, /^\d{4}$/, name);
	}
	assert.equal(instance.value(`SELECT count(*) FROM verification WHERE counts AND application_id = ${v.draft}`), "0");
	instance.script("identity");
	await v.clip();
	assert.equal((await v.get("/register/agreements")).path, "/register/agreements");
	v.close();
});

test("no digits to be had: told, and asked again", async () => {
	const [car] = await importCars(instance), v = await journey(instance, car, { stop: "consent" });
	instance.script("identity", [{ match: { action: "GetLiveCode" }, then: { error: "InternalError" } }]);
	await v.consent();
	await v.settled("/register/liveness");
	assert.ok(v.page.has("暂时取不到数字"), v.page.text);
	instance.script("identity");
	instance.sql(`UPDATE live_code SET created_at = created_at - interval '6 seconds' WHERE application_id = ${v.draft}`);
	await v.post("/register/liveness", { action: "digits" });
	await v.settled("/register/liveness");
	assert.match(digitsOf(v.page), /^\d{4}$/);
	v.close();
});

test("the best frame is kept as the portrait, sealed", async () => {
	const v = await atLiveness();
	await v.clip();
	await until("a portrait", () => instance.value(`SELECT count(*) FROM evidence WHERE purpose = 'portrait' AND application_id = ${v.draft}`) === "1");
	assert.equal(instance.value(`SELECT portrait_evidence_id IS NOT NULL FROM application WHERE id = ${v.draft}`), "t");
	v.close();
});
