/* Agreements as pages: see file_pages.h. It knows nothing of files and carriers. */
#include "jobs/file_pages.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "domain/certificate.h"
#include "store/datakey.h"

#define PARTS_MAX 1000

enum status file_pages_load(struct db *db, struct arena *a, const char *application_id, const char *card_id, struct agreed_text *out,
			    int *count)
{
	struct db_result *r;
	enum status st = db_query(
		db, a, &r,
		"SELECT DISTINCT ON (k.place) t.id, t.title, t.version, t.body, c.statement, encode(c.sha256, 'hex') AS sha256, "
		"extract(epoch FROM c.given_at)::bigint AS given_at FROM consent c JOIN agreement_text t ON t.id = c.agreement_text_id "
		"JOIN (VALUES (1, 'network'), (2, 'responsibility')) AS k (place, kind) ON k.kind = t.kind "
		"WHERE c.application_id = ANY (ARRAY (SELECT $1::uuid UNION SELECT g.from_application_id FROM registration g "
		"JOIN application_party h ON h.application_id = $1 AND h.role IN ('holder', 'organisation') "
		"AND h.number_hash = g.holder_number_hash "
		"WHERE g.card_id = $2)) AND c.withdrawn_at IS NULL ORDER BY k.place, c.application_id = $1 DESC, c.given_at DESC",
		DB_TEXT(application_id), DB_TEXT(card_id));
	*count = 0;
	for (int i = 0; st == ST_OK && i < db_rows(r) && i < AGREED_TEXTS_MAX; i++)
		out[(*count)++] = (struct agreed_text){
			.id = db_text(r, i, "id"),
			.title = db_text(r, i, "title"),
			.version = db_text(r, i, "version"),
			.body = db_text(r, i, "body"),
			.statement = db_text(r, i, "statement"),
			.sha256 = db_text(r, i, "sha256"),
			.given_at = db_int(r, i, "given_at"),
		};
	return st;
}

/* As on the page that people read: a line is a paragraph, "## " in front makes it a heading. */
enum status file_pages_text(struct arena *a, const char *font, const struct agreed_text *t, struct pages *out)
{
	struct page_part *parts = arena_alloc(a, PARTS_MAX * sizeof(*parts));
	char *rest = arena_strdup(a, t->body), *line;
	int n = 0;
	parts[n++] = (struct page_part){PAGE_TITLE, t->title};
	parts[n++] = (struct page_part){PAGE_NOTE, arena_printf(a, "版本 %s", t->version)};
	while ((line = strsep(&rest, "\n")) != NULL && n < PARTS_MAX) {
		bool heading = text_prefix(line, "## ");
		if (!text_empty(text_clean(a, line)))
			parts[n++] = (struct page_part){heading ? PAGE_HEADING : PAGE_PARAGRAPH, heading ? line + 3 : line};
	}
	if (line)
		return status_fail(ST_LIMIT, "an agreement has more than %d paragraphs", PARTS_MAX);
	return pages_draw(a, font, parts, n, arena_printf(a, "%s %s", t->title, t->version), out);
}

struct signer {
	const char *number, *vin;
	const struct certificate *certificate;
	char *name, *certificate_number;
	char *organisation, *code; /* for which the person signs; NULL: for himself */
};

static enum status load_signer(struct db *db, struct arena *a, const struct keys *keys, const char *application_id, const char *iccid,
			       struct signer *out)
{
	struct db_result *r;
	struct crypt_key key;
	static const char table[] = "application_party";
	enum status st = db_query(
		db, a, &r,
		"SELECT p.number, p.data_key_id, v.vin, h.id AS holder, h.certificate_type, h.name_sealed, h.number_sealed, "
		"o.id AS organisation, o.name_sealed AS organisation_name_sealed, o.number_sealed AS organisation_number_sealed FROM application p "
		"JOIN application_party h ON h.application_id = p.id "
		"AND h.role = CASE p.holder WHEN 'person' THEN 'holder' ELSE 'responsible_person' END "
		"LEFT JOIN application_party o ON o.application_id = p.id AND o.role = 'organisation' "
		"LEFT JOIN card k ON k.iccid = $2 LEFT JOIN application_card ac ON ac.application_id = p.id AND ac.card_id = k.id "
		"LEFT JOIN vehicle v ON v.id = coalesce(ac.vehicle_id, p.vehicle_id) WHERE p.id = $1 AND p.erased_at IS NULL",
		DB_TEXT(application_id), DB_TEXT(iccid));
	if (st != ST_OK)
		return st;
	if (db_rows(r) == 0)
		return status_fail(ST_NOT_FOUND, "application %s has no holder any more", application_id);
	*out = (struct signer){
		.number = db_text(r, 0, "number"),
		.vin = db_text(r, 0, "vin"),
		.certificate = certificate_by_name(db_text(r, 0, "certificate_type")),
	};
	if ((st = datakey_load(db, a, keys, db_text(r, 0, "data_key_id"), &key)) != ST_OK)
		return st;
	const char *holder = db_text(r, 0, "holder");
	st = opened_text(a, &key, table, "name", holder, db_bytes(r, 0, "name_sealed"), &out->name);
	if (st == ST_OK)
		st = opened_text(a, &key, table, "number", holder, db_bytes(r, 0, "number_sealed"), &out->certificate_number);
	const char *organisation = db_text(r, 0, "organisation");
	if (st == ST_OK && organisation)
		st = opened_text(a, &key, table, "name", organisation, db_bytes(r, 0, "organisation_name_sealed"), &out->organisation);
	if (st == ST_OK && organisation)
		st = opened_text(a, &key, table, "number", organisation, db_bytes(r, 0, "organisation_number_sealed"), &out->code);
	crypt_wipe(&key, sizeof(key));
	return st;
}

static void line(struct arena *a, struct page_part *parts, int *n, const char *label, const char *value)
{
	if (!text_empty(value))
		parts[(*n)++] = (struct page_part){PAGE_PARAGRAPH, arena_printf(a, "%s：%s", label, value)};
}

enum status file_pages_signature(struct db *db, struct arena *a, const struct config *config, const struct keys *keys,
				 const char *application_id, const char *iccid, const struct agreed_text *texts, int count,
				 struct pages *out)
{
	struct page_part parts[14 + 4 * AGREED_TEXTS_MAX];
	struct signer s;
	int n = 0;
	enum status st = load_signer(db, a, keys, application_id, iccid, &s);
	if (st != ST_OK)
		return st;
	parts[n++] = (struct page_part){PAGE_TITLE, "协议签署记录"};
	parts[n++] = (struct page_part){PAGE_NOTE, arena_printf(a, "办理编号 %s", s.number)};
	parts[n++] = (struct page_part){PAGE_HEADING, "签署人"};
	line(a, parts, &n, "单位", s.organisation);
	line(a, parts, &n, "统一社会信用代码", s.code);
	line(a, parts, &n, s.organisation ? "责任人" : "姓名", s.name);
	line(a, parts, &n, "证件类型", s.certificate ? s.certificate->label : NULL);
	line(a, parts, &n, "证件号码", s.certificate_number);
	parts[n++] = (struct page_part){PAGE_HEADING, "车辆和车联网卡"};
	line(a, parts, &n, "车架号（VIN）", s.vin);
	line(a, parts, &n, "ICCID", iccid);
	for (int i = 0; i < count; i++) {
		parts[n++] = (struct page_part){PAGE_HEADING, arena_printf(a, "《%s》版本 %s", texts[i].title, texts[i].version)};
		line(a, parts, &n, "签署时间", clock_page(a, texts[i].given_at));
		line(a, parts, &n, "勾选内容", texts[i].statement);
		line(a, parts, &n, "协议文本 SHA-256", texts[i].sha256);
	}
	parts[n++] = (struct page_part){PAGE_NOTE, "签署人在线阅读上述协议，勾选同意后提交办理。"};
	st = pages_draw(a, config->delivery_font, parts, n, arena_printf(a, "协议签署记录 %s", s.number), out);
	if (st == ST_OK && out->unknown > 0)
		log_warn("file", "application=%s characters=%d of its names are in no installed font: drawn as codes", application_id,
			 out->unknown);
	return st;
}
