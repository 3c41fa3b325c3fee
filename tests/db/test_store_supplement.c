/* What people ask for in review, and what is given: rows, states and rights. */
#include "fixture.h"
#include "store/supplement.h"

static struct catalogue cat;
static struct db *operator;
static const struct actor staff = {.name = "operator:test"};

#define STATE(row) VALUE(owner, "SELECT state AS value FROM application_card WHERE id = $1", (row))
#define COUNT(sql) VALUE(owner, "SELECT count(*)::text AS value FROM " sql, app.id)

static void in_review(struct application *app)
{
	fixture_catalogue(&cat, NULL);
	fixture_draft(app, &cat, 2);
	fixture_submit(app, 2, false);
	OK(db_begin(web));
	for (int i = 0; i < 2; i++)
		OK(fixture_move(web, app->row[i], CARD_REVIEW));
	OK(db_commit(web));
}

static enum status ask(const struct application *app, const char *what)
{
	enum status st;

	OK(db_begin(operator));
	st = supplement_ask(operator, a, &config, &keys, &staff, app->id, paper(what), "请重拍");
	if (st == ST_OK)
		OK(db_commit(operator));
	else
		db_rollback(operator);
	return st;
}

static enum status give(const struct application *app, const struct supplement *s)
{
	unsigned char hash[CRYPT_HASH_SIZE] = {1};
	const struct evidence_row row = {app->id, "holder", s->paper->name, "image/jpeg", "enrolment", app->key.id, {hash, sizeof hash}, NULL, 0};
	struct evidence_file file = {.storage_key = crypt_uuid(a), .size = 1};
	char *id;
	enum status st;

	OK(db_begin(web));
	OK(evidence_insert(web, a, &row, &file, &id));
	st = supplement_give(web, a, &config, &keys, &tester, app->id, s, id);
	if (st == ST_OK)
		OK(db_commit(web));
	else
		db_rollback(web);
	return st;
}

static void test_asked_and_given(void)
{
	struct application app;
	struct supplement asked[SUPPLEMENTS_MAX];
	int count;

	in_review(&app);
	OK(ask(&app, "certificate_front"));
	CHECK_TEXT(STATE(app.row[0]), "needs_more");
	CHECK_TEXT(STATE(app.row[1]), "needs_more");
	CHECK_TEXT(COUNT("sms_message WHERE application_id = $1 AND template = 'needs_more'"), "1");
	OK(ask(&app, "other_photo"));
	CHECK_TEXT(COUNT("sms_message WHERE application_id = $1 AND template = 'needs_more'"), "1");
	CHECK_STATUS(ask(&app, "other_photo"), ST_CONFLICT);
	OK(supplement_load(web, a, app.id, asked, &count));
	CHECK(count == 2 && strcmp(asked[0].paper->name, "certificate_front") == 0 && !asked[0].given && strcmp(asked[1].paper->name, "other_photo") == 0);
	OK(give(&app, &asked[0]));
	CHECK_TEXT(STATE(app.row[0]), "needs_more");
	CHECK_STATUS(give(&app, &asked[0]), ST_CONFLICT);
	OK(give(&app, &asked[1]));
	CHECK_TEXT(STATE(app.row[0]), "review");
	CHECK_TEXT(STATE(app.row[1]), "review");
	CHECK_TEXT(COUNT("application p JOIN evidence e ON e.id IN (p.front_evidence_id, p.other_evidence_id) WHERE p.id = $1"), "2");
	CHECK_TEXT(COUNT("evidence WHERE application_id = $1"), "2"); /* what came twice is not there */
	CHECK_TEXT(COUNT("sms_message WHERE application_id = $1 AND template = 'review'"), "2");
	/* The next round shows itself alone. */
	OK(ask(&app, "certificate_front"));
	OK(supplement_load(web, a, app.id, asked, &count));
	CHECK(count == 1 && !asked[0].given);
}

static void test_withdrawn_takes_nothing(void)
{
	struct application app;
	struct supplement asked[SUPPLEMENTS_MAX];
	int count;

	in_review(&app);
	OK(ask(&app, "vehicle_licence"));
	OK(supplement_load(web, a, app.id, asked, &count));
	OK(db_begin(web));
	for (int i = 0; i < 2; i++)
		OK(fixture_move(web, app.row[i], CARD_WITHDRAWN));
	OK(db_commit(web));
	CHECK_STATUS(give(&app, &asked[0]), ST_CONFLICT);
	CHECK_TEXT(COUNT("evidence WHERE application_id = $1"), "0");
}

static void test_rights(void)
{
	struct application app;

	in_review(&app);
	CHECK(db_query(web, a, NULL, "INSERT INTO supplement (id, application_id, what, words) VALUES (gen_random_uuid(), $1, 'other_photo', 'x')", DB_TEXT(app.id)) != ST_OK);
	OK(ask(&app, "other_photo"));
	CHECK(db_query(web, a, NULL, "UPDATE supplement SET words = 'x' WHERE application_id = $1", DB_TEXT(app.id)) != ST_OK);
	CHECK(db_query(operator, a, NULL, "UPDATE supplement SET words = 'x' WHERE application_id = $1", DB_TEXT(app.id)) != ST_OK);
}

int main(void)
{
	fixture_start();
	operator = fixture_connect("realname_operator");
	RUN(test_asked_and_given);
	RUN(test_withdrawn_takes_nothing);
	RUN(test_rights);
	db_close(operator);
	return fixture_end() != 0;
}
