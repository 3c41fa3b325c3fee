/* Made-up people: the same picture is always the same person, and two pictures are two people. */
#ifndef STANDIN_PERSON_H
#define STANDIN_PERSON_H

#include "encode.h"

struct person {
	char name[32], sex[8], nation[8], birth[16]; /* birth without leading zeros, 1987/1/1 */
	char address[160], number[19];
	char authority[64], valid[32]; /* 2018.03.05-2038.03.05 or 2018.03.05-长期 */
};

void person_from_hash(struct person *person, const unsigned char hash[SHA256_SIZE]);

#endif
