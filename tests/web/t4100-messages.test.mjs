// What operators see of messages to carriers and what they decide; a car that was scrapped; two carriers with different profiles at once;
// acceptance in two stages; numbers for monitoring.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import test, { after, afterEach } from "node:test";

import { importAgain, importCars, newCar } from "./cars.mjs";
import { cardStates, Instance, journey, until, Visitor } from "./client.mjs";
import { TOP } from "./instance.mjs";

const instance = Instance.shared();
afterEach(() => instance.script("carrier"));

const hurry = () => instance.sql("UPDATE job SET run_at = now() WHERE run_at > now() AND claim IS NULL");
const received = (car, of = "carrier") => instance.received(of).filter((m) => car.cards.some((card) => m.decrypted?.ICCID === card.iccid));
const requestIds = (car) => Object.fromEntries(instance.sql(`SELECT m.kind, m.request_id FROM t1_message m JOIN card c ON c.id = m.card_id WHERE c.iccid = '${car.cards[0].iccid}' ORDER BY m.sequence`));
const states = (car) => instance.value(`SELECT string_agg(m.kind || '=' || m.state, ',' ORDER BY m.sequence) FROM t1_message m JOIN card c ON c.id = m.card_id WHERE c.iccid = '${car.cards[0].iccid}'`);
const columns = (text, name) => {
	const [names, ...lines] = text.trim().split("\n").map((line) => line.split("\t"));
	return lines.map((line) => Object.fromEntries(names.map((n, i) => [n, line[i]]))).find((row) => Object.values(row).includes(name));
};

// A car whose data the carrier refuses after it took the account.
async function refusedVehicle() {
	const [car] = await importCars(instance);
	instance.script("carrier", [{ match: { action: "vehicle", contains: car.cards[0].iccid }, then: { error: "400 车架号 LTEST 有误" } }]);
	const v = await journey(instance, car);
	await until("the refusal", () => states(car) === "account=done,vehicle=refused");
	instance.script("carrier");
	v.close();
	return { car, v, id: requestIds(car).vehicle };
}

test("a refused vehicle message is seen, shown masked, and retried with the same bytes", async () => {
	const { car, v, id } = await refusedVehicle();
	const row = columns(await instance.ctl("t1", "list", "--carrier", "sample", "--limit", "10000"), id);
	assert.deepEqual([row.kind, row.state, row.ICCID, row.job], ["vehicle", "refused", car.cards[0].iccid, "given up"]);
	assert.ok(Number(columns(await instance.ctl("t1", "status"), "sample")["refused, for staff"]) >= 1);
	const job = instance.value(`SELECT j.id FROM job j JOIN t1_message m ON m.id = j.subject WHERE j.kind = 't1_send' AND m.request_id = '${id}'`);
	assert.match(columns(await instance.ctl("jobs", "list", "--dead"), job).remedy, /supersede/, "the dead letter names its remedy");
	const shown = await instance.ctl("t1", "show", id);
	assert.match(shown, /remedy: .*supersede/);
	for (const secret of [car.vin, car.row.EngineNum, "车架号"]) assert.ok(!shown.includes(secret), `${secret} is hidden`);
	const account = await instance.ctl("t1", "show", requestIds(car).account);
	for (const secret of [v.person.name, v.person.number, v.person.address]) assert.ok(!account.includes(secret), "masked");
	assert.match(account, /CustomerCertNumber: \d{3}\*+\w{4}/);
	await assert.rejects(instance.ctl("t1", "show", id, "--clear"), /--clear wants --reason/);
	await assert.rejects(instance.ctl("t1", "show", id, "--reason", "x"), /--reason goes with --clear/);
	const clear = await instance.ctl("t1", "show", id, "--clear", "--reason", "运营商来电核对");
	assert.ok(clear.includes(car.vin) && clear.includes("车架号"));
	const [[who, why]] = instance.sql(`SELECT a.actor, a.detail->>'reason' FROM audit a JOIN t1_message m ON a.object = 't1_message:' || m.id WHERE a.action = 't1.revealed' AND m.request_id = '${id}'`);
	assert.match(who, /^operator:/);
	assert.equal(why, "运营商来电核对");
	await instance.ctl("t1", "retry", id);
	await cardStates(instance, v.application);
	const all = received(car).filter((m) => m.action === "vehicle");
	assert.deepEqual([all.length, new Set(all.map((m) => m.body)).size], [2, 1]);
	await assert.rejects(instance.ctl("t1", "retry", id), /the message is done/);
	await assert.rejects(instance.ctl("t1", "retry", "AAAAAAAAAAAAAAAAAAAAAAAA"), /no message/);
});

test("superseded: built anew from corrected data, with another RequestID, in its place", async () => {
	const { car, v, id } = await refusedVehicle();
	await assert.rejects(instance.ctl("t1", "supersede", id), /--reason is missing/);
	car.row.BodyColor = "落日橙";
	await importAgain(instance, [car]);
	await instance.ctl("t1", "supersede", id, "--reason", "颜色已更正");
	await cardStates(instance, v.application);
	assert.equal(states(car), "account=done,vehicle=superseded,vehicle=done");
	const [, last] = received(car).filter((m) => m.action === "vehicle");
	assert.equal(last.decrypted.BodyColor, "落日橙");
	assert.notEqual(JSON.parse(last.body).RequestID, id);
	assert.match(await instance.ctl("t1", "show", id), new RegExp(`its place was taken by: ${JSON.parse(last.body).RequestID}`));
});

test("skipped: what the carrier settled by itself is not sent again", async () => {
	const { car, v, id } = await refusedVehicle();
	assert.match(await instance.ctl("t1", "skip", id, "--reason", "运营商已人工录入"), /not sent any more; it was the last of its card: it is registered/);
	await cardStates(instance, v.application);
	assert.equal(states(car), "account=done,vehicle=skipped");
	assert.equal(received(car).filter((m) => m.action === "vehicle").length, 1);
	assert.equal(instance.value(`SELECT detail->>'reason' FROM audit a JOIN t1_message m ON a.object = 't1_message:' || m.id WHERE a.action = 't1.skipped' AND m.request_id = '${id}'`), "运营商已人工录入");
});

test("requeue puts a refused message back as retry does", async () => {
	const { car, v } = await refusedVehicle();
	const job = instance.value(`SELECT j.id FROM job j JOIN t1_message m ON m.id = j.subject JOIN card c ON c.id = m.card_id WHERE c.iccid = '${car.cards[0].iccid}'`);
	await instance.ctl("requeue", job);
	await cardStates(instance, v.application);
});

test("a scrapped car: its carriers are told, by the command and by an import", async () => {
	const [car] = await importCars(instance, [{ columns: { VehicleStatus: "4" } }]);
	const v = await journey(instance, car);
	await cardStates(instance, v.application);
	assert.match(await instance.ctl("vehicle", "status", car.vin, "transferred", "--at", "20260102030405"), /carriers of 1 cards are told/);
	await until("the message", () => received(car).length === 3);
	const [, , changed] = received(car);
	assert.deepEqual([changed.action, JSON.parse(changed.body).OperType, changed.decrypted.VehicleStatus, changed.decrypted.StatusUpdateTime, changed.decrypted.CustomerName],
		["account", "5", "5", "20260102030405", v.person.name]);
	await until("its end", () => states(car) === "account=done,vehicle=done,account=done");
	await assert.rejects(instance.ctl("vehicle", "status", car.vin, "5"), /has status 5 already/);
	await assert.rejects(instance.ctl("vehicle", "status", car.vin, "7"), /STATUS is 1 to 6/);
	await assert.rejects(instance.ctl("vehicle", "status", car.vin, "6", "--at", "20990101000000"), /a time that has been/);
	Object.assign(car.row, { VehicleStatus: "6", StatusUpdateTime: "20260304050607" });
	assert.match(await importAgain(instance, [car]), /1 registered cards: their carriers are told/);
	await until("the message", () => received(car).length === 4);
	assert.deepEqual([received(car)[3].decrypted.VehicleStatus, received(car)[3].decrypted.StatusUpdateTime], ["6", "20260304050607"]);
	await until("its end", () => states(car).endsWith("account=done,account=done"));
	assert.ok(!/told/.test(await importAgain(instance, [car])), "the same again is no change");
	instance.script("carrier", [{ match: { action: "account", contains: car.cards[0].iccid }, then: { error: "状态有误" } }]);
	await instance.ctl("vehicle", "status", car.vin, "sold");
	await until("its refusal", () => states(car).endsWith("account=refused"));
	instance.script("carrier");
	assert.match(await instance.ctl("vehicle", "status", car.vin, "sold"), /carriers of 1 cards are told again/);
	await until("the message again", () => states(car).endsWith("account=refused,account=done"));
	await assert.rejects(instance.ctl("vehicle", "status", car.vin, "sold"), /has status 4 already/);
	v.close();
});

// ---- a second carrier ----

const folder = join(instance.runDir, "standin/second"), secrets = join(instance.runDir, "secrets");
let second;
after(() => second?.kill());

async function startSecond() {
	mkdirSync(folder, { recursive: true });
	rmSync(join(folder, "port"), { force: true });
	for (const [name, text] of [["second-password", "another password"], ["second-key", randomBytes(16).toString("hex")]]) writeFileSync(join(secrets, name), text, { mode: 0o644 });
	second = spawn(resolve(TOP, process.env.BUILD ?? "build", "bin/standin_carrier"), ["--listen", "127.0.0.1:0", "--dir", folder, "--certificate", join(instance.runDir, "tls/server.pem"),
		"--key", join(instance.runDir, "tls/server.key"), "--platform-id", "SECOND01", "--password-file", join(secrets, "second-password"), "--cipher-key-file", join(secrets, "second-key"),
		"--code", "TSTA", "--cipher", "cbc", "--encoding", "hex", "--code-prefix", "Q7"], { stdio: "ignore" });
	await until("the second carrier", () => existsSync(join(folder, "port")));
	return readFileSync(join(folder, "port"), "utf8").trim();
}

// The sample's profile with other ciphers, encodings and codes.
async function loadSecond(port, more = {}) {
	const file = JSON.parse(readFileSync(join(TOP, "tests/sample/carrier.json"), "utf8")), path = join(tmpdir(), `second-${process.pid}.json`);
	const other = (codes) => Object.fromEntries(Object.entries(codes).map(([name, code]) => [name, `Q7${code}`]));
	delete file.profile.sftp; // it takes no files
	Object.assign(file, { carrier: "second", name: "第二运营商", platform_id: "SECOND01" });
	Object.assign(file.profile, {
		account_url: `https://127.0.0.1:${port}/t1/account`, vehicle_url: `https://127.0.0.1:${port}/t1/vehicle`, sign_case: "lower", cipher: "sm4-cbc", encoding: "hex-upper",
		password_secret: "second-password", cipher_key_secret: "second-key", certificate_date: "end", default_channel_name: "第二渠道",
		pho_name: "KH_{RequestID}_{Code}.zip", pho_name_always: true, oper_types: other(file.profile.oper_types), certificate_types: other(file.profile.certificate_types), ...more,
	});
	writeFileSync(path, JSON.stringify(file));
	try {
		await instance.ctl("carrier", "load", path);
	} finally {
		rmSync(path);
	}
}

function carOfTwoCarriers() {
	const car = newCar(2, { VehicleChannelName: "" });
	car.cards[1].columns = { carrier: "second" };
	return car;
}

test("two carriers at once, each with its codes, cipher and encoding: a card of each in one car", async () => {
	await loadSecond(await startSecond());
	const car = carOfTwoCarriers();
	await importAgain(instance, [car]);
	const v = await journey(instance, car);
	await cardStates(instance, v.application, ["done", "done"]);
	const first = received(car), other = received(car, "second");
	for (const [name, messages, card, prefix] of [["first", first, car.cards[0], ""], ["second", other, car.cards[1], "Q7"]]) {
		assert.deepEqual(messages.map((m) => m.action), ["account", "vehicle"], name);
		assert.ok(messages.every((m) => m.decrypted.ICCID === card.iccid && !m.why), name);
		assert.equal(JSON.parse(messages[0].body).OperType, `${prefix}1`);
		assert.equal(messages[0].decrypted.CustomerName, v.person.name);
	}
	const outer = JSON.parse(other[0].body);
	assert.equal(outer.Auth.PlatformID, "SECOND01");
	assert.match(outer.EncryptUserInfo, /^[0-9A-F]+$/, "hex in upper case");
	assert.match(outer.Auth.SignNature, /^[0-9a-f]{64}$/);
	assert.match(other[0].decrypted.CustomerCertDate, /^(\d{8}|长期)$/);
	assert.equal(other[0].decrypted.PhoName, `KH_${outer.RequestID}_TSTA.zip`);
	assert.equal(other[1].decrypted.VehicleChannelName, "第二渠道");
	assert.match(JSON.parse(first[0].body).EncryptUserInfo, /^[A-Za-z0-9+/]+=*$/);
	assert.notEqual(JSON.parse(first[0].body).RequestID, outer.RequestID);
	v.close();
});

test("one carrier away does not hold back the other", async () => {
	await loadSecond(1); // nobody there
	const car = carOfTwoCarriers();
	await importAgain(instance, [car]);
	const v = await journey(instance, car);
	await until("the card of the first carrier", () => states(car) === "account=done,vehicle=done");
	assert.equal(instance.value(`SELECT ac.state FROM application_card ac JOIN card c ON c.id = ac.card_id WHERE c.iccid = '${car.cards[1].iccid}'`), "pushing");
	await loadSecond(readFileSync(join(folder, "port"), "utf8").trim());
	await until("both", () => {
		hurry();
		return instance.value(`SELECT count(*) FROM application_card ac JOIN card c ON c.id = ac.card_id WHERE c.iccid = '${car.cards[1].iccid}' AND ac.state = 'done'`) === "1";
	}, 90);
	v.close();
});

test("two stages: sent, accepted, completed by the carrier's result, and asked again when it does not come", async () => {
	await loadSecond(readFileSync(join(folder, "port"), "utf8").trim(), { completion: "callback", reconcile_hours: 2 });
	const car = newCar(1, { carrier: "second" });
	await importAgain(instance, [car]);
	const v = await journey(instance, car), connection = instance.value("SELECT n.id FROM carrier_connection n JOIN carrier k ON k.id = n.carrier_id WHERE k.slug = 'second'");
	// as the carrier's result message does it
	const complete = (id) => instance.value(`SELECT t1_complete('${connection}', '${id}', 1, NULL)`);
	await until("accepted", () => states(car) === "account=accepted,vehicle=waiting");
	assert.ok((await v.get("/records")).has("推送中"));
	assert.equal(columns(await instance.ctl("t1", "list", "--carrier", "second"), requestIds(car).account).job, "waits for the result");
	const asked = async (...words) => Number(columns(await instance.ctl("t1", "reconcile", "--carrier", "second", ...words), "second")["asked again"]);
	assert.equal(await asked(), 0, "nobody waits for two hours yet");
	instance.sql(`UPDATE t1_message SET created_at = created_at - interval '3 hours' WHERE request_id = '${requestIds(car).account}'`);
	instance.sql(`UPDATE t1_attempt SET at = at - interval '3 hours' WHERE message_id = (SELECT id FROM t1_message WHERE request_id = '${requestIds(car).account}')`);
	assert.equal(await asked(), 1);
	await until("asked again", () => received(car, "second").length === 2);
	assert.equal(new Set(received(car, "second").map((m) => m.body)).size, 1, "the same bytes");
	await until("accepted again", () => instance.value(`SELECT count(*) FROM job j JOIN t1_message m ON m.id = j.subject WHERE m.request_id = '${requestIds(car).account}' AND j.parked`) === "1");
	assert.equal(complete(requestIds(car).account), "kept");
	await until("the vehicle message", () => states(car) === "account=done,vehicle=accepted");
	assert.equal(complete(requestIds(car).vehicle), "kept");
	await cardStates(instance, v.application);
	assert.equal(complete(requestIds(car).vehicle), "kept", "the same again changes nothing");
	assert.equal(received(car, "second").length, 3, "a result is acted on without asking");
	v.close();
});

test("a result that the carrier told people instead of sending it", async () => {
	const car = newCar(1, { carrier: "second" });
	await importAgain(instance, [car]);
	const v = await journey(instance, car);
	await until("accepted", () => states(car) === "account=accepted,vehicle=waiting");
	const { account, vehicle } = requestIds(car);
	await assert.rejects(instance.ctl("t1", "supersede", account, "--reason", "x"), /outcome is not known/);
	await assert.rejects(instance.ctl("t1", "result", vehicle, "done", "--reason", "电话告知"), /never sent/);
	for (const odd of [["Done"], ["ok"], ["成功"], ["refused"], ["refused", "--words", " "], ["done", "--words", "办好了"]])
		await assert.rejects(instance.ctl("t1", "result", account, ...odd, "--reason", "电话告知"), (e) => e.code === 2, odd.join(" "));
	assert.equal(states(car), "account=accepted,vehicle=waiting", "a word that is no result decides nothing");
	assert.match(await instance.ctl("t1", "result", account, "refused", "--words", "证件信息不一致", "--reason", "电话告知"), /becomes refused, which is final/);
	await assert.rejects(instance.ctl("t1", "result", account, "done", "--reason", "电话告知"), /another result/);
	await cardStates(instance, v.application, ["refused"]);
	assert.equal(instance.value(`SELECT refusal_raw FROM application_card ac JOIN application a ON a.id = ac.application_id WHERE a.number = '${v.application}'`), "证件信息不一致");
	assert.match(await instance.ctl("application", "show", v.application), /said: \(hidden\)/);
	assert.ok(!(await instance.ctl("application", "show", v.application)).includes("证件信息不一致"), "what the carrier said may name a person");
	assert.match(await instance.ctl("application", "show", v.application, "--reveal", "--reason", "客户来电"), /said: 证件信息不一致/);
	assert.equal(instance.value(`SELECT count(*) FROM audit a JOIN t1_message m ON a.object = 't1_message:' || m.id WHERE a.action = 't1.result_given' AND m.request_id = '${account}'`), "1");
	v.close();
});

test("numbers for monitoring, for this machine only", async () => {
	const v = new Visitor(instance), stranger = new Visitor(instance, { localAddress: "127.0.0.9" });
	const text = (await v.request("GET", "/metrics")).html, lines = text.split("\n").filter((line) => line && !line.startsWith("#"));
	for (const line of lines) assert.match(line, /^[a-z_0-9]+(\{([a-z]+="([^"\\\n]|\\["\\n])*",?)*\})? -?\d+(\.\d+)?$/, line);
	const value = (start) => Number(lines.find((line) => line.startsWith(start))?.split(" ").pop() ?? NaN);
	assert.equal(value('realname_t1_messages{carrier="second",automaker="demo",kind="account",state="done"}'),
		Number(instance.value("SELECT count(*) FROM t1_message m JOIN carrier_connection n ON n.id = m.connection_id JOIN carrier k ON k.id = n.carrier_id WHERE k.slug = 'second' AND m.kind = 'account' AND m.state = 'done'")));
	assert.equal(value('realname_t1_oldest_seconds{carrier="sample",automaker="demo",kind="vehicle"}'), 0);
	assert.ok(value('realname_workers{role="t1"}') >= 1);
	assert.ok(!Number.isNaN(value('realname_lane_breaker{lane="t1",carrier="second",automaker="demo"}')));
	for (const name of lines.map((line) => line.split(/[{ ]/)[0])) assert.ok(text.includes(`# TYPE ${name} `) && text.includes(`# HELP ${name} `), name);
	const denied = await stranger.request("GET", "/metrics");
	assert.equal(denied.status, 404);
	assert.ok(!denied.html.includes("realname_"));
	const forged = await stranger.request("GET", "/metrics", { headers: { MONITOR: "1", "X-Forwarded-For": "127.0.0.1" } });
	assert.equal(forged.status, 404);
	for (const one of [v, stranger]) one.close();
});
