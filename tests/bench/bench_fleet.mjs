// A company with 100,000 cars: a page of their table, 10,000 of them imported by a file, submitted, pushed, and their result downloaded.
// Prints medians; what is drawn by chance is not measured. Memory: the largest worker of the web while it does all that.
import { readFileSync, readdirSync } from "node:fs";
import { performance } from "node:perf_hooks";

import { tableBack } from "../web/basket.mjs";
import { importCars } from "../web/cars.mjs";
import { Instance, until } from "../web/client.mjs";
import { allTasks, newCompany, scriptLicence, signedIn } from "../web/company.mjs";

const instance = Instance.shared(), FLOW = "/fleet/register", CARS = 100000, BATCH = 10000;
const line = (name, value, unit) => console.log(`bench fleet.${name} ${value} ${unit}`);
const timed = async (what) => {
	const from = performance.now();
	await what();
	return (performance.now() - from) / 1000;
};

// The cars are copies of an imported one, each with a card; what is sealed for that one's id is left out.
async function manyCars(company) {
	const [car] = await importCars(instance, 1);
	instance.sql(`INSERT INTO vehicle SELECT (jsonb_populate_record(v, jsonb_build_object('id', gen_random_uuid(), 'vin', 'LBENCH' || lpad(n::text, 11, '0'), 'license_plate_sealed', NULL, 'staff_name_sealed', NULL, 'owner_name_sealed', NULL, 'owner_number_sealed', NULL, 'owner_phone_sealed', NULL))).* FROM vehicle v, generate_series(1, ${CARS}) n WHERE v.vin = '${car.vin}'`);
	instance.sql(`INSERT INTO card (id, carrier_id, iccid, msisdn) SELECT gen_random_uuid(), c.carrier_id, '8986' || lpad(n::text, 15, '0') || '0', '1499' || lpad(n::text, 9, '0') FROM card c, generate_series(1, ${CARS}) n WHERE c.iccid = '${car.cards[0].iccid}'`);
	instance.sql("ANALYZE vehicle, card");
	instance.sql(`INSERT INTO card_binding (id, card_id, vehicle_id) SELECT gen_random_uuid(), c.id, v.id FROM card c JOIN vehicle v ON v.vin = 'LBENCH' || lpad(ltrim(substr(c.iccid, 5, 15), '0'), 11, '0') WHERE c.msisdn LIKE '1499%'`);
	instance.sql(`INSERT INTO company_vehicle (company_id, vehicle_id, vin, model, standing, source) SELECT '${company.id}', id, vin, CASE abs(hashtext(vin)) % 3 WHEN 0 THEN '轻卡' ELSE vehicle_model END, 'free', 'import' FROM vehicle WHERE vin LIKE 'LBENCH%'`);
	instance.sql("ANALYZE");
}

// The most that one worker of the web has had in memory, MiB.
function memory() {
	const sizes = readdirSync("/proc").filter((name) => /^\d+$/.test(name)).flatMap((pid) => {
		try {
			const status = readFileSync(`/proc/${pid}/status`, "utf8"), command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
			return command.includes("realname-web") && command.includes(process.env.RUN_DIR ?? "") ? [Number(status.match(/VmHWM:\s+(\d+)/)?.[1] ?? 0)] : [];
		} catch {
			return [];
		}
	});
	return sizes.length ? Math.round(Math.max(...sizes) / 1024) : null;
}

const company = newCompany(instance);
await manyCars(company);
const v = await signedIn(instance, company, { cars: false });
scriptLicence(instance, company);
await v.begin();

const pages = [];
for (let i = 0; i < 200; i++) pages.push(await timed(() => v.get(`${FLOW}/cars`)));
pages.sort((a, b) => a - b);
line("page_p99_ms", (pages[197] * 1000).toFixed(0), "ms");
line("search_ms", (await timed(() => v.post(`${FLOW}/cars`, { action: "search", q: "090909", standing: "", model: "" })) * 1000).toFixed(0), "ms");

const vins = Array.from({ length: BATCH }, (_, i) => `LBENCH${String(i + 1).padStart(11, "0")}`);
await v.get(`${FLOW}/cars`);
const path = v.page.attributes("form", "action").find((one) => one.includes("/upload/cars"));
const table = (list) => Buffer.from(`车架号,备注\n${list.map((vin) => `${vin},x`).join("\n")}\n`);
const csv = { filename: "cars.csv", type: "text/csv" }, xlsx = { filename: "cars.xlsx", type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" };
// As an XLSX: the one that is given back for a table with a wrong row.
await v.upload(path, table([...vins.slice(1), "X"]), csv);
const sheet = (await tableBack(v, "xlsx")).body;
line("import_10k_s", (await timed(() => v.upload(path, sheet, xlsx))).toFixed(2), "s");
if (!v.page.has("只加入正确的 9999 辆")) throw new Error(v.page.text);
line("import_10k_csv_s", (await timed(() => v.upload(path, table(vins), csv))).toFixed(2), "s");
if (!v.page.has("一共选了 10000 辆")) throw new Error(v.page.text);

await allTasks(v);
await v.consent();
await v.clip();
await v.agree();
const page = await v.get(`${FLOW}/check`);
line("submit_10k_s", (await timed(() => v.post(`${FLOW}/check`, { token: page.value("token") }))).toFixed(2), "s");
const number = v.page.path.split("/").pop();
if (!v.page.path.startsWith("/fleet/batch/")) throw new Error(v.page.text);
const left = () => Number(instance.value(`SELECT count(*) FROM application_card ac JOIN application a ON a.id = ac.application_id WHERE a.number = '${number}' AND ac.state = 'submitted'`));
line("push_10k_s", (await timed(() => until("all are pushed", () => left() === 0, 300))).toFixed(1), "s");
line("batch_page_ms", (await timed(() => v.get(`/fleet/batch/${number}`)) * 1000).toFixed(0), "ms");
for (const kind of ["csv", "xlsx"]) line(`download_10k_${kind}_s`, (await timed(() => v.request("GET", `/fleet/batch/${number}/result.${kind}`))).toFixed(2), "s");
const most = memory();
if (most) line("web_memory_mb", most, "MiB");
v.close();
