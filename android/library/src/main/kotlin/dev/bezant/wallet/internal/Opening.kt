package dev.bezant.wallet.internal

import dev.bezant.wallet.ErrorCode
import dev.bezant.wallet.InternalWalletException
import dev.bezant.wallet.SecurityEventException
import dev.bezant.wallet.SetupException
import dev.bezant.wallet.WalletException
import dev.bezant.wallet.WalletState
import kotlinx.coroutines.flow.MutableStateFlow
import java.io.File

/** How the native wallet is opened, on a thread that may wait, and opened again after a failure that passes. */
internal class Opening(
    private val parts: WalletParts,
    private val port: NativePort,
    private val terminals: NativeTerminalSide,
    private val state: MutableStateFlow<WalletState>,
) {
    @Volatile
    private var ended = false

    /** The folder of the files. */
    val folder: File by lazy { parts.folder() }

    /** How often it has failed. */
    @Volatile
    var attempts = 0
        private set

    /**
     * Opens it, unless it is open; where another attempt than those [known] has failed meanwhile, that one's failure is this one's.
     * Gives whether it was this call that has opened it.
     */
    @Synchronized
    fun open(known: Int): Boolean {
        if (state.value is WalletState.Ready) return false
        refuseWhatHasEnded()
        (state.value as? WalletState.Failed)?.takeIf { attempts != known }?.let { throw it.exception }
        state.value = WalletState.Opening()
        attempt {
            refuseEnvironment()
            NativeLibrary.load()
            Native.close()
            native { Native.open(lines(), folder.path, parts.boot(), port, parts.vault != null, parts.clock != null) }
            terminals.answering()
            native { Native.awaitUsable() }
            state.value = WalletState.Ready()
        }
        return true
    }

    /** Destroys what is stored, with its key, and opens anew. */
    @Synchronized
    fun startOver(erased: () -> Unit) {
        refuseWhatHasEnded()
        state.value = WalletState.Opening()
        terminals.refusing()
        attempt {
            NativeLibrary.load()
            Native.close()
            native { Native.erase(folder.path, port, parts.vault != null) }
            erased()
        }
        open(attempts)
    }

    /** Closes it for good. */
    @Synchronized
    fun end() {
        if (ended) return
        ended = true
        terminals.refusing()
        state.value = WalletState.Inert("closed")
        Native.close()
    }

    /** Throws where nothing can be asked of the native side; waits for the moment that it takes to be loaded. */
    fun awaitNative() {
        val answering = terminals.awaitAnswering()
        refuseWhatHasEnded()
        (state.value as? WalletState.Failed)?.let { throw it.exception }
        if (!answering) throw SetupException(ErrorCode.NOT_SET_UP, "the wallet is still being loaded", isRetryable = true)
    }

    private fun refuseWhatHasEnded() {
        // The native side has one wallet: by now it may be another one's.
        if (ended) throw SetupException(ErrorCode.NOT_SET_UP, "this wallet has ended")
        // What has ended a wallet's life in a process is not undone in it.
        if (state.value is WalletState.SecurityEvent) throw SecurityEventException(ErrorCode.SECURITY_EVENT_OCCURRED, "")
    }

    private fun attempt(work: () -> Unit) {
        val failure =
            try {
                return work()
            } catch (exception: WalletException) {
                exception
            } catch (exception: Throwable) {
                parts.log.warn("the wallet cannot be opened", exception)
                InternalWalletException(ErrorCode.INTERNAL, "the wallet could not be opened: ${exception.javaClass.simpleName}")
            }
        attempts++
        terminals.refusing()
        state.value = if (failure is SecurityEventException) WalletState.SecurityEvent(null) else WalletState.Failed(failure)
        throw failure
    }

    private fun refuseEnvironment() {
        val policy = parts.config.environmentPolicy ?: return
        val refused = policy.refusal(parts.environment()) ?: return
        throw SetupException(ErrorCode.ENVIRONMENT_REFUSED, "${refused.code}: ${refused.evidence}", needsUser = true)
    }

    private fun lines(): String =
        (parts.config.settings + parts.config.velocity.mapKeys { "velocity.${it.key}" })
            .entries
            .joinToString("\n") { "${it.key}=${it.value}" }
}
