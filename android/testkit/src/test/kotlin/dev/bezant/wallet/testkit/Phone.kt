package dev.bezant.wallet.testkit

import dev.bezant.wallet.CdcvmMethod
import dev.bezant.wallet.ErrorCode
import dev.bezant.wallet.WalletConfig
import dev.bezant.wallet.WalletException
import kotlinx.coroutines.runBlocking
import java.io.File
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertTrue

/** A file of the repository. */
internal fun repository(path: String): File =
    generateSequence(File("").absoluteFile) { it.parentFile }.map { File(it, path) }.first { it.exists() }

/** A configuration under which no slow machine makes an app look slow. */
internal fun patient(): WalletConfig.Builder = WalletConfig.builder().hostBudgetMillis(5_000)

/** SYN-1 in a phone, with so many credentials, behind this app. */
internal fun phone(
    host: RecordingHost = RecordingHost(),
    credentials: Int = 20,
    config: WalletConfig = patient().build(),
): TestWallet =
    TestWallet
        .builder()
        .host(host)
        .config(config)
        .open()
        .apply { Syn1.provision(wallet, Syn1.credentials(1, credentials)) }

internal fun TestWallet.verify() {
    wallet.authentication.setUserAuthenticated(CdcvmMethod.FINGERPRINT, null)
}

internal fun TapResult.assertAuthorised(issuer: FakeIssuer = FakeIssuer()) {
    val verdict = issuer.authorise(this)
    assertTrue(verdict.isAuthorised, verdict.sentence)
}

/** The wallet fails with this. */
internal inline fun <reified E : WalletException> assertFails(
    code: ErrorCode,
    crossinline call: suspend () -> Unit,
): E {
    val thrown = assertFailsWith<E> { runBlocking { call() } }
    assertEquals(code, thrown.code, thrown.message)
    return thrown
}

/** Waits until something holds. */
internal fun eventually(
    what: String,
    holds: () -> Boolean,
) {
    val deadline = System.nanoTime() + 5_000_000_000
    while (!holds()) {
        assertTrue(System.nanoTime() < deadline, what)
        Thread.sleep(2)
    }
}
