/* realnamectl on a real database: migrations, review, what is revealed and put on record, jobs, suspended carriers, agreement texts. */
#include "operator_fixture.h"

#include <glob.h>
#include <sys/wait.h>

#include "base/file.h"
#include "store/datakey.h"

#define NAME "李审核"
#define NUMBER "11010119900307002X"
#define VIN "LTESTFX01RA000007"

/* ---- migrations ---- */

static void copy_migration(const char *name, const char *more)
{
	char *text;

	if (file_read_text(a, arena_printf(a, "sql/%s", name), 1024 * 1024, &text, NULL) != ST_OK)
		abort();
	write_file(name, arena_printf(a, "%s%s", text, more));
}

/* As the owner, with the migrations of the test's folder. */
static int migrate(void)
{
	int code;

	setenv("REALNAME_DATABASE", getenv("TEST_DATABASE"), 1);
	setenv("REALNAME_SQL_DIR", folder, 1);
	code = ctl("migrate");
	setenv("REALNAME_DATABASE", dsn_of("realname_operator"), 1);
	unsetenv("REALNAME_SQL_DIR");
	return code;
}

static void test_migrate_applies_each_file_once(void)
{
	glob_t files;

	CHECK(glob("sql/[0-9]*.sql", 0, NULL, &files) == 0);
	for (size_t i = 0; i < files.gl_pathc; i++)
		copy_migration(strrchr(files.gl_pathv[i], '/') + 1, "");
	CHECK(migrate() == 0);
	CHECK(says(arena_printf(a, "nothing to do: %zu migrations are applied", files.gl_pathc)));
	globfree(&files);
	write_file("9001_more.sql", "CREATE TABLE more (x text); INSERT INTO more VALUES ('one');");
	write_file("notes_9002.sql", "not a migration");
	CHECK(migrate() == 0);
	CHECK(says("applied 9001_more.sql\n"));
	CHECK(migrate() == 0);
	CHECK_TEXT(value("SELECT string_agg(x, ',') AS x FROM more"), "one");
}

static void test_migrate_rolls_a_bad_file_back(void)
{
	write_file("9002_bad.sql", "INSERT INTO more VALUES ('two'); SELECT 1 / 0;");
	CHECK(migrate() == 1);
	CHECK(says("9002_bad.sql: "));
	CHECK_TEXT(value("SELECT string_agg(x, ',') AS x FROM more"), "one");
	CHECK(value("SELECT name AS x FROM schema_migration WHERE version = 9002") == NULL);
	unlink(path_of("9002_bad.sql"));
}

static void test_migrate_refuses_changed_and_missing_files(void)
{
	copy_migration("0002_grants.sql", "-- changed\n");
	CHECK(migrate() == 1);
	CHECK(says("0002_grants.sql was changed after it was applied"));
	copy_migration("0002_grants.sql", "");
	unlink(path_of("9001_more.sql"));
	CHECK(migrate() == 1);
	CHECK(says("the database is newer than this program: 9001_more.sql"));
	CHECK(ctl("migrate") == 1); /* the operator's role makes no tables */
}

/* ---- review ---- */

static const char *seal(const struct crypt_key *key, const char *table, const char *column, const char *id, const char *text)
{
	struct bytes sealed = sealed_text(a, key, table, column, id, text);

	return hex_encode(a, sealed.data, sealed.length);
}

/* An application of the one car with its one card, in review. */
static void make_application(const char *number, const char *state)
{
	const char *id = crypt_uuid(a), *party = crypt_uuid(a);
	struct crypt_key key;
	enum status st = datakey_create(db, a, &keys, &key);

	if (st == ST_OK)
		st = db_query(db, a, NULL,
			      "INSERT INTO application (id, number, automaker_id, kind, holder, channel, acting, data_key_id, expires_at, "
			      "submitted_at, "
			      "review_reasons, vehicle_id, phone_sealed, certificate_type) SELECT $1, $2, v.automaker_id, 'register', "
			      "'person', 'online', 'self', "
			      "$3, now(), now(), '{certificate_type,owner_name}', v.id, decode($4, 'hex'), 'PASSPORT_FOREIGN' FROM vehicle "
			      "v WHERE v.vin = '" VIN "'",
			      DB_TEXT(id), DB_TEXT(number), DB_TEXT(key.id),
			      DB_TEXT(seal(&key, "application", "phone", id, "13800138000")));
	if (st == ST_OK)
		st = db_query(db, a, NULL,
			      "INSERT INTO application_party (id, application_id, role, certificate_type, name_sealed, number_sealed, "
			      "number_hash, "
			      "number_hash_key, address_sealed, valid_from, valid_until) VALUES ($1, $2, 'holder', 'PASSPORT_FOREIGN', "
			      "decode($3, 'hex'), "
			      "decode($4, 'hex'), 'h', 'k1', decode($5, 'hex'), '2020-01-01', '2035-01-01')",
			      DB_TEXT(party), DB_TEXT(id), DB_TEXT(seal(&key, "application_party", "name", party, NAME)),
			      DB_TEXT(seal(&key, "application_party", "number", party, NUMBER)),
			      DB_TEXT(seal(&key, "application_party", "address", party, "北京市朝阳区测试路 1 号")));
	if (st == ST_OK)
		st = db_query(db, a, NULL,
			      "INSERT INTO application_card (id, application_id, card_id, state) SELECT gen_random_uuid(), $1, c.id, $2 "
			      "FROM card c "
			      "WHERE c.msisdn = '1440000900701'",
			      DB_TEXT(id), DB_TEXT(state));
	if (st != ST_OK)
		printf("# %s\n", status_message());
}

static void test_review_shows_masked(void)
{
	make_application("REVIEWA2", "review");
	CHECK(ctl("review list") == 0);
	CHECK(says("REVIEWA2\t") && says("{certificate_type,owner_name}") && says("LTESTFX******0007") && !strstr(printed, VIN));
	CHECK(ctl("review show reviewa2") == 0);
	CHECK(says("  name: 李**\n") && says("to be decided\n") && !strstr(printed, NAME) && !strstr(printed, NUMBER) &&
	      !strstr(printed, "13800138000"));
	CHECK(ctl("application show REVIEWA2") == 0);
	CHECK(says("138****8000") && !strstr(printed, NAME) && !strstr(printed, NUMBER));
	CHECK(value("SELECT action AS x FROM audit WHERE action = 'application.revealed'") == NULL);
}

static void test_revealing_is_on_record(void)
{
	CHECK(ctl("application show REVIEWA2 --reveal") == 2);
	CHECK(!strstr(printed, NAME));
	setenv("USER", "somebody-else", 1); /* the environment does not say who it was */
	setenv("LOGNAME", "somebody-else", 1);
	CHECK(ctl("application show REVIEWA2 --reveal --reason 客户来电") == 0);
	CHECK_TEXT(value("SELECT count(*)::text AS x FROM audit WHERE actor = 'operator:somebody-else'"), "0");
	CHECK(says("  name: " NAME "\n") && says(NUMBER) && says("13800138000") && says(VIN));
	CHECK_TEXT(value("SELECT detail->>'reason' AS x FROM audit WHERE action = 'application.revealed' AND actor LIKE 'operator:_%'"),
		   "客户来电");
	CHECK(says("application.revealed"));
}

static void test_review_approve_pushes_once(void)
{
	CHECK(ctl("review approve REVIEWA2") == 0);
	CHECK(says("application REVIEWA2: 1 cards are pushed"));
	CHECK_TEXT(value("SELECT ac.state AS x FROM application_card ac JOIN application p ON p.id = ac.application_id WHERE p.number = "
			 "'REVIEWA2'"),
		   "pushing");
	CHECK_TEXT(value("SELECT string_agg(m.kind || ' ' || m.state, ', ' ORDER BY m.sequence) AS x FROM t1_message m JOIN card c ON c.id "
			 "= m.card_id "
			 "WHERE c.msisdn = '1440000900701'"),
		   "account waiting, vehicle waiting");
	CHECK_TEXT(value("SELECT count(*)::text AS x FROM job j JOIN t1_message m ON m.id = j.subject AND j.kind = 't1_send'"), "2");
	CHECK_TEXT(value("SELECT state || ' ' || provider AS x FROM verification WHERE kind = 'review'"),
		   arena_printf(a, "passed %s", value("SELECT actor AS x FROM audit WHERE action = 'review.approved'")));
	CHECK(ctl("review approve REVIEWA2") == 1);
	CHECK(says("application REVIEWA2 is not in review; its cards: pushing"));
	CHECK(ctl("review refuse REVIEWA2 --reason 晚了") == 1);
	CHECK(ctl("review approve NOTHERE") == 1 && says("there is no application with this number"));
	CHECK(ctl("application show REVIEWA2") == 0);
	CHECK(says("account RequestID ") && says("card.pushing") && says("review.approved"));
}

static void test_review_refuse_tells_the_user(void)
{
	CHECK(db_query(db, a, NULL, "UPDATE application_card SET state = 'refused' WHERE state = 'pushing'") == ST_OK);
	make_application("REVIEWB3", "review");
	CHECK(ctl("review refuse REVIEWB3") == 2);
	CHECK(ctl("review refuse REVIEWB3 --reason 一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一") == 2);
	CHECK(ctl("review refuse REVIEWB3 --reason 照片不清楚") == 0);
	CHECK_TEXT(value("SELECT ac.state || ' ' || ac.refusal_key || ' ' || ac.refusal_raw AS x FROM application_card ac "
			 "JOIN application p ON p.id = ac.application_id WHERE p.number = 'REVIEWB3'"),
		   "refused review.refused 照片不清楚");
	CHECK(ctl("application show REVIEWB3") == 0 && says("said: 照片不清楚"));
	CHECK_TEXT(value("SELECT s.template AS x FROM sms_message s JOIN application p ON p.id = s.application_id WHERE p.number = "
			 "'REVIEWB3'"),
		   "result_refused");
	CHECK(ctl("application list --state refused --limit 1") == 0);
	CHECK(says("REVIEWB3\tregister\trefused\t1\t") && !strstr(printed, "REVIEWA2"));
}

static void test_two_people_decide_once(void)
{
	int status = 0, own;
	pid_t child;

	make_application("REVIEWC4", "review");
	child = fork();
	if (child == 0)
		_exit(ctl("review approve REVIEWC4"));
	own = ctl("review approve REVIEWC4");
	CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status));
	CHECK(own + WEXITSTATUS(status) == 1);
	CHECK_TEXT(value("SELECT count(*)::text AS x FROM verification v JOIN application p ON p.id = v.application_id WHERE p.number = "
			 "'REVIEWC4'"),
		   "1");
}

/* ---- complaints ---- */

#define COMPLAINT_PHONE "13900139001"

static void make_complaint(const char *number, const char *phone)
{
	const char *id = crypt_uuid(a);
	struct crypt_key key;
	enum status st = datakey_create(db, a, &keys, &key);

	if (st == ST_OK)
		st = db_query(db, a, NULL,
			      "INSERT INTO complaint (id, number, automaker_id, kind, once_hash, data_key_id, text_sealed, phone_sealed) "
			      "SELECT $1, "
			      "$2, id, 'misuse', convert_to($2, 'UTF8'), $3, $4, $5 FROM automaker WHERE slug = 'fixture'",
			      DB_TEXT(id), DB_TEXT(number), DB_TEXT(key.id),
			      DB_BYTES(sealed_text(a, &key, "complaint", "text", id, "有人冒用我的证件\n请核实")),
			      DB_BYTES(sealed_text(a, &key, "complaint", "phone", id, phone)));
	if (st != ST_OK)
		printf("# %s\n", status_message());
}

static void test_complaint_is_read_on_record(void)
{
	make_complaint("CCCCCCCCC2", COMPLAINT_PHONE);
	CHECK(ctl("complaint list --state odd") == 2 && ctl("complaint list --state answered") == 0 && !strstr(printed, "CCCCCCCCC2"));
	CHECK(ctl("complaint list") == 0 && says("CCCCCCCCC2\tmisuse\treceived\t"));
	CHECK(ctl("complaint show ccccccccc2") == 0 && says("139****9001") && says("words: 12 characters"));
	CHECK(!strstr(printed, "冒用") && !strstr(printed, COMPLAINT_PHONE));
	CHECK(ctl("complaint show CCCCCCCCC2 --reveal") == 2 && !strstr(printed, "冒用"));
	CHECK(ctl("complaint show CCCCCCCCC2 --reason x") == 2);
	CHECK_TEXT(value("SELECT state AS x FROM complaint WHERE number = 'CCCCCCCCC2'"), "received");
	CHECK(ctl("complaint show CCCCCCCCC2 --reveal --reason 处理") == 0 && says("  有人冒用我的证件\n  请核实\n") &&
	      says(COMPLAINT_PHONE));
	CHECK_TEXT(value("SELECT state AS x FROM complaint WHERE number = 'CCCCCCCCC2' AND working_at IS NOT NULL"), "working");
	CHECK_TEXT(value("SELECT detail->>'reason' AS x FROM audit WHERE action = 'complaint.revealed' AND actor LIKE 'operator:_%'"),
		   "处理");
	CHECK(ctl("complaint show NOTHERE234") == 1 && says("there is no complaint with this number"));
}

static void test_complaint_is_answered_once(void)
{
	int status = 0, own;
	pid_t child;

	make_complaint("CCCCCCCCC3", NULL);
	CHECK(ctl("complaint answer CCCCCCCCC3 已核实") == 0 && says("no phone was given"));
	CHECK_TEXT(value("SELECT count(*)::text AS x FROM sms_message WHERE template = 'complaint'"), "0");
	CHECK(ctl("complaint answer CCCCCCCCC2") == 2);
	child = fork();
	if (child == 0)
		_exit(ctl("complaint answer CCCCCCCCC2 已核实"));
	own = ctl("complaint answer CCCCCCCCC2 已核实");
	CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status));
	CHECK(own + WEXITSTATUS(status) == 1);
	CHECK_TEXT(value("SELECT parameters::text AS x FROM sms_message WHERE template = 'complaint'"), "{CCCCCCCCC2}");
	CHECK_TEXT(value("SELECT count(*)::text AS x FROM sms_message WHERE template = 'complaint'"), "1");
	CHECK_TEXT(value("SELECT count(*)::text AS x FROM audit WHERE action = 'complaint.answered'"), "2");
	CHECK(ctl("complaint show CCCCCCCCC2 --reveal --reason 复查") == 0 && says("the answer\n  已核实\n") && says("state: answered"));
}

/* ---- jobs, carriers, texts ---- */

static void test_requeue_puts_dead_jobs_back(void)
{
	const char *job = value("INSERT INTO job (kind, lane, subject, attempts, dead_at, last_error) VALUES ('t1_send', 't1:x', gen_random_uuid(), 7, "
				"now(), 'broken') RETURNING id AS x");

	CHECK(ctl("jobs list --dead") == 0);
	CHECK(says("given up") && says("broken") && !strstr(printed, "due"));
	CHECK(ctl("requeue") == 2 && ctl(arena_printf(a, "requeue %s --dead", job)) == 2 && ctl("requeue x") == 2);
	CHECK(ctl(arena_printf(a, "requeue %s", job)) == 0);
	CHECK_TEXT(value("SELECT attempts || ' ' || (dead_at IS NULL)::text AS x FROM job WHERE last_error = 'broken'"), "0 true");
	CHECK(ctl(arena_printf(a, "requeue %s", job)) == 1);
	CHECK(db_query(db, a, NULL, "UPDATE job SET dead_at = now() WHERE last_error = 'broken'") == ST_OK);
	CHECK(ctl("requeue --dead") == 0);
	CHECK(says("1 jobs are due again"));
}

static void test_carrier_resume_lets_messages_go_on(void)
{
	CHECK(ctl("carrier resume fixture") == 1);
	CHECK(db_query(db, a, NULL,
		       "UPDATE carrier_connection SET suspended_at = now(), suspended_reason = '401' WHERE platform_id = 'FIX00001'") ==
	      ST_OK);
	CHECK(db_query(db, a, NULL, "UPDATE job SET run_at = now() + interval '1 hour' WHERE kind = 't1_send'") == ST_OK);
	CHECK(ctl(arena_printf(a, "carrier load %s", path_of("carrier.json"))) == 0);
	/* what was loaded each time is on record, since the connection only has the newest */
	CHECK_TEXT(value("SELECT (x.detail->>'platform_id') || ' ' || (x.detail->'profile'->>'password_secret') AS x FROM audit x JOIN carrier_connection n ON x.object = 'carrier_connection:' || n.id "
			 "WHERE x.action = 'carrier.loaded' ORDER BY x.id DESC LIMIT 1"),
		   "FIX00001 p");
	CHECK_TEXT(value("SELECT x.detail->'manufacturers'->0->>'code' AS x FROM audit x WHERE x.action = 'automaker.loaded' ORDER BY x.id DESC LIMIT 1"), "FIX1");
	CHECK(ctl("carrier list") == 0);
	CHECK(says("suspended since") && says("(401)"));
	CHECK(ctl("carrier resume fixture") == 0);
	CHECK_TEXT(value("SELECT (suspended_at IS NULL AND suspended_reason IS NULL)::text AS x FROM carrier_connection WHERE platform_id "
			 "= 'FIX00001'"),
		   "true");
	CHECK_TEXT(value("SELECT bool_and(j.run_at <= now())::text AS x FROM job j JOIN t1_message m ON m.id = j.subject WHERE j.kind = "
			 "'t1_send'"),
		   "true");
}

static void test_carrier_load_checks_the_profile(void)
{
	write_file("carrier.json", "{\"automaker\":\"fixture\",\"carrier\":\"fixture\",\"name\":\"夹具\",\"platform_id\":\"X\",\"profile\":"
				   "{\"account_url\":\"ftp://x\"}}");
	CHECK(ctl(arena_printf(a, "carrier load %s", path_of("carrier.json"))) == 1);
	CHECK(says("carrier profile: account_url has a wrong value"));
	CHECK_TEXT(
		value("SELECT n.platform_id AS x FROM carrier_connection n JOIN carrier k ON k.id = n.carrier_id WHERE k.slug = 'fixture'"),
		"FIX00001");
}

static void test_agreement_versions_never_change(void)
{
	const char *file = path_of("text.txt");

	write_file("text.txt", "隐私告知\r\nversion: 7\r\n\r\n第一段\r\n第二段\r\n");
	CHECK(ctl(arena_printf(a, "agreement load privacy_notice %s", file)) == 0);
	CHECK_TEXT(value("SELECT t.title || '/' || t.body AS x FROM agreement_text t WHERE t.version = '7'"), "隐私告知/第一段\n第二段\n");
	CHECK_TEXT(value("SELECT (sha256 = sha256(convert_to(body, 'UTF8')))::text AS x FROM agreement_text WHERE version = '7'"), "true");
	CHECK(ctl(arena_printf(a, "agreement load privacy_notice %s", file)) == 0 && says("is there already"));
	write_file("text.txt", "隐私告知\nversion: 7\n另一段\n");
	CHECK(ctl(arena_printf(a, "agreement load privacy_notice %s", file)) == 1 && says("another text"));
	write_file("text.txt", "隐私告知\n第一段\n");
	CHECK(ctl(arena_printf(a, "agreement load privacy_notice %s", file)) == 1 && says("line 2 wants"));
	CHECK(ctl(arena_printf(a, "agreement load other %s", file)) == 2);
	CHECK(ctl("agreement list") == 0 && says("*\tprivacy_notice\t7\t") &&
	      says(value("SELECT encode(sha256, 'hex') AS x FROM agreement_text WHERE version = '7'")));
	CHECK(ctl("agreement show privacy_notice 7") == 0 && strcmp(printed, "隐私告知\nversion: 7\n\n第一段\n第二段\n") == 0);
	CHECK(ctl("agreement show privacy_notice 8") == 1 && says("there is no"));
	CHECK(db_query(db, a, NULL, "INSERT INTO agreement_text (id, automaker_id, kind, version, title, body, sha256, valid_from) SELECT gen_random_uuid(), "
				    "automaker_id, kind, 'forged', title, body || '!', sha256, now() + interval '1 day' FROM agreement_text WHERE version = '7'") == ST_OK);
	CHECK(ctl("agreement show privacy_notice forged") == 1 && says("was changed"));
	unlink(file);
}

/* What somebody agreed to: the words and the text's hash; from where only on record. */
static void test_consents_are_shown(void)
{
	CHECK(db_query(db, a, NULL,
		       "INSERT INTO consent (id, application_id, agreement_text_id, sha256, address, browser, statement) SELECT gen_random_uuid(), p.id, t.id, "
		       "t.sha256, '192.0.2.7', 'the browser', '已阅读并同意，开始办理' FROM application p, agreement_text t WHERE p.number = 'REVIEWA2' AND t.version = '7'") ==
	      ST_OK);
	CHECK(ctl("application show REVIEWA2") == 0 && says("privacy_notice version 7") && says("words: 已阅读并同意，开始办理") &&
	      says(value("SELECT 'SHA-256: ' || encode(sha256, 'hex') AS x FROM agreement_text WHERE version = '7'")));
	CHECK(!strstr(printed, "192.0.2.7") && !strstr(printed, "the browser"));
	CHECK(ctl("application show REVIEWA2 --reveal --reason 客户来电") == 0 && says("from: 192.0.2.7, the browser"));
}

static void test_command_line(void)
{
	CHECK(ctl("help") == 0 && says("review refuse NUMBER --reason TEXT"));
	CHECK(ctl("review --help") == 0 && says("review refuse") && !strstr(printed, "migrate"));
	CHECK(ctl("nothing") == 2 && ctl("review") == 2 && ctl("version more") == 2 && ctl("jobs list --odd") == 2 &&
	      ctl("jobs list --dead=x") == 2);
	CHECK(ctl("application list --limit 0") == 2 && ctl("application list --limit") == 2 && ctl("application list --state odd") == 2);
	CHECK(ctl("version") == 0 && says("realnamectl "));
	CHECK(ctl("--config /nowhere/at.all config") == 1 && says("/nowhere/at.all"));
	CHECK(ctl("config") == 0 && says("master_keys_file = "));
	CHECK(ctl("audit verify") == 0 && says("the audit chain is whole") && says("last link\t"));
	CHECK(ctl("audit verify --since 7") == 2 && ctl("audit verify --since 0:00") == 2 && ctl("audit verify --since 1:zz") == 2);
	CHECK(ctl("audit verify --since 1000000:0000000000000000000000000000000000000000000000000000000000000000") == 1 && says("before the one that was kept"));
}

int main(void)
{
	start_fixture();
	RUN(test_migrate_applies_each_file_once);
	RUN(test_migrate_rolls_a_bad_file_back);
	RUN(test_migrate_refuses_changed_and_missing_files);
	if (import_text(CAR_HEADER "\n" CAR(VIN, "1440000900701", "8986049900000000701", "白", "person,张三,,,"), "") != 0)
		printf("# %s\n", printed);
	RUN(test_review_shows_masked);
	RUN(test_revealing_is_on_record);
	RUN(test_review_approve_pushes_once);
	RUN(test_review_refuse_tells_the_user);
	RUN(test_two_people_decide_once);
	RUN(test_complaint_is_read_on_record);
	RUN(test_complaint_is_answered_once);
	RUN(test_requeue_puts_dead_jobs_back);
	RUN(test_carrier_resume_lets_messages_go_on);
	RUN(test_carrier_load_checks_the_profile);
	RUN(test_agreement_versions_never_change);
	RUN(test_consents_are_shown);
	RUN(test_command_line);
	unlink(path_of("0001_schema.sql"));
	unlink(path_of("0002_grants.sql"));
	unlink(path_of("notes_9002.sql"));
	end_fixture();
	return test_failures;
}
