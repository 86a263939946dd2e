use super::needles::{Form, Needles, reversed};
use bezant::crypto::CrtParts;
use num_bigint::BigUint;

/// What an RSA signature by Chinese remainders must leave nothing of: the parts of the key, and every number on the way
/// from which, with the signature, its primes follow.
pub struct RsaSecrets {
    primes: [BigUint; 2],
    exponents: [BigUint; 2],
    inverse: BigUint,
}

impl RsaSecrets {
    /// Those of one key.
    #[must_use]
    pub fn new(parts: &CrtParts) -> Self {
        let number = |part: &bezant::crypto::SecretBytes| BigUint::from_bytes_be(part.expose_secret());
        Self {
            primes: [number(&parts.p), number(&parts.q)],
            exponents: [number(&parts.dp), number(&parts.dq)],
            inverse: number(&parts.u),
        }
    }

    /// The five parts.
    #[must_use]
    pub fn key(&self) -> Needles {
        let [p, q] = &self.primes;
        let [dp, dq] = &self.exponents;
        let named = [("p", p), ("q", q), ("dp", dp), ("dq", dq), ("u", &self.inverse)];
        named.into_iter().map(|(name, number)| Needles::of_bytes(name, &number.to_bytes_be())).collect()
    }

    /// What computations modulo a prime are prepared with: Montgomery's R and its powers, and the inverse times R.
    #[must_use]
    pub fn constants(&self) -> Needles {
        let mut needles = Needles::default();
        for prime in &self.primes {
            let r = radix(prime) % prime;
            let two = &r * &r % prime;
            let three = &two * &r % prime;
            [r, two, three].iter().for_each(|hint| add(&mut needles, "R mod a prime", hint));
        }
        let [p, _] = &self.primes;
        add(&mut needles, "u R mod p", &(radix(p) * &self.inverse % p));
        needles
    }

    /// What stands between a signature and its message, modulo each prime: both of them, and the powers of the message
    /// that an exponentiation with windows of up to five bits begins with. Each of them differs from a public number by
    /// a multiple of the prime.
    #[must_use]
    pub fn signing(&self, signature: &[u8]) -> Needles {
        let signature = BigUint::from_bytes_be(signature);
        let mut needles = Needles::default();
        for (prime, exponent) in self.primes.iter().zip(&self.exponents) {
            // From the signature back: e is d's inverse.
            let message = signature.modpow(&inverse_of(exponent, prime), prime);
            let r = radix(prime) % prime;
            for (name, number) in [("the signature mod a prime", &signature % prime), ("its message", message.clone())]
            {
                add(&mut needles, name, &number);
                add(&mut needles, name, &(&number * &r % prime));
            }
            let mut power = message.clone();
            for _ in 2..32 {
                power = power * &message % prime;
                add(&mut needles, "a power of its message", &(&power * &r % prime));
            }
        }
        needles
    }
}

/// e of a private exponent modulo a prime, one of the two that EMV knows.
fn inverse_of(exponent: &BigUint, prime: &BigUint) -> BigUint {
    let fits = |e: &BigUint| (e * exponent % (prime - 1_u32)) == BigUint::from(1_u32);
    [3_u32, 65_537].map(BigUint::from).into_iter().find(fits).expect("a private exponent of EMV")
}

/// What Montgomery's form multiplies by: the power of two above the words of the prime.
fn radix(prime: &BigUint) -> BigUint {
    BigUint::from(1_u32) << (prime.bits().div_ceil(64) * 64)
}

fn add(needles: &mut Needles, name: &str, number: &BigUint) {
    let bytes = number.to_bytes_be();
    for part in bytes.rchunks_exact(8) {
        needles.add(name, Form::Hint, reversed(part));
        needles.add(name, Form::Hint, part.to_vec());
    }
}
