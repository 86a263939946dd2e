package dev.bezant.wallet

/**
 * How a wallet behaves; `WalletConfig.builder().build()` is what most apps want. What is not set has the default of the core.
 *
 * @sample dev.bezant.wallet.samples.aConfiguration
 */
public class WalletConfig internal constructor(
    internal val settings: Map<String, Any>,
    internal val velocity: Map<String, Any>,
    internal val environmentPolicy: EnvironmentPolicy?,
) {
    override fun equals(other: Any?): Boolean =
        other is WalletConfig && other.settings == settings && other.velocity == velocity && other.environmentPolicy === environmentPolicy

    override fun hashCode(): Int = 31 * settings.hashCode() + velocity.hashCode()

    override fun toString(): String = "WalletConfig(${settings + velocity})"

    /** Sets what is to be other than the default. */
    public class Builder internal constructor() {
        private val settings = sortedMapOf<String, Any>()
        private val velocity = sortedMapOf<String, Any>()
        private var environmentPolicy: EnvironmentPolicy? = null

        /** The CVM model, which profiles that name one must be made for. By default the profile's, and flexible where it names none. */
        public fun cvmModel(model: CvmModel): Builder = set("cvm_model", model.wire)

        /** How long one verification serves, in seconds: 1 to 300; 45. */
        public fun authenticationValiditySeconds(seconds: Int): Builder = set("auth_validity_s", seconds)

        /** How many payments one verification serves; 3. */
        public fun authenticationMaxPayments(payments: Int): Builder = set("auth_max_payments", payments)

        /** How long the first of two taps is remembered, in seconds. By default the profile says, else 30. */
        public fun dualTapTimeoutSeconds(seconds: Int): Builder = set("dual_tap_timeout_s", seconds)

        /** How long a terminal may stay silent within a tap, in milliseconds; 5,000. */
        public fun apduTimeoutMillis(millis: Int): Builder = set("apdu_timeout_ms", millis)

        /** Below this number of credentials more are asked for; 5. */
        public fun replenishThreshold(credentials: Int): Builder = set("replenish_threshold", credentials)

        /** How many credentials a card may hold; 1,000. */
        public fun maxStoredCredentials(credentials: Int): Builder = set("max_stored_credentials", credentials)

        /** How many low-value payments may follow each other without a verification (flexible model): at most 50; no limit. */
        public fun maxConsecutiveLowValuePayments(payments: Int): Builder = limit("max_consecutive_lvt", payments)

        /** What they may come to together, in minor units of the domestic currency; no limit. */
        public fun maxCumulativeLowValueAmount(minorUnits: Long): Builder = limit("max_cumulative_lvt", minorUnits)

        /** What one of them may come to, in minor units of the domestic currency; no limit. */
        public fun maxSingleLowValueAmount(minorUnits: Long): Builder = limit("single_lvt_limit", minorUnits)

        /** The currency that amounts are compared and added in: three digits, ISO 4217. By default the card's. */
        public fun domesticCurrency(code: String): Builder = limit("domestic_currency", code)

        /** Whether transit gates are served, where a profile does not forbid it; yes. */
        public fun transitEnabled(enabled: Boolean): Builder = set("transit_enabled", enabled)

        /** Whether gates are passed without a verification, in models flexible and card-like; no. */
        public fun transitWithoutCdcvm(allowed: Boolean): Builder = set("transit_without_cdcvm", allowed)

        /** Whether a locked device pays; no. */
        public fun allowWhenLocked(allowed: Boolean): Builder = set("allow_when_locked", allowed)

        /** How often a phone whose link was lost may come back and still be in the same tap: 0 to 10; 0. */
        public fun linkLossRetryLimit(retries: Int): Builder = set("link_loss_retry_limit", retries)

        /** How soon it has to, in milliseconds: 500 to 10,000; 2,000. */
        public fun linkLossRetryWindowMillis(millis: Int): Builder = set("link_loss_retry_window_ms", millis)

        /** How long the app may take for its word, in milliseconds; 200. */
        public fun hostBudgetMillis(millis: Int): Builder = set("host_budget_ms", millis)

        /** How many taps are remembered; 100. */
        public fun historyLimit(taps: Int): Builder = set("history_limit", taps)

        /** How many steps a recording keeps; 0 records nothing, and a tap has about ten; 0. */
        public fun recordedSteps(steps: Int): Builder = set("recorded_steps", steps)

        /** Whether a security event freezes what is stored instead of destroying it; no. */
        public fun freezeOnSecurityEvent(freeze: Boolean): Builder = set("freeze_on_security_event", freeze)

        /** Whether cards also answer mag-stripe terminals; no. */
        public fun magStripe(enabled: Boolean): Builder = set("mag_stripe", enabled)

        /** What the app makes of the device; without one every device is served. */
        public fun environmentPolicy(policy: EnvironmentPolicy): Builder = apply { environmentPolicy = policy }

        /** The configuration. Ranges are checked when the wallet is set up. */
        public fun build(): WalletConfig = WalletConfig(settings.toMap(), velocity.toMap(), environmentPolicy)

        private fun set(
            name: String,
            value: Any,
        ): Builder = apply { settings[name] = value }

        private fun limit(
            name: String,
            value: Any,
        ): Builder = apply { velocity[name] = value }
    }

    public companion object {
        /** Begins a configuration. */
        @JvmStatic
        public fun builder(): Builder = Builder()
    }
}

/** How an issuer wants cardholders verified on the device. */
public enum class CvmModel(
    internal val wire: String,
) {
    /** Every payment needs a verification on the device. */
    ALWAYS("Always"),

    /** As a plastic card: the terminal verifies. */
    CARD_LIKE("CardLike"),

    /** Payments above the terminal's limit need a verification on the device. */
    FLEXIBLE("Flexible"),
}
