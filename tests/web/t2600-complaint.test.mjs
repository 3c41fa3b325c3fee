// 投诉举报 and 常见问题: who can write, what is kept, who can follow, and what staff does with it.
import assert from "node:assert/strict";
import test from "node:test";

import { Instance, newPhone, until, Visitor } from "./client.mjs";

const instance = Instance.shared();
const TEXT = "昨天收到短信说我登记了一辆车，\n可是我没有办过。";
let address = 10;
// Each test from an address of its own: the limits count addresses.
const visitor = () => new Visitor(instance, { localAddress: `127.0.7.${address++}` });

async function complain(v, fields = {}) {
	await v.get("/complaint");
	const phone = fields.phone ?? newPhone();
	instance.remember(phone, ...TEXT.split("\n"));
	const page = await v.post("/complaint", { once: v.page.value("once"), kind: "not_mine", text: TEXT, phone, application: "", ...fields });
	return { page, phone, number: page.text.match(/投诉编号\s*([0-9A-Z]{10})/)?.[1] };
}
async function follow(v, number, tail) {
	await v.get("/complaint/follow");
	return v.post("/complaint/follow", { number, tail });
}
const row = (number) => instance.sql(`SELECT kind, state, application_number, text_sealed IS NOT NULL, phone_sealed IS NOT NULL FROM complaint WHERE number = '${number}'`)[0];
const audited = (number) => instance.sql(`SELECT action, actor FROM audit WHERE object = (SELECT 'complaint:' || id FROM complaint WHERE number = '${number}') ORDER BY id`).map((one) => one[0]);

test("every page leads to the form and to the questions", async () => {
	const v = visitor();
	for (const path of ["/", "/register/notice", "/records/phone", "/agreement/privacy", "/register/refused/open", "/nothing", "/help", "/complaint"]) {
		const page = await v.get(path), foot = page.html.slice(page.html.indexOf("<footer"));
		assert.ok(foot.includes('href="/complaint"') && foot.includes('href="/help"'), path);
	}
	v.close();
});

test("the questions: eight at least, with hotline and hours of the settings", async () => {
	const v = visitor(), page = await v.get("/help");
	assert.equal(page.status, 200);
	assert.ok((page.html.match(/<summary>/g) ?? []).length >= 8);
	for (const words of ["400-000-0000", "每天 8:00–20:00", "紧急呼叫", "验证码", "相机", "车架号", "二手车", "手机丢了", "身份证", "要多久"]) assert.ok(page.has(words), words);
	v.close();
});

test("a complaint is taken, followed, answered and told by SMS", async () => {
	const v = visitor(), { page, phone, number } = await complain(v, { application: "23456789abcd" });
	assert.equal(page.path, "/complaint/state");
	assert.ok(number && page.has("已收到") && page.has("登记不是我办的") && page.has("请记下投诉编号"));
	assert.deepEqual(row(number), ["not_mine", "received", "23456789ABCD", "t", "t"]);
	assert.deepEqual(audited(number), ["complaint.received"]);
	v.close();

	const w = visitor();
	assert.equal((await w.get("/complaint/state")).path, "/complaint/follow", "another browser does not see it");
	assert.equal((await follow(w, number.toLowerCase(), phone.slice(-4))).path, "/complaint/state");
	assert.ok(w.page.has("已收到"));

	const list = await instance.ctl("complaint", "list", "--state", "received", "--limit", "10000");
	assert.match(list, new RegExp(`^${number}\tnot_mine\treceived\t.*\tyes\t23456789ABCD$`, "m"));
	const masked = await instance.ctl("complaint", "show", number);
	assert.ok(masked.includes(`${phone.slice(0, 3)}****${phone.slice(-4)}`) && !masked.includes(phone) && !masked.includes("收到短信"));
	assert.equal(row(number)[1], "received", "looking from outside is no work");
	await assert.rejects(instance.ctl("complaint", "show", number, "--reveal"), /--reason/);
	const shown = await instance.ctl("complaint", "show", number, "--reveal", "--reason", "处理投诉");
	assert.ok(shown.includes(phone) && shown.includes("可是我没有办过。"));
	assert.ok((await w.get("/complaint/state")).has("处理中"));

	await assert.rejects(instance.ctl("complaint", "answer", number, "字".repeat(501)), /500/);
	const answer = "已核实并撤销，给您添麻烦了 <b>";
	assert.match(await instance.ctl("complaint", "answer", number, answer), /told by SMS/);
	await assert.rejects(instance.ctl("complaint", "answer", number, "再答一次"), /answered already/);
	assert.ok((await w.get("/complaint/state")).has("已答复") && w.page.has(answer), w.page.text);
	assert.deepEqual(audited(number), ["complaint.received", "complaint.followed", "complaint.revealed", "complaint.answered"]);
	assert.equal(instance.value("SELECT detail->>'reason' FROM audit WHERE action = 'complaint.revealed' ORDER BY id DESC LIMIT 1"), "处理投诉");
	await until("the SMS", () => instance.sms(phone).length > 0);
	assert.deepEqual(instance.sms(phone), [{ template: "2000013", parameters: [number] }]);
	w.close();
});

test("without a phone: the page says that no answer can be sent, the number alone follows", async () => {
	const v = visitor();
	assert.ok((await v.get("/complaint")).has("不填我们就没法答复您"));
	const { page, number } = await complain(v, { phone: "" });
	assert.ok(page.has("没有留手机号") && page.has("没法联系您"));
	const w = visitor();
	assert.equal((await follow(w, number, "")).path, "/complaint/state");
	assert.match(await instance.ctl("complaint", "answer", number, "谢谢您的反映"), /no phone/);
	assert.ok((await w.get("/complaint/state")).has("谢谢您的反映"));
	v.close();
	w.close();
});

test("nothing is taken that is wrong, and what was typed stays", async () => {
	const v = visitor(), count = () => instance.value("SELECT count(*) FROM complaint");
	await v.get("/complaint");
	const before = count();
	const cases = [
		[{}, { kind: "请选择一种类型", text: "请写明您遇到的问题" }],
		[{ kind: "nothing", text: TEXT }, { kind: "请选择一种类型" }],
		[{ kind: "other", text: "太短了" }, { text: "内容至少 10 个字，请写得具体一些" }],
		[{ kind: "other", text: "字".repeat(1001) }, { text: "内容太长，请控制在 1000 字以内" }],
		[{ kind: "other", text: " \n \u200b ".repeat(20) }, { text: "请写明您遇到的问题" }],
		[{ kind: "other", text: TEXT, phone: "12345" }, { phone: "手机号应为 11 位，例如 13800138000" }],
		[{ kind: "other", text: TEXT, application: "13800138000" }, { application: "受理编号是 12 位字母和数字，不清楚可以不填" }],
	];
	for (const [fields, errors] of cases) {
		const page = await v.send("/complaint", fields);
		assert.equal(page.status, 422);
		assert.deepEqual(page.errors, errors);
		for (const [name, value] of Object.entries(fields)) if (name !== "kind") assert.equal(page.value(name), value, name);
		assert.equal(page.ticked("kind"), fields.kind === "other");
	}
	assert.equal((await v.send("/complaint", { kind: "other", text: TEXT, csrf: "x" })).headers.location, "/complaint?again=1");
	assert.equal(count(), before);
	const { number } = await complain(v, { kind: "other", text: "字".repeat(1000), phone: "+86 138-0013-8000" });
	assert.ok(number, "a thousand characters fit");
	v.close();
});

test("hostile text is text", async () => {
	const v = visitor(), bad = `<script>alert(1)</script>'; DROP TABLE complaint; -- \u001b[31m ${"𠀀".repeat(20)}`;
	const page = await v.send("/complaint", { kind: "x\"><b>", text: bad });
	assert.ok(!page.html.includes("<script>alert"));
	const { number } = await complain(v, { kind: "misuse", text: bad });
	const shown = await instance.ctl("complaint", "show", number, "--reveal", "--reason", "看看");
	assert.ok(shown.includes("DROP TABLE complaint") && shown.includes("𠀀") && !shown.includes("\u001b"));
	v.close();
});

test("the same form sent many times at once is one complaint", async () => {
	const v = visitor();
	await v.get("/complaint");
	const fields = { once: v.page.value("once"), kind: "service", text: TEXT, phone: "", application: "" }, before = Number(instance.value("SELECT count(*) FROM complaint"));
	const answers = await Promise.all(Array.from({ length: 30 }, () => v.send("/complaint", fields)));
	for (const answer of answers) assert.equal(answer.headers.location, "/complaint/state");
	assert.equal(Number(instance.value("SELECT count(*) FROM complaint")), before + 1);
	assert.ok((await v.get("/complaint/state")).has("服务投诉"));
	v.close();
});

test("an address sends ten a day", async () => {
	const v = visitor();
	for (let i = 0; i < 10; i++) assert.ok((await complain(v, { phone: "" })).number, String(i));
	await v.get("/complaint");
	const page = await v.send("/complaint", { kind: "other", text: TEXT });
	assert.equal(page.status, 429);
	assert.ok(page.has("今天提交的次数较多") && page.value("text") === TEXT);
	v.close();
});

test("a wrong number, a wrong end of the phone and another's phone look the same, and trying ends", async () => {
	const v = visitor(), { number, phone } = await complain(v), other = String((Number(phone.slice(-4)) + 1) % 10000).padStart(4, "0");
	const w = visitor();
	await w.get("/complaint/follow");
	for (const [one, tail] of [[number, other], [number, ""], ["2345678923", phone.slice(-4)]]) {
		const page = await w.send("/complaint/follow", { number: one, tail });
		assert.equal(page.status, 422);
		assert.deepEqual(page.errors, { number: "没有查到，请核对编号和手机号后 4 位" });
	}
	for (const [fields, errors] of [[{ number: "" }, { number: "请输入投诉编号" }], [{ number: "ABC" }, { number: "投诉编号是 10 位字母和数字，请核对" }], [{ number, tail: "12a" }, { tail: "请输入手机号的最后 4 位数字" }]])
		assert.deepEqual((await w.send("/complaint/follow", fields)).errors, errors);
	for (let i = 3; i < 20; i++) await w.send("/complaint/follow", { number, tail: other });
	const refused = await w.send("/complaint/follow", { number, tail: phone.slice(-4) });
	assert.ok(refused.status === 422 && refused.has("查询次数较多"), "not even the right one");
	const late = visitor();
	for (let i = 0; i < 3; i++) await follow(late, number, other);
	assert.ok(late.page.has("查询次数较多"), "from anywhere: the number itself is counted");
	instance.sql("UPDATE attempt SET at = at - interval '61 minutes' WHERE kind LIKE 'complaint.%'");
	assert.equal((await follow(late, number, phone.slice(-4))).path, "/complaint/state");
	for (const one of [v, w, late]) one.close();
});

test("the page is seen for half an hour; neither number nor phone stands in an address", async () => {
	const v = visitor(), { number } = await complain(v);
	assert.ok((await v.get("/complaint/state")).has(number));
	assert.ok(!instance.log("access").includes(number));
	instance.sql("UPDATE session SET complaint_until = now() - interval '1 second' WHERE complaint_until IS NOT NULL");
	assert.equal((await v.get("/complaint/state")).path, "/complaint/follow");
	v.close();
});

test("the web program cannot read what was written", () => {
	const readable = instance.sql("SELECT has_column_privilege('realname_web', 'complaint', 'text_sealed', 'SELECT'), has_table_privilege('realname_web', 'complaint', 'UPDATE'), has_table_privilege('realname_operator', 'complaint', 'DELETE')");
	assert.deepEqual(readable, [["f", "f", "f"]]);
});

test("two years after the answer only the row is left", async () => {
	const v = visitor(), open = await complain(v, { phone: "" }), answered = await complain(v), later = await complain(v);
	for (const one of [answered, later]) await instance.ctl("complaint", "answer", one.number, "已处理");
	instance.sql(`UPDATE complaint SET created_at = now() - interval '3 years' WHERE number = '${open.number}'`);
	instance.sql(`UPDATE complaint SET answered_at = now() - interval '2 years 1 day' WHERE number = '${answered.number}'`);
	instance.sql("UPDATE job_schedule SET next_at = now() WHERE kind = 'complaint_expiry'");
	const cleared = (number) => instance.value(`SELECT c.cleared_at IS NOT NULL AND c.text_sealed IS NULL AND c.phone_sealed IS NULL AND c.answer_sealed IS NULL AND k.wrapped IS NULL FROM complaint c JOIN data_key k ON k.id = c.data_key_id WHERE c.number = '${number}'`);
	await until("it is cleared", () => cleared(answered.number) === "t", 60);
	assert.equal(cleared(open.number), "f", "an open one stays");
	assert.equal(cleared(later.number), "f");
	assert.ok(audited(answered.number).includes("complaint.cleared"));
	assert.match(await instance.ctl("complaint", "show", answered.number), /cleared: /);
	assert.ok((await follow(v, answered.number, "")).has("已按规定清除"));
	v.close();
});
