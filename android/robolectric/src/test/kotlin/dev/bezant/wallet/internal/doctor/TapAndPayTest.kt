package dev.bezant.wallet.internal.doctor

import android.app.Activity
import android.app.role.RoleManager
import android.content.pm.PackageManager
import android.nfc.cardemulation.CardEmulation
import android.os.Build
import android.os.Bundle
import android.provider.Settings
import dev.bezant.wallet.internal.Phone
import dev.bezant.wallet.internal.withoutFeature
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import org.robolectric.annotation.Implementation
import org.robolectric.annotation.Implements
import org.robolectric.shadows.ShadowCardEmulation
import org.robolectric.util.ReflectionHelpers

@RunWith(RobolectricTestRunner::class)
@Config(sdk = [35], shadows = [CardEmulationOfResumed::class])
class TapAndPayTest {
    private val phone = Phone()

    @After
    fun forget() = ReflectionHelpers.setStaticField(Build.VERSION::class.java, "SDK_INT", 35)

    private fun onAndroid(level: Int) = ReflectionHelpers.setStaticField(Build.VERSION::class.java, "SDK_INT", level)

    private val preferred get() = ShadowCardEmulation.getPreferredService()

    @Test
    fun s2_032_the_default_is_the_holder_of_the_role_from_android_15_on() {
        assertTrue(phone.tapAndPay().isDefault())
        phone.giveRoleTo(Phone.OTHER_APP)
        assertFalse(phone.tapAndPay().isDefault())
    }

    @Test
    fun s2_032_the_default_is_the_payment_service_before_and_where_there_is_no_role() {
        for (level in listOf(24, 34, 35)) {
            onAndroid(level)
            phone.giveRoleTo(null)
            ShadowCardEmulation.setDefaultServiceForCategory(null, CardEmulation.CATEGORY_PAYMENT)
            assertFalse(phone.tapAndPay().isDefault())
            ShadowCardEmulation.setDefaultServiceForCategory(phone.component, CardEmulation.CATEGORY_PAYMENT)
            assertTrue(phone.tapAndPay().isDefault())
        }
    }

    @Test
    fun s2_032_a_phone_without_card_emulation_has_no_default() {
        phone.giveRoleTo(null)
        phone.application.withoutFeature(PackageManager.FEATURE_NFC_HOST_CARD_EMULATION)
        assertFalse(phone.tapAndPay().isDefault())
    }

    @Test
    fun s2_032_the_request_is_built_as_the_android_version_wants_it() {
        val role = phone.tapAndPay().requestDefaultIntent()
        assertEquals("android.app.role.action.REQUEST_ROLE", role.action)
        assertEquals(RoleManager.ROLE_WALLET, role.getStringExtra("android.intent.extra.ROLE_NAME"))

        onAndroid(34)
        val change = phone.tapAndPay().requestDefaultIntent()
        assertEquals("android.nfc.cardemulation.action.ACTION_CHANGE_DEFAULT", change.action)
        assertEquals(CardEmulation.CATEGORY_PAYMENT, change.getStringExtra(CardEmulation.EXTRA_CATEGORY))
        @Suppress("DEPRECATION")
        assertEquals(phone.component, change.getParcelableExtra(CardEmulation.EXTRA_SERVICE_COMPONENT))

        phone.packages.removeService(phone.component)
        assertEquals(Settings.ACTION_NFC_PAYMENT_SETTINGS, phone.tapAndPay().requestDefaultIntent().action)
    }

    @Test
    fun s2_032_the_preference_follows_the_life_cycle_of_the_activity() {
        val activity = Robolectric.buildActivity(Activity::class.java).create().start()
        phone.tapAndPay().preferWhileResumed(activity.get())
        assertNull(preferred)
        repeat(2) {
            activity.resume()
            assertEquals(phone.component, preferred)
            activity.pause()
            assertNull(preferred)
        }
        activity.stop().destroy()
        assertNull(preferred)
    }

    @Test
    fun s2_032_the_preference_of_a_resumed_activity_is_set_at_once_and_ends_when_closed() {
        val activity = Robolectric.buildActivity(Activity::class.java).setup()
        val preference = phone.tapAndPay().preferWhileResumed(activity.get())
        assertEquals(phone.component, preferred)
        preference.close()
        assertNull(preferred)
        preference.close()
        activity.pause().resume()
        assertNull(preferred)
    }

    @Test
    fun s2_032_set_in_onresume_and_closed_in_onpause() {
        val activity = Robolectric.buildActivity(PreferringActivity::class.java).create().start()
        repeat(2) {
            activity.resume()
            assertEquals(phone.component, preferred)
            activity.pause()
            assertNull(preferred)
        }
    }

    @Test
    fun s2_032_another_activity_changes_nothing() {
        val activity = Robolectric.buildActivity(Activity::class.java).setup()
        phone.tapAndPay().preferWhileResumed(activity.get())
        val other = Robolectric.buildActivity(Activity::class.java).setup()
        other.pause().stop().destroy()
        assertEquals(phone.component, preferred)
    }

    @Test
    fun s2_032_closing_after_the_pausing_is_harmless() {
        val activity = Robolectric.buildActivity(Activity::class.java).setup()
        val preference = phone.tapAndPay().preferWhileResumed(activity.get())
        activity.pause().stop()
        preference.close()
        assertNull(preferred)
    }

    @Test
    fun s2_032_where_nothing_can_be_preferred_nothing_is_done() {
        val activity = Robolectric.buildActivity(Activity::class.java).setup()
        phone.packages.removeService(phone.component)
        phone.tapAndPay().preferWhileResumed(activity.get()).close()
        phone.declare()
        phone.application.withoutFeature(PackageManager.FEATURE_NFC_HOST_CARD_EMULATION)
        phone.tapAndPay().preferWhileResumed(activity.get()).close()
        assertNull(preferred)
    }
}

/** An app's activity as the documentation has it. */
class PreferringActivity : Activity() {
    private var preference: AutoCloseable? = null

    override fun onResume() {
        super.onResume()
        preference = tapAndPay.preferWhileResumed(this)
    }

    override fun onPause() {
        preference?.close()
        super.onPause()
    }

    private lateinit var tapAndPay: AndroidTapAndPay

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        tapAndPay = AndroidTapAndPay(application, isSetUpInOnCreate = true)
    }
}

/** Card emulation that refuses a preference to an activity that is not resumed, as Android does. */
@Implements(CardEmulation::class)
class CardEmulationOfResumed : ShadowCardEmulation() {
    @Implementation
    override fun setPreferredService(
        activity: Activity,
        service: android.content.ComponentName,
    ): Boolean {
        require(activity.isResumed) { "Activity must be resumed." }
        return super.setPreferredService(activity, service)
    }

    @Implementation
    override fun unsetPreferredService(activity: Activity): Boolean {
        require(activity.isResumed) { "Activity must be resumed." }
        return super.unsetPreferredService(activity)
    }
}
