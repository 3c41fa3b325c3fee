/* How long applications are kept, and what is left when their time has come: rows are moved in time, the job runs. */
#include "fixture.h"
#include "jobs/maintenance.h"
#include "store/erasure.h"
#include "store/resumable.h"

static struct catalogue cat;

static void move_cards(struct application *p, int cards, enum card_state to)
{
	OK(db_begin(jobs));
	for (int i = 0; i < cards; i++)
		OK(fixture_move(jobs, p->row[i], to));
	OK(db_commit(jobs));
}

/* A registration of `cards` cards that is current. */
static void registered(struct application *p, int cards)
{
	fixture_catalogue(&cat, NULL);
	fixture_draft(p, &cat, cards);
	fixture_submit(p, cards, true);
	move_cards(p, cards, CARD_DONE);
}

/* Another application of this kind for its first card, done. */
static void followed(struct application *c, const char *kind)
{
	struct catalogue one = cat;
	fixture_draft(c, &one, 1);
	OK(db_query(owner, a, NULL, "UPDATE application SET kind = $2 WHERE id = $1", DB_TEXT(c->id), DB_TEXT(kind)));
	fixture_submit(c, 1, false);
	move_cards(c, 1, CARD_PUSHING);
	move_cards(c, 1, CARD_DONE);
}

/* Its cancellation, of one card. */
static void cancelled(struct application *c, const struct application *p)
{
	(void)p;
	followed(c, "cancel");
}

static const char *reason_of(const struct application *p)
{
	return VALUE(web, "SELECT reason AS value FROM application_retention($1, 90)", p->id);
}

static bool erased(const struct application *p)
{
	struct crypt_key key;
	bool gone = datakey_load(jobs, a, &keys, p->key.id, &key) == ST_NOT_FOUND;
	const char *rest = VALUE(owner,
				 "SELECT (length(p.name_sealed) + length(p.number_sealed) + length(p.address_sealed) + length(p.number_hash) "
				 "+ coalesce((SELECT sum(length(m.inputs_sealed)) FROM t1_message m JOIN application_card c ON c.id = m.application_card_id "
				 "WHERE c.application_id = a.id), 0) + (SELECT count(*) FROM evidence e WHERE e.application_id = a.id AND e.deleted_at IS NULL) "
				 "+ (a.phone_sealed IS NOT NULL)::int)::text AS value "
				 "FROM application a JOIN application_party p ON p.application_id = a.id WHERE a.id = $1",
				 p->id);
	return gone && text_equal(rest, "0");
}

static void ago(const struct application *p, const char *interval)
{
	OK(db_query(owner, a, NULL, "UPDATE registration SET ended_at = now() - $2::text::interval WHERE from_application_id = $1 AND ended_at IS NOT NULL",
		    DB_TEXT(p->id), DB_TEXT(interval)));
}

static void test_retention__two_years_after_the_end(void)
{
	struct application p, c, living;
	registered(&living, 1);
	registered(&p, 1);
	char *file = put_file(&p, "certificate_front"), *kept = put_file(&living, "portrait");
	CHECK_TEXT(reason_of(&p), "registered");
	cancelled(&c, &p);
	CHECK_TEXT(reason_of(&p), "ended");
	CHECK_TEXT(reason_of(&c), "ended");
	ago(&p, "2 years -1 day");
	OK(maintain_retention(jobs, a, &config, &keys));
	CHECK(file_exists(file) && !erased(&p) && !erased(&c));
	const char *before = VALUE(owner, "SELECT count(*)::text AS value FROM audit WHERE application_id = $1", p.id);
	ago(&p, "2 years 1 day");
	OK(maintain_retention(jobs, a, &config, &keys));
	CHECK(!file_exists(file) && erased(&p) && erased(&c));
	CHECK(file_exists(kept) && !erased(&living));
	CHECK_TEXT(reason_of(&p), "erased");
	CHECK_TEXT(VALUE(owner, "SELECT (count(*) - 1)::text AS value FROM audit WHERE application_id = $1", p.id), before);
	CHECK_TEXT(VALUE(owner, "SELECT action AS value FROM audit WHERE application_id = $1 ORDER BY number DESC LIMIT 1", p.id), "application.erased");
	CHECK_TEXT(VALUE(owner, "SELECT length(holder_number_hash)::text AS value FROM registration WHERE from_application_id = $1", p.id), "0");
	OK(maintain_retention(jobs, a, &config, &keys));
	CHECK_TEXT(VALUE(owner, "SELECT (count(*) - 1)::text AS value FROM audit WHERE application_id = $1", p.id), before);
}

static void test_retention__another_registration_stands_on_it(void)
{
	struct application p, c;
	registered(&p, 2);
	cancelled(&c, &p);
	ago(&p, "3 years");
	OK(maintain_retention(jobs, a, &config, &keys));
	CHECK_TEXT(reason_of(&p), "registered");
	CHECK(!erased(&p));
	CHECK(erased(&c));
}

/* Who changes his phone or his certificate is still served: the papers and the contract of the beginning stay until that has ended. */
static void test_retention__a_change_continues_the_service(void)
{
	struct application p, first, second, c;
	registered(&p, 1);
	char *file = put_file(&p, "certificate_front");
	followed(&first, "update");
	followed(&second, "update");
	ago(&p, "5 years");
	ago(&first, "3 years");
	CHECK_TEXT(reason_of(&p), "registered");
	CHECK_TEXT(reason_of(&first), "registered");
	CHECK_TEXT(reason_of(&second), "registered");
	OK(maintain_retention(jobs, a, &config, &keys));
	CHECK(file_exists(file) && !erased(&p) && !erased(&first) && !erased(&second));
	cancelled(&c, &second);
	ago(&second, "2 years -1 day");
	CHECK_TEXT(reason_of(&p), "ended");
	OK(maintain_retention(jobs, a, &config, &keys));
	CHECK(file_exists(file) && !erased(&p));
	ago(&second, "2 years 1 day");
	OK(maintain_retention(jobs, a, &config, &keys));
	CHECK(!file_exists(file) && erased(&p) && erased(&first) && erased(&second) && erased(&c));
}

/* To another holder it is another service. */
static void test_retention__a_transfer_ends_the_service(void)
{
	struct application p, t;
	registered(&p, 1);
	followed(&t, "transfer");
	ago(&p, "3 years");
	CHECK_TEXT(reason_of(&p), "ended");
	CHECK_TEXT(reason_of(&t), "registered");
	OK(maintain_retention(jobs, a, &config, &keys));
	CHECK(erased(&p) && !erased(&t));
}

static void test_retention__refused_after_its_days(void)
{
	struct application p, open;
	fixture_catalogue(&cat, NULL);
	fixture_draft(&p, &cat, 1);
	fixture_submit(&p, 1, true);
	move_cards(&p, 1, CARD_REFUSED);
	fixture_catalogue(&cat, NULL);
	fixture_draft(&open, &cat, 1);
	fixture_submit(&open, 1, true);
	char *file = put_file(&p, "portrait");
	CHECK_TEXT(reason_of(&p), "refused");
	CHECK_TEXT(reason_of(&open), "open");
	OK(db_query(owner, a, NULL, "UPDATE application_card SET state_at = now() - interval '89 days' WHERE id IN ($1, $2)", DB_TEXT(p.row[0]), DB_TEXT(open.row[0])));
	OK(maintain_retention(jobs, a, &config, &keys));
	CHECK(!erased(&p));
	OK(db_query(owner, a, NULL, "UPDATE application_card SET state_at = now() - interval '91 days' WHERE id IN ($1, $2)", DB_TEXT(p.row[0]), DB_TEXT(open.row[0])));
	OK(maintain_retention(jobs, a, &config, &keys));
	CHECK(erased(&p) && !file_exists(file));
	CHECK(!erased(&open));
}

/* A refused application whose day has come. */
static void refused_long_ago(struct application *p)
{
	fixture_catalogue(&cat, NULL);
	fixture_draft(p, &cat, 1);
	fixture_submit(p, 1, true);
	move_cards(p, 1, CARD_REFUSED);
	OK(db_query(owner, a, NULL, "UPDATE application_card SET state_at = now() - interval '91 days' WHERE id = $1", DB_TEXT(p->row[0])));
}

/* More than are judged at a time, and those that are kept do not stand in the way. */
static void test_retention__judges_all(void)
{
	enum { MANY = 120 };
	struct application p[MANY];
	for (int i = 0; i < MANY; i++)
		refused_long_ago(&p[i]);
	OK(db_query(owner, a, NULL, "INSERT INTO misuse_report (id, number, application_id) SELECT gen_random_uuid(), id::text, id FROM application WHERE erased_at IS NULL AND id <> $1",
		    DB_TEXT(p[MANY - 1].id)));
	OK(maintain_retention(jobs, a, &config, &keys));
	CHECK(erased(&p[MANY - 1]) && !erased(&p[0]));
	OK(db_query(owner, a, NULL, "DELETE FROM misuse_report"));
	OK(maintain_retention(jobs, a, &config, &keys));
	for (int i = 0; i < MANY; i++)
		CHECK(erased(&p[i]));
}

static void report_closed(const struct application *p, const char *outcome, const char *interval)
{
	OK(db_query(owner, a, NULL,
		    "UPDATE misuse_report SET closed_at = now() - $3::text::interval, closed_by = 'operator', outcome = $2 WHERE application_id = $1",
		    DB_TEXT(p->id), DB_TEXT(outcome), DB_TEXT(interval)));
}

static void test_retention__what_is_disputed_stays(void)
{
	struct application p, own, named;
	struct crypt_key key;
	refused_long_ago(&p);
	refused_long_ago(&own);
	refused_long_ago(&named);
	const struct application *const reported[] = {&p, &own};
	for (int i = 0; i < 2; i++)
		OK(db_query(web, a, NULL, "INSERT INTO misuse_report (id, number, application_id) VALUES ($1::uuid, $1::text, $2)", DB_TEXT(crypt_uuid(a)),
			    DB_TEXT(reported[i]->id)));
	OK(datakey_create(web, a, &keys, &key));
	OK(db_query(owner, a, NULL,
		    "INSERT INTO complaint (id, number, automaker_id, kind, application_number, once_hash, data_key_id, text_sealed) "
		    "SELECT $1::uuid, $1::text, automaker_id, 'not_mine', number, convert_to($1::text, 'UTF8'), $3, ''::bytea FROM application WHERE id = $2",
		    DB_TEXT(crypt_uuid(a)), DB_TEXT(named.id), DB_TEXT(key.id)));
	const struct erasure e = {.application_id = p.id, .on_request = true};
	CHECK_STATUS(erasure_run(web, a, &config, &keys, &tester, &e), ST_DENIED);
	CHECK_TEXT(VALUE(web, "SELECT reason AS value FROM application_retention($1, 90)", p.id), "disputed");
	OK(maintain_retention(jobs, a, &config, &keys));
	CHECK(!erased(&p) && !erased(&own) && !erased(&named));
	report_closed(&p, "misuse", "2 years -1 day");
	report_closed(&own, "own", "0");
	OK(db_query(owner, a, NULL,
		    "UPDATE complaint SET state = 'answered', answered_at = now() WHERE application_number = (SELECT number FROM application WHERE id = $1)",
		    DB_TEXT(named.id)));
	OK(maintain_retention(jobs, a, &config, &keys));
	CHECK(!erased(&p) && erased(&own) && erased(&named));
	report_closed(&p, "misuse", "2 years 1 day");
	OK(maintain_retention(jobs, a, &config, &keys));
	CHECK(erased(&p));
}

/* A changed status of the car, told by staff: with the holder's data and nobody's phone. */
static void status_told(struct application *v, const struct application *p)
{
	fixture_draft(v, &cat, 1);
	OK(db_query(owner, a, NULL, "UPDATE application SET kind = 'vehicle_status', phone_sealed = NULL WHERE id = $1", DB_TEXT(v->id)));
	OK(db_query(owner, a, NULL, "UPDATE application_party SET number_hash = (SELECT number_hash FROM application_party WHERE id = $2) WHERE id = $1",
		    DB_TEXT(v->party), DB_TEXT(p->party)));
	fixture_submit(v, 1, false);
	move_cards(v, 1, CARD_PUSHING);
	move_cards(v, 1, CARD_DONE);
}

/* It begins and ends nothing, so it is found by the registration that its card had. */
static void test_retention__a_changed_status_goes_with_its_registration(void)
{
	struct application p, v, c;
	registered(&p, 1);
	status_told(&v, &p);
	OK(db_query(owner, a, NULL, "UPDATE registration SET began_at = now() - interval '4 years' WHERE from_application_id = $1", DB_TEXT(p.id)));
	OK(db_query(owner, a, NULL, "UPDATE application SET submitted_at = now() - interval '3 years' WHERE id = $1", DB_TEXT(v.id)));
	OK(db_query(owner, a, NULL, "UPDATE application_card SET state_at = now() - interval '3 years' WHERE id = $1", DB_TEXT(v.row[0])));
	CHECK_TEXT(reason_of(&v), "registered");
	OK(maintain_retention(jobs, a, &config, &keys));
	CHECK(!erased(&v));
	cancelled(&c, &p);
	ago(&p, "2 years -1 day");
	CHECK_TEXT(reason_of(&v), "ended");
	OK(maintain_retention(jobs, a, &config, &keys));
	CHECK(!erased(&v) && !erased(&p));
	ago(&p, "2 years 1 day");
	OK(maintain_retention(jobs, a, &config, &keys));
	CHECK(erased(&v) && erased(&p) && erased(&c));
	CHECK_TEXT(VALUE(owner, "SELECT action AS value FROM audit WHERE application_id = $1 ORDER BY number DESC LIMIT 1", v.id), "application.erased");
}

/* A company that opened itself, by an admin who showed its papers so many days ago; NULL: he was an admin already. */
static void opened(struct application *p, const char *state, const char *interval)
{
	fixture_catalogue(&cat, NULL);
	fixture_draft(p, &cat, 0);
	OK(db_query(owner, a, NULL, "UPDATE application SET kind = 'opening', submitted_at = now() - $2::text::interval WHERE id = $1", DB_TEXT(p->id),
		    DB_TEXT(interval)));
	if (!state)
		return;
	OK(db_query(owner, a, NULL,
		    "WITH c AS (INSERT INTO company (id, automaker_id, code, name, opened_by) VALUES ($1, $2, '91110105MA01K3XY5T', '示例物流', 'self') RETURNING id) "
		    "INSERT INTO company_member (id, company_id, phone_hash, phone_hash_key, state, added_by, application_id) "
		    "SELECT gen_random_uuid(), id, '', 'lookup-1', $3, 'visitor', $4 FROM c",
		    DB_TEXT(crypt_uuid(a)), DB_TEXT(cat.automaker), DB_TEXT(state), DB_TEXT(p->id)));
}

static void removed(const struct application *p, const char *interval)
{
	OK(db_query(owner, a, NULL, "UPDATE company_member SET state = 'removed', removed_at = now() - $2::text::interval WHERE application_id = $1",
		    DB_TEXT(p->id), DB_TEXT(interval)));
}

static void test_retention__the_opening_of_a_company(void)
{
	struct application admin, waits, early, late, again;
	opened(&admin, "active", "3 years");
	opened(&waits, "waiting", "3 years");
	opened(&early, NULL, "89 days");
	opened(&late, NULL, "91 days");
	opened(&again, "active", "3 years");
	char *file = put_file(&again, "certificate_front");
	removed(&again, "89 days");
	CHECK_TEXT(reason_of(&admin), "member");
	CHECK_TEXT(reason_of(&again), "refused");
	OK(maintain_retention(jobs, a, &config, &keys));
	CHECK(!erased(&admin) && !erased(&waits) && !erased(&early) && !erased(&again));
	CHECK(erased(&late));
	removed(&again, "91 days");
	OK(maintain_retention(jobs, a, &config, &keys));
	CHECK(erased(&again) && !file_exists(file));
	CHECK(!erased(&admin) && !erased(&waits) && !erased(&early));
}

/* A face consent of the application. */
static void consented(const struct application *p)
{
	char *text = crypt_uuid(a);
	OK(db_query(owner, a, NULL, "INSERT INTO agreement_text (id, automaker_id, kind, version, title, body, sha256, valid_from) "
				    "VALUES ($1::uuid, $2, 'face', $1::text, 't', 'b', '', now())",
		    DB_TEXT(text), DB_TEXT(cat.automaker)));
	OK(db_query(web, a, NULL, "INSERT INTO consent (id, application_id, agreement_text_id, sha256, address, browser, statement) VALUES ($1, $2, $3, '', 'x', 'x', 's')",
		    DB_TEXT(crypt_uuid(a)), DB_TEXT(p->id), DB_TEXT(text)));
}

static void test_withdrawal__a_portrait_goes_with_the_refusal(void)
{
	struct application p;
	fixture_catalogue(&cat, NULL);
	fixture_draft(&p, &cat, 1);
	consented(&p);
	char *clip = put_file(&p, "clip"), *portrait = put_file(&p, "portrait"), *front = put_file(&p, "certificate_front");
	fixture_submit(&p, 1, true);
	const struct erasure e = {.application_id = p.id, .on_request = true};
	OK(erasure_withdraw_face(web, a, &config, &tester, &e));
	CHECK(!file_exists(clip) && file_exists(portrait) && file_exists(front));
	OK(maintain_retention(jobs, a, &config, &keys));
	CHECK(file_exists(portrait));
	move_cards(&p, 1, CARD_REFUSED);
	OK(maintain_retention(jobs, a, &config, &keys));
	CHECK(!file_exists(portrait) && file_exists(front));
	CHECK(!erased(&p));
}

static void test_erasure__the_web_program_cannot_go_round_the_rules(void)
{
	struct application p, draft;
	struct crypt_key key;
	registered(&p, 1);
	const struct erasure e = {.application_id = p.id, .on_request = true};
	CHECK_STATUS(erasure_run(web, a, &config, &keys, &tester, &e), ST_DENIED);
	CHECK_STATUS(db_query(web, a, NULL, "UPDATE data_key SET wrapped = NULL, erased_at = now() WHERE id = $1", DB_TEXT(p.key.id)), ST_DENIED);
	CHECK_STATUS(db_query(web, a, NULL, "UPDATE evidence SET deleted_at = now()"), ST_DENIED);
	CHECK_STATUS(db_query(web, a, NULL, "UPDATE consent SET withdrawn_at = now()"), ST_DENIED);
	OK(datakey_load(web, a, &keys, p.key.id, &key));

	fixture_catalogue(&cat, NULL);
	fixture_draft(&draft, &cat, 1);
	unsigned char other[32] = {1};
	const struct erasure strange = {.application_id = draft.id, .phone_hash = {other, sizeof other}, .on_request = true};
	CHECK_STATUS(erasure_run(web, a, &config, &keys, &tester, &strange), ST_NOT_FOUND);
	const struct erasure mine = {.application_id = draft.id, .on_request = true};
	OK(erasure_run(web, a, &config, &keys, &tester, &mine));
	CHECK(erased(&draft));
	CHECK_TEXT(VALUE(owner, "SELECT state AS value FROM application_card WHERE id = $1", draft.row[0]), "expired");
	CHECK_STATUS(erasure_run(web, a, &config, &keys, &tester, &mine), ST_NOT_FOUND);
}

/* A file half sent is what the person gave as well. */
static void test_erasure__takes_uploads_in_pieces(void)
{
	static const char *const kinds[] = {"front", "clip"};
	const char *paths[2], *ids[2];
	struct application p;
	fixture_catalogue(&cat, NULL);
	fixture_draft(&p, &cat, 0);
	for (int i = 0; i < 2; i++) {
		struct resumable wanted = {.id = crypt_uuid(a), .kind = kinds[i], .length = 10}, u;
		struct resumable_files replaced;
		struct evidence_writer *w;
		struct evidence_file file;
		int64_t expires_at;
		OK(db_begin(web));
		OK(resumable_create(web, a, &tester, p.id, &wanted, &expires_at, &replaced));
		OK(db_commit(web));
		OK(resumable_load(web, a, p.id, wanted.id, &u));
		OK(evidence_start(&w, a, config.evidence_dir, &p.key));
		OK(evidence_write(w, "data", 4));
		OK(evidence_finish(w, &file));
		OK(resumable_add(web, a, &u, &file));
		ids[i] = wanted.id;
		paths[i] = arena_printf(a, "%s/%.2s/%s", config.evidence_dir, file.storage_key, file.storage_key);
	}
	const struct erasure e = {.application_id = p.id, .on_request = true};
	OK(erasure_withdraw_face(web, a, &config, &tester, &e));
	CHECK(access(paths[0], F_OK) == 0 && access(paths[1], F_OK) != 0);
	CHECK_TEXT(VALUE(owner, "SELECT string_agg(kind, ' ') AS value FROM upload WHERE application_id = $1", p.id), "front");
	OK(erasure_run(web, a, &config, &keys, &tester, &e));
	CHECK(access(paths[0], F_OK) != 0);
	CHECK_TEXT(VALUE(owner, "SELECT count(*)::text AS value FROM upload WHERE id IN ($1::uuid)", ids[0]), "0");
}

int main(void)
{
	fixture_start();
	RUN(test_retention__two_years_after_the_end);
	RUN(test_retention__another_registration_stands_on_it);
	RUN(test_retention__a_change_continues_the_service);
	RUN(test_retention__a_transfer_ends_the_service);
	RUN(test_retention__refused_after_its_days);
	RUN(test_retention__judges_all);
	RUN(test_retention__what_is_disputed_stays);
	RUN(test_retention__a_changed_status_goes_with_its_registration);
	RUN(test_retention__the_opening_of_a_company);
	RUN(test_withdrawal__a_portrait_goes_with_the_refusal);
	RUN(test_erasure__takes_uploads_in_pieces);
	RUN(test_erasure__the_web_program_cannot_go_round_the_rules);
	return fixture_end();
}
