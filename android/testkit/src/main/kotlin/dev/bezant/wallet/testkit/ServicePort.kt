package dev.bezant.wallet.testkit

import android.content.ComponentName
import android.content.Context
import android.content.Intent
import android.content.ServiceConnection
import android.os.Binder
import android.os.Bundle
import android.os.IBinder
import android.os.Looper
import android.os.Message
import android.os.Messenger
import android.os.Parcel
import dev.bezant.wallet.BezantApduService
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit

/**
 * The NFC service's side of a `HostApduService`: it sends commands to the app's own service through its Messenger and gets the
 * answers through another, so that a tap works under Robolectric, and on an emulator that has no NFC.
 *
 * Services answer on the main thread. A test that itself runs there, as Robolectric's do, lets it work while it waits; on a device
 * call it from another thread.
 */
public class ServicePort internal constructor(
    binder: IBinder,
) : ApduPort,
    AutoCloseable {
    private val answers = LinkedBlockingQueue<ByteArray>()
    private val inbox = Messenger(Inbox())
    private val service = Messenger(binder)
    private var unbind: () -> Unit = {}

    init {
        ReleaseBuild.refuse()
    }

    override fun transmit(command: ByteArray): ByteArray? {
        send(command)
        return await(ApduPorts.PATIENCE_MILLIS)
    }

    /** Sends a command without waiting; [await] gives the answer, whenever it comes: also to a later command, as on a phone. */
    public fun send(command: ByteArray) {
        val message = Message.obtain(null, COMMAND_APDU)
        message.data = Bundle().apply { putByteArray(KEY_DATA, command) }
        message.replyTo = inbox
        service.send(message)
    }

    override fun deactivate(reason: Int) {
        service.send(Message.obtain(null, DEACTIVATED, reason, 0))
        letMainThreadWork()
    }

    /** Waits for the next answer; `null` when none comes. */
    public fun await(millis: Long): ByteArray? {
        val deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis)
        while (true) {
            letMainThreadWork()
            answers.poll(STEP_MILLIS, TimeUnit.MILLISECONDS)?.let { return it }
            if (System.nanoTime() > deadline) return null
        }
    }

    override fun close() {
        unbind()
    }

    /**
     * What the service takes for a messenger of another process. It sends the very message that it is handling, which nothing but a
     * copy stands, as it is made between processes.
     */
    private inner class Inbox : Binder() {
        override fun onTransact(
            code: Int,
            data: Parcel,
            reply: Parcel?,
            flags: Int,
        ): Boolean {
            if (code != SEND) return super.onTransact(code, data, reply, flags)
            data.enforceInterface("android.os.IMessenger")
            val message = if (data.readInt() == 0) return true else Message.CREATOR.createFromParcel(data)
            if (message.what == RESPONSE_APDU) message.data.getByteArray(KEY_DATA)?.let(answers::put)
            return true
        }
    }

    public companion object {
        /** Binds a service of this app as Android does, and waits for it. Not to be called on a device's main thread. */
        @JvmStatic
        public fun bind(
            context: Context,
            service: Class<out BezantApduService>,
        ): ServicePort {
            ReleaseBuild.refuse()
            val binders = LinkedBlockingQueue<IBinder>()
            val connection =
                object : ServiceConnection {
                    override fun onServiceConnected(
                        name: ComponentName?,
                        binder: IBinder,
                    ) = binders.put(binder)

                    override fun onServiceDisconnected(name: ComponentName?) = Unit
                }
            val intent = Intent("android.nfc.cardemulation.action.HOST_APDU_SERVICE").setComponent(ComponentName(context, service))
            check(context.bindService(intent, connection, Context.BIND_AUTO_CREATE)) { "${service.name} cannot be bound: is it declared?" }
            var binder: IBinder? = null
            for (step in 1..ApduPorts.PATIENCE_MILLIS / STEP_MILLIS) {
                letMainThreadWork()
                binder = binders.poll(STEP_MILLIS, TimeUnit.MILLISECONDS) ?: continue
                break
            }
            return ServicePort(checkNotNull(binder) { "${service.name} was not connected in time" }).apply {
                unbind = { context.unbindService(connection) }
            }
        }

        private fun letMainThreadWork() {
            if (Looper.myLooper() != Looper.getMainLooper()) return
            try {
                Class.forName("org.robolectric.shadows.ShadowLooper").getMethod("idleMainLooper").invoke(null)
            } catch (_: ClassNotFoundException) {
                error("the service answers on the main thread: tap from another one")
            }
        }

        /** How long the main thread rests between two looks. */
        private const val STEP_MILLIS = 2L

        /** The one method of `IMessenger`. */
        private const val SEND = IBinder.FIRST_CALL_TRANSACTION

        /** `HostApduService.MSG_COMMAND_APDU`, `MSG_RESPONSE_APDU`, `MSG_DEACTIVATED`, `KEY_DATA`; none of them is public. */
        private const val COMMAND_APDU = 0
        private const val RESPONSE_APDU = 1
        private const val DEACTIVATED = 2
        private const val KEY_DATA = "data"
    }
}
