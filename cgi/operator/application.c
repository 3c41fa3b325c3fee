/* Finding an application, and printing who it is about: masked, unless revealing it is on record. */
#include "operator/application.h"

#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "domain/certificate.h"
#include "store/datakey.h"

#define REASON_CHARACTERS_MAX 100

typedef char *mask(struct arena *a, const char *text);

static enum status put_on_record(struct command *c, const struct application *p, const char *reason)
{
	struct buffer detail;
	enum status st;

	buffer_init(&detail, c->a, 4096);
	buffer_text(&detail, "{");
	json_member(&detail, "reason", reason);
	buffer_text(&detail, "}");
	st = db_begin(c->db);
	if (st == ST_OK)
		st = audit_write(c->db, c->a, &c->actor, "application.revealed", p->id, arena_printf(c->a, "application:%s", p->id), "ok",
				 detail.data);
	return command_end(c, st);
}

static enum status check_reveal(struct command *c, struct application *p, const char **reason)
{
	*reason = command_given(c, "--reason");
	p->reveal = command_given(c, "--reveal") != NULL;
	if (!p->reveal)
		return *reason ? command_usage(c, "--reason goes with --reveal") : ST_OK;
	*reason = *reason ? text_clean(c->a, *reason) : NULL;
	if (text_empty(*reason) || text_characters(*reason) > REASON_CHARACTERS_MAX)
		return command_usage(c, "--reveal wants --reason with 1 to %d characters", REASON_CHARACTERS_MAX);
	return ST_OK;
}

enum status application_open(struct command *c, struct application *out)
{
	return application_open_number(c, text_code(c->a, command_given(c, "NUMBER")), out);
}

enum status application_open_number(struct command *c, const char *number, struct application *out)
{
	struct application p = {0};
	struct db_result *r;
	const char *reason;
	enum status st = check_reveal(c, &p, &reason);

	if (st == ST_OK)
		st = db_query(c->db, c->a, &r,
			      "SELECT a.id, a.number, a.kind, a.holder, a.data_key_id, a.vehicle_id, a.certificate_type, a.review_reasons, "
			      "a.phone_sealed, "
			      "extract(epoch FROM a.created_at)::bigint AS created_at, extract(epoch FROM a.submitted_at)::bigint AS "
			      "submitted_at, "
			      "extract(epoch FROM a.expires_at)::bigint AS expires_at, " APPLICATION_STATE
			      " AS state FROM application a WHERE a.number = $1",
			      DB_TEXT(number));
	if (st != ST_OK)
		return st;
	if (db_rows(r) == 0)
		return status_fail(ST_NOT_FOUND, "there is no application with this number");
	p.id = db_text(r, 0, "id");
	p.number = db_text(r, 0, "number");
	p.kind = db_text(r, 0, "kind");
	p.holder = db_text(r, 0, "holder");
	p.state = db_text(r, 0, "state");
	p.data_key_id = db_text(r, 0, "data_key_id");
	p.vehicle_id = db_text(r, 0, "vehicle_id");
	p.certificate_type = db_text(r, 0, "certificate_type");
	p.review_reasons = db_text(r, 0, "review_reasons");
	p.created_at = db_int(r, 0, "created_at");
	p.submitted_at = db_int(r, 0, "submitted_at");
	p.expires_at = db_int(r, 0, "expires_at");
	p.phone_sealed = db_bytes(r, 0, "phone_sealed");
	if (p.reveal && (st = put_on_record(c, &p, reason)) != ST_OK)
		return st;
	st = datakey_load(c->db, c->a, c->keys, p.data_key_id, &p.key);
	p.readable = st == ST_OK;
	if (st != ST_OK && st != ST_NOT_FOUND)
		return st;
	*out = p;
	return ST_OK;
}

void application_close(struct application *p)
{
	crypt_wipe(&p->key, sizeof p->key);
}

/* What a person wrote to staff may be anything: only its length is shown. */
static char *mask_note(struct arena *a, const char *text)
{
	return arena_printf(a, "(%zu characters, shown with --reveal)", text_characters(text));
}

/* "name: value" with the value of a sealed column, masked unless revealed. */
static enum status print_sealed(struct command *c, const struct application *p, const struct crypt_key *key, const char *label,
				const char *table, const char *column, const char *id, struct bytes sealed, mask *masked)
{
	char *text = NULL;
	enum status st = ST_OK;

	if (!key)
		text = sealed.data ? arena_strdup(c->a, "(erased)") : NULL;
	else {
		st = opened_text(c->a, key, table, column, id, sealed, &text);
		if (st == ST_OK && text && !p->reveal)
			text = masked(c->a, text);
	}
	if (st == ST_OK)
		fprintf(c->out, "  %s: %s\n", label, command_shown(c->a, text));
	return st;
}

enum status application_print_head(struct command *c, const struct application *p)
{
	fprintf(c->out, "application %s\n  kind: %s, holder: %s\n  state: %s\n", p->number, p->kind, p->holder, p->state);
	fprintf(c->out, "  created: %s\n", clock_page(c->a, p->created_at));
	if (p->submitted_at)
		fprintf(c->out, "  submitted: %s\n", clock_page(c->a, p->submitted_at));
	else
		fprintf(c->out, "  runs out: %s\n", clock_page(c->a, p->expires_at));
	if (strcmp(p->review_reasons, "{}") != 0)
		fprintf(c->out, "  people are asked because of: %s\n", p->review_reasons);
	return print_sealed(c, p, p->readable ? &p->key : NULL, "phone", "application", "phone", p->id, p->phone_sealed, mask_phone);
}

enum status application_print_note(struct command *c, const struct application *p)
{
	struct db_result *r;
	enum status st = db_query(c->db, c->a, &r, "SELECT identity_way, papers_note_sealed FROM application WHERE id = $1", DB_TEXT(p->id));

	if (st != ST_OK || db_rows(r) == 0)
		return st;
	fprintf(c->out, "identity\n  by: %s\n", text_equal(db_text(r, 0, "identity_way"), "manual") ? "photographs, no face verification" : "face verification");
	if (db_is_null(r, 0, "papers_note_sealed"))
		return ST_OK;
	return print_sealed(c, p, p->readable ? &p->key : NULL, "note", "application", "papers_note", p->id, db_bytes(r, 0, "papers_note_sealed"), mask_note);
}

enum status application_print_holder(struct command *c, const struct application *p)
{
	static const char table[] = "application_party";
	const struct crypt_key *key = p->readable ? &p->key : NULL;
	struct db_result *r;
	enum status st = db_query(
		c->db, c->a, &r,
		"SELECT id, role, certificate_type, name_sealed, number_sealed, address_sealed, telephone_sealed, valid_from, valid_until, long_term, edited "
		"FROM application_party WHERE application_id = $1 ORDER BY role",
		DB_TEXT(p->id));

	for (int i = 0; st == ST_OK && i < db_rows(r); i++) {
		const char *id = db_text(r, i, "id"), *from = db_text(r, i, "valid_from"), *until = db_text(r, i, "valid_until");
		const struct certificate *type = certificate_by_name(db_text(r, i, "certificate_type"));

		fprintf(c->out, "%s\n  certificate: %s %s\n", db_text(r, i, "role"), db_text(r, i, "certificate_type"),
			type ? type->label : "");
		st = print_sealed(c, p, key, "name", table, "name", id, db_bytes(r, i, "name_sealed"), mask_name);
		if (st == ST_OK)
			st = print_sealed(c, p, key, "number", table, "number", id, db_bytes(r, i, "number_sealed"), mask_number);
		if (st == ST_OK)
			st = print_sealed(c, p, key, "address", table, "address", id, db_bytes(r, i, "address_sealed"), mask_address);
		if (st == ST_OK && !db_is_null(r, i, "telephone_sealed"))
			st = print_sealed(c, p, key, "telephone", table, "telephone", id, db_bytes(r, i, "telephone_sealed"), mask_phone);
		fprintf(c->out, "  valid: %s to %s\n", command_shown(c->a, from),
			db_bool(r, i, "long_term") ? "no end" : command_shown(c->a, until));
		fprintf(c->out, "  changed after the reading: %s\n", db_text(r, i, "edited"));
	}
	return st;
}

enum status application_print_papers(struct command *c, const struct application *p)
{
	struct db_result *r;
	enum status st = db_query(c->db, c->a, &r,
				  "SELECT k.code, k.name, k.opened_by, k.trusted_at IS NOT NULL AS trusted, a.authorisation_name_sealed, a.authorisation_differs "
				  "FROM application a JOIN company k ON k.id = a.company_id WHERE a.id = $1",
				  DB_TEXT(p->id));

	if (st != ST_OK || db_rows(r) == 0)
		return st;
	fprintf(c->out, "company\n  %s %s\n  known by: %s, %s\n", db_text(r, 0, "code"), command_shown(c->a, db_text(r, 0, "name")),
		text_equal(db_text(r, 0, "opened_by"), "import") ? "import" : "itself", db_bool(r, 0, "trusted") ? "trusted" : "not trusted yet");
	st = print_sealed(c, p, p->readable ? &p->key : NULL, db_bool(r, 0, "authorisation_differs") ? "the letter names another" : "the letter names",
			  "application", "authorisation_name", p->id, db_bytes(r, 0, "authorisation_name_sealed"), mask_name);
	if (st == ST_OK)
		st = db_query(c->db, c->a, &r,
			      "SELECT e.purpose, count(DISTINCT e.id) AS files, count(g.id) FILTER (WHERE g.media_type LIKE 'image/%') AS pages "
			      "FROM application a JOIN evidence e ON e.application_id = a.id AND (e.id IN (a.business_licence_evidence_id, "
			      "a.authorisation_evidence_id) OR e.id IN (SELECT evidence_id FROM application_paper WHERE application_id = a.id)) "
			      "JOIN evidence g ON g.application_id = a.id AND (g.id = e.id OR g.page_of = e.id) WHERE a.id = $1 GROUP BY 1 ORDER BY 1",
			      DB_TEXT(p->id));
	for (int i = 0; st == ST_OK && i < db_rows(r); i++)
		fprintf(c->out, "  %s: files %s, pages %s\n", db_text(r, i, "purpose"), db_text(r, i, "files"), db_text(r, i, "pages"));
	return st;
}

enum status application_print_vehicle(struct command *c, const struct application *p)
{
	struct crypt_key key;
	struct db_result *r;
	const char *id;
	enum status st;

	if (!p->vehicle_id)
		return ST_OK;
	st = db_query(c->db, c->a, &r,
		      "SELECT id, vin, vehicle_department, vehicle_model, body_color, network_date, data_key_id, owner_type, "
		      "license_plate_sealed, "
		      "owner_name_sealed, owner_number_sealed, owner_phone_sealed FROM vehicle WHERE id = $1",
		      DB_TEXT(p->vehicle_id));
	if (st != ST_OK || db_rows(r) == 0)
		return st;
	id = db_text(r, 0, "id");
	fprintf(c->out, "car\n  VIN: %s\n", p->reveal ? db_text(r, 0, "vin") : mask_vin(c->a, db_text(r, 0, "vin")));
	fprintf(c->out, "  %s, %s, %s\n", command_shown(c->a, db_text(r, 0, "vehicle_department")),
		command_shown(c->a, db_text(r, 0, "vehicle_model")), command_shown(c->a, db_text(r, 0, "body_color")));
	fprintf(c->out, "  entered the network: %s\n  known owner: %s\n", db_text(r, 0, "network_date"),
		command_shown(c->a, db_text(r, 0, "owner_type")));
	st = datakey_load(c->db, c->a, c->keys, db_text(r, 0, "data_key_id"), &key);
	if (st == ST_NOT_FOUND)
		return ST_OK;
	if (st == ST_OK)
		st = print_sealed(c, p, &key, "plate", "vehicle", "license_plate", id, db_bytes(r, 0, "license_plate_sealed"), mask_number);
	if (st == ST_OK)
		st = print_sealed(c, p, &key, "owner's name", "vehicle", "owner_name", id, db_bytes(r, 0, "owner_name_sealed"), mask_name);
	if (st == ST_OK)
		st = print_sealed(c, p, &key, "owner's number", "vehicle", "owner_number", id, db_bytes(r, 0, "owner_number_sealed"),
				  mask_number);
	if (st == ST_OK)
		st = print_sealed(c, p, &key, "owner's phone", "vehicle", "owner_phone", id, db_bytes(r, 0, "owner_phone_sealed"),
				  mask_phone);
	crypt_wipe(&key, sizeof key);
	return st;
}
