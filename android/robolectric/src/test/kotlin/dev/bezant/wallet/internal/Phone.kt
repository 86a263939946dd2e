package dev.bezant.wallet.internal

import android.Manifest
import android.app.Application
import android.app.KeyguardManager
import android.app.role.RoleManager
import android.content.ComponentName
import android.content.Context
import android.content.IntentFilter
import android.content.pm.PackageManager
import android.content.pm.ServiceInfo
import android.nfc.NfcAdapter
import android.nfc.cardemulation.CardEmulation
import android.nfc.cardemulation.HostApduService
import android.os.Bundle
import android.os.Process
import android.util.Xml
import dev.bezant.wallet.BezantApduService
import dev.bezant.wallet.internal.doctor.AndroidTapAndPay
import dev.bezant.wallet.internal.doctor.PPSE
import dev.bezant.wallet.internal.doctor.PaymentServices
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Implementation
import org.robolectric.annotation.Implements
import org.robolectric.annotation.Resetter
import org.robolectric.shadows.ShadowCardEmulation
import org.robolectric.shadows.ShadowRoleManager
import java.io.StringReader

/** The app's own service, as its manifest would declare it. */
class TestPaymentService : BezantApduService()

/** A phone on which everything is as it should be, until a test plants something. */
internal class Phone {
    val application: Application = RuntimeEnvironment.getApplication()
    val component = ComponentName(application, TestPaymentService::class.java)
    val packages = shadowOf(application.packageManager)
    val adapter: NfcAdapter get() = NfcAdapter.getDefaultAdapter(application)
    val keyguard = shadowOf(application.getSystemService(KeyguardManager::class.java))

    /** What the service's resource says; `null` for one without. */
    var resource: String? = resourceWith(PPSE, MASTERCARD)

    private var roleHolder: String? = null

    val services = PaymentServices(application) { resource?.let(::parserOf) }

    init {
        packages.setSystemFeature(PackageManager.FEATURE_NFC, true)
        packages.setSystemFeature(PackageManager.FEATURE_NFC_HOST_CARD_EMULATION, true)
        shadowOf(adapter).setEnabled(true)
        keyguard.setIsDeviceSecure(true)
        giveRoleTo(application.packageName)
        ShadowCardEmulation.setCategoryPaymentAllowsForegroundPreference(true)
        declare()
    }

    fun tapAndPay(isSetUpInOnCreate: Boolean = true) = AndroidTapAndPay(application, isSetUpInOnCreate, services)

    /** Gives the role of the wallet to an app; with `null` the phone has no such role. */
    fun giveRoleTo(app: String?) {
        val user = Process.myUserHandle()
        roleHolder?.let { ShadowRoleManager.removeRoleHolder(RoleManager.ROLE_WALLET, it, user) }
        app?.let { ShadowRoleManager.addRoleHolder(RoleManager.ROLE_WALLET, it, user) }
        roleHolder = app
    }

    /** Declares the service, with what is planted in the declaration. */
    fun declare(
        hasFilter: Boolean = true,
        plant: ServiceInfo.() -> Unit = {},
    ) {
        val info =
            ServiceInfo().apply {
                name = component.className
                packageName = component.packageName
                applicationInfo = application.applicationInfo
                processName = application.applicationInfo.processName
                exported = true
                enabled = true
                permission = Manifest.permission.BIND_NFC_SERVICE
                metaData = Bundle().apply { putInt(HostApduService.SERVICE_META_DATA, 1) }
                plant()
            }
        packages.removeService(component)
        packages.addOrUpdateService(info)
        if (hasFilter) packages.addIntentFilterForService(component, IntentFilter(HostApduService.SERVICE_INTERFACE))
    }

    companion object {
        const val MASTERCARD = "A0000000041010"
        const val OTHER_APP = "com.example.other.wallet"

        fun resourceWith(
            vararg aids: String,
            attributes: String = "",
            category: String = "payment",
        ): String {
            val filters = aids.joinToString("") { """<aid-filter android:name="$it"/>""" }
            val group = """<aid-group android:category="$category" android:description="cards">$filters</aid-group>"""
            val names = """xmlns:android="http://schemas.android.com/apk/res/android" """
            return """<host-apdu-service $names $attributes>$group</host-apdu-service>"""
        }

        fun parserOf(text: String) = Xml.newPullParser().apply { setInput(StringReader(text)) }
    }
}

/** Card emulation that also knows to whom identifiers go, and which activity is resumed. */
@Implements(CardEmulation::class)
class PlantedCardEmulation : ShadowCardEmulation() {
    @Implementation
    fun isDefaultServiceForAid(
        service: ComponentName,
        aid: String,
    ): Boolean = aid !in lostAids

    @Implementation
    fun getAidsForService(
        service: ComponentName,
        category: String,
    ): List<String>? = registeredAids

    companion object {
        val lostAids = mutableSetOf<String>()
        var registeredAids: List<String>? = null

        @Resetter
        @JvmStatic
        fun forget() {
            ShadowCardEmulation.reset()
            lostAids.clear()
            registeredAids = null
        }
    }
}

internal fun Context.withoutFeature(name: String) = shadowOf(packageManager).setSystemFeature(name, false)
