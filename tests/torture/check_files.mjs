// What must hold for files and instructions at the end: each that is due is there once, whole, under its final name, and nothing else is.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";

import { decrypted, server, sha256 } from "../web/files.mjs";

const readFiles = async (t) => (await t.sql(`SELECT f.id, f.source, f.request_id, f.code, f.state, coalesce(f.cause, ''), coalesce(f.folder || f.name || '.bin', ''), coalesce(encode(f.sha256, 'hex'), ''), extract(epoch FROM f.created_at),
	f.done_at > f.due_at, (SELECT count(*) FROM audit u WHERE u.action = 'file.delivered' AND u.object = 't1_file:' || f.id) FROM t1_file f`))
	.map(([id, source, request, code, state, cause, path, hash, at, late, delivered]) => ({ id, source, request, code, state, cause, path, hash, at: Number(at), late: late === "t", delivered: Number(delivered) }));

// The names of a zip whose entries are all whole.
function entries(zip) {
	const end = zip.length - 22, names = [];
	if (end < 0 || zip.readUInt32LE(end) !== 0x06054b50) throw new Error("not a whole zip");
	for (let i = zip.readUInt16LE(end + 10), at = zip.readUInt32LE(end + 16); i > 0; i--) {
		const size = zip.readUInt32LE(at + 24), length = zip.readUInt16LE(at + 28), local = zip.readUInt32LE(at + 42), start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
		if (crc32(zip.subarray(start, start + size)) !== zip.readUInt32LE(at + 16)) throw new Error("a damaged entry");
		names.push(zip.subarray(at + 46, at + 46 + length).toString());
		at += 46 + length + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
	}
	return names;
}
function damage(t, file) {
	if (!existsSync(file.path)) return "is not there";
	const bin = readFileSync(file.path);
	if (sha256(bin) !== file.hash) return `has other bytes (${bin.length}) than we wrote down`;
	try {
		const names = entries(decrypted(t.instance, bin)), ours = new RegExp(`^${file.source}_${file.request}_${file.code}_\\d{3}\\.jpg$`);
		return names.length >= 5 && names.every((name) => ours.test(name)) ? null : `has the entries ${names}`;
	} catch (error) {
		return error.message;
	}
}

const jobOf = (t, file) => t.value(`SELECT to_jsonb(j) - 'id' - 'subject' || jsonb_build_object('now', clock_timestamp()) FROM job j WHERE subject = '${file.id}'`);

// I1, I4: delivered, whole, in time; what was asked for and what was accepted has its file.
async function undelivered({ t, files }) {
	const found = [], asked = new Map(files.filter((file) => file.source === "HT").map((file) => [file.request, file]));
	for (const file of files) {
		const name = `${file.source} file of ${file.request}`;
		if (file.state !== "done") found.push({ what: `the ${name} is ${file.state} ${file.cause}; its job: ${await jobOf(t, file)}`, at: file.at });
		else if (damage(t, file)) found.push({ what: `the ${name} ${damage(t, file)}`, at: file.at });
		if (file.late) found.push({ what: `the ${name} was late`, at: file.at });
	}
	for (const { message, answers, at } of t.calls.asked.values()) if ([...answers.values()].some((texts) => texts.has("1 ")) && !asked.has(message.RequestID)) found.push({ what: `instruction ${message.RequestID} was acknowledged and has no file`, at });
	const owed = await t.sql(`SELECT m.request_id, extract(epoch FROM m.created_at) FROM t1_message m JOIN application_card ac ON ac.id = m.application_card_id WHERE m.kind = 'account' AND m.state = 'done' AND m.oper_type NOT IN ('cancel', 'vehicle_status')
		AND EXISTS (SELECT FROM evidence e WHERE e.application_id = ac.application_id AND e.purpose <> 'clip') AND NOT EXISTS (SELECT FROM t1_file f WHERE f.message_id = m.id)`);
	return [...found, ...owed.map(([request, at]) => ({ what: `registration ${request} was accepted and has no file`, at: Number(at) }))];
}

// I2, I4: one delivery each, and nothing on the server that is no file of ours under its final name.
function deliveredTwice({ t, files }) {
	const top = server(t.instance).folder, known = new Map(files.map((file) => [file.path, file]));
	const there = readdirSync(top, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.path, entry.name));
	return [
		...files.filter((file) => file.delivered > 1).map((file) => ({ what: `the ${file.source} file of ${file.request} was delivered ${file.delivered} times`, at: file.at })),
		...there.filter((path) => !known.has(path)).map((path) => ({ what: `the server has ${path.slice(top.length)}, which nobody finishes`, at: known.get(path.replace(/\.tmp$/, ""))?.at ?? 0 })),
	];
}

// I2: an instruction is answered alike each time, one body of it is accepted, and there is one of it.
async function answeredOtherwise({ t }) {
	const rows = new Map((await t.sql("SELECT request_id, iccid, coalesce(failure_cause, '') FROM t1_instruction")).map(([request, iccid, cause]) => [request, { iccid, cause }])), found = [];
	for (const [request, { answers, at }] of t.calls.asked) {
		const accepted = [...answers].filter(([, texts]) => texts.has("1 ")).map(([iccid]) => iccid);
		for (const [iccid, texts] of answers) if (texts.size > 1) found.push({ what: `instruction ${request} for ${iccid} was answered ${[...texts].join(" and ")}`, at });
		if (accepted.length > 1) found.push({ what: `instruction ${request} was accepted for ${accepted}`, at });
		if (accepted.length === 1 && rows.get(request)?.iccid !== accepted[0]) found.push({ what: `instruction ${request} was accepted for ${accepted} and is kept for ${rows.get(request)?.iccid}`, at });
		if (answers.size && !accepted.length) found.push({ what: `instruction ${request} was answered ${[...answers.values()].flatMap((texts) => [...texts]).join()}`, at });
	}
	return found;
}

// I5: never more than twenty sessions, as server and proxy counted.
function tooManySessions({ t }) {
	const { most } = t.sessions();
	return most > 20 ? [{ what: `${most} SFTP sessions at once`, at: 0 }] : [];
}

export const FILE_CHECKS = [
	["I4", "lost", undelivered], ["I4", "doubled", deliveredTwice], ["I2", "doubled", answeredOtherwise], ["I5", "other", tooManySessions],
];
export { readFiles };
