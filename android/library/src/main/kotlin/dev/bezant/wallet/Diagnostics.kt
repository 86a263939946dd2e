package dev.bezant.wallet

/** What this library is and what it has seen. */
public interface Diagnostics {
    /** What this library is. */
    public val buildInfo: BuildInfo

    /**
     * What has happened since the set-up, masked, to be played again at a desk; `null` unless the configuration records
     * ([WalletConfig.Builder.recordedSteps]).
     */
    public suspend fun exportRecording(): ByteArray?
}

/** What this library is. */
public class BuildInfo internal constructor(
    /** Its version. */
    public val version: String,
    /** How the native library was made: `release` with the NDK, `ci` without, `desk` for tests on a JVM. */
    public val grade: String,
    /** The ABI of the native library, or `unknown` where it is not loaded yet. */
    public val abi: String,
) {
    override fun toString(): String = "bezant-wallet $version ($grade, $abi)"
}
