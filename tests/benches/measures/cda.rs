//! A CDA signature, verified before it leaves and wiped behind, beside other people's RSA.

use crate::measuring::{Contender, Goal, Peer, Table, take_turns};
use bezant::crypto::{CrtParts, DynamicData, IccPrivateKey, SecretBytes, sign_dynamic_data};
use bezant::emv::UnpredictableNumber;
use num_bigint::BigUint;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng as _;
use rsa::hazmat::rsa_decrypt_and_check;
use rsa::{BoxedUint, PrivateKey};
use sandbox::keys::{CrtComponents, Exponent, KeyPair};
use std::fmt::Write as _;
use std::hint::black_box;

pub(crate) fn run() {
    let table = Table::begin("CDA signatures");
    let keys = SIZES.map(|(bits, _)| Key::of(bits));
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), keys.iter().map(Key::to_line).collect::<String>()).unwrap();
    let openssl = Peer::openssl(file.path());
    for ((bits, goal), key) in SIZES.into_iter().zip(&keys) {
        let (own, theirs) = (key.own(), key.of_the_crate_rsa());
        let mut room = vec![0; bits / 8];
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let block = BoxedUint::from_be_slice_vartime(&vec![0x6A; bits / 8]);
        let operation = bits.to_string();
        let [own_time, library, by_openssl] = take_turns(
            15,
            100,
            [
                Contender::new(|| sign_dynamic_data(&own, &DATA, black_box(&mut room)).unwrap()),
                Contender::new(|| rsa_decrypt_and_check(&theirs, Some(&mut rng), black_box(&block)).unwrap()),
                Contender::of_peer(openssl.as_ref(), &operation),
            ],
        );
        table.times(&format!("{bits} bits"), own_time, "OpenSSL", by_openssl, Goal::AtMost(goal));
        table.times(&format!("{bits} bits"), own_time, "crate rsa, blinded and checked", library, Goal::Told);
        let allocations =
            allocation_counter::measure(|| sign_dynamic_data(&own, &DATA, &mut room).unwrap()).count_total;
        table.number(&format!("{bits} bits: heap allocations"), allocations as f64, "", Goal::AtMost(0.0));
    }
}

/// An RSA key in all the forms that somebody here wants.
pub(crate) struct Key {
    bits: usize,
    modulus: BigUint,
    exponent: BigUint,
    private: BigUint,
    crt: CrtComponents,
}

impl Key {
    /// The same one every time.
    pub(crate) fn of(bits: usize) -> Self {
        let pair = KeyPair::generate(bits, Exponent::Three, &mut ChaCha20Rng::seed_from_u64(11)).unwrap();
        let crt = pair.crt_components().unwrap();
        let [p, q] = [&crt.p, &crt.q].map(|prime| BigUint::from_bytes_be(prime));
        let exponent = BigUint::from(3_u8);
        let one = BigUint::from(1_u8);
        let private = exponent.modinv(&((&p - &one) * (&q - &one))).unwrap();
        Self { bits, modulus: p * q, exponent, private, crt }
    }

    pub(crate) fn own(&self) -> IccPrivateKey {
        let part = |bytes: &[u8]| SecretBytes::copy_of(bytes);
        let CrtComponents { p, q, dp, dq, u } = &self.crt;
        IccPrivateKey::new(&CrtParts { p: part(p), q: part(q), dp: part(dp), dq: part(dq), u: part(u) }).unwrap()
    }

    fn of_the_crate_rsa(&self) -> PrivateKey {
        let number = |number: &BigUint| BoxedUint::from_be_slice_vartime(&number.to_bytes_be());
        let prime = |prime: &[u8]| BoxedUint::from_be_slice_vartime(prime);
        let primes = vec![prime(&self.crt.p), prime(&self.crt.q)];
        let (modulus, exponent, private) = (number(&self.modulus), number(&self.exponent), number(&self.private));
        PrivateKey::from_components(modulus, exponent, private, primes).unwrap()
    }

    /// As the peer that is OpenSSL reads it.
    pub(crate) fn to_line(&self) -> String {
        let CrtComponents { p, q, dp, dq, u } = &self.crt;
        let mut line = format!("{} {:X} {:X} {:X}", self.bits, self.modulus, self.exponent, self.private);
        for part in [p, q, dp, dq, u] {
            write!(line, " {}", hex::encode_upper(part)).unwrap();
        }
        line + "\n"
    }
}

pub(crate) const DATA: DynamicData<'static> = DynamicData {
    idn: [1, 2, 3, 4, 5, 6, 7, 8],
    cryptogram_information: 0x80,
    application_cryptogram: [0xA5; 8],
    transaction_data: &[&[0x16; 11], &[0x25; 45], &[0x36; 40]],
    unpredictable_number: UnpredictableNumber([0x12, 0x34, 0xAB, 0xCD]),
};

/// Bits, and how many times OpenSSL's time is the goal.
pub(crate) const SIZES: [(usize, f64); 3] = [(1_024, 1.6), (1_152, 1.1), (1_408, 1.1)];
