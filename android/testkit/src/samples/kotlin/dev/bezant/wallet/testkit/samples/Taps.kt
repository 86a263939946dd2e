package dev.bezant.wallet.testkit.samples

import dev.bezant.wallet.CdcvmMethod
import dev.bezant.wallet.ErrorCode
import dev.bezant.wallet.Wallet
import dev.bezant.wallet.WalletHost
import dev.bezant.wallet.WalletState
import dev.bezant.wallet.testkit.ApduPorts
import dev.bezant.wallet.testkit.FakeIssuer
import dev.bezant.wallet.testkit.FakeTerminal
import dev.bezant.wallet.testkit.FakeWallet
import dev.bezant.wallet.testkit.HostContract
import dev.bezant.wallet.testkit.TestWallet
import dev.bezant.wallet.testkit.WalletStates
import dev.bezant.wallet.testkit.WalletValues

/** A card, a terminal and an issuer, without a phone and without a contract. */
fun theFirstTap(): FakeIssuer.Verdict =
    TestWallet.withSyn1().use { phone ->
        phone.wallet.authentication.setUserAuthenticated(CdcvmMethod.FINGERPRINT, null)
        val tap = FakeTerminal.selling(2_500).tap(ApduPorts.ofWallet())
        FakeIssuer().authorise(tap)
    }

/** What a screen says when the store cannot be opened. */
fun aScreenUnderTest(screen: (Wallet) -> String): String {
    val wallet = FakeWallet()
    wallet.setState(WalletStates.failed(WalletValues.exception(ErrorCode.STORAGE_FULL, needsUser = true)))
    check(wallet.state.value is WalletState.Failed)
    return screen(wallet)
}

/** What is wrong with an app's host; an empty list is what a test wants. */
fun aHostUnderTest(host: WalletHost): List<HostContract.CallReport> = HostContract.check(host).faults
