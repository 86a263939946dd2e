package dev.bezant.wallet.internal.doctor

import android.app.admin.DevicePolicyManager
import android.content.pm.PackageManager
import android.nfc.cardemulation.CardEmulation
import android.os.Build
import android.provider.Settings
import dev.bezant.wallet.Finding
import dev.bezant.wallet.Finding.Code
import dev.bezant.wallet.Finding.Severity
import dev.bezant.wallet.internal.Phone
import dev.bezant.wallet.internal.PlantedCardEmulation
import dev.bezant.wallet.internal.withoutFeature
import kotlinx.coroutines.runBlocking
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.shadows.ShadowCardEmulation
import org.robolectric.shadows.ShadowNfcAdapter
import org.robolectric.util.ReflectionHelpers

@RunWith(RobolectricTestRunner::class)
@Config(sdk = [35], shadows = [PlantedCardEmulation::class])
class DoctorTest {
    private val phone = Phone()

    @After
    fun forget() {
        PlantedCardEmulation.forget()
        ReflectionHelpers.setStaticField(Build.VERSION::class.java, "SDK_INT", 35)
    }

    private fun findings(isSetUpInOnCreate: Boolean = true): List<Finding> =
        runBlocking { phone.tapAndPay(isSetUpInOnCreate).doctor() }.onEach { assertTrue(it.sentence, it.sentence.endsWith(".")) }

    private fun only(code: Code): Finding {
        val found = findings()
        assertEquals(found.toString(), listOf(code), found.map { it.code })
        return found.single()
    }

    @Test
    fun s2_032_a_phone_that_can_pay_has_nothing_to_report() = assertEquals(emptyList<Finding>(), findings())

    @Test
    fun s2_032_no_nfc() {
        ShadowNfcAdapter.setNfcHardwareExists(false)
        phone.application.withoutFeature(PackageManager.FEATURE_NFC)
        phone.application.withoutFeature(PackageManager.FEATURE_NFC_HOST_CARD_EMULATION)
        assertEquals(Severity.BLOCKS, only(Code.NFC_MISSING).severity)
    }

    @Test
    fun s2_032_nfc_switched_off() {
        shadowOf(phone.adapter).setEnabled(false)
        val finding = only(Code.NFC_OFF)
        assertEquals(Severity.BLOCKS, finding.severity)
        assertEquals(Settings.ACTION_NFC_SETTINGS, finding.fix?.action)
    }

    @Test
    fun s2_032_no_card_emulation() {
        phone.application.withoutFeature(PackageManager.FEATURE_NFC_HOST_CARD_EMULATION)
        assertEquals(Severity.BLOCKS, only(Code.HCE_MISSING).severity)
    }

    @Test
    fun s2_032_no_service_declared() {
        phone.packages.removeService(phone.component)
        val finding = only(Code.SERVICE_NOT_DECLARED)
        assertEquals(Severity.BLOCKS, finding.severity)
        assertTrue(finding.sentence, "BezantApduService" in finding.sentence)
    }

    private fun wrongly(part: String) {
        val finding = only(Code.SERVICE_DECLARED_WRONGLY)
        assertEquals(Severity.BLOCKS, finding.severity)
        assertTrue(finding.sentence, part in finding.sentence && phone.component.className in finding.sentence)
    }

    @Test
    fun s2_032_a_service_that_is_not_exported() {
        phone.declare { exported = false }
        wrongly("android:exported")
    }

    @Test
    fun s2_032_a_service_without_the_permission() {
        phone.declare { permission = null }
        wrongly("android.permission.BIND_NFC_SERVICE")
    }

    @Test
    fun s2_032_a_service_without_the_filter() {
        phone.declare(hasFilter = false)
        wrongly("android.nfc.cardemulation.action.HOST_APDU_SERVICE")
    }

    @Test
    fun s2_032_a_service_without_a_resource() {
        phone.resource = null
        wrongly("android.nfc.cardemulation.host_apdu_service")
    }

    @Test
    fun s2_032_a_resource_that_breaks_off() {
        phone.resource = Phone.resourceWith(PPSE, Phone.MASTERCARD).replace("</aid-group>", "<aid-filter")
        wrongly("cannot be read")
    }

    @Test
    fun s2_032_a_resource_of_another_category() {
        phone.resource = Phone.resourceWith(PPSE, Phone.MASTERCARD, category = "other")
        wrongly("category payment")
    }

    @Test
    fun s2_032_a_resource_without_the_directory_of_the_card() {
        phone.resource = Phone.resourceWith(Phone.MASTERCARD)
        wrongly("2PAY.SYS.DDF01")
    }

    @Test
    fun s2_032_a_resource_with_what_is_no_identifier() {
        phone.resource = Phone.resourceWith(PPSE, "A00000000410100")
        wrongly("A00000000410100")
    }

    @Test
    fun s2_032_identifiers_may_be_in_lower_case_and_stand_for_more_than_themselves() {
        val filters = """<aid-filter android:name="${PPSE.lowercase()}"/><aid-prefix-filter android:name="a000000004"/>"""
        phone.resource = Phone.resourceWith(Phone.MASTERCARD).replace("</aid-group>", "$filters</aid-group>")
        PlantedCardEmulation.lostAids += "A000000004*"
        assertEquals(emptyList<Finding>(), findings())
    }

    @Test
    fun s2_032_not_the_holder_of_the_role() {
        phone.giveRoleTo(Phone.OTHER_APP)
        PlantedCardEmulation.lostAids += listOf(PPSE, Phone.MASTERCARD)
        val finding = only(Code.NOT_DEFAULT)
        assertEquals(Severity.LIMITS, finding.severity)
        assertNotNull(finding.fix)
    }

    @Test
    fun s2_032_not_the_payment_default_of_an_older_phone() {
        ReflectionHelpers.setStaticField(Build.VERSION::class.java, "SDK_INT", 34)
        val finding = only(Code.NOT_DEFAULT)
        assertEquals("android.nfc.cardemulation.action.ACTION_CHANGE_DEFAULT", finding.fix?.action)
        ShadowCardEmulation.setDefaultServiceForCategory(phone.component, CardEmulation.CATEGORY_PAYMENT)
        assertEquals(emptyList<Finding>(), findings())
    }

    @Test
    fun s2_032_neither_default_nor_allowed_to_be_preferred() {
        phone.giveRoleTo(null)
        ShadowCardEmulation.setCategoryPaymentAllowsForegroundPreference(false)
        assertEquals(
            listOf(Code.NOT_DEFAULT to Severity.BLOCKS, Code.PREFERENCE_NOT_ALLOWED to Severity.LIMITS),
            findings().map { it.code to it.severity },
        )
    }

    @Test
    fun s2_032_the_default_that_could_not_be_preferred_elsewhere() {
        phone.giveRoleTo(null)
        ShadowCardEmulation.setDefaultServiceForCategory(phone.component, CardEmulation.CATEGORY_PAYMENT)
        ShadowCardEmulation.setCategoryPaymentAllowsForegroundPreference(false)
        val finding = only(Code.PREFERENCE_NOT_ALLOWED)
        assertEquals(Severity.INFORMS, finding.severity)
        assertEquals(Settings.ACTION_NFC_PAYMENT_SETTINGS, finding.fix?.action)
    }

    @Test
    fun s2_032_another_service_answers_for_one_of_our_identifiers() {
        PlantedCardEmulation.lostAids += Phone.MASTERCARD
        val finding = only(Code.AID_CONFLICT)
        assertTrue(finding.sentence, Phone.MASTERCARD in finding.sentence && PPSE !in finding.sentence)
    }

    @Test
    fun s2_032_identifiers_registered_while_the_app_ran_are_asked_about_too() {
        PlantedCardEmulation.registeredAids = listOf(PPSE, "A0000000043060")
        PlantedCardEmulation.lostAids += "A0000000043060"
        assertTrue("A0000000043060" in only(Code.AID_CONFLICT).sentence)
    }

    private fun switchSecureNfcOn() {
        shadowOf(phone.adapter).setSecureNfcSupported(true)
        ReflectionHelpers.callInstanceMethod<Any>(
            phone.adapter,
            "enableSecureNfc",
            ReflectionHelpers.ClassParameter.from(Boolean::class.javaPrimitiveType, true),
        )
    }

    @Test
    fun s2_032_secure_nfc() {
        switchSecureNfcOn()
        assertEquals(Severity.LIMITS, only(Code.SECURE_NFC_ON).severity)
    }

    @Test
    fun s2_032_observe_mode() {
        shadowOf(phone.adapter).setObserveModeSupported(true)
        phone.adapter.setObserveModeEnabled(true)
        val finding = only(Code.OBSERVE_MODE_ON)
        assertEquals(Severity.BLOCKS, finding.severity)
        assertNull(finding.fix)
    }

    @Test
    fun s2_032_a_service_that_wants_the_phone_unlocked() {
        phone.resource = Phone.resourceWith(PPSE, attributes = """android:requireDeviceUnlock="true"""")
        val finding = only(Code.UNLOCK_REQUIRED)
        assertEquals(Severity.LIMITS, finding.severity)
        assertTrue("requireDeviceUnlock" in finding.sentence)
    }

    @Test
    fun s2_032_a_service_that_wants_the_screen_on() {
        phone.resource = Phone.resourceWith(PPSE, attributes = """android:requireDeviceScreenOn="true"""")
        assertEquals(Severity.INFORMS, only(Code.UNLOCK_REQUIRED).severity)
        phone.resource = Phone.resourceWith(PPSE, attributes = """android:requireDeviceScreenOn="false"""")
        assertEquals(emptyList<Finding>(), findings())
    }

    @Test
    fun s2_032_s2_005_no_screen_lock() {
        phone.keyguard.setIsDeviceSecure(false)
        val finding = only(Code.NO_SCREEN_LOCK)
        assertEquals(Severity.LIMITS, finding.severity)
        assertEquals(DevicePolicyManager.ACTION_SET_NEW_PASSWORD, finding.fix?.action)
    }

    @Test
    fun s2_032_set_up_outside_the_application() {
        val found = findings(isSetUpInOnCreate = false)
        assertEquals(listOf(Code.SETUP_OUTSIDE_APPLICATION), found.map { it.code })
    }

    @Test
    fun s2_032_a_service_in_another_process() {
        phone.declare { processName = "${phone.application.packageName}:nfc" }
        val finding = only(Code.SERVICE_IN_OTHER_PROCESS)
        assertEquals(Severity.BLOCKS, finding.severity)
        assertTrue(":nfc" in finding.sentence)
    }

    @Test
    fun s2_032_an_old_phone_is_not_asked_for_what_it_does_not_know() {
        shadowOf(phone.adapter).setObserveModeSupported(true)
        phone.adapter.setObserveModeEnabled(true)
        switchSecureNfcOn()
        ShadowCardEmulation.setDefaultServiceForCategory(phone.component, CardEmulation.CATEGORY_PAYMENT)
        ReflectionHelpers.setStaticField(Build.VERSION::class.java, "SDK_INT", 24)
        assertEquals(emptyList<Finding>(), findings())
        ReflectionHelpers.setStaticField(Build.VERSION::class.java, "SDK_INT", 34)
        assertEquals(listOf(Code.SECURE_NFC_ON), findings().map { it.code })
    }

    @Test
    fun s2_032_everything_at_once_is_reported_at_once() {
        shadowOf(phone.adapter).setEnabled(false)
        phone.keyguard.setIsDeviceSecure(false)
        phone.giveRoleTo(Phone.OTHER_APP)
        phone.declare { exported = false }
        assertEquals(
            listOf(Code.NFC_OFF, Code.SERVICE_DECLARED_WRONGLY, Code.NOT_DEFAULT, Code.NO_SCREEN_LOCK, Code.SETUP_OUTSIDE_APPLICATION),
            findings(isSetUpInOnCreate = false).map { it.code },
        )
    }
}
