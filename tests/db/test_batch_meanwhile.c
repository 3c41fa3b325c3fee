/* Batches of a company while other things happen: a card is registered elsewhere, a car is sold, an admin goes. */
#include <sys/wait.h>

#include "batch.h"
#include "domain/review.h"

/* The car, as an array, with the company's first card, or its last one. */
#define CAR_OF(which, f)                                                                                                                   \
	VALUE(owner,                                                                                                                       \
	      "SELECT array[b.vehicle_id]::text AS value FROM card_binding b WHERE b.card_id::text = (SELECT " #which "(x.card_id::text) " \
	      "FROM card_binding x JOIN company_vehicle v ON v.vehicle_id = x.vehicle_id WHERE v.company_id = $1)",                        \
	      (f).company)

/* While a batch waits for another one's card, a card behind it is registered from its beginning to its end: what the batch has read says that
 * it is free, and nothing is in its way any more. */
static void test_a_card_is_registered_while_the_batch_waits(void)
{
	struct fleet f;
	struct batch all, first, last;
	fleet_company(&f);
	fleet_cars(&f, 2, 1);
	fleet_draft(&all, &f, "register");
	fleet_draft(&first, &f, "register");
	fleet_draft(&last, &f, "register");
	CHECK(fleet_put(&all, fleet_all(&f)) == 2);
	CHECK(fleet_put(&first, CAR_OF(min, f)) == 1); /* a batch takes its cards in their order */
	CHECK(fleet_put(&last, CAR_OF(max, f)) == 1);
	fflush(stdout);
	OK(fleet_submit(web, &first, 0)); /* not committed */
	pid_t child = fork();
	if (child == 0) {
		struct db *mine = fixture_connect("realname_web");
		enum status st = fleet_submit(mine, &all, 0);
		if (st != ST_CONFLICT || !text_empty(db_constraint(mine)))
			printf("# %s: %s (%s)\n", status_name(st), status_message(), db_constraint(mine)), fflush(stdout), _exit(1);
		_exit(0);
	}
	int how = 0;
	const char *waits;
	do
		waits = VALUE(owner, "SELECT count(*)::text AS value FROM pg_locks WHERE NOT granted", NULL);
	while (text_equal(waits, "0") && waitpid(child, &how, WNOHANG) == 0);
	struct db *third = fixture_connect("realname_web");
	OK(fleet_submit(third, &last, 0));
	OK(db_commit(third));
	db_close(third);
	push_all();
	end_all(&last.p, CARD_DONE);
	db_rollback(web); /* the card that was waited for is free again */
	CHECK(waitpid(child, &how, 0) == child && WIFEXITED(how) && WEXITSTATUS(how) == 0);
	CHECK_TEXT(STATES(last.p), "done:1");
	CHECK(STATES(all.p) == NULL);
	OK(fleet_submit(web, &all, 0)); /* shown again, it is what is left */
	OK(db_commit(web));
	CHECK_TEXT(STATES(all.p), "submitted:1");
	push_all();
}

/* A car that was sold: registered by the company no more, but what it has registered it still ends. */
static void test_a_car_that_is_a_persons_now(void)
{
	struct fleet f;
	struct batch b, again, cancel;
	struct batch_look look;
	fleet_company(&f);
	fleet_cars(&f, 1, 1);
	registered(&f, &b);
	fleet_cars(&f, 1, 1);
	fleet_draft(&again, &f, "register");
	CHECK(fleet_put(&again, fleet_all(&f)) == 1);
	OK(db_query(owner, a, NULL, "UPDATE vehicle SET owner_type = 'person' WHERE id IN (SELECT vehicle_id FROM company_vehicle WHERE company_id = $1)", DB_TEXT(f.company)));
	CHECK(fleet_put(&again, fleet_all(&f)) == 0);
	OK(batch_look(web, a, &again.d, &again.scope, &look)); /* it was chosen before it was sold */
	CHECK(look.cars == 0 && look.unfit_cars == 1 && look.unfit[BATCH_PERSON] == 1);
	CHECK_STATUS(fleet_submit(web, &again, 0), ST_CONFLICT);
	db_rollback(web);
	fleet_draft(&cancel, &f, "cancel");
	CHECK(fleet_put(&cancel, fleet_all(&f)) == 1);
	OK(batch_look(web, a, &cancel.d, &cancel.scope, &look));
	CHECK(look.cars == 1 && look.unfit_cars == 0);
}

/* Another admin, with this phone. */
static void admin(struct fleet *f, const char *phone, const char *since)
{
	const char *id = crypt_uuid(a);
	OK(db_query(owner, a, NULL,
		    "INSERT INTO company_member (id, company_id, phone_sealed, phone_hash, phone_hash_key, state, added_by, added_at) "
		    "VALUES ($1, $2, $3, $4, 'lookup-1', 'active', 'import', $5)",
		    DB_TEXT(id), DB_TEXT(f->company), DB_BYTES(sealed_by_master(a, &keys, "company_member", "phone", id, phone)),
		    DB_BYTES(crypt_lookup(a, keys_current(&keys.lookup), "phone", phone)), DB_TEXT(since)));
}

/* The phones that were told of a batch, in their order. */
static const char *told_phones(struct batch *b)
{
	struct db_result *r;
	const char *all = "";
	OK(db_query(owner, a, &r, "SELECT id, phone_sealed FROM sms_message WHERE application_id = $1 ORDER BY created_at, id", DB_TEXT(b->p.id)));
	for (int i = 0; i < db_rows(r); i++) {
		char *phone = NULL;
		OK(opened_by_master(a, &keys, "sms_message", "phone", db_text(r, i, "id"), db_bytes(r, i, "phone_sealed"), &phone));
		all = arena_printf(a, "%s%s%s", all, *all ? " " : "", phone ? phone : "nobody");
	}
	return all;
}

/* What becomes of a batch is the company's business: an admin who was removed is told nothing of it, another one is. */
static void test_a_removed_admin_is_told_nothing(void)
{
	struct fleet f;
	struct batch b;
	fleet_filled(&b, &f, 2, 1);
	admin(&f, "13800000003", "2024-02-01");
	admin(&f, "13800000002", "2024-01-01");
	OK(fleet_submit(web, &b, 1u << REVIEW_NOT_READ));
	OK(db_commit(web));
	CHECK_TEXT(told_phones(&b), "13800000001"); /* he who submitted it */
	OK(db_query(owner, a, NULL, "UPDATE company_member SET state = 'removed', removed_at = now(), phone_sealed = NULL WHERE id = $1", DB_TEXT(f.member)));
	CHECK(withdraw(&b) == 2); /* nothing to tell */
	fleet_draft(&b, &f, "register");
	CHECK(fleet_put(&b, fleet_all(&f)) == 2);
	OK(fleet_submit(web, &b, 0));
	OK(db_commit(web));
	push_all();
	end_all(&b.p, CARD_DONE);
	CHECK_TEXT(told_phones(&b), "13800000002");
	CHECK(strstr(SMS(b.p), ",2,0}") != NULL);
}

/* With nobody left who acts for it, nobody is told; the batch ends all the same. */
static void test_a_batch_without_an_admin_ends(void)
{
	struct fleet f;
	struct batch b;
	sent(&b, &f, 1, 1);
	OK(db_query(owner, a, NULL, "UPDATE company_member SET state = 'removed', removed_at = now() WHERE id = $1", DB_TEXT(f.member)));
	push_all();
	end_all(&b.p, CARD_DONE);
	CHECK_TEXT(STATES(b.p), "done:1");
	CHECK_TEXT(told_phones(&b), "");
}

int main(void)
{
	batch_start();
	RUN(test_a_card_is_registered_while_the_batch_waits);
	RUN(test_a_car_that_is_a_persons_now);
	RUN(test_a_removed_admin_is_told_nothing);
	RUN(test_a_batch_without_an_admin_ends);
	return fixture_end();
}
