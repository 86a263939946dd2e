package dev.bezant.wallet.internal

import dev.bezant.wallet.EnvironmentFact
import dev.bezant.wallet.Security
import dev.bezant.wallet.SecurityReport
import dev.bezant.wallet.internal.wide.securityReports
import dev.bezant.wallet.internal.wide.reportSecurityEvent as wideReportSecurityEvent
import dev.bezant.wallet.internal.wide.wipe as wideWipe

/** What ends the native wallet's life. */
internal class NativeSecurity(
    private val operations: Operations,
    private val parts: WalletParts,
    private val opening: Opening,
    private val awaitReady: suspend () -> Unit,
    private val erased: () -> Unit,
    private val changed: () -> Unit,
) : Security {
    override suspend fun reportSecurityEvent(kind: String) {
        awaitReady()
        operations.join("reportSecurityEvent" to kind) { Wide.call { wideReportSecurityEvent(kind) } }
    }

    override suspend fun wipe() {
        awaitReady()
        operations.join("wipe") {
            Wide.call { wideWipe() }.also {
                erased()
                changed()
            }
        }
    }

    override suspend fun startOver() = operations.join("startOver") { opening.startOver(erased).also { changed() } }

    override suspend fun reports(): List<SecurityReport> =
        operations.join("reports") {
            NativeLibrary.load()
            Wide.call { securityReports(opening.folder.path) }.map { SecurityReport(it.kind, it.unixMs.toLong()) }
        }

    override suspend fun environment(): List<EnvironmentFact> = operations.join("environment") { parts.environment() }
}
