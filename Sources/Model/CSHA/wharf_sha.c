#define OPENSSL_SUPPRESS_DEPRECATED
#include "wharf_sha.h"
#include <openssl/sha.h>
#include <string.h>

static void load256(const wharf_sha_state *s, SHA256_CTX *c) {
    SHA256_Init(c);
    for (int i = 0; i < 8; i++) c->h[i] = (SHA_LONG)s->words[i];
    uint64_t bits = s->length << 3;
    c->Nl = (SHA_LONG)bits;
    c->Nh = (SHA_LONG)(bits >> 32);
    c->num = (unsigned)(s->length % SHA256_CBLOCK);
    memcpy(c->data, s->tail, c->num);
}

static void load512(const wharf_sha_state *s, SHA512_CTX *c) {
    SHA512_Init(c);
    for (int i = 0; i < 8; i++) c->h[i] = s->words[i];
    c->Nl = s->length << 3;
    c->Nh = s->length >> 61;
    c->num = (unsigned)(s->length % SHA512_CBLOCK);
    memcpy(c->u.p, s->tail, c->num);
}

void wharf_sha_init(wharf_sha_state *state, int is512) {
    memset(state, 0, sizeof *state);
    state->is512 = is512;
    if (is512) {
        SHA512_CTX c;
        SHA512_Init(&c);
        for (int i = 0; i < 8; i++) state->words[i] = c.h[i];
    } else {
        SHA256_CTX c;
        SHA256_Init(&c);
        for (int i = 0; i < 8; i++) state->words[i] = c.h[i];
    }
}

void wharf_sha_update(wharf_sha_state *state, const void *bytes, size_t count) {
    if (count == 0) return;
    if (state->is512) {
        SHA512_CTX c;
        load512(state, &c);
        SHA512_Update(&c, bytes, count);
        for (int i = 0; i < 8; i++) state->words[i] = c.h[i];
        memcpy(state->tail, c.u.p, c.num);
    } else {
        SHA256_CTX c;
        load256(state, &c);
        SHA256_Update(&c, bytes, count);
        for (int i = 0; i < 8; i++) state->words[i] = c.h[i];
        memcpy(state->tail, c.data, c.num);
    }
    state->length += count;
}

void wharf_sha_final(const wharf_sha_state *state, uint8_t *out) {
    if (state->is512) {
        SHA512_CTX c;
        load512(state, &c);
        SHA512_Final(out, &c);
    } else {
        SHA256_CTX c;
        load256(state, &c);
        SHA256_Final(out, &c);
    }
}
