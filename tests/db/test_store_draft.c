/* The one query of every page: what it tells about a draft and the cards of its car. */
#include "fixture.h"
#include "store/draft.h"

static struct catalogue cat;

static struct bytes session_of(const char *application)
{
	return crypt_lookup(a, keys_current(&keys.lookup), "session", application);
}

static struct bytes visit_of(const char *application)
{
	struct bytes hash = session_of(application);
	OK(db_query(web, a, NULL, "INSERT INTO session (id_hash, application_id, expires_at) VALUES ($1, $2, now() + interval '1 hour')", DB_BYTES(hash),
		    DB_TEXT(application)));
	return hash;
}

static const struct draft_card *card_of(const struct draft *d, const char *id)
{
	for (int i = 0; i < d->card_count; i++)
		if (strcmp(d->cards[i].id, id) == 0)
			return &d->cards[i];
	CHECK(!"the car has the card");
	return &d->cards[0];
}

static void test_no_visit_no_draft(void)
{
	struct draft d;
	OK(draft_load(web, a, (struct bytes){0}, &d));
	CHECK(!d.exists);
	OK(draft_load(web, a, crypt_lookup(a, keys_current(&keys.lookup), "session", crypt_uuid(a)), &d));
	CHECK(!d.exists);
}

static void test_answers_and_car(void)
{
	struct application app;
	struct draft d;
	struct bytes visit;
	fixture_catalogue(&cat, "13900000001");
	fixture_draft(&app, &cat, 0);
	visit = visit_of(app.id);
	OK(draft_load(web, a, visit, &d));
	CHECK(d.exists);
	CHECK_TEXT(d.id, app.id);
	CHECK_TEXT(d.kind, "register");
	CHECK_TEXT(d.brand, "品牌");
	CHECK_TEXT(d.network_date, "2020-01-01");
	CHECK(d.card_count == 0); /* none is bound */
	CHECK(!d.submitted_at && !d.cards_chosen && !d.has_phone && !d.phone_proved && !d.front_ready && !d.back_ready);
	CHECK(!d.certificate_confirmed && !d.face_consent && !d.liveness_passed && !d.agreed);
	OK(db_query(web, a, NULL,
		    "UPDATE application SET cards_chosen_at = now(), phone_hash = '\\x01', phone_proved_at = now(), front_ready_at = now(), back_ready_at = now(),"
		    " certificate_confirmed_at = now(), face_consent_at = now(), liveness_passed_at = now(), agreed_at = now() WHERE id = $1",
		    DB_TEXT(app.id)));
	OK(draft_load(web, a, visit, &d));
	CHECK(d.cards_chosen && d.has_phone && d.phone_proved && d.front_ready && d.back_ready);
	CHECK(d.certificate_confirmed && d.face_consent && d.liveness_passed && d.agreed && !d.submitted_at);
	OK(db_query(owner, a, NULL, "UPDATE application SET expires_at = now() WHERE id = $1", DB_TEXT(app.id)));
	OK(draft_load(web, a, visit, &d));
	CHECK(!d.exists); /* it has run out */
}

/* A card that is chosen here and open elsewhere is one card with both flags. */
static void test_cards_of_the_car(void)
{
	struct application mine, other;
	struct draft d;
	fixture_catalogue(&cat, "13900000001");
	fixture_draft(&mine, &cat, 2);
	fixture_draft(&other, &cat, 1);
	OK(draft_load(web, a, visit_of(mine.id), &d));
	CHECK(d.card_count == 2);
	CHECK(strcmp(d.cards[0].iccid, d.cards[1].iccid) < 0);
	CHECK(card_of(&d, cat.card[0])->chosen && card_of(&d, cat.card[1])->chosen);
	CHECK(!card_of(&d, cat.card[0])->open && !card_of(&d, cat.card[0])->registered);
	fixture_submit(&other, 1, false);
	OK(draft_load(web, a, session_of(mine.id), &d));
	CHECK(d.card_count == 2);
	CHECK(card_of(&d, cat.card[0])->chosen && card_of(&d, cat.card[0])->open);
	CHECK(card_of(&d, cat.card[1])->chosen && !card_of(&d, cat.card[1])->open);
	OK(db_query(owner, a, NULL, "UPDATE application_card SET state = 'withdrawn' WHERE application_id = $1", DB_TEXT(other.id)));
	OK(db_query(owner, a, NULL, "UPDATE card_binding SET bound_until = now() WHERE card_id = $1", DB_TEXT(cat.card[1])));
	OK(draft_load(web, a, session_of(mine.id), &d));
	CHECK(d.card_count == 1); /* the other one is in this car no longer */
	CHECK_TEXT(d.cards[0].id, cat.card[0]);
	CHECK(!d.cards[0].open && !d.cards[0].registered);
	OK(db_query(owner, a, NULL,
		    "INSERT INTO registration (id, card_id, carrier_id, holder_id, holder, holder_number_hash, holder_number_hash_key, from_application_id)"
		    " VALUES ($1, $2, $3, $4, 'person', '\\x01', 'k', $5)",
		    DB_TEXT(crypt_uuid(a)), DB_TEXT(cat.card[0]), DB_TEXT(cat.carrier), DB_TEXT(other.party), DB_TEXT(other.id)));
	OK(draft_load(web, a, session_of(mine.id), &d));
	CHECK(d.card_count == 1 && d.cards[0].registered && d.cards[0].chosen);
}

static void test_more_cards_than_there_is_room_for(void)
{
	struct application app;
	struct draft d;
	fixture_catalogue(&cat, "13900000001");
	fixture_draft(&app, &cat, 0);
	for (int i = 0; i < DRAFT_CARDS_MAX + 4; i++) {
		char *card = crypt_uuid(a);
		OK(db_query(owner, a, NULL, "INSERT INTO card (id, carrier_id, iccid, msisdn) VALUES ($1, $2, $3, $4)", DB_TEXT(card), DB_TEXT(cat.carrier),
			    DB_TEXT(arena_printf(a, "8986%s", fixture_digits(16))), DB_TEXT(arena_printf(a, "14401%s", fixture_digits(8)))));
		fixture_bind(card, cat.vehicle);
	}
	OK(draft_load(web, a, visit_of(app.id), &d));
	CHECK(d.card_count == DRAFT_CARDS_MAX);
	for (int i = 1; i < d.card_count; i++)
		CHECK(strcmp(d.cards[i - 1].iccid, d.cards[i].iccid) < 0);
	CHECK_TEXT(d.cards[0].iccid,
		   VALUE(owner, "SELECT min(iccid) AS value FROM card c JOIN card_binding b ON b.card_id = c.id WHERE b.vehicle_id = $1", cat.vehicle));
}

int main(void)
{
	fixture_start();
	RUN(test_no_visit_no_draft);
	RUN(test_answers_and_car);
	RUN(test_cards_of_the_car);
	RUN(test_more_cards_than_there_is_room_for);
	return fixture_end();
}
