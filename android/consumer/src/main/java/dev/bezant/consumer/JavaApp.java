package dev.bezant.consumer;

import android.app.Application;
import dev.bezant.wallet.Advice;
import dev.bezant.wallet.AdviceInput;
import dev.bezant.wallet.BezantApduService;
import dev.bezant.wallet.ContactlessPayment;
import dev.bezant.wallet.ErrorCode;
import dev.bezant.wallet.InstrumentId;
import dev.bezant.wallet.Wallet;
import dev.bezant.wallet.WalletConfig;
import dev.bezant.wallet.WalletException;
import dev.bezant.wallet.WalletFutures;
import dev.bezant.wallet.WalletHost;
import dev.bezant.wallet.WalletState;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;

/** An app written in Java: that it compiles is the proof that the API can be used from there. */
public final class JavaApp extends Application {
    @Override
    public void onCreate() {
        super.onCreate();
        Wallet wallet = Wallet.setup(this, WalletConfig.builder().authenticationValiditySeconds(60).build(), new Host());
        WalletFutures futures = new WalletFutures(wallet);
        InstrumentId card = new InstrumentId("card-1");
        CompletableFuture<Integer> left = futures.awaitReady()
                .thenCompose(ready -> futures.installProfile(card, "{}".getBytes(StandardCharsets.UTF_8), null))
                .thenCompose(installed -> futures.loadCredentials(card, "[]".getBytes(StandardCharsets.UTF_8)));
        left.whenComplete((credentials, failure) -> {
            if (failure instanceof WalletException && ((WalletException) failure).getCode().equals(ErrorCode.NOT_SET_UP)) {
                throw new IllegalStateException(failure);
            }
        });
    }

    /** Whether payments can be made. */
    static boolean isReady(Wallet wallet) {
        return wallet.getState().getValue() instanceof WalletState.Ready;
    }

    /** The service that the app's manifest names. */
    public static final class PaymentService extends BezantApduService {}

    /** Overrides what it wants to: everything else has a default. */
    private static final class Host implements WalletHost {
        @Override
        public Advice finalDecision(AdviceInput input) {
            return input.isUserAuthenticated() ? input.getRecommendedAdvice() : Advice.AUTHENTICATION_REQUIRED;
        }

        @Override
        public void onContactlessPaymentCompleted(ContactlessPayment payment) {
            System.out.println(payment.getId());
        }
    }
}
