/* Made-up people and companies: the same picture is always the same one, and two pictures are two. */
#ifndef STANDIN_PERSON_H
#define STANDIN_PERSON_H

#include "encode.h"

struct person {
	char name[32], sex[8], nation[8], birth[16]; /* birth without leading zeros, 1987/1/1 */
	char address[160], number[19];
	char authority[64], valid[32]; /* 2018.03.05-2038.03.05 or 2018.03.05-长期 */
};

struct company {
	char name[96], code[19], address[160], period[48]; /* 2015年03月05日至长期 */
};

void company_from_hash(struct company *company, const unsigned char hash[SHA256_SIZE]);
void person_from_hash(struct person *person, const unsigned char hash[SHA256_SIZE]);

#endif
