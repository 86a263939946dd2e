/* OpenSSL's side of the benches. For each line "OPERATION NUMBER" it does so many of them and prints the nanoseconds.
 * Keys, one a line of the file that is the first argument: bits n e d p q dp dq u, in hexadecimal.
 * With more arguments, "OPERATION NUMBER", it does that and ends: for counting instructions. */
#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/des.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static unsigned char session_key[16], message[40], block[256], signature[256];
static struct { int bits; RSA *key; } keys[8];
static int number_of_keys;

/* ISO/IEC 9797-1 MAC algorithm 3 over 39 bytes with padding method 2, key schedules included. */
__attribute__((noinline)) static void counted_mac(void) {
    DES_key_schedule left, right;
    DES_LONG state[2] = {0, 0};
    DES_set_key_unchecked((const_DES_cblock *)session_key, &left);
    DES_set_key_unchecked((const_DES_cblock *)(session_key + 8), &right);
    for (int at = 0; at < 40; at += 8) {
        DES_LONG words[2];
        memcpy(words, message + at, 8);
        state[0] ^= words[0];
        state[1] ^= words[1];
        DES_encrypt1(state, &left, DES_ENCRYPT);
    }
    DES_encrypt1(state, &right, DES_DECRYPT);
    DES_encrypt1(state, &left, DES_ENCRYPT);
    memcpy(block, state, 8);
}

__attribute__((noinline)) static void counted_signature(RSA *key) {
    block[0] = 0x6A;
    if (RSA_private_encrypt(RSA_size(key), block, signature, key, RSA_NO_PADDING) < 0) exit(2);
}

static unsigned char tlv[512];
static long tlv_length;

/* Every data object at every depth. */
static int walk(const unsigned char *at, const unsigned char *end) {
    int objects = 0;
    while (at < end) {
        long length;
        int tag, class, kind = ASN1_get_object(&at, &length, &tag, &class, end - at);
        if (kind & 0x80) exit(2);
        objects += 1 + ((kind & V_ASN1_CONSTRUCTED) ? walk(at, at + length) : 0);
        at += length;
    }
    return objects;
}

__attribute__((noinline)) static void counted_walk(void) {
    volatile int objects = walk(tlv, tlv + tlv_length);
    (void)objects;
}

static int perform(const char *operation, long number) {
    if (strcmp(operation, "mac") == 0) {
        while (number-- > 0) counted_mac();
        return 1;
    }
    if (strcmp(operation, "walk") == 0 && tlv_length > 0) {
        while (number-- > 0) counted_walk();
        return 1;
    }
    for (int at = 0; at < number_of_keys; at++) {
        if (atoi(operation) == keys[at].bits) {
            while (number-- > 0) counted_signature(keys[at].key);
            return 1;
        }
    }
    return strcmp(operation, "hello") == 0;
}

static BIGNUM *bignum(const char *hex) {
    BIGNUM *bignum = NULL;
    if (!BN_hex2bn(&bignum, hex)) exit(2);
    return bignum;
}

static void read_file(const char *path) {
    static char line[8192];
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file)) {
        char *words[9];
        int count = 0;
        for (char *word = strtok(line, " \n"); word && count < 9; word = strtok(NULL, " \n")) words[count++] = word;
        if (count == 2 && strcmp(words[0], "tlv") == 0) {
            for (char *hex = words[1]; hex[0] && hex[1]; hex += 2) {
                unsigned byte;
                sscanf(hex, "%2x", &byte);
                tlv[tlv_length++] = (unsigned char)byte;
            }
        }
        if (count == 9) {
            RSA *key = RSA_new();
            RSA_set0_key(key, bignum(words[1]), bignum(words[2]), bignum(words[3]));
            RSA_set0_factors(key, bignum(words[4]), bignum(words[5]));
            RSA_set0_crt_params(key, bignum(words[6]), bignum(words[7]), bignum(words[8]));
            keys[number_of_keys].bits = atoi(words[0]);
            keys[number_of_keys++].key = key;
        }
    }
    if (file) fclose(file);
}

int main(int count, char **arguments) {
    char operation[64];
    long number;
    memset(session_key, 0x5B, 16);
    if (count > 1) read_file(arguments[1]);
    if (count > 3) return perform(arguments[2], atol(arguments[3])) ? 0 : 2;
    while (scanf("%63s %ld", operation, &number) == 2) {
        struct timespec from, to;
        clock_gettime(CLOCK_MONOTONIC, &from);
        if (!perform(operation, number)) return 2;
        clock_gettime(CLOCK_MONOTONIC, &to);
        printf("%lld\n", (to.tv_sec - from.tv_sec) * 1000000000LL + (to.tv_nsec - from.tv_nsec));
        fflush(stdout);
    }
    return 0;
}
