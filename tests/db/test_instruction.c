/* Accepting instructions: once each, alike for ever, in one statement by index; and what the program's role may not do. */
#include <sys/wait.h>

#include "fixture.h"
#include "store/instruction.h"

static struct db *instr;
static struct catalogue c;
static const char *registered, *ended, *erased, *never;

static char *iccid_of(const char *card)
{
	return arena_strdup(a, VALUE(owner, "SELECT iccid AS value FROM card WHERE id = $1", card));
}

/* A registration of this card, as if the carrier had accepted it. */
static void make_registration(const char *card, bool is_ended, bool is_erased)
{
	struct application p;
	fixture_draft(&p, &c, 0);
	OK(db_query(owner, a, NULL, "UPDATE application SET submitted_at = now(), erased_at = CASE WHEN $2 THEN now() END WHERE id = $1",
		    DB_TEXT(p.id), DB_BOOL(is_erased)));
	OK(db_query(owner, a, NULL,
		    "INSERT INTO registration (id, card_id, carrier_id, holder_id, holder, holder_number_hash, holder_number_hash_key, "
		    "from_application_id, ended_at) "
		    "SELECT gen_random_uuid(), $1, $2, $3, 'person', '', 'lookup-1', $4, CASE WHEN $5 THEN now() END",
		    DB_TEXT(card), DB_TEXT(c.carrier), DB_TEXT(p.party), DB_TEXT(p.id), DB_BOOL(is_ended)));
}

static const char *make_card(void)
{
	char *card = crypt_uuid(a);
	OK(db_query(owner, a, NULL, "INSERT INTO card (id, carrier_id, iccid, msisdn) VALUES ($1, $2, $3, $4)", DB_TEXT(card),
		    DB_TEXT(c.carrier), DB_TEXT(arena_printf(a, "8986%s", fixture_digits(16))),
		    DB_TEXT(arena_printf(a, "14400%s", fixture_digits(8)))));
	return card;
}

static struct instruction call_of(const char *card)
{
	return (struct instruction){c.connection, crypt_alphanumeric(a, 24), c.code, iccid_of(card), "192.0.2.7", "unset", false};
}

static enum status accept_one(struct instruction *i)
{
	return instruction_accept(instr, a, &i, 1);
}

static int count(const char *table, const char *request)
{
	const char *text = strcmp(table, "file") == 0
				   ? VALUE(owner, "SELECT count(*) AS value FROM t1_file WHERE request_id = $1 AND source = 'HT'", request)
			   : strcmp(table, "job") == 0 ? VALUE(owner,
							       "SELECT count(*) AS value FROM job j JOIN t1_file f ON f.id = j.subject AND "
							       "j.kind = 'file_deliver' WHERE f.request_id = $1",
							       request)
			   : strcmp(table, "audit") == 0
				   ? VALUE(owner,
					   "SELECT count(*) AS value FROM audit u JOIN t1_instruction i ON u.object = 't1_instruction:' || "
					   "i.id WHERE i.request_id = $1",
					   request)
				   : VALUE(owner, "SELECT count(*) AS value FROM t1_instruction WHERE request_id = $1", request);
	return text ? atoi(text) : -1;
}

static void check_counts(const char *request, int instructions, int files)
{
	CHECK(count("instruction", request) == instructions);
	CHECK(count("file", request) == files && count("job", request) == files);
	CHECK(count("audit", request) == instructions);
}

static void test_accepted_once_and_alike(void)
{
	struct instruction i = call_of(registered);
	for (int n = 0; n < 3; n++) {
		OK(accept_one(&i));
		CHECK(!i.cause && !i.other);
	}
	check_counts(i.request_id, 1, 1);
	CHECK_TEXT(VALUE(owner, "SELECT (due_at - created_at = interval '6 hours')::text AS value FROM t1_file WHERE request_id = $1",
			 i.request_id),
		   "true");
	CHECK_TEXT(VALUE(owner, "SELECT lane AS value FROM job j JOIN t1_file f ON f.id = j.subject WHERE f.request_id = $1", i.request_id),
		   arena_printf(a, "sftp:%s", c.connection));
	CHECK_TEXT(VALUE(owner, "SELECT address AS value FROM t1_instruction WHERE request_id = $1", i.request_id), "192.0.2.7");
}

static void test_other_content_is_told_apart(void)
{
	struct instruction i = call_of(registered), other = i;
	OK(accept_one(&i));
	other.iccid = iccid_of(ended);
	OK(accept_one(&other));
	CHECK(other.other);
	other = i;
	other.code = "ZZZZ";
	OK(accept_one(&other));
	CHECK(other.other);
	OK(accept_one(&i));
	CHECK(!i.cause && !i.other);
	check_counts(i.request_id, 1, 1);
}

static void test_which_cards_have_a_record(void)
{
	struct instruction i;
	const struct {
		const char *card;
		bool known;
	} cards[] = {{registered, true}, {ended, true}, {erased, false}, {never, false}};
	for (size_t n = 0; n < sizeof(cards) / sizeof(cards[0]); n++) {
		i = call_of(cards[n].card);
		OK(accept_one(&i));
		CHECK(cards[n].known ? !i.cause : text_equal(i.cause, "501"));
		check_counts(i.request_id, 1, cards[n].known);
	}
	/* alike, also when there is something meanwhile */
	make_registration(never, false, false);
	OK(accept_one(&i));
	CHECK_TEXT(i.cause, "501");
	check_counts(i.request_id, 1, 0);
	i = call_of(never);
	OK(accept_one(&i));
	CHECK(!i.cause);
	/* the last of 20 characters is a check digit */
	i = call_of(registered);
	i.iccid = arena_strndup(a, i.iccid, 19);
	OK(accept_one(&i));
	CHECK(!i.cause);
	char *wrong = iccid_of(registered);
	wrong[19] = wrong[19] == '0' ? '1' : '0';
	i = call_of(registered);
	i.iccid = wrong;
	OK(accept_one(&i));
	CHECK_TEXT(i.cause, "501");
}

static void test_card_of_another_carrier(void)
{
	struct catalogue mine = c, other;
	fixture_catalogue(&other, "13800000009");
	OK(db_query(owner, a, NULL, "UPDATE carrier_connection SET profile = profile || '{\"sftp\": {}}' WHERE id = $1",
		    DB_TEXT(other.connection)));
	struct instruction i = call_of(registered);
	i.connection_id = other.connection;
	OK(accept_one(&i));
	CHECK_TEXT(i.cause, "501");
	i.connection_id = mine.connection; /* the same RequestID of another connection is another instruction */
	OK(accept_one(&i));
	CHECK(!i.cause && !i.other);
}

static void test_where_no_files_are_taken(void)
{
	struct instruction i = call_of(registered);
	OK(db_query(owner, a, NULL, "UPDATE carrier_connection SET profile = profile - 'sftp' WHERE id = $1", DB_TEXT(c.connection)));
	OK(accept_one(&i));
	CHECK_TEXT(i.cause, "604");
	check_counts(i.request_id, 0, 0);
	OK(db_query(owner, a, NULL, "UPDATE carrier_connection SET profile = profile || '{\"sftp\": {}}' WHERE id = $1",
		    DB_TEXT(c.connection)));
	OK(accept_one(&i));
	CHECK(!i.cause);
}

/* Many at once, some of them twice: every call gets the answer that it would have got alone. */
static void test_many_at_once(void)
{
	struct instruction calls[INSTRUCTIONS_MAX], *list[INSTRUCTIONS_MAX];
	for (int n = 0; n < INSTRUCTIONS_MAX; n++) {
		calls[n] = call_of(n % 3 == 0 ? erased : registered);
		list[n] = &calls[n];
	}
	calls[1].request_id = calls[5].request_id = calls[7].request_id;
	calls[8].request_id = calls[4].request_id;
	calls[8].iccid = iccid_of(ended);
	calls[9].address = "a\"b\\c{},'";
	OK(instruction_accept(instr, a, list, INSTRUCTIONS_MAX));
	for (int n = 0; n < INSTRUCTIONS_MAX; n++) {
		CHECK(calls[n].other == (n == 8));
		if (n != 8)
			CHECK(n % 3 == 0 ? text_equal(calls[n].cause, "501") : !calls[n].cause);
	}
	check_counts(calls[7].request_id, 1, 1);
	check_counts(calls[4].request_id, 1, 1);
}

/* Processes that accept the same ones in other orders: nobody waits in a circle, and there is one of each. */
static void test_crossing(void)
{
	enum { PROCESSES = 4, ROUNDS = 40, CALLS = 16 };
	struct instruction calls[ROUNDS][CALLS];
	for (int r = 0; r < ROUNDS; r++)
		for (int n = 0; n < CALLS; n++)
			calls[r][n] = call_of(registered);
	fflush(NULL);
	for (int p = 0; p < PROCESSES; p++) {
		if (fork() > 0)
			continue;
		struct db *own = fixture_connect("realname_instruction");
		int bad = 0;
		for (int r = 0; r < ROUNDS; r++) {
			struct instruction *list[CALLS];
			for (int n = 0; n < CALLS; n++)
				list[n] = &calls[r][(n * (2 * p + 1) + p) % CALLS];
			bad += instruction_accept(own, a, list, CALLS) != ST_OK;
			for (int n = 0; n < CALLS; n++)
				bad += list[n]->cause || list[n]->other;
		}
		_exit(bad != 0);
	}
	for (int p = 0; p < PROCESSES; p++) {
		int how;
		wait(&how);
		CHECK(WIFEXITED(how) && WEXITSTATUS(how) == 0);
	}
	for (int r = 0; r < ROUNDS; r++)
		check_counts(calls[r][r % CALLS].request_id, 1, 1);
}

static void test_by_index_however_many_there_are(void)
{
	struct instruction i = call_of(registered);
	struct db_result *r;
	OK(db_query(owner, a, NULL,
		    "INSERT INTO t1_instruction (connection_id, request_id, code, iccid, failure_cause, address) "
		    "SELECT $1, 'filling' || lpad(n::text, 17, '0'), 'TSTA', '8986', '501', '' FROM generate_series(1, 50000) n",
		    DB_TEXT(c.connection)));
	OK(db_begin(instr));
	OK(accept_one(&i));
	OK(db_query(instr, a, &r, "SELECT string_agg(relname, ' ') AS value FROM pg_stat_xact_user_tables WHERE seq_scan > 0"));
	CHECK(db_is_null(r, 0, "value"));
	if (!db_is_null(r, 0, "value"))
		printf("# read whole: %s\n", db_text(r, 0, "value"));
	OK(db_commit(instr));
	OK(db_query(owner, a, NULL, "DELETE FROM t1_instruction WHERE request_id LIKE 'filling%'"));
}

static void test_the_role_may_do_nothing_else(void)
{
	static const char *const refused[] = {
		"SELECT FROM application",
		"SELECT FROM card",
		"SELECT FROM t1_instruction",
		"SELECT FROM job",
		"SELECT FROM audit",
		"SELECT FROM t1_message",
		"DELETE FROM t1_instruction",
		"UPDATE carrier_connection SET platform_id = ''",
		"INSERT INTO audit (actor, action, result) VALUES ('', '', '')",
		"SELECT job_skip(1, '')",
		"SELECT application_erase(gen_random_uuid(), 1, true)",
		"CREATE TABLE own (n int)",
	};
	for (size_t n = 0; n < sizeof(refused) / sizeof(refused[0]); n++) {
		if (db_script(instr, refused[n]) != ST_DENIED) {
			test_failed_here++;
			printf("# not refused: %s\n", refused[n]);
		}
	}
	CHECK_TEXT(VALUE(owner,
			 "SELECT has_function_privilege('realname_web', oid, 'EXECUTE')::text AS value FROM pg_proc WHERE proname = "
			 "'instruction_accept'",
			 NULL),
		   "false");
}

static void test_refused_calls_are_counted(void)
{
	OK(instruction_refused(instr, a, 17, "192.0.2.9"));
	CHECK_TEXT(VALUE(owner,
			 "SELECT detail ->> 'calls' AS value FROM audit WHERE action = 'instruction.refused' AND address = '192.0.2.9'",
			 NULL),
		   "17");
}

static void test_connections_of_the_automaker(void)
{
	struct db_result *r;
	OK(instruction_connections(instr, a, c.automaker, &r));
	CHECK(db_rows(r) == 1);
	CHECK_TEXT(db_text(r, 0, "id"), c.connection);
	CHECK_TEXT(db_text(r, 0, "codes"), arena_printf(a, " %s ", c.code));
	OK(instruction_connections(instr, a, "nobody", &r));
	CHECK(db_rows(r) == 0);
}

static void test_results_of_messages(void)
{
	const char *answer;
	OK(instruction_result(instr, a, c.connection, "nobody-knows-this-one", true, NULL, &answer));
	CHECK_TEXT(answer, "unknown");
}

int main(void)
{
	fixture_start();
	instr = fixture_connect("realname_instruction");
	fixture_catalogue(&c, "13800000008");
	OK(db_query(owner, a, NULL, "UPDATE carrier_connection SET profile = profile || '{\"sftp\": {}}' WHERE id = $1",
		    DB_TEXT(c.connection)));
	registered = make_card(), ended = make_card(), erased = make_card(), never = make_card();
	make_registration(registered, false, false);
	make_registration(ended, true, false);
	make_registration(erased, true, true);
	RUN(test_accepted_once_and_alike);
	RUN(test_other_content_is_told_apart);
	RUN(test_which_cards_have_a_record);
	RUN(test_card_of_another_carrier);
	RUN(test_where_no_files_are_taken);
	RUN(test_many_at_once);
	RUN(test_crossing);
	RUN(test_by_index_however_many_there_are);
	RUN(test_the_role_may_do_nothing_else);
	RUN(test_refused_calls_are_counted);
	RUN(test_connections_of_the_automaker);
	RUN(test_results_of_messages);
	db_close(instr);
	return fixture_end();
}
