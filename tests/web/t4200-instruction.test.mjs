// What carriers send to us, tables 1 to 4: every row of them, and the same call again, at once, forged, damaged and slow.
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import net from "node:net";
import { join } from "node:path";
import test, { after, before } from "node:test";
import tls from "node:tls";

import { Carrier, loadCarrier, requestId, sign, writeSecret } from "./carrier.mjs";
import { importCars, newIccid } from "./cars.mjs";
import { cardStates, Instance, journey, until, Visitor } from "./client.mjs";
import { decrypted, server, unzipped, uploaded } from "./files.mjs";

const instance = Instance.shared(), carrier = new Carrier(instance);
const at = new URL(instance.endpoints.instructions);
let card, otherCard, unregistered;

before(async () => {
	const [car, , plain] = await importCars(instance, [{ cards: 1 }, { cards: 1 }, { cards: 1 }]);
	const second = (await importCars(instance))[0];
	for (const one of [car, second]) {
		const visitor = await journey(instance, one);
		await cardStates(instance, visitor.application);
		visitor.close();
	}
	[card, otherCard, unregistered] = [car, second, plain].map((one) => one.cards[0].iccid);
});
after(() => instance.sql("DELETE FROM carrier_connection WHERE platform_id LIKE 'OTHER%'"));

const count = (table, id) => Number(instance.value({
	instruction: `SELECT count(*) FROM t1_instruction WHERE request_id = '${id}'`,
	file: `SELECT count(*) FROM t1_file WHERE request_id = '${id}' AND source = 'HT'`,
	audit: `SELECT count(*) FROM audit u JOIN t1_instruction i ON u.object = 't1_instruction:' || i.id WHERE i.request_id = '${id}' AND action = 'instruction.received'`,
}[table]));
const counts = (id) => ["instruction", "file", "audit"].map((table) => count(table, id));
const outcome = async (message, options) => {
	const { status, id, outcome, cause } = await carrier.call(message, options);
	assert.equal(id, message?.RequestID ?? "", "the same RequestID");
	return [status, outcome, cause];
};

const ACCEPTED = [200, "1", undefined];
const refusal = (code, status = 200) => [status, "2", code];

test("accepted: table 3, a file to deliver within six hours, an audit row", async () => {
	const message = carrier.instruction(card), answer = await carrier.send(message);
	assert.equal(answer.status, 200);
	assert.equal(answer.text, `{"RequestID":"${message.RequestID}","OprRst":"1"}`);
	assert.match(answer.headers["content-type"], /^application\/json/);
	assert.equal(answer.headers.connection, "close", "short connections");
	assert.deepEqual(counts(message.RequestID), [1, 1, 1]);
	const [row] = instance.sql(`SELECT f.name IS NULL OR f.name = 'HT_${message.RequestID}_TSTA', f.due_at - i.received_at, f.card_id = i.card_id, i.address
		FROM t1_file f JOIN t1_instruction i ON i.id = f.instruction_id WHERE f.request_id = '${message.RequestID}'`);
	assert.deepEqual(row, ["t", "06:00:00", "t", "127.0.0.1"]);
	await until("delivered", () => instance.value(`SELECT state FROM t1_file WHERE request_id = '${message.RequestID}'`) === "done");
	const [file, ...others] = uploaded(instance).filter((path) => path.includes(message.RequestID));
	assert.deepEqual([file.split("/").at(-1), others], [`HT_${message.RequestID}_TSTA.bin`, []]);
	const names = unzipped(decrypted(instance, readFileSync(join(server(instance).folder, file)))).map((entry) => entry.name);
	assert.ok(names.length >= 3);
	for (const name of names) assert.match(name, new RegExp(`^HT_${message.RequestID}_TSTA_\\d{3}\\.jpg$`));
});

test("a registration whose contract is not there: nothing is sent without it, people are told", async () => {
	const contract = (value) => instance.sql(`UPDATE consent SET withdrawn_at = ${value} WHERE agreement_text_id IN (SELECT id FROM agreement_text WHERE kind IN ('network', 'responsibility'))
		AND application_id = (SELECT g.from_application_id FROM registration g JOIN card c ON c.id = g.card_id WHERE c.iccid = '${otherCard}')`);
	const message = carrier.instruction(otherCard), state = () => instance.value(`SELECT state FROM t1_file WHERE request_id = '${message.RequestID}'`);
	contract("now()");
	assert.deepEqual(await outcome(message), ACCEPTED);
	await until("given up", () => state() === "failed");
	const [job, cause] = instance.sql(`SELECT j.id, j.dead_cause FROM job j JOIN t1_file f ON f.id = j.subject WHERE f.request_id = '${message.RequestID}'`)[0];
	assert.equal(cause, "file_evidence");
	contract("NULL");
	await instance.ctl("requeue", job);
	await until("delivered", () => state() === "done");
});

test("the same again: answered alike, delivered once; however it is written", async () => {
	const message = carrier.instruction(card), { RequestID, Code, ICCID, Auth } = message;
	assert.deepEqual(await outcome(message), ACCEPTED);
	assert.deepEqual(await outcome(message), ACCEPTED);
	assert.deepEqual(await outcome({ ICCID, Code, RequestID, Extra: { a: [1, null] }, Auth: { SignNature: Auth.SignNature.toLowerCase(), PlatformID: Auth.PlatformID } }), ACCEPTED);
	assert.equal((await carrier.send(JSON.stringify(message, null, 3))).json.OprRst, "1");
	assert.deepEqual(counts(RequestID), [1, 1, 1]);
});

test("the same RequestID with other content is refused with a text, and changes nothing", async () => {
	const message = carrier.instruction(card);
	assert.deepEqual(await outcome(message), ACCEPTED);
	const [status, result, cause] = await outcome({ ...message, ICCID: otherCard });
	assert.deepEqual([status, result], [200, "2"]);
	assert.match(cause, /^400 \p{Script=Han}/u);
	assert.match((await outcome({ ...message, ICCID: newIccid() }))[2], /^400 /);
	assert.deepEqual(await outcome(message), ACCEPTED);
	assert.deepEqual(counts(message.RequestID), [1, 1, 1]);
});

test("a thousand at once with one RequestID: all accepted, one delivery", async () => {
	const message = carrier.instruction(card), answers = [];
	let left = 1000;
	await Promise.all(Array.from({ length: 100 }, async () => {
		while (left-- > 0) answers.push((await carrier.send(message)).text);
	}));
	assert.equal(answers.length, 1000);
	assert.deepEqual([...new Set(answers)], [`{"RequestID":"${message.RequestID}","OprRst":"1"}`]);
	assert.deepEqual(counts(message.RequestID), [1, 1, 1]);
});

test("two contents race for one RequestID: one of them is accepted, always the same one", async () => {
	for (let round = 0; round < 10; round++) {
		const one = carrier.instruction(card), other = { ...one, ICCID: otherCard };
		const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => carrier.call(i % 2 ? one : other)));
		const good = new Set(answers.map(({ outcome: result }, i) => result === "1" && i % 2).filter((one) => one !== false));
		assert.equal(good.size, 1);
		assert.equal(answers.filter((answer) => answer.outcome === "1").length, 10);
		assert.deepEqual(counts(one.RequestID), [1, 1, 1]);
	}
});

test("501: no such card, a card that was never registered; again alike", async () => {
	for (const iccid of [newIccid(), unregistered]) {
		const message = carrier.instruction(iccid);
		assert.deepEqual(await outcome(message), refusal("501"));
		assert.deepEqual(await outcome(message), refusal("501"));
		assert.deepEqual(counts(message.RequestID), [1, 0, 1]);
	}
});

test("an ICCID of 19 or 20 characters is the same card", async () => {
	assert.equal(card.length, 20);
	assert.deepEqual(await outcome(carrier.instruction(card.slice(0, 19))), ACCEPTED);
	assert.deepEqual(await outcome(carrier.instruction(card.slice(0, 19) + ((Number(card[19]) + 1) % 10))), refusal("501"));
});

test("401: wrong password, wrong PlatformID, a signature of another; also as HTTP status", async () => {
	const forged = [
		{ PlatformID: "DEMO0001", SignNature: sign("DEMO0001", "guess") },
		{ PlatformID: "DEMO0002", SignNature: carrier.auth.SignNature },
		{ PlatformID: "DEMO0001 ", SignNature: carrier.auth.SignNature },
		{ PlatformID: "demo0001", SignNature: carrier.auth.SignNature },
		{ PlatformID: "DEMO0001", SignNature: carrier.auth.SignNature.slice(0, 63) },
		{ PlatformID: "DEMO0001", SignNature: `${carrier.auth.SignNature}0` },
		{ PlatformID: "DEMO0001", SignNature: `${carrier.auth.SignNature.slice(0, 63)}g` },
		{ PlatformID: "DEMO0001", SignNature: "0".repeat(64) },
	];
	for (const Auth of forged) {
		const message = carrier.instruction(card, { Auth });
		assert.deepEqual(await outcome(message), refusal("401", 401), JSON.stringify(Auth));
		assert.deepEqual(await outcome(message, { path: "/t1/result" }), refusal("401", 401));
		assert.equal(count("instruction", message.RequestID), 0);
	}
	const answer = await carrier.send(carrier.instruction(card, { Auth: forged[0] }));
	assert.ok(answer.headers["www-authenticate"]);
	assert.deepEqual(await outcome(carrier.instruction("not even an ICCID", { Auth: forged[0] })), refusal("401", 401), "who is not known is told nothing about fields");
});

test("405: everything that is not a POST; also as HTTP status", async () => {
	const message = carrier.instruction(card);
	for (const method of ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"]) {
		const answer = await carrier.send(method === "PUT" ? message : null, { method });
		assert.deepEqual([answer.status, answer.json], [405, { RequestID: "", OprRst: "2", FailureCause: "405" }], method);
		assert.equal(answer.headers.allow, "POST");
	}
	assert.equal((await carrier.send(null, { method: "HEAD" })).status, 405);
	assert.equal((await carrier.send(null, { method: "GET", headers: { "X-HTTP-Method-Override": "POST" } })).status, 405);
	assert.equal(count("instruction", message.RequestID), 0);
	const answer = await carrier.send(message, { path: "/t1/other" });
	assert.deepEqual([answer.status, answer.json.FailureCause], [404, "400"]);
});

test("400: a body that is not an instruction", async () => {
	const good = carrier.instruction(card), text = JSON.stringify(good), without = (name) => Object.fromEntries(Object.entries(good).filter(([key]) => key !== name));
	const wrong = [
		"", "{", "[]", "null", "1", '"x"', `${text}x`, `[${text}]`, text.replace('"Code"', '"Code":"TSTA","Code"'), text.replace('"PlatformID"', '"PlatformID":"X","PlatformID"'),
		text.replace("TSTA", "TST\\u0000"), text.replace("TSTA", "TS\nA"), Buffer.from(text.replace("TSTA", "\xff\xfe"), "latin1"), text.replace('"TSTA"', `${"[".repeat(2000)}${"]".repeat(2000)}`),
		text.replace('"TSTA"', '"车企"'), "Auth=1&RequestID=2", '<?xml version="1.0"?><Auth/>',
		...["Auth", "RequestID", "Code", "ICCID"].map(without),
		...["RequestID", "Code", "ICCID"].flatMap((name) => [null, 1, true, [], {}, "", " "].map((value) => ({ ...good, [name]: value }))),
		...[null, 1, [], {}, "x", { PlatformID: "DEMO0001" }, { SignNature: "x" }, { PlatformID: 1, SignNature: [] }, { PlatformID: "", SignNature: "" }].map((Auth) => ({ ...good, Auth })),
		...["a".repeat(19), "a".repeat(33), "a".repeat(300), `${"a".repeat(20)}_`, `${"a".repeat(20)}/../x`, `${"a".repeat(19)}é`].map((RequestID) => ({ ...good, RequestID })),
		...["8".repeat(18), "8".repeat(21), "8".repeat(19).concat("g"), `${"8".repeat(19)} `].map((ICCID) => ({ ...good, ICCID })),
		{ ...good, Code: "TSTZ" }, { ...good, Code: "tsta" }, { ...good, Code: "TST" }, { ...good, Code: "TSTA TSTA" }, { ...good, Code: "T".repeat(500) },
	];
	for (const body of wrong) {
		const answer = await carrier.call(body);
		assert.deepEqual([answer.status, answer.outcome, answer.cause], refusal("400"), typeof body === "string" ? body.slice(0, 80) : JSON.stringify(body));
	}
	for (const type of [null, "text/plain", "application/x-www-form-urlencoded", "application/json; charset=gbk", "application/jsonp", "multipart/form-data; boundary=x"])
		assert.equal((await carrier.call(good, { headers: { "Content-Type": type } })).cause, "400", type);
	assert.equal(count("instruction", good.RequestID), 0);
	assert.equal(count("instruction", "a".repeat(33)), 0);
	assert.deepEqual(await outcome(good, { headers: { "Content-Type": 'application/json;charset="UTF-8"' } }), ACCEPTED);
});

test("a body of a megabyte, one in pieces, one that never comes whole", async () => {
	const message = carrier.instruction(card), large = JSON.stringify({ ...message, Pad: "x".repeat(1 << 20) });
	const answer = await carrier.send(large).catch((error) => error);
	if (!(answer instanceof Error)) assert.deepEqual([answer.status, answer.json.FailureCause], [200, "400"]);
	else assert.match(answer.code, /ECONNRESET|EPIPE/, "cut while it is still sent");
	assert.equal((await carrier.call(JSON.stringify({ ...message, Pad: "x".repeat(10000) }))).cause, "400");
	assert.deepEqual(await outcome(message, { headers: { "Content-Length": null, "Transfer-Encoding": "chunked" } }), ACCEPTED, "in pieces");
	const slow = await new Promise((resolve, reject) => {
		const socket = tls.connect({ host: at.hostname, port: at.port, ca: instance.ca, servername: "localhost" }, () => {
			socket.write("POST /t1/instruction HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 300\r\n\r\n{\"Auth\":");
		});
		let text = "";
		socket.on("data", (part) => (text += part));
		socket.on("close", () => resolve(text));
		socket.on("error", (error) => (error.code === "ECONNRESET" ? resolve(text) : reject(error)));
		socket.setTimeout(25000, () => reject(new Error("a body that never comes holds the connection")));
	});
	assert.ok(slow === "" || slow.includes('"FailureCause":"400"'), slow);
	assert.deepEqual(await outcome(carrier.instruction(card)), ACCEPTED, "others are served");
});

test("two passwords at a time during a rotation, from the files, without a restart", async () => {
	const id = "OTHER001", old = new Carrier(instance, { platformId: id, password: "old-password" }), next = new Carrier(instance, { platformId: id, password: "next-password" });
	const answer = async (one) => (await one.call(one.instruction(card))).cause, becomes = (one, code) => until(`${code} for ${one.password}`, async () => (await answer(one)) === code);
	writeSecret(instance, "rotation-password", "old-password");
	await loadCarrier(instance, "rotation", id, { password_secret: "rotation-password", instruction_password_secret: "rotation-password", instruction_password_secret_next: "rotation-password-next" });
	await becomes(old, "501"); // known: but the card is another carrier's
	assert.equal(await answer(next), "401");
	writeSecret(instance, "rotation-password-next", "next-password");
	await becomes(next, "501");
	assert.equal(await answer(old), "501", "both are good");
	writeSecret(instance, "rotation-password", "next-password");
	writeSecret(instance, "rotation-password-next", null);
	await becomes(old, "401");
	assert.equal(await answer(next), "501");
	writeSecret(instance, "rotation-password", null);
	await becomes(next, "604"); // ours: it shall come again
	assert.match(instance.log("instruction"), /alarm directory .*rotation-password cannot be read/);
	assert.doesNotMatch(instance.log("instruction"), /next-password\b(?!.*cannot)|old-password/);
});

test("more than one carrier: each has its own cards, also with the same PlatformID", async () => {
	const other = new Carrier(instance, { platformId: "DEMO0001", password: "another-password" });
	writeSecret(instance, "same-password", "another-password");
	await loadCarrier(instance, "same", "DEMO0001", { instruction_password_secret: "same-password" });
	try {
		const message = other.instruction(card);
		await until("the other is known", async () => (await other.call(message)).cause === "501");
		assert.deepEqual(await outcome({ ...carrier.instruction(card), RequestID: message.RequestID }), ACCEPTED, "the same RequestID of another carrier is another instruction");
		writeSecret(instance, "same-password", carrier.password);
		await until("they cannot be told apart", async () => (await carrier.call(carrier.instruction(card))).cause === "604");
	} finally {
		writeSecret(instance, "same-password", "another-password");
		instance.sql("UPDATE carrier_connection SET platform_id = 'OTHER002' WHERE carrier_id = (SELECT id FROM carrier WHERE slug = 'same')");
	}
	await until("told apart again", async () => (await carrier.call(carrier.instruction(card))).outcome === "1");
});

test("a list of addresses in the profile", async () => {
	const from = (localAddress) => new Carrier(instance, { platformId: "OTHER003", password: "listed-password", localAddress });
	writeSecret(instance, "listed-password", "listed-password");
	await loadCarrier(instance, "listed", "OTHER003", { instruction_password_secret: "listed-password", instruction_addresses: ["127.1.0.0/16", "2001:db8::/32"] });
	await until("the listed one is known", async () => (await from("127.1.2.3").call(carrier.instruction(card, { Auth: from().auth }))).cause === "501");
	for (const address of ["127.0.0.1", "127.2.0.1"]) assert.equal((await from(address).call(from().instruction(card))).status, 401);
});

test("refused calls are counted, not written down one by one", async () => {
	const lines = () => instance.log("instruction").split("\n").filter((line) => line.includes(" refused ")).length, rows = () => Number(instance.value("SELECT count(*) FROM audit WHERE action = 'instruction.refused'"));
	const linesBefore = lines(), rowsBefore = rows(), forged = carrier.instruction(card, { Auth: { PlatformID: "DEMO0001", SignNature: "0".repeat(64) } });
	let left = 600;
	await Promise.all(Array.from({ length: 30 }, async () => {
		while (left-- > 0) assert.equal((await carrier.send(forged)).status, 401);
	}));
	assert.ok(lines() - linesBefore <= 60, `lines: ${lines() - linesBefore}`);
	assert.ok(rows() - rowsBefore <= 10, `rows: ${rows() - rowsBefore}`);
	assert.ok(rows() > 0);
	assert.match(instance.log("instruction"), /alarm refused /);
});

test("results of messages: kept alike, a different one refused, an unknown one 501", async () => {
	const [[done]] = instance.sql(`SELECT m.request_id FROM t1_message m JOIN card c ON c.id = m.card_id WHERE c.iccid = '${card}' AND m.kind = 'account' AND m.state = 'done'`), to = { path: "/t1/result" };
	assert.deepEqual(await outcome(carrier.result(done, "1"), to), ACCEPTED);
	assert.deepEqual(await outcome(carrier.result(done, "1"), to), ACCEPTED);
	assert.match((await outcome(carrier.result(done, "2", "501"), to))[2], /^400 \p{Script=Han}/u);
	assert.deepEqual(await outcome(carrier.result(requestId(), "1"), to), refusal("501"));
	for (const wrong of [carrier.result(done, "3"), carrier.result(done, "2"), carrier.result(done), carrier.result("short", "1"), carrier.result(done, {})])
		assert.equal((await carrier.call(wrong, to)).cause, "400");
	assert.equal((await carrier.call(carrier.instruction(card), to)).cause, "400");
	assert.equal((await carrier.send(null, { ...to, method: "GET" })).status, 405);
});

test("acceptance in two stages: the card is done when the results of both messages came here, and refused when one says so", async () => {
	const profile = (change) => instance.sql(`UPDATE carrier_connection SET profile = ${change} WHERE platform_id = 'DEMO0001'`), to = { path: "/t1/result" };
	const accepted = (car, kind) => until(`the ${kind} message accepted`, () => instance.value(
		`SELECT m.request_id FROM t1_message m JOIN card c ON c.id = m.card_id WHERE c.iccid = '${car.cards[0].iccid}' AND m.kind = '${kind}' AND m.state = 'accepted'`));
	const cars = await importCars(instance, 2);
	profile(`profile || '{"completion": "callback"}'`);
	try {
		const [one, other] = [await journey(instance, cars[0]), await journey(instance, cars[1])];
		const account = await accepted(cars[0], "account");
		const answers = await Promise.all(Array.from({ length: 10 }, () => outcome(carrier.result(account, "1"), to)));
		for (const answer of answers) assert.deepEqual(answer, ACCEPTED);
		assert.deepEqual(await outcome(carrier.result(await accepted(cars[0], "vehicle"), "1"), to), ACCEPTED);
		assert.deepEqual(await cardStates(instance, one.application), ["done"]);
		assert.deepEqual(await outcome(carrier.result(await accepted(cars[1], "account"), "2", "证件已过期"), to), ACCEPTED);
		assert.deepEqual(await cardStates(instance, other.application, ["refused"]), ["refused"]);
		for (const v of [one, other]) v.close();
	} finally {
		profile("profile - 'completion'");
	}
});

test("TLS 1.2 and 1.3 with an ECDSA certificate, nothing else, and no plain HTTP", async () => {
	const connect = (options) => new Promise((resolve, reject) => {
		const socket = tls.connect({ host: at.hostname, port: at.port, ca: instance.ca, servername: "localhost", ...options }, () => {
			resolve({ version: socket.getProtocol(), certificate: new X509Certificate(socket.getPeerCertificate(true).raw) });
			socket.destroy();
		});
		socket.on("error", reject);
	});
	for (const version of ["TLSv1.2", "TLSv1.3"]) {
		const { version: used, certificate } = await connect({ minVersion: version, maxVersion: version });
		assert.equal(used, version);
		assert.equal(certificate.publicKey.asymmetricKeyType, "ec");
		assert.equal(certificate.publicKey.asymmetricKeyDetails.namedCurve, "prime256v1");
	}
	await assert.rejects(connect({ minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" }));
	const answer = await carrier.send(carrier.instruction(card), { plain: true });
	assert.deepEqual([answer.status, answer.json.FailureCause], [200, "400"]);
});

test("readyz tells the program's state", async () => {
	const { status, json } = await carrier.send(null, { method: "GET", path: "/readyz" });
	assert.equal(status, 200);
	assert.deepEqual([json.database, json.ready], [true, true]);
	assert.ok(json.connections >= 1);
});

test("numbers for monitoring: instructions by answer, files that wait, and until when", async () => {
	const visitor = new Visitor(instance);
	const numbers = async () => {
		const lines = (await visitor.request("GET", "/metrics")).html.split("\n");
		return (name, labels = "") => Number(lines.find((line) => line.startsWith(`realname_t1_${name}{carrier="sample",automaker="demo"${labels}}`))?.split(" ").pop() ?? 0);
	};
	const before = await numbers();
	assert.deepEqual(await outcome(carrier.instruction(card)), ACCEPTED);
	assert.deepEqual(await outcome(carrier.instruction(unregistered)), refusal("501"));
	await until("delivered", () => instance.value("SELECT count(*) FROM t1_file WHERE source = 'HT' AND state NOT IN ('done', 'failed')") === "0", 240);
	const delivered = await numbers();
	for (const state of ["accepted", "refused"]) assert.equal(delivered("instructions", `,state="${state}"`), before("instructions", `,state="${state}"`) + 1, state);
	assert.equal(delivered("files_waiting", ',source="HT"'), 0);
	// One that waits; it has no job any more, so nobody carries it meanwhile.
	const id = instance.value("UPDATE t1_file SET state = 'prepared', done_at = NULL, due_at = now() + interval '1000 s' WHERE id = (SELECT id FROM t1_file WHERE source = 'HT' AND state = 'done' LIMIT 1) RETURNING id");
	const waiting = await numbers();
	instance.sql(`UPDATE t1_file SET state = 'done', done_at = now() WHERE id = '${id}'`);
	assert.equal(waiting("files_waiting", ',source="HT"'), 1);
	const due = waiting("files_due_seconds", ',source="HT"');
	assert.ok(due > 900 && due <= 1000, `${due}`);
	visitor.close();
});

test("what is no HTTP at all does no harm", async () => {
	for (const bytes of ["\0\0\0\0\r\n\r\n", "POST\r\n\r\n", `GET /${"a".repeat(20000)} HTTP/1.1\r\n\r\n`]) {
		await new Promise((resolve) => {
			const socket = net.connect(at.port, at.hostname, () => socket.end(bytes));
			socket.on("close", resolve).on("error", resolve).resume();
		});
	}
	assert.deepEqual(await outcome(carrier.instruction(card)), ACCEPTED);
});
