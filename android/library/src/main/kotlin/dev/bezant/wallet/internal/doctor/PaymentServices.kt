package dev.bezant.wallet.internal.doctor

import android.content.ComponentName
import android.content.Context
import android.content.Intent
import android.content.pm.PackageManager
import android.content.pm.ServiceInfo
import android.nfc.cardemulation.HostApduService
import dev.bezant.wallet.BezantApduService
import org.xmlpull.v1.XmlPullParser

/** A service of this library that the app's manifest declares. */
internal class PaymentService(
    val info: ServiceInfo,
    /** Android finds it for the action of a host card emulation service: it is enabled and has the filter. */
    val isFound: Boolean,
    /** What its resource says; `null` where it names none. */
    val resource: ServiceResource?,
) {
    val component: ComponentName get() = ComponentName(info.packageName, info.name)
}

/** The services of this library that the app's manifest declares, found by what their classes are. */
internal class PaymentServices(
    private val context: Context,
    /** Opens the resource that a service's meta-data names. */
    private val open: (ServiceInfo) -> XmlPullParser? = {
        it.loadXmlMetaData(context.packageManager, HostApduService.SERVICE_META_DATA)
    },
) {
    fun all(): List<PaymentService> {
        val found = foundByAction().map { it.name }.toSet()
        return declared().map { PaymentService(it, it.name in found, resourceOf(it)) }
    }

    /** The first that Android would start; what it answers to is not looked at. */
    fun main(): ComponentName? = foundByAction().firstOrNull(::isOfThisLibrary)?.let { ComponentName(it.packageName, it.name) }

    private fun declared(): List<ServiceInfo> {
        val flags = PackageManager.GET_SERVICES or PackageManager.GET_META_DATA or PackageManager.MATCH_DISABLED_COMPONENTS
        return context.packageManager
            .getPackageInfo(context.packageName, flags)
            .services
            .orEmpty()
            .filter(::isOfThisLibrary)
    }

    private fun isOfThisLibrary(service: ServiceInfo): Boolean =
        try {
            BezantApduService::class.java.isAssignableFrom(Class.forName(service.name, false, context.classLoader))
        } catch (_: ClassNotFoundException) {
            false
        } catch (_: LinkageError) {
            false
        }

    private fun foundByAction(): List<ServiceInfo> =
        context.packageManager
            .queryIntentServices(Intent(HostApduService.SERVICE_INTERFACE).setPackage(context.packageName), 0)
            .map { it.serviceInfo }

    private fun resourceOf(service: ServiceInfo): ServiceResource? =
        open(service)?.let { parser ->
            try {
                ServiceResource.read(parser, context.resources)
            } finally {
                (parser as? AutoCloseable)?.close()
            }
        }
}
