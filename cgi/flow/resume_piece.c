/* A piece of a resumable upload, and the whole file when it was the last: see resume.c. How pieces are kept is in store/resumable.c. The last
 * one counts when the whole file was judged, in the transaction that keeps it: whoever asks where to go on never finds a file that is complete
 * and undecided. */
#include "base/clock.h"
#include "base/log.h"
#include "flow/resume.h"
#include "http/messages.h"
#include "http/response.h"

/* The body as a sealed file. ST_OK with *good false: it is not what the checksum says, and nothing is left. */
static enum status write_piece(struct resume *s, struct evidence_file *piece, bool *good)
{
	struct request *r = s->u.r;
	struct crypt_sha1 *sum = crypt_sha1_start(r->arena);
	struct evidence_writer *w;
	unsigned char block[16384], digest[CRYPT_SHA1_SIZE];
	size_t got = 0;
	enum status st = evidence_start(&w, r->arena, r->site->config->evidence_dir, &s->u.key);

	while (st == ST_OK) {
		st = request_read(r, block, sizeof block, &got);
		if (st != ST_OK || got == 0)
			break;
		crypt_sha1_add(sum, block, got);
		st = evidence_write(w, block, got);
	}
	crypt_wipe(block, sizeof block);
	if (st != ST_OK)
		return st;
	crypt_sha1_end(sum, digest);
	*good = !s->checked || crypt_equal(digest, s->wanted, sizeof digest);
	return *good ? evidence_finish(w, piece) : ST_OK;
}

/* In the transaction that keeps the file. */
static enum status settle_kept(struct upload *u)
{
	struct resume *s = (struct resume *)u; /* its first member */

	return resumable_settle(u->r->site->db, u->r->arena, &s->row, "kept", NULL, NULL);
}

static enum status settle_refused(struct resume *s)
{
	struct db *db = s->u.r->site->db;
	enum status st = db_begin(db);

	if (st == ST_OK)
		st = resumable_settle(db, s->u.r->arena, &s->row, "refused", s->u.refused, s->u.argument);
	if (st == ST_OK)
		st = db_commit(db);
	if (st != ST_OK)
		db_rollback(db);
	return st;
}

/* What became of the whole file. */
static enum status answer_settled(struct resume *s)
{
	struct request *r = s->u.r;

	resume_number_header(r, "Upload-Offset", s->row.length);
	if (s->u.refused)
		return r->wants_json ? upload_answer_refused(&s->u, 422) : respond_text(r, 422, message_text(r->arena, s->u.refused, s->u.argument));
	return r->wants_json ? s->u.place->go_kept(&s->u) : resume_answer(r, 204, NULL);
}

/* All pieces and the last one, which has no row, through the same checks as a file that came at once. */
static enum status join(struct resume *s, const struct evidence_file *last)
{
	struct request *r = s->u.r;
	struct resumable_files files;
	enum status st = resumable_pieces(r->site->db, r->arena, s->row.id, &files);

	if (st != ST_OK)
		return st;
	files.storage_keys[files.count++] = last->storage_key;
	s->u.kept = settle_kept;
	st = evidence_join(r->arena, r->site->config->evidence_dir, files.storage_keys, files.count, &s->u.key, upload_take, &s->u);
	if (st == ST_OK)
		st = upload_keep(&s->u);
	return (st == ST_OK || st == ST_LIMIT) && s->u.refused ? settle_refused(s) : st;
}

static enum status finish(struct resume *s, const struct evidence_file *last)
{
	struct request *r = s->u.r;
	const char *folder = r->site->config->evidence_dir;
	enum status st = join(s, last), cleared = evidence_delete(folder, last->storage_key);

	if (st == ST_CONFLICT)
		return r->wants_json ? s->u.place->go_on(&s->u) : resume_answer(r, 409, "error.409");
	if (st != ST_OK) /* our own trouble: the last piece may come once more */
		return st;
	if (cleared == ST_OK)
		cleared = resumable_clear(r->site->db, r->arena, folder, s->row.id);
	if (cleared != ST_OK) /* goes when the upload runs out */
		log_warn("upload", "pieces of a settled upload: %s", status_message());
	log_info("upload", "kind=%s bytes=%lld pieces=%d result=%s", s->u.kind->name, (long long)s->u.size, s->row.pieces + 1, s->u.refused ? s->u.refused : "kept");
	return answer_settled(s);
}

enum status resume_take_piece(struct resume *s, int64_t offset)
{
	struct request *r = s->u.r;
	struct evidence_file piece;
	bool good = false;
	enum status st;

	if (offset != s->row.received)
		return resume_answer(r, 409, "error.409");
	if (r->content_length > s->row.length - s->row.received)
		return resume_answer(r, 413, "error.413");
	if (!s->row.open) {
		s->u.refused = s->row.cause;
		s->u.argument = s->row.argument;
		return answer_settled(s);
	}
	if (r->content_length > 0) {
		st = write_piece(s, &piece, &good);
		if (st != ST_OK)
			return st;
		if (!good)
			return resume_answer(r, 460, "error.400");
		if (offset + piece.size == s->row.length)
			return finish(s, &piece);
		st = resumable_add(r->site->db, r->arena, &s->row, &piece);
		if (st != ST_OK && evidence_delete(r->site->config->evidence_dir, piece.storage_key) != ST_OK)
			log_warn("upload", "piece: %s", status_message());
		if (st == ST_CONFLICT || st == ST_LIMIT)
			return resume_answer(r, st == ST_LIMIT ? 413 : 409, st == ST_LIMIT ? "error.413" : "error.409");
		if (st != ST_OK)
			return st;
	}
	resume_number_header(r, "Upload-Offset", offset + r->content_length);
	response_header(r, "Upload-Expires", clock_http(r->arena, s->row.expires_at));
	return resume_answer(r, 204, NULL);
}
