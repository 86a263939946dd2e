//! What the wallet makes of the block cipher, on random keys and messages, against the crate `emv`, which
//! stands on the crate `des`.

use crate::cases;
use bezant::crypto::{CryptogramInput, application_cryptogram, derive_cvc3, retail_mac};
use bezant::emv::{Aip, Atc, Cvr, CvrInput, Reasons, TransactionConditions, UnpredictableNumber};
use emv::core::application_cryptogram::verify_application_cryptogram;
use emv::core::secure_messaging;
use proptest::array::{uniform2, uniform4, uniform16, uniform29};
use proptest::collection::vec;
use proptest::prelude::*;

proptest! {
    #![proptest_config(cases(2_000))]

    #[test]
    fn the_retail_mac_is_that_of_the_emv_crate(key in uniform16(any::<u8>()), message in vec(any::<u8>(), 0..=300)) {
        prop_assert_eq!(retail_mac(&key, &message), secure_messaging::retail_mac(&key, &message));
    }

    #[test]
    fn an_application_cryptogram_verifies_at_the_emv_crate(
        key in uniform16(any::<u8>()),
        data in uniform29(any::<u8>()),
        aip in uniform2(any::<u8>()),
        atc: u16,
        arqc: bool,
    ) {
        let cvr = Cvr::compose(&CvrInput {
            arqc,
            cda: arqc,
            cdcvm_done: arqc,
            cdcvm_requested: true,
            conditions: TransactionConditions::International,
            issuer_discretionary: 0x03,
            additional_check: Some(arqc),
            reasons: Reasons::NONE,
        });
        let input = [&data[..], &aip, &atc.to_be_bytes(), &cvr.to_bytes()].concat();
        let cryptogram =
            application_cryptogram(&key, &CryptogramInput::compose(&data, Aip::new(aip), Atc::new(atc), cvr));
        prop_assert!(verify_application_cryptogram(&key, &input, cryptogram));
    }

    /// The digits are taken from the crate's block: the last two bytes under one key, the first two under the other.
    #[test]
    fn cvc3_and_crypto_atc_are_digits_of_a_block_of_the_emv_crate(
        umd in uniform16(any::<u8>()),
        md in uniform16(any::<u8>()),
        iv in uniform2(any::<u8>()),
        number in uniform4(any::<u8>()),
        atc: u16,
    ) {
        let block: [u8; 8] = [&iv[..], &number, &atc.to_be_bytes()].concat().try_into().unwrap();
        let [.., code, code_low] = secure_messaging::tdes_encrypt_block(&umd, block);
        let [counter, counter_low, ..] = secure_messaging::tdes_encrypt_block(&md, block);

        let cvc3 = derive_cvc3(&umd, &md, iv, UnpredictableNumber(number), Atc::new(atc));

        let digits = |high, low| u16::from_be_bytes([high, low]) % 1000;
        prop_assert_eq!(u16::from_be_bytes(cvc3.code), digits(code, code_low) + atc % 10 * 1000);
        prop_assert_eq!(u16::from_be_bytes(cvc3.crypto_atc), digits(counter, counter_low) + atc % 100 / 10 * 1000);
    }
}
