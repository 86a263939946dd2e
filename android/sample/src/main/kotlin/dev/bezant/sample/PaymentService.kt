package dev.bezant.sample

import dev.bezant.wallet.BezantApduService

// region service
class PaymentService : BezantApduService()
// endregion
