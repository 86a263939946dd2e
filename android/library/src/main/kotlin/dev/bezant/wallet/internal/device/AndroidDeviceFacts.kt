package dev.bezant.wallet.internal.device

import android.app.KeyguardManager
import android.content.Context
import android.os.PowerManager
import dev.bezant.wallet.internal.DeviceFacts

/** How the device stands, asked of Android each time: a call into the system, nothing that waits for a disk. */
internal class AndroidDeviceFacts(
    context: Context,
) : DeviceFacts {
    private val keyguard by lazy { context.getSystemService(KeyguardManager::class.java) }
    private val power by lazy { context.getSystemService(PowerManager::class.java) }

    override val isLocked: Boolean get() = keyguard?.isDeviceLocked != false

    override val isScreenOn: Boolean get() = power?.isInteractive == true
}
