/* A registration that its holder cannot end, or nobody for him: staff end it, by an application of their own. Knows no message of a carrier. */
#include "base/json.h"
#include "domain/identifiers.h"
#include "operator/verbs.h"
#include "store/by_staff.h"

#define REASON_CHARACTERS_MAX 100

static enum status put_on_record(struct command *c, const char *vehicle_id, const char *reason, const char *numbers)
{
	struct buffer detail;

	buffer_init(&detail, c->a, 4096);
	buffer_text(&detail, "{");
	json_member(&detail, "reason", reason);
	json_member(&detail, "cancelled_by", numbers);
	buffer_text(&detail, "}");
	return audit_write(c->db, c->a, &c->actor, "registration.cancelled", NULL, arena_printf(c->a, "vehicle:%s", vehicle_id), "ok", detail.data);
}

enum status verb_registration_cancel(struct command *c)
{
	const char *vin = text_code(c->a, command_given(c, "VIN")), *reason = text_clean(c->a, command_given(c, "--reason")), *id = NULL;
	const char *only = command_given(c, "--application");
	struct by_staff w = {c->db, c->a, c->config, c->keys, &c->actor};
	struct db_result *r;
	char *numbers = NULL;
	int cards = 0;
	enum status st;

	if (vin_check(vin) != VIN_OK)
		return command_usage(c, "VIN wants 17 characters");
	if (text_empty(reason) || text_characters(reason) > REASON_CHARACTERS_MAX)
		return command_usage(c, "--reason wants 1 to %d characters", REASON_CHARACTERS_MAX);
	if ((st = db_begin(c->db)) != ST_OK)
		return st;
	st = db_query(c->db, c->a, &r, "SELECT id FROM vehicle WHERE vin = $1 FOR NO KEY UPDATE", DB_TEXT(vin));
	if (st == ST_OK && db_rows(r) != 1)
		st = status_fail(ST_NOT_FOUND, "there is no car with this VIN");
	if (st == ST_OK) {
		id = db_text(r, 0, "id");
		st = by_staff_cancel_car(&w, id, only ? text_code(c->a, only) : NULL, &cards, &numbers);
	}
	if (st == ST_OK)
		st = put_on_record(c, id, reason, numbers);
	if ((st = command_end(c, st)) == ST_OK)
		fprintf(c->out, "%d cards of car %s are being cancelled: application %s\n", cards, mask_vin(c->a, vin), numbers);
	return st;
}
