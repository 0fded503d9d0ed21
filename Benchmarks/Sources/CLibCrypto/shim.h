// Only what digests the payload; the rest of libcrypto stays out of sight.
#include <openssl/evp.h>
