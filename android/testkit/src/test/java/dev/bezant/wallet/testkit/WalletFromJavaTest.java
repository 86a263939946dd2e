package dev.bezant.wallet.testkit;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bezant.wallet.Advice;
import dev.bezant.wallet.AdviceInput;
import dev.bezant.wallet.CdcvmMethod;
import dev.bezant.wallet.ContactlessPayment;
import dev.bezant.wallet.CvmModel;
import dev.bezant.wallet.ErrorCode;
import dev.bezant.wallet.InstrumentId;
import dev.bezant.wallet.PaymentInstrument;
import dev.bezant.wallet.TapOutcome;
import dev.bezant.wallet.Wallet;
import dev.bezant.wallet.WalletConfig;
import dev.bezant.wallet.WalletException;
import dev.bezant.wallet.WalletFutures;
import dev.bezant.wallet.WalletHost;
import dev.bezant.wallet.WalletState;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;

/** An app that is written in Java. */
class WalletFromJavaTest {
    /** Overrides what it needs: the rest of the interface has defaults. */
    private static final class Shop implements WalletHost {
        private final LinkedBlockingQueue<ContactlessPayment> payments = new LinkedBlockingQueue<>();

        @Override
        public Advice finalDecision(AdviceInput input) {
            Long amount = input.getTransaction().getAmountMinorUnits();
            return amount != null && amount > 50_000 ? Advice.DECLINE : input.getRecommendedAdvice();
        }

        @Override
        public void onContactlessPaymentCompleted(ContactlessPayment payment) {
            payments.add(payment);
        }
    }

    @Test
    void a_card_comes_in_by_futures_and_pays() throws Exception {
        Shop shop = new Shop();
        WalletConfig config = WalletConfig.builder().cvmModel(CvmModel.ALWAYS).hostBudgetMillis(5_000).build();
        try (TestWallet phone = TestWallet.builder().config(config).host(shop).open()) {
            Wallet wallet = Wallet.get();
            assertSame(phone.getWallet(), wallet);
            WalletFutures futures = new WalletFutures(wallet);
            futures.awaitReady().get(5, SECONDS);
            assertInstanceOf(WalletState.Ready.class, wallet.getState().getValue());

            futures.installProfile(Syn1.ID, Syn1.profile(), null).get(5, SECONDS);
            assertEquals(3, futures.loadCredentials(Syn1.ID, Syn1.credentials()).get(5, SECONDS));
            futures.activate(Syn1.ID).get(5, SECONDS);
            futures.setDefaultForContactless(Syn1.ID).get(5, SECONDS);
            futures.selectForPayment(Syn1.ID).get(5, SECONDS);

            assertEquals(45, wallet.getAuthentication().setUserAuthenticated(CdcvmMethod.PATTERN, null));
            ApduPort port = ApduPorts.ofWallet();
            TapResult tap = FakeTerminal.builder().amount(2_500).cvmLimit(1_000).build().tap(port);
            FakeIssuer issuer = new FakeIssuer();
            assertTrue(issuer.authorise(tap).isAuthorised(), tap.toString());
            assertEquals(TapOutcome.AUTHORIZE_ONLINE, shop.payments.poll(5, SECONDS).getOutcome());

            assertEquals(TapResult.Outcome.DECLINED, FakeTerminal.selling(90_000).tap(port).getOutcome());
            ContactlessPayment declined = shop.payments.poll(5, SECONDS);
            assertEquals(TapOutcome.DECLINED_BY_WALLET, declined.getOutcome());
            List<ContactlessPayment> history = futures.payments(null, null, 10).get(5, SECONDS).getPayments();
            assertEquals(declined.getId(), history.get(0).getId());
        }
    }

    @Test
    void a_future_fails_with_an_exception_of_the_wallets() throws Exception {
        try (TestWallet phone = TestWallet.withSyn1()) {
            WalletFutures futures = new WalletFutures(phone.getWallet());
            ExecutionException thrown =
                    assertThrows(ExecutionException.class, () -> futures.activate(new InstrumentId("none")).get(5, SECONDS));
            WalletException cause = assertInstanceOf(WalletException.class, thrown.getCause());
            assertEquals(ErrorCode.INSTRUMENT_NOT_FOUND, cause.getCode());
            assertTrue(!cause.isRetryable());
        }
    }

    @Test
    void a_screen_is_tested_with_a_fake_wallet() throws Exception {
        FakeWallet wallet = new FakeWallet().install();
        try {
            wallet.getInstruments().set(WalletValues.instrument());
            PaymentInstrument card = Wallet.get().getInstruments().getAll().getValue().get(0);
            assertEquals(Syn1.ID, card.getId());

            wallet.complete(WalletValues.payment(TapOutcome.DECLINED_BY_WALLET));
            assertEquals(1, new WalletFutures(wallet).payments(Syn1.ID, null, 5).get(5, SECONDS).getPayments().size());

            wallet.setFailure(WalletValues.exception(ErrorCode.STORAGE_FULL));
            assertThrows(ExecutionException.class, () -> new WalletFutures(wallet).wipe().get(5, SECONDS));
            assertEquals(List.of("wipe"), wallet.getSecurity().getCalls());
        } finally {
            wallet.uninstall();
        }
    }
}
