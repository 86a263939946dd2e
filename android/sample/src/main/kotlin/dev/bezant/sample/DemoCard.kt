package dev.bezant.sample

import android.content.res.AssetManager
import dev.bezant.wallet.InstrumentId
import dev.bezant.wallet.Wallet
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import org.json.JSONObject

/**
 * The synthetic card SYN-1, which only debug builds have in their assets: its keys are published. A real app gets profile and
 * credentials from its server as byte arrays, and never makes a String of them as this does.
 */
internal class DemoCard private constructor(
    private val assets: AssetManager,
) {
    suspend fun bringIn(wallet: Wallet) =
        withContext(Dispatchers.IO) {
            val keys = JSONObject(String(read(KEYS)))
            wallet.instruments.installProfile(ID, read(PROFILE), null)
            wallet.instruments.loadCredentials(ID, keys.getJSONArray("credentials").toString().toByteArray())
            wallet.instruments.activate(ID)
        }

    private fun read(name: String): ByteArray = assets.open(name).use { it.readBytes() }

    companion object {
        private val ID = InstrumentId("syn-1")
        private const val PROFILE = "syn-1.profile-v1.json"
        private const val KEYS = "syn-1.credentials.json"

        /** `null` in a release. */
        fun of(assets: AssetManager): DemoCard? = if (PROFILE in assets.list("").orEmpty()) DemoCard(assets) else null
    }
}
