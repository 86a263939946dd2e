package dev.bezant.wallet.testkit.bench

/** Bytes there and back as a command and its answer cross; only in a library with the feature `bench`. */
internal object BridgeEcho {
    @JvmStatic
    external fun echo(bytes: ByteArray): ByteArray
}
