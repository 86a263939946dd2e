package dev.bezant.wallet.internal

/** How the device stands, as a tap has to know it. */
internal interface DeviceFacts {
    /** The screen lock keeps the device closed now. */
    val isLocked: Boolean

    /** Somebody can see the screen. */
    val isScreenOn: Boolean
}
