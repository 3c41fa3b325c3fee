// F11: faults while files are carried: the server away, slow, silent, refusing, cut in the middle, its answers lost; couriers killed and
// stopped; no slot free, and more couriers than slots.
import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";

import { server as serverOf } from "../web/files.mjs";

import { until } from "./wait.mjs";
import { Missed, between, down, files, killedAt, link, on, one, pause, stoppedAt, strikes, under } from "./harm.mjs";

const LOAD = files(2), SIGSTOP = 19;

const cutAt = (eighth) => link((t, r) => ({ link: "sftp", toxic: "limit_data", stream: "up", bytes: Math.round((eighth * t.fileSize) / 8) + between(r, 0, 4000) }), { load: LOAD });
// up: the rename does not reach the server; down: it is carried out, and nobody hears so.
const renameLost = (stream) => async (t) => {
	const happened = t.crashAt("sftp.before_rename", 1, SIGSTOP);
	let id;
	await under(t, LOAD, async () => {
		try {
			await strikes(t, "a stop before a rename", happened);
			id = await t.links.add({ link: "sftp", toxic: "limit_data", stream, bytes: 0 });
			t.wake();
			await strikes(t, "the cut", () => t.links.strikes(id) > 0, 15);
			await pause(100);
		} finally {
			t.forgetCrash("sftp.before_rename");
			t.wake();
			if (id) await t.links.remove(id);
		}
	});
};
const couriers = (choose) => async (t, r) => {
	await LOAD.come(t);
	const all = await t.workersOf("sftp");
	if (!all.length) throw new Missed("no couriers");
	t.signal(choose(all, r), "SIGKILL");
	await t.carry();
};
// Longer than what it holds is promised to it: it ends by itself when it wakes up.
const hold = (t) => (2 * t.stall + 7) * 1000;

const server = (which) => async (t) => {
	await LOAD.come(t);
	t.killSessions(which === "all");
	await t.carry();
};
// Something about the server is wrong until it was felt; whoever is in must come in again.
const wrong = (what, begin, end) => async (t) => {
	const log = t.logFrom("jobs"), undo = await begin(t);
	try {
		await LOAD.come(t);
		t.killSessions();
		await strikes(t, what, () => log().includes(what));
	} finally {
		await end(t, undo);
	}
	await t.carry();
};
const loginRefused = wrong(": login:", (t) => renameSync(t.sftpFile("authorized_keys"), t.sftpFile("authorized_keys.away")), (t) => renameSync(t.sftpFile("authorized_keys.away"), t.sftpFile("authorized_keys")));
const profile = (t, key) => t.sql(`UPDATE carrier_connection SET profile = jsonb_set(profile, '{sftp,host_key_sha256}', to_jsonb('${key}'::text)) WHERE id = '${t.connection}'`);
const hostKey = wrong(": host_key:", async (t) => {
	const key = await t.value(`SELECT profile #>> '{sftp,host_key_sha256}' FROM carrier_connection WHERE id = '${t.connection}'`);
	await profile(t, `${key[0] === "A" ? "B" : "A"}${key.slice(1)}`);
	return key;
}, profile);
const folders = async (t) => (await t.sql("SELECT DISTINCT folder FROM t1_file WHERE folder IS NOT NULL")).flat();
const denied = wrong(": denied:", async (t) => (await folders(t)).forEach((folder) => chmodSync(folder, 0o500)), async (t) => (await folders(t)).forEach((folder) => chmodSync(folder, 0o750)));

// A folder of its own that has no room: nothing that is there already is hidden. When it has, the files go there.
const full = wrong(": full:", async (t) => {
	const top = serverOf(t.instance).folder, folder = join(top, `full${++t.numbers}`), { uid, gid } = statSync(top);
	mkdirSync(folder);
	chownSync(folder, uid, gid);
	if (spawnSync("mount", ["-t", "tmpfs", "-o", `size=64k,uid=${uid},gid=${gid},mode=700`, "none", folder]).status !== 0) throw new Missed("only root can mount a file system");
	const before = await t.value(`SELECT profile #>> '{sftp,folder}' FROM carrier_connection WHERE id = '${t.connection}'`);
	await folderOf(t, `${folder}/`);
	return { folder, before };
}, async (t, { folder, before }) => {
	await folderOf(t, before);
	spawnSync("umount", ["-l", folder]);
});
const folderOf = (t, folder) => t.sql(`UPDATE carrier_connection SET profile = jsonb_set(profile, '{sftp,folder}', to_jsonb('${folder}'::text)) WHERE id = '${t.connection}'`);

// All twenty are somebody else's: nobody opens a session.
async function slotsFull(t, r) {
	const taken = () => t.sql("UPDATE sftp_slot SET held_until = clock_timestamp() + interval '1 day' WHERE worker IS NULL");
	await t.carry(); // there are slots
	try {
		await strikes(t, "nobody has a slot", async () => {
			await taken();
			t.killSessions();
			return (await t.value("SELECT count(*) FROM sftp_slot WHERE worker IS NOT NULL OR held_until < now() + interval '1 hour'")) === "0";
		}, 60 + 60 * t.scale);
		await LOAD.come(t);
		const before = t.sessions().opened;
		await pause(between(r, 1000, 5000) * Math.max(1, 4 * t.scale));
		if (t.sessions().opened > before) t.violation("I5", "a session was opened without a slot");
	} finally {
		await t.sql("UPDATE sftp_slot SET held_until = clock_timestamp() WHERE worker IS NULL AND held_until > now() + interval '1 hour'");
	}
	await t.carry();
}
// A second machine with twenty couriers of its own.
async function crowd(t) {
	const other = t.another({ REALNAME_SFTP_WORKERS: 20, REALNAME_T1_WORKERS: 1, REALNAME_JOBS_WORKERS: 1 });
	try {
		await until("they are there", async () => (await t.workersOf("sftp", false)).length > 20, 30 + 30 * t.scale);
		const messages = await t.calls.load(25);
		await Promise.all(messages.map((message) => t.calls.carried(message)));
	} finally {
		other.kill("SIGTERM");
		await new Promise((done) => (other.exitCode !== null || other.signalCode !== null ? done() : other.once("exit", done)));
	}
}

const sftp = on("sftp", { load: LOAD, up: 4000, down: 6000, slow: [50000, 400000] });

export const FILE_FAULTS = [
	...[0, 1, 2, 3, 4, 5, 6, 7].map((n) => [`SFTP cut after ${n}/8 of a file`, "files", 1, cutAt(n)]),
	["SFTP rename lost", "couriers", 2, renameLost("up")],
	["SFTP rename unheard", "couriers", 2, renameLost("down")],
	...[["cut_up", 2], ["cut_down", 3], ["reset", 2], ["blackhole", 2], ["slow", 2], ["sliced", 1], ["latency", 1], ["slow_close", 1]].map(([name, often]) => [`link to SFTP: ${name}`, "files", often, sftp[name]]),
	["link to SFTP: down", "files", 2, down("sftp", LOAD)],
	...["sftp.before_upload", "sftp.mid_upload", "sftp.after_upload", "sftp.before_rename", "sftp.after_rename"].map((point) => [`killed at ${point}`, "couriers", 2, killedAt(point, LOAD)]),
	...["sftp.mid_upload", "sftp.before_rename"].map((point) => [`stopped at ${point}`, "couriers", 1, stoppedAt(point, LOAD, hold)]),
	["a courier killed", "couriers", 2, couriers(one)],
	["all couriers killed", "couriers", 1, couriers((all) => all)],
	["SFTP sessions killed", "files", 2, server("sessions")],
	["SFTP server killed", "files", 2, server("all")],
	["SFTP login refused", "files", 1, loginRefused],
	["SFTP host key changed", "files", 1, hostKey],
	["SFTP folder not writable", "files", 1, denied],
	["SFTP server without room", "files", 1, full],
	["SFTP slots full", "couriers", 1, slotsFull],
	["more couriers than slots", "couriers", 1, crowd],
];
