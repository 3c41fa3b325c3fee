/* Thousands of VINs and ICCIDs to cars of a company at once: see batch.h. */
#include "store/batch.h"

#define PER_VIN 48

static void element(struct buffer *b, const char *text)
{
	buffer_text(b, b->length ? "," : "{");
	buffer_text(b, text);
}

enum status batch_pick(struct db *db, struct arena *a, const struct draft *d, const struct batch_scope *s, struct batch_pick *picks, int count)
{
	struct db_result *r;
	struct buffer vins, iccids;
	buffer_init(&vins, a, (size_t)(count + 1) * PER_VIN);
	buffer_init(&iccids, a, (size_t)(count + 1) * PER_VIN);
	for (int i = 0; i < count; i++) {
		element(&vins, picks[i].vin ? picks[i].vin : "NULL");
		element(&iccids, picks[i].iccid ? picks[i].iccid : "NULL");
	}
	buffer_text(&vins, vins.length ? "}" : "{}");
	buffer_text(&iccids, iccids.length ? "}" : "{}");
	enum status st = db_query(
		db, a, &r,
		"WITH u AS MATERIALIZED (SELECT x.* FROM unnest($3::text[], $7::text[]) WITH ORDINALITY AS x (vin, iccid, n)), "
		"f AS MATERIALIZED (SELECT u.n, v.vehicle_id, u.iccid IS NOT NULL AND v.vehicle_id IS DISTINCT FROM (SELECT o.vehicle_id FROM card c "
		"JOIN card_binding o ON o.card_id = c.id AND o.bound_until IS NULL WHERE c.iccid_key = substr(u.iccid, 1, 19)) AS crossed "
		"FROM u JOIN company_vehicle v ON v.company_id = $2 AND v.vin = u.vin "
		"UNION ALL SELECT u.n, v.vehicle_id, false FROM u JOIN card c ON c.iccid_key = substr(u.iccid, 1, 19) "
		"JOIN card_binding o ON o.card_id = c.id AND o.bound_until IS NULL "
		"JOIN company_vehicle v ON v.company_id = $2 AND v.vehicle_id = o.vehicle_id WHERE u.vin IS NULL) "
		"SELECT f.n, f.vehicle_id, CASE WHEN f.crossed THEN 'other_card' ELSE b.reason END AS reason, t.vehicle_id IS NOT NULL AS there FROM f "
		"JOIN batch_cars($2, ARRAY (SELECT vehicle_id FROM f), $4, $5::bytea[], $6::date) b ON b.vehicle_id = f.vehicle_id "
		"LEFT JOIN batch_vehicle t ON t.application_id = $1 AND t.vehicle_id = f.vehicle_id",
		DB_TEXT(d->id), DB_TEXT(s->company_id), DB_TEXT(vins.data), DB_BOOL(s->ends), DB_TEXT(s->own), DB_TEXT(s->last_day), DB_TEXT(iccids.data));
	if (st != ST_OK)
		return st;
	for (int i = 0; i < count; i++)
		picks[i].reason = BATCH_NOT_YOURS;
	for (int row = 0; row < db_rows(r); row++) {
		int64_t n = db_int(r, row, "n");
		if (n < 1 || n > count)
			return status_fail(ST_ERROR, "a car was found for nothing");
		picks[n - 1].vehicle_id = db_text(r, row, "vehicle_id");
		picks[n - 1].reason = batch_reason_named(db_text(r, row, "reason"));
		picks[n - 1].there = db_bool(r, row, "there");
	}
	return ST_OK;
}

const char *batch_picked(struct arena *a, const struct batch_pick *picks, int count)
{
	struct buffer ids;
	buffer_init(&ids, a, (size_t)(count + 1) * PER_VIN);
	for (int i = 0; i < count; i++)
		if (picks[i].vehicle_id && picks[i].reason == BATCH_FITS)
			element(&ids, picks[i].vehicle_id);
	buffer_text(&ids, ids.length ? "}" : "{}");
	return ids.data;
}
