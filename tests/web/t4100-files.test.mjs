// Pictures and agreements to the carrier, over SFTP to a real sshd: what is in a file, and every fault on its way.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, chownSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, afterEach, before, test } from "node:test";

import { importCars } from "./cars.mjs";
import { cardStates, Instance, journey, newPhone, until } from "./client.mjs";
import { answers, decrypted, freePort, grey, order, Relay, rows, server, sha256, there, unzipped, uploaded } from "./files.mjs";
import { jpeg } from "./media.mjs";

let instance, relay, top, profile, sample;
const began = new Date(), today = new Date(began.getTime() + 8 * 3600e3).toISOString().slice(0, 10).replaceAll("-", ""); // in Shanghai

// A person with a registered car, whose pictures we know.
async function registered(options = {}) {
	const [car] = await importCars(instance, [{ cards: options.cards ?? 1 }]);
	const front = jpeg(`front ${Math.random()}`), back = jpeg(`back ${Math.random()}`), phone = newPhone();
	const v = await journey(instance, car, { front, back, phone });
	await cardStates(instance, v.application);
	v.close();
	return { car, front, back, phone, application: v.application, person: v.person };
}
// What the row says is on the server.
function content(row) {
	const bin = readFileSync(join(row.folder, `${row.name}.bin`));
	assert.equal(sha256(bin), row.sha256, "as the row says");
	assert.equal(bin.length, Number(row.size));
	return bin;
}
const delivered = (car, count = 1) => until(`${count} files of a car`, () => {
	const all = rows(instance, car);
	return all.length >= count && all.every((row) => row.state === "done") && all;
}, 30);
const file = (id) => rows(instance, sample.car, `f.id = '${id}'`)[0];
const hurry = () => instance.sql("UPDATE job SET run_at = now() WHERE kind = 'file_deliver' AND claim IS NULL AND run_at > now()");
const set = (path, value) => instance.sql(`UPDATE carrier_connection SET profile = jsonb_set(profile, '{sftp,${path}}', '${JSON.stringify(value)}')`);
const alarms = (words) => instance.log("jobs").split("\n").filter((line) => / alarm /.test(line) && line.includes(words));
// Sessions end soon when there is nothing to do; after that a changed profile is in use.
const quiet = () => until("no session", () => instance.value("SELECT count(*) FROM sftp_slot WHERE worker IS NOT NULL") === "0");
const usable = () => until("the lane can be used again", () => instance.value("SELECT count(*) FROM lane WHERE name LIKE 'sftp:%' AND state = 'open' AND retry_at > now()") === "0");
let orders = 0;
const nextId = () => `T${String(Date.now())}X${String(++orders).padStart(8, "0")}`;
const pathOf = (requestId) => join(top, "DEMO0001", today, `KH_${requestId}_TSTA.bin`);
// As the server's account would have put it there.
function put(path, bytes) {
	const owner = statSync(top);
	mkdirSync(dirname(path), { recursive: true });
	writeFileSync(path, bytes);
	if (process.getuid() === 0) for (const one of [path, dirname(path), dirname(dirname(path))]) chownSync(one, owner.uid, owner.gid);
}

before(async () => {
	instance = await Instance.start("files-instance", { REALNAME_SFTP_WORKERS: "2", REALNAME_SFTP_STALL_S: "5", REALNAME_OUTBOUND_CONNECT_MS: "1500", REALNAME_SMS_VIN_DAY: "1000" });
	top = server(instance).folder;
	sample = await registered();
	await delivered(sample.car);
	relay = await new Relay().start(server(instance).port);
	await set("port", relay.port);
	profile = instance.value("SELECT profile FROM carrier_connection");
	await quiet();
});
afterEach(async () => {
	relay.way = "pass";
	relay.cutAfter = relay.hangAfter = Infinity;
	instance.sql(`UPDATE carrier_connection SET profile = '${profile.replaceAll("'", "''")}'`);
	await usable();
	hurry();
	await until("nothing under way", () => instance.value("SELECT count(*) FROM job WHERE kind = 'file_deliver' AND dead_at IS NULL") === "0");
	await quiet();
});
after(async () => {
	await relay?.stop();
	await instance?.stop();
});

test("a registration: certificate, portrait and agreements of each card, under the names of the rules", async () => {
	const { car, front, back, application, person } = await registered({ cards: 2 }), files = await delivered(car, 2);
	const accounts = instance.sql(`SELECT m.request_id, m.code FROM t1_message m JOIN application_card ac ON ac.id = m.application_card_id JOIN application a ON a.id = ac.application_id WHERE a.number = '${application}' AND m.kind = 'account'`);
	assert.deepEqual(files.map((f) => [f.source, f.request_id, f.code]).sort(), accounts.map(([id, code]) => ["KH", id, code]).sort(), "one a card, named after its account message");
	for (const f of files) {
		assert.equal(f.folder, `${top}/DEMO0001/${f.day}/`);
		assert.equal(f.name, `KH_${f.request_id}_TSTA`);
		const entries = unzipped(decrypted(instance, content(f)));
		assert.deepEqual(entries.map((e) => e.name), entries.map((_, i) => `${f.name}_${String(i + 1).padStart(3, "0")}.jpg`));
		assert.ok(entries.length >= 3 + 3, "two sides, a portrait, two agreements, the record of their signature");
		for (const e of entries) assert.equal(e.data.subarray(0, 3).toString("hex"), "ffd8ff", e.name);
		// The sides are the pictures that were uploaded, but for the watermark on them.
		for (const [i, original] of [[0, front], [1, back]]) {
			const was = grey(original), is = grey(entries[i].data);
			assert.deepEqual([is.width, is.height], [was.width, was.height]);
			let same = 0, marked = 0;
			for (let p = 0; p < was.pixels.length; p++) {
				const difference = Math.abs(was.pixels[p] - is.pixels[p]);
				same += difference < 12;
				marked += difference > 20;
			}
			assert.ok(same > was.pixels.length * 0.85, `${same} of ${was.pixels.length} as they were`);
			assert.ok(marked > was.pixels.length * 0.003 && marked < was.pixels.length * 0.1, `${marked} of ${was.pixels.length} marked`);
		}
		const pages = entries.slice(3).map((e) => grey(e.data));
		for (const page of pages) {
			assert.deepEqual([page.width, page.height], [992, 1403], "A4");
			const dark = page.pixels.reduce((n, level) => n + (level < 90), 0), light = page.pixels.reduce((n, level) => n + (level > 235), 0);
			assert.ok(dark > 3000 && light > page.pixels.length * 0.75, `${dark} dark, ${light} light`);
		}
	}
	// Nothing personal in a name; nothing unfinished is left.
	for (const path of uploaded(instance)) assert.match(path, /^DEMO0001\/\d{8}\/KH_[0-9A-Za-z]{20,32}_TSTA\.bin$/);
	assert.equal(instance.value(`SELECT count(*) FROM audit u JOIN application a ON a.id = u.application_id WHERE a.number = '${application}' AND u.action = 'file.delivered'`), "2");
	const dump = instance.sql("SELECT * FROM t1_file").flat().join("\n");
	for (const value of [person.name, person.number, car.vin, car.cards[0].iccid]) assert.ok(!dump.includes(value));
});

test("the stored originals stay as they are, and no second copy is on our disk", async () => {
	const data = dirname(dirname(instance.endpoints.ca)), ours = () => readdirSync(data, { withFileTypes: true, recursive: true })
		.filter((entry) => entry.isFile() && !/^\/(pg|log|standin)\//.test(`${entry.path.slice(data.length)}/`)).map((entry) => join(entry.path, entry.name)).map((path) => `${path} ${sha256(readFileSync(path))}`).sort();
	const before = ours(), id = order(instance, sample.car, nextId());
	assert.ok(before.some((line) => line.includes("/evidence/")));
	await until("delivered", () => file(id).state === "done");
	assert.deepEqual(ours(), before);
});

test("once more, because the carrier lost it: the same name and bytes; what is still there is not sent again", async () => {
	const [first] = await delivered(sample.car), path = join(first.folder, `${first.name}.bin`), bin = content(first);
	const again = () => instance.ctl("file", "again", first.request_id, "--reason", "carrier asked");
	rmSync(path);
	relay.way = "refuse";
	relay.drop();
	await again();
	await assert.rejects(again(), /under way/);
	relay.way = "pass";
	await until("delivered again", () => file(first.id).state === "done" && there(path));
	assert.ok(content(file(first.id)).equals(bin), "however often it is built");
	const then = statSync(path).mtimeMs;
	await again();
	await until("it was looked for", () => file(first.id).state === "done");
	assert.equal(statSync(path).mtimeMs, then);
	assert.ok(readFileSync(path).equals(bin));
	assert.equal(instance.value(`SELECT count(*) FROM audit WHERE action = 'file.again' AND object = 't1_file:${first.id}'`), "2");
	await assert.rejects(instance.ctl("file", "again", "X".repeat(24), "--reason", "x"), /0 files/);
});

test("agreements that everybody signs are the same pages, the record of the signature is each one's own", async () => {
	const one = unzipped(decrypted(instance, content((await delivered((await registered()).car))[0]))), other = unzipped(decrypted(instance, content((await delivered(sample.car))[0])));
	assert.equal(one.length, other.length);
	const pages = [one, other].map((entries) => entries.slice(3).map((e) => sha256(e.data)));
	assert.deepEqual(pages[0].slice(0, -1), pages[1].slice(0, -1));
	assert.notEqual(pages[0].at(-1), pages[1].at(-1));
});

test("a change sends the new pictures with the contract that is in force; a cancellation sends nothing", async () => {
	const { car, front } = await registered();
	await delivered(car);
	const update = await journey(instance, car, { flow: "update", front, phone: newPhone() });
	await cardStates(instance, update.application);
	const [before, changed] = await delivered(car, 2);
	const [was, is] = [before, changed].map((row) => unzipped(decrypted(instance, content(row))).slice(3).map((e) => sha256(e.data)));
	assert.ok(is.length >= 2, "its agreements are those of the registration");
	assert.deepEqual(is.slice(0, -1), was.slice(0, -1));
	const cancel = await journey(instance, car, { flow: "cancel", front, phone: newPhone() });
	await cardStates(instance, cancel.application);
	assert.equal(rows(instance, car).length, 2);
	update.close();
	cancel.close();
});

test("another cipher and other names, as the profile says", async () => {
	set("cipher", "sm4-ecb");
	set("kh_name", "KH-{Code}-{RequestID}");
	set("folder", `${top}/other/{yyyyMMdd}/{Code}/`);
	const { car } = await registered(), [row] = await delivered(car);
	assert.equal(row.folder, `${top}/other/${row.day}/TSTA/`);
	assert.equal(row.name, `KH-TSTA-${row.request_id}`);
	assert.ok(unzipped(decrypted(instance, content(row), "sm4-ecb")).length >= 6);
});

test("a carrier without SFTP is sent no files", async () => {
	instance.sql("UPDATE carrier_connection SET profile = profile - 'sftp'");
	const { car } = await registered();
	assert.deepEqual(rows(instance, car), []);
});

for (const [name, size] of [["of another size", 10], ["of the same size", null]])
	test(`somebody else's file ${name} under the name: an alarm, never overwritten; after people settled it, delivered`, async () => {
		const requestId = nextId(), path = pathOf(requestId), length = size ?? Number((await delivered(sample.car))[0].size), foreign = Buffer.alloc(length, "x");
		put(path, foreign);
		const id = order(instance, sample.car, requestId, began);
		await until("given up", () => file(id).state === "failed");
		assert.deepEqual([file(id).cause, file(id).dead], ["file_conflict", "file_conflict"]);
		assert.ok(readFileSync(path).equals(foreign), "not touched");
		assert.ok(alarms(id).some((line) => /requeue/.test(line)), "with what to do");
		assert.match(await instance.ctl("file", "list", "--state", "failed"), new RegExp(`\t${requestId}\t.*\tfailed\tfile_conflict\t`));
		rmSync(path);
		await instance.ctl("requeue", instance.value(`SELECT id FROM job WHERE subject = '${id}'`));
		await until("delivered", () => file(id).state === "done");
		content(file(id));
	});

test("a longer left-over under the temporary name is written over from its first byte", async () => {
	const requestId = nextId(), path = pathOf(requestId);
	put(`${path}.tmp`, Buffer.alloc(5e6, "y"));
	const id = order(instance, sample.car, requestId, began);
	await until("delivered", () => file(id).state === "done");
	content(file(id));
	assert.ok(!there(`${path}.tmp`));
});

for (const [name, break_, meaning] of [
	["another host key", () => set("host_key_sha256", Buffer.alloc(32, 7).toString("base64").replace(/=$/, "")), "another key than the profile"],
	["a user key that is refused", () => {
		const secrets = join(instance.runDir, "secrets"), host = join(instance.runDir, "standin/sftp/host"), wrong = join(secrets, "wrong-key");
		writeFileSync(wrong, readFileSync(host), { mode: 0o600 });
		if (process.getuid() === 0) chownSync(wrong, statSync(secrets).uid, statSync(secrets).gid);
		set("key_secret", "wrong-key");
	}, "refuses our user or key"],
])
	test(`${name}: an alarm, the lane opens, nothing is used up, nothing is sent`, async () => {
		const before = relay.count;
		break_();
		const ids = [1, 2].map(() => order(instance, sample.car, nextId()));
		await until("the lane opens", () => instance.value("SELECT count(*) FROM lane WHERE name LIKE 'sftp:%' AND state = 'open'") === "1");
		assert.ok(alarms(meaning).length >= 1);
		assert.ok(relay.count > before);
		for (const id of ids) assert.deepEqual([file(id).state, file(id).attempts], ["waiting", "0"]);
		instance.sql(`UPDATE carrier_connection SET profile = '${profile.replaceAll("'", "''")}'`);
		await until("delivered when it is mended", () => ids.every((id) => file(id).state === "done"), 30);
	});

test("a folder that may not be written: an alarm with the remedy, again later", async () => {
	const all = join(top, "DEMO0001"), folders = [all, ...readdirSync(all).map((day) => join(all, day))]; // a new day's folder can't be made either
	for (const folder of folders) chmodSync(folder, 0o500);
	const id = order(instance, sample.car, nextId());
	try {
		await until("it was tried", () => /denied/.test(instance.value(`SELECT coalesce(last_error, '') FROM job WHERE subject = '${id}'`)));
		assert.ok(alarms("has to give it the right").length >= 1);
	} finally {
		for (const folder of folders) chmodSync(folder, 0o700);
	}
	await until("delivered", () => (hurry(), file(id).state === "done"), 30);
	content(file(id));
});

test("the server is away for a while: files wait and use nothing up", async () => {
	relay.way = "refuse";
	relay.drop();
	const ids = [1, 2, 3].map(() => order(instance, sample.car, nextId()));
	await until("the lane opens", () => instance.value("SELECT count(*) FROM lane WHERE name LIKE 'sftp:%' AND state = 'open'") === "1");
	for (const id of ids) assert.equal(file(id).attempts, "0");
	relay.way = "pass";
	await until("delivered", () => ids.every((id) => file(id).state === "done"), 30);
});

for (const part of [1, 2, 3, 4, 5, 6, 7])
	test(`cut after ${part} eighths of a file: sent whole by the next try`, async () => {
		const size = Number((await delivered(sample.car))[0].size), id = order(instance, sample.car, nextId());
		relay.cutAfter = Math.floor((size * part) / 8);
		await until("a try failed", () => Number(instance.value(`SELECT count(*) FROM job WHERE subject = '${id}' AND last_error IS NOT NULL`)) === 1);
		relay.cutAfter = Infinity;
		await until("delivered", () => (hurry(), file(id).state === "done"), 30);
		content(file(id));
	});

test("a server that hangs before the login uses nothing up", async () => {
	relay.way = "hang";
	const id = order(instance, sample.car, nextId());
	await until("the lane opens", () => instance.value("SELECT count(*) FROM lane WHERE name LIKE 'sftp:%' AND state = 'open'") === "1", 60);
	assert.deepEqual([file(id).state, file(id).attempts], ["waiting", "0"]);
	relay.way = "pass";
	relay.drop();
	await until("delivered", () => file(id).state === "done", 30);
	content(file(id));
});

test("a server that hangs in the middle of a file: the job is free within the time, its slot is left alone until the server must know", async () => {
	relay.hangAfter = 300000;
	const id = order(instance, sample.car, nextId());
	const [[slot, held]] = await until("it was put back", () => instance.value(`SELECT count(*) FROM job WHERE subject = '${id}' AND claim IS NULL AND last_error IS NOT NULL`) === "1"
		&& instance.sql("SELECT number, held_until > now() + interval '5 seconds' FROM sftp_slot WHERE worker IS NULL AND held_until > now() ORDER BY held_until DESC LIMIT 1"), 20);
	assert.ok(slot && held === "t");
	relay.hangAfter = Infinity;
	await until("delivered", () => (hurry(), file(id).state === "done"), 30);
	content(file(id));
});

// As the rules' server is: the account sees its own root, and the default folder is right there.
test("a server that changes the root folder, with the default folder and a full disk", { skip: process.getuid() !== 0 && "only root can start one" }, async () => {
	const root = mkdtempSync("/var/lib/realname-chroot-") /* all above it is root's, as sshd wants it */, own = join(instance.runDir, "standin/sftp"), port = await freePort(), log = join(root, "log");
	chmodSync(root, 0o755);
	mkdirSync(join(root, "DEMO0001"));
	chownSync(join(root, "DEMO0001"), statSync(top).uid, statSync(top).gid);
	copyFileSync(join(own, "host"), join(root, "host"));
	copyFileSync(join(own, "authorized_keys"), join(root, "authorized_keys"));
	chmodSync(join(root, "host"), 0o600);
	chmodSync(join(root, "authorized_keys"), 0o644);
	mkdirSync("/run/sshd", { recursive: true });
	writeFileSync(join(root, "config"), `ListenAddress 127.0.0.1:${port}\nHostKey ${root}/host\nPidFile none\nAuthorizedKeysFile ${root}/authorized_keys\nStrictModes no\nUsePAM yes\nChrootDirectory ${root}\nSubsystem sftp internal-sftp\nForceCommand internal-sftp\n`);
	const sshd = spawn("/usr/sbin/sshd", ["-D", "-f", join(root, "config"), "-E", log]);
	let full = false;
	try {
		await until("the server", () => answers(port));
		instance.sql(`UPDATE carrier_connection SET profile = jsonb_set(jsonb_set(profile, '{sftp,port}', '${port}'), '{sftp}', (profile->'sftp') - 'folder' || '{"port": ${port}}')`);
		const id = order(instance, sample.car, nextId());
		await until("delivered", () => file(id).state === "done");
		assert.equal(file(id).folder, `/DEMO0001/${file(id).day}/`);
		assert.equal(sha256(readFileSync(join(root, file(id).folder, `${file(id).name}.bin`))), file(id).sha256);
		full = spawnSync("mount", ["-t", "tmpfs", "-o", `size=64k,uid=${statSync(top).uid},mode=700`, "none", join(root, "DEMO0001")]).status === 0;
		if (!full) return;
		const late = order(instance, sample.car, nextId());
		await until("it was tried", () => /full/.test(instance.value(`SELECT coalesce(last_error, '') FROM job WHERE subject = '${late}'`)));
		assert.ok(alarms("has no room").length >= 1);
		spawnSync("umount", ["-l", join(root, "DEMO0001")]);
		full = false;
		await until("delivered when there is room", () => (hurry(), file(late).state === "done"), 40);
	} finally {
		if (full) spawnSync("umount", ["-l", join(root, "DEMO0001")]);
		instance.sql(`UPDATE carrier_connection SET profile = '${profile.replaceAll("'", "''")}'`);
		await quiet();
		sshd.kill();
		rmSync(root, { recursive: true, force: true });
	}
});

test("files that are late: an alarm at half, at 80 percent and at the end of their time, each once", async () => {
	relay.way = "refuse";
	relay.drop();
	const id = order(instance, sample.car, nextId());
	instance.sql(`ALTER TABLE t1_file DISABLE TRIGGER ALL; UPDATE t1_file SET source = 'HT', message_id = NULL, instruction_id = gen_random_uuid() WHERE id = '${id}'; ALTER TABLE t1_file ENABLE TRIGGER ALL`);
	const look = () => instance.sql("UPDATE job_schedule SET next_at = now() WHERE kind = 'file_deadline'");
	const told = (percent) => alarms(`percent=${percent}`).filter((line) => line.includes("source=HT")).length;
	for (const [left, percent] of [["179 minutes", 50], ["71 minutes", 80], ["-1 second", 100]]) {
		assert.equal(told(percent), 0);
		instance.sql(`UPDATE t1_file SET due_at = now() + interval '${left}' WHERE id = '${id}'`);
		look();
		await until(`the alarm at ${percent}`, () => told(percent) === 1);
		look();
		await until("another look", () => instance.value("SELECT next_at > now() FROM job_schedule WHERE kind = 'file_deadline'") === "t");
		assert.equal(told(percent), 1);
	}
	assert.equal(instance.value(`SELECT alarmed FROM t1_file WHERE id = '${id}'`), "100");
});

test("an erased application: its file is not sent, its row keeps nothing personal", async () => {
	relay.way = "refuse";
	relay.drop();
	const { car, application } = await registered(), [row] = rows(instance, car);
	assert.equal(row.state, "waiting");
	instance.sql(`UPDATE registration SET ended_at = now() - interval '3 years' WHERE from_application_id = (SELECT id FROM application WHERE number = '${application}');
		SELECT application_erase(id, 90, false) FROM application WHERE number = '${application}'`);
	relay.way = "pass";
	await until("its job ends", () => instance.value(`SELECT count(*) FROM job WHERE subject = '${row.id}'`) === "0", 30);
	assert.deepEqual([rows(instance, car)[0].state, rows(instance, car)[0].cause], ["failed", "file_erased"]);
	assert.ok(!uploaded(instance).some((path) => path.includes(row.request_id)));
});

test("what stays under a temporary name of a file that nobody sends any more is removed after a day", async () => {
	const requestId = nextId(), path = pathOf(requestId);
	put(path, Buffer.from("foreign"));
	const id = order(instance, sample.car, requestId, began);
	await until("given up", () => file(id).state === "failed");
	put(`${path}.tmp`, Buffer.from("half"));
	instance.sql(`UPDATE t1_file SET folder = '${dirname(path)}/', name = 'KH_${requestId}_TSTA', tmp_at = now() - interval '23 hours' WHERE id = '${id}'`);
	renameSync(path, `${path}.kept`); // the foreign file is not what this is about
	await quiet();
	assert.ok(there(`${path}.tmp`));
	instance.sql(`UPDATE t1_file SET tmp_at = now() - interval '25 hours' WHERE id = '${id}'`);
	await until("swept", () => !there(`${path}.tmp`), 40);
	assert.equal(instance.value(`SELECT tmp_at IS NULL FROM t1_file WHERE id = '${id}'`), "t");
	rmSync(`${path}.kept`);
	instance.sql(`DELETE FROM job WHERE subject = '${id}'`);
});
