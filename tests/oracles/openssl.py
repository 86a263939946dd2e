"""What OpenSSL computes: RSA by its program, which needs no padding; DES and AES through pyemv's `cryptography`."""

import pathlib
import subprocess

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes


def generate_key(bits, exponent):
    """A private key. The program makes keys that `cryptography` finds too short to make, but not to read."""
    options = ["-pkeyopt", f"rsa_keygen_bits:{bits}", "-pkeyopt", f"rsa_keygen_pubexp:{exponent}"]
    key = _run(["genpkey", "-algorithm", "RSA", *options, "-outform", "DER"])
    return serialization.load_der_private_key(key, None)


class PublicKey:
    """The public half of a key, in a file in a folder of the caller's."""

    def __init__(self, key, folder):
        self._file = pathlib.Path(folder) / "key.der"
        encoding, form = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        self._file.write_bytes(key.public_bytes(encoding, form))

    @classmethod
    def of_modulus(cls, modulus, exponent, folder):
        numbers = RSAPublicNumbers(int.from_bytes(exponent, "big"), int.from_bytes(modulus, "big"))
        return cls(numbers.public_key(), folder)

    def recover(self, signature):
        """The block that was signed, whatever it holds."""
        key = ["-pubin", "-inkey", str(self._file), "-keyform", "DER"]
        return _run(["pkeyutl", "-encrypt", *key, "-pkeyopt", "rsa_padding_mode:none"], signature)


def crt_parts(key):
    """p, q, d mod p-1, d mod q-1 and q^-1 mod p, each as long as its prime."""
    numbers = key.private_numbers()
    parts = {"p": numbers.p, "q": numbers.q, "dp": numbers.dmp1, "dq": numbers.dmq1, "u": numbers.iqmp}
    return {name: number.to_bytes((number.bit_length() + 7) // 8, "big") for name, number in parts.items()}


def retail_mac(key, message):
    """ISO/IEC 9797-1 algorithm 3 with padding method 2: a CBC of single DES whose last block is a triple one."""
    padded = message + b"\x80"
    padded += bytes(-len(padded) % 8)
    left, right = key[:8], key[8:]
    chain = bytes(8)
    if padded[:-8]:
        chain = _encrypt(Cipher(TripleDES(left * 3), modes.CBC(bytes(8))), padded[:-8])[-8:]
    last = bytes(a ^ b for a, b in zip(chain, padded[-8:]))
    return _encrypt(Cipher(TripleDES(left + right + left), modes.ECB()), last)


def wrap(key, plain):
    """AES-ECB with the padding of ISO/IEC 7816-4."""
    padded = plain + b"\x80"
    return _encrypt(Cipher(algorithms.AES(key), modes.ECB()), padded + bytes(-len(padded) % 16))


def _encrypt(cipher, plain):
    encryptor = cipher.encryptor()
    return encryptor.update(plain) + encryptor.finalize()


def _run(arguments, data=b""):
    return subprocess.run(["openssl", *arguments], input=data, capture_output=True, check=True).stdout
