#ifndef WHARF_SHA_H
#define WHARF_SHA_H
#include <stddef.h>
#include <stdint.h>

/* A running SHA-256 or SHA-512 whose state can be read and set (FIPS 180-4): libcrypto's low-level contexts, which
   are plain structs. OpenSSL 3 marks them deprecated because they bypass its providers; EVP offers no way to export
   a running state, so they are used on purpose, here and nowhere else. */
typedef struct {
    uint64_t words[8];      /* chaining value; SHA-256 uses the low 32 bits of each */
    uint64_t length;        /* bytes hashed so far */
    uint8_t tail[128];      /* bytes not yet compressed: length % block size of them are meaningful */
    int is512;
} wharf_sha_state;

void wharf_sha_init(wharf_sha_state *state, int is512);
void wharf_sha_update(wharf_sha_state *state, const void *bytes, size_t count);
/* Writes 32 or 64 bytes. The state itself is left as it was, so hashing can go on. */
void wharf_sha_final(const wharf_sha_state *state, uint8_t *out);

#endif
