package dev.bezant.wallet.internal.doctor

import android.Manifest
import android.content.Context
import android.nfc.cardemulation.HostApduService
import dev.bezant.wallet.Finding
import dev.bezant.wallet.Finding.Code
import dev.bezant.wallet.Finding.Severity

/** The name of the directory of a payment card, which every terminal selects first: `2PAY.SYS.DDF01`. */
internal const val PPSE: String = "325041592E5359532E4444463031"

/** What is wrong with what the app's manifest says of its payment services. */
internal fun serviceFindings(
    context: Context,
    declared: List<PaymentService>,
): List<Finding> {
    if (declared.isEmpty()) {
        val sentence = "The manifest declares no service whose class extends BezantApduService: no terminal can reach the wallet."
        return listOf(Finding(Code.SERVICE_NOT_DECLARED, Severity.BLOCKS, sentence, null))
    }
    return declared.flatMap { service -> faults(service).map { wrong(service, it) } + listOfNotNull(otherProcess(context, service)) }
}

private fun wrong(
    service: PaymentService,
    fault: String,
): Finding = Finding(Code.SERVICE_DECLARED_WRONGLY, Severity.BLOCKS, "The service ${service.info.name} $fault", null)

private fun otherProcess(
    context: Context,
    service: PaymentService,
): Finding? {
    val main = context.applicationInfo.processName ?: context.packageName
    val process = service.info.processName ?: main
    if (process == main) return null
    val sentence = "The service ${service.info.name} runs in the process $process, where the wallet does nothing: remove android:process."
    return Finding(Code.SERVICE_IN_OTHER_PROCESS, Severity.BLOCKS, sentence, null)
}

private fun faults(service: PaymentService): List<String> {
    val info = service.info
    val resource = service.resource
    return buildList {
        if (!service.isFound) add("is disabled, or has no intent filter with the action ${HostApduService.SERVICE_INTERFACE}.")
        if (!info.exported) add("is not exported, so Android's NFC cannot bind it: set android:exported=\"true\".")
        if (info.permission != Manifest.permission.BIND_NFC_SERVICE) {
            add("is passed over by Android: set android:permission=\"${Manifest.permission.BIND_NFC_SERVICE}\".")
        }
        if (resource == null) {
            add("has no meta-data ${HostApduService.SERVICE_META_DATA} that names an XML resource.")
        } else {
            addAll(faults(resource))
        }
    }
}

private fun faults(resource: ServiceResource): List<String> =
    buildList {
        if (resource.isBroken) add("names an XML resource that cannot be read to its end.")
        if (resource.paymentAids.isEmpty()) add("has no application identifier in an aid-group of the category payment.")
        if (resource.paymentAids.isNotEmpty() && PPSE !in resource.paymentAids) {
            add("does not list $PPSE (2PAY.SYS.DDF01) in the category payment, which every terminal selects first.")
        }
        (resource.paymentAids + resource.otherAids).filterNot(::isAid).forEach {
            add("lists $it, which is no application identifier: 10 to 32 hexadecimal digits, an even number of them.")
        }
    }

/** As Android has it: 5 to 16 bytes, and perhaps a mark that it stands for more than itself. */
private fun isAid(text: String): Boolean = Regex("(?:[0-9A-F]{2}){5,16}[*#]?").matches(text)
